"""The link rate over a log written by hand; every figure below was counted on paper."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.metrics import services
from kcs.metrics.figures import plain
from kcs.metrics.model import EVERYTHING, Only, Report, Segment, Unit
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY, Reach, reach_of
from kcs.metrics.reports import history, link_rate, participation, states
from kcs.metrics.reports.link_rate import REPORT
from kcs.metrics.services import Asked, ItemList, Table
from kcs.people.models import Agent
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, BEN, CORA, EVA, LEO, MIA, NORTH, SOUTH, at

TWO_WEEKS = Window(at("2025-03-23T23:00"), at("2025-04-06T22:00"), ZoneInfo("Europe/Madrid"))
IN_MAY = at("2025-05-01")
IN_APRIL = at("2025-04-08")

# label: solved, linked, exempt, unanswered, link rate, without exempt
AS_OF_MAY = {
    Segment.AGENT: {
        "Ana": (8, 4, 1, 3, "50.0 %", "57.1 %"),
        "Ben": (4, 2, 0, 2, "50.0 %", "50.0 %"),
        "Eva": (5, 2, 2, 1, "40.0 %", "66.7 %"),
        "Nobody of ours": (2, 1, 0, 1, "50.0 %", "50.0 %"),
        "Total": (19, 9, 3, 7, "47.4 %", "56.3 %"),
    },
    Segment.TEAM: {
        "North": (9, 4, 1, 4, "44.4 %", "50.0 %"),
        "South": (3, 2, 0, 1, "66.7 %", "66.7 %"),
        "No team": (7, 3, 2, 2, "42.9 %", "60.0 %"),
        "Total": (19, 9, 3, 7, "47.4 %", "56.3 %"),
    },
    Segment.DESK: {
        "acme": (19, 9, 3, 7, "47.4 %", "56.3 %"),
        "Total": (19, 9, 3, 7, "47.4 %", "56.3 %"),
    },
    Segment.WEEK: {
        "2025-W13": (11, 4, 2, 5, "36.4 %", "44.4 %"),
        "2025-W14": (8, 5, 1, 2, "62.5 %", "71.4 %"),
        "Total": (19, 9, 3, 7, "47.4 %", "56.3 %"),
    },
    Segment.MONTH: {
        "2025-03": (15, 6, 3, 6, "40.0 %", "50.0 %"),
        "2025-04": (4, 3, 0, 1, "75.0 %", "75.0 %"),
        "Total": (19, 9, 3, 7, "47.4 %", "56.3 %"),
    },
    Segment.DAY: {
        "2025-03-24": (3, 2, 0, 1, "66.7 %", "66.7 %"),
        "2025-03-25": (3, 1, 0, 2, "33.3 %", "33.3 %"),
        "2025-03-26": (3, 1, 1, 1, "33.3 %", "50.0 %"),
        "2025-03-27": (1, 0, 0, 1, "0.0 %", "0.0 %"),
        "2025-03-28": (0, 0, 0, 0, "\u2013", "\u2013"),
        "2025-03-29": (0, 0, 0, 0, "\u2013", "\u2013"),
        "2025-03-30": (1, 0, 1, 0, "0.0 %", "\u2013"),
        "2025-03-31": (4, 2, 1, 1, "50.0 %", "66.7 %"),
        "2025-04-01": (1, 1, 0, 0, "100.0 %", "100.0 %"),
        "2025-04-02": (2, 1, 0, 1, "50.0 %", "50.0 %"),
        "2025-04-03": (0, 0, 0, 0, "\u2013", "\u2013"),
        "2025-04-04": (1, 1, 0, 0, "100.0 %", "100.0 %"),
        "2025-04-05": (0, 0, 0, 0, "\u2013", "\u2013"),
        "2025-04-06": (0, 0, 0, 0, "\u2013", "\u2013"),
        "Total": (19, 9, 3, 7, "47.4 %", "56.3 %"),
    },
}
# Ticket 2 is not linked yet, ticket 21 not reopened yet, ticket 25 not known yet.
AS_OF_APRIL = {
    "Ana": (8, 3, 1, 4, "37.5 %", "42.9 %"),
    "Ben": (5, 3, 0, 2, "60.0 %", "60.0 %"),
    "Eva": (5, 2, 2, 1, "40.0 %", "66.7 %"),
    "Nobody of ours": (2, 1, 0, 1, "50.0 %", "50.0 %"),
    "Total": (20, 9, 3, 8, "45.0 %", "52.9 %"),
}
LINKED_IN_MAY = {1, 2, 4, 6, 8, 12, 14, 16, 22}
EXEMPT_IN_MAY = {7, 17, 23}
UNANSWERED_IN_MAY = {3, 10, 11, 13, 15, 19, 24}


@pytest.fixture
def log(app: Flask) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())


def ask(
    by: Segment = Segment.AGENT,
    as_of: datetime | None = IN_MAY,
    reach: Reach = EVERYBODY,
    window: Window = TWO_WEEKS,
) -> Table:
    return services.compute(REPORT, Asked(window, by, reach, as_of))


def figures(report: Table) -> dict[str, tuple[object, ...]]:
    return {
        row.label: (
            *(row.figures[name] for name in ("solved", "linked", "exempt", "unanswered")),
            plain(row.figures["link_rate"], Unit.SHARE),
            plain(row.figures["link_rate_without_exempt"], Unit.SHARE),
        )
        for row in [*report.rows, report.total]
    }


def items(
    count: str,
    only: Only = EVERYTHING,
    window: Window = TWO_WEEKS,
    as_of: datetime = IN_MAY,
    reach: Reach = EVERYBODY,
    page: int = 1,
    per_page: int = 200,
) -> ItemList:
    asked = Asked(window, Segment.AGENT, reach, as_of, only)
    return services.items(REPORT, asked, count, page=page, per_page=per_page)


def listed(count: str, only: Only = EVERYTHING, **asked: Any) -> set[object]:
    page = items(count, only, **asked)
    found = {item.cells["id"] for item in page.page.items}
    assert page.total == len(page.page.items) == len(found)
    return found


def only(segment: Segment, key: int | str) -> Only:
    return Only({segment: key})


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("by", AS_OF_MAY)
def test_the_figures_are_those_counted_by_hand(by: Segment) -> None:
    assert figures(ask(by)) == AS_OF_MAY[by]


@pytest.mark.usefixtures("log")
def test_the_figures_as_of_an_earlier_moment_are_those_of_then() -> None:
    assert figures(ask(as_of=IN_APRIL)) == AS_OF_APRIL


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ("linked", LINKED_IN_MAY),
        ("exempt", EXEMPT_IN_MAY),
        ("unanswered", UNANSWERED_IN_MAY),
        ("solved", LINKED_IN_MAY | EXEMPT_IN_MAY | UNANSWERED_IN_MAY),
    ],
)
def test_a_cell_opens_the_tickets_it_counts(count: str, expected: set[int]) -> None:
    assert listed(count) == expected


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (only(Segment.AGENT, ANA), {1, 2, 4, 8}),
        (only(Segment.AGENT, BEN), {6, 14}),
        (only(Segment.AGENT, "none"), {12}),
        (only(Segment.TEAM, NORTH), {1, 2, 4, 8}),
        (only(Segment.TEAM, "none"), {12, 16, 22}),
        (Only({Segment.AGENT: BEN, Segment.TEAM: NORTH}), set()),
        (Only({Segment.AGENT: BEN, Segment.TEAM: SOUTH}), {6, 14}),
    ],
)
def test_a_row_opens_its_own_tickets(part: Only, expected: set[int]) -> None:
    assert listed("linked", part) == expected


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("by", REPORT.segments)
@pytest.mark.parametrize("count", [count.name for count in REPORT.counts])
def test_every_figure_equals_the_tickets_behind_it(by: Segment, count: str) -> None:
    report = ask(by)
    for row in [*report.rows, report.total]:
        assert len(listed(count, row.only, window=row.window)) == row.figures[count], row.label


@pytest.mark.usefixtures("log")
def test_tickets_are_listed_by_page_last_solved_first() -> None:
    def page(number: int) -> ItemList:
        return items("linked", page=number, per_page=4)

    pages = [page(number) for number in (1, 2, 3, 4)]
    assert [[item.cells["id"] for item in each.page.items] for each in pages] == [
        [22, 14, 12, 6],
        [16, 8, 4, 2],
        [1],
        [],
    ]
    assert [(each.has_prev, each.has_next, each.pages, each.total) for each in pages[:3]] == [
        (False, True, 3, 9),
        (True, True, 3, 9),
        (True, False, 3, 9),
    ]
    lost, kept = (item.cells for item in pages[0].page.items[:2])
    assert (lost["connection"], lost["ticket"], lost["subject"]) == ("acme", None, None)
    assert (kept["connection"], kept["ticket"], kept["subject"]) == ("acme", "9014", "Subject 14")
    assert kept["happened_at"] == at("2025-04-02T11:00")


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("by", [Segment.AGENT, Segment.TEAM, Segment.DAY])
def test_a_report_as_of_a_moment_never_changes(by: Segment) -> None:
    golden.people()
    rows = golden.rows()
    moments = sorted({row["recorded_at"] for row in rows})[::6]
    seen = {}
    for begin, end in zip([at("2000-01-01"), *moments[:-1]], moments, strict=True):
        golden.write([row for row in rows if begin <= row["recorded_at"] < end])
        seen[end] = ask(by, as_of=end), listed("unanswered", as_of=end)
    golden.write([row for row in rows if row["recorded_at"] >= moments[-1]])
    assert len({str(figures(report)) for report, _ in seen.values()}) > 5, "the log must change what is seen"
    for moment, (report, unanswered) in seen.items():
        assert ask(by, as_of=moment) == report
        assert listed("unanswered", as_of=moment) == unanswered


@pytest.mark.usefixtures("log")
def test_now_is_the_moment_when_none_is_given() -> None:
    before = datetime.now(UTC)
    report = ask(as_of=None)
    assert before - timedelta(seconds=5) < report.as_of < datetime.now(UTC) + timedelta(seconds=5)
    assert figures(report) == AS_OF_MAY[Segment.AGENT]
    assert figures(ask(as_of=report.as_of)) == figures(report)


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("ask_for", ["report", "tickets"])
def test_a_moment_that_is_not_over_is_refused(ask_for: str) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    with pytest.raises(InvalidInput, match="not over") as refused:
        ask(as_of=later) if ask_for == "report" else listed("solved", as_of=later)
    assert list(refused.value.errors) == ["as_of"]


def test_a_report_waits_for_what_is_being_recorded(app: Flask) -> None:
    """A row recorded before the report's moment must not appear after it."""
    recorded = threading.Event()

    def solve() -> None:
        with app.app_context():
            record("ticket.solve", authority="test", ticket_id=1)
            recorded.set()
            time.sleep(0.3)
            db.session.commit()
            db.session.remove()

    solving = threading.Thread(target=solve)
    solving.start()
    assert recorded.wait(10)
    today = datetime.now(UTC)
    window = Window(today - timedelta(1), today + timedelta(1), ZoneInfo("UTC"))
    report = ask(as_of=None, window=window)
    solving.join()
    assert report.total.figures["solved"] == 1


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("caller_reads", [True, False])
def test_a_report_leaves_the_mode_of_its_caller(caller_reads: bool) -> None:
    if caller_reads:
        database.begin_reading()
    try:
        ask()
        assert database._reading.get() is caller_reads
    finally:
        database.end_reading()


# reader: rows by agent, solved by team, and whose drill-downs open
REACH: list[tuple[int, dict[str, int], dict[int | str, int], set[int | str]]] = [
    (ANA, {"Ana": 8}, {NORTH: 8}, {ANA}),
    (BEN, {"Ben": 4}, {NORTH: 1, SOUTH: 3}, {BEN}),
    (EVA, {"Eva": 5}, {"none": 5}, {EVA}),
    (CORA, {"Ben": 4}, {NORTH: 1, SOUTH: 3}, {BEN, CORA}),
    (LEO, {}, {}, {LEO}),
    (
        MIA,
        {"Ana": 8, "Ben": 4, "Eva": 5, "Nobody of ours": 2},
        {NORTH: 9, SOUTH: 3, "none": 7},
        {ANA, BEN, EVA, CORA, LEO, MIA, ADA, "none"},
    ),
    (
        ADA,
        {"Ana": 8, "Ben": 4, "Eva": 5, "Nobody of ours": 2},
        {NORTH: 9, SOUTH: 3, "none": 7},
        {ANA, BEN, EVA, CORA, LEO, MIA, ADA, "none"},
    ),
]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(("reader", "by_agent", "by_team", "opens"), REACH)
def test_a_report_reaches_no_further_than_its_reader(
    reader: int, by_agent: dict[str, int], by_team: dict[int | str, int], opens: set[int | str]
) -> None:
    def solved(by: Segment, name: str = "label") -> dict[int | str, int]:
        rows = ask(by, reach=reach).rows
        return {getattr(row, name): int(row.figures["solved"] or 0) for row in rows}

    person = db.session.get(Agent, reader)
    assert person is not None
    reach = reach_of(person)
    total = sum(by_agent.values())

    assert solved(Segment.AGENT) == by_agent
    assert solved(Segment.TEAM, "key") == by_team
    for by in REPORT.segments:
        assert ask(by, reach=reach).total.figures["solved"] == total
    assert sum(solved(Segment.DAY).values()) == total
    assert len(listed("solved", reach=reach)) == total
    for team in (NORTH, SOUTH, "none"):
        if team in by_team or team == "none":
            assert len(listed("solved", only(Segment.TEAM, team), reach=reach)) == by_team.get(team, 0)
        else:
            with pytest.raises(NotFound):
                listed("solved", only(Segment.TEAM, team), reach=reach)
    for agent in (ANA, BEN, EVA, CORA, MIA, ADA, LEO, "none", 4711):
        if agent in opens:
            listed("solved", only(Segment.AGENT, agent), reach=reach)
        else:
            with pytest.raises(NotFound):
                listed("solved", only(Segment.AGENT, agent), reach=reach)


@pytest.mark.usefixtures("log")
def test_a_coach_without_a_team_does_not_reach_people_without_one() -> None:
    leo = db.session.get(Agent, LEO)
    assert leo is not None
    assert leo.team_id is None
    assert not reach_of(leo).covers(db.session.get_one(Agent, EVA))


UNFINISHED = [
    (link_rate.REPORT, Segment.WEEK),
    (participation.REPORT, Segment.WEEK),
    (states.REPORT, Segment.WEEK),
    (history.REPORT, Segment.WEEK),
]


@pytest.mark.parametrize(("report", "by"), UNFINISHED, ids=lambda each: getattr(each, "name", each))
def test_a_period_that_is_not_over_is_told_in_part(app: Flask, report: Report, by: Segment) -> None:
    """The week of 31 March ends at 22:00 UTC on 6 April; the one after it had not begun."""
    window = Window(TWO_WEEKS.start, TWO_WEEKS.end + timedelta(7), TWO_WEEKS.zone)
    for as_of, told in [
        (at("2025-04-06T21:59"), [False, True, True]),
        (TWO_WEEKS.end, [False, False, True]),
        (IN_MAY, [False, False, False]),
    ]:
        rows = services.compute(report, Asked(window, by, EVERYBODY, as_of)).rows
        assert [row.partial for row in rows] == told
