"""Search success and abandoned searches: by hand, by place and person, as of moments, after forgetting."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.metrics.model import EVERYTHING, Key, Number, Report, Scope, Segment, with_metrics
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY, Reach
from kcs.metrics.reports import abandoned, search
from kcs.search.log import Searched, forget_old, keep_search
from kcs.search.models import Place, SearchLog
from tests.factories import make_agent, make_ticket
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, at
from tests.metrics.telling import BOTH, FEBRUARY, LATER, MADRID, figures, scope, total

# What was searched, by hand. Minutes until it was opened (at which place), linked, and a person was asked.
SEARCHES = """
at               place       who results opened rank linked asked words
2025-02-03T10:00 page        Ana 5       1      1    2      -     printer jams
2025-02-03T11:00 page        Ana 5       -      -    -      -     Printer Jams
2025-02-03T12:00 panel       Ben 3       600    3    -      -     impresión gris
2025-02-04T10:00 page        Ben 0       -      -    -      -     fax
2025-02-04T11:00 help_centre -   4       2      2    -      -     export is grey
2025-02-04T12:00 help_centre -   4       -      -    -      3     Impresion  gris
2025-02-04T13:00 help_centre -   0       -      -    -      1     [e-mail] cannot sign in
2025-02-28T22:59 help_centre -   2       -      -    -      -     IMPRESIÓN GRIS
2025-02-28T23:00 api         Ana 7       -      -    -      -     printer
2025-03-03T10:00 api         Ana 0       -      -    -      -     fax
2025-03-03T11:00 suggested   Ana 9       -      -    -      -     offered for a ticket
2025-03-31T21:00 help_centre -   2       1440   7    -      -     late
"""
PEOPLE = {"Ana": ANA, "Ben": BEN, "-": None}


@pytest.fixture
def told(app: Flask) -> None:
    golden.people()
    for line in SEARCHES.strip().splitlines()[1:]:
        moment, place, who, results, opened, rank, linked, asked, words = line.split(maxsplit=8)
        keep_search(Searched.of(moment, Place(place), PEOPLE[who], words, int(results), []), str)
        row = db.session.query(SearchLog).filter_by(nonce=moment).one()
        row.searched_at = at(moment)
        row.opened_at, row.linked_at, row.asked_at = (
            _after(moment, each) for each in (opened, linked, asked)
        )
        row.opened_rank = None if rank == "-" else int(rank)
        db.session.commit()


def _after(moment: str, minutes: str) -> datetime | None:
    return None if minutes == "-" else at(moment) + timedelta(minutes=int(minutes))


NAMES = ("searches", "nulls", "abandoned", "clicked", "linked", "asked")
IN_FEBRUARY = (8, 2, 3, 3, 1, 2)
IN_MARCH = (3, 1, 0, 1, 0, 0)
ALL = tuple(first + second for first, second in zip(IN_FEBRUARY, IN_MARCH, strict=True))
BY_PLACE: dict[Key, tuple[int, ...]] = {
    "page": (3, 1, 1, 1, 1, 0),
    "panel": (1, 0, 0, 1, 0, 0),
    "help_centre": (5, 1, 2, 2, 0, 2),
    "api": (2, 1, 0, 0, 0, 0),
}
BY_AGENT: dict[Key, tuple[int, ...]] = {
    ANA: (4, 1, 1, 1, 1, 0),
    BEN: (2, 1, 0, 1, 0, 0),
    "none": (5, 1, 2, 2, 0, 2),
}


@pytest.mark.usefixtures("told")
def test_searches_counted_by_hand() -> None:
    assert total(search.REPORT, scope(FEBRUARY), *NAMES) == IN_FEBRUARY
    months = {"2025-02": IN_FEBRUARY, "2025-03": IN_MARCH}
    assert figures(search.REPORT, Segment.MONTH, scope(), *NAMES) == months
    assert figures(search.REPORT, Segment.PLACE, scope(), *NAMES) == BY_PLACE
    assert figures(search.REPORT, Segment.AGENT, scope(), *NAMES) == BY_AGENT


RATES: dict[str, Number] = {
    "search_success": Fraction(4, 9),  # 4 opened, 3 abandoned, 2 of people without a result
    "null_share": Fraction(3, 11),
    "abandoned_share": Fraction(3, 7),
    "mean_rank": Fraction(13, 4),  # places 1, 3, 2 and 7
    "median_rank": 2.5,
}


@pytest.mark.usefixtures("told")
def test_what_is_worked_out_of_the_counts() -> None:
    found = with_metrics(search.REPORT, search.REPORT.reader.total(scope()))
    assert {name: found[name] for name in RATES} == RATES


AS_OF: list[tuple[str, tuple[int, ...]]] = [
    ("2025-02-03T10:30", (0, 0, 0, 0, 0, 0)),  # who knows what it leads to
    ("2025-02-03T10:31", (1, 0, 0, 1, 1, 0)),
    ("2025-02-03T12:31", (3, 0, 2, 1, 1, 0)),  # Ben has opened nothing yet
    ("2025-02-03T22:02", (3, 0, 1, 2, 1, 0)),
]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("as_of", "expected"), AS_OF)
def test_a_search_is_given_up_after_half_an_hour_and_may_be_taken_up_again(
    as_of: str, expected: tuple[int, ...]
) -> None:
    assert total(search.REPORT, scope(as_of=at(as_of)), *NAMES) == expected


@pytest.mark.usefixtures("told")
def test_a_colleague_sees_their_own_searches_and_those_of_visitors() -> None:
    own = figures(search.REPORT, Segment.AGENT, scope(reach=Reach(agent_id=ANA)), *NAMES)
    assert own == {key: row for key, row in BY_AGENT.items() if key != BEN}
    words = figures(abandoned.REPORT, Segment.WORDS, scope(reach=Reach(agent_id=BEN)), "abandoned")
    assert words == {"impresion gris": (2,)}


@pytest.mark.usefixtures("told")
def test_abandoned_searches_by_words_the_most_frequent_first() -> None:
    report = abandoned.REPORT
    rows = [(row.key, row.figures["abandoned"]) for row in report.reader.rows(scope(), Segment.WORDS)]
    assert rows == [("impresion gris", 2), ("printer jams", 1)]
    assert figures(report, Segment.WORDS, scope(), "outside", "asked") == {"impresion gris": (2, 1)}
    part = scope(only=EVERYTHING.and_(Segment.WORDS, "impresion gris"))
    items = report.reader.items(part, "abandoned", limit=9, offset=0).items
    assert [item.cells["words"] for item in items] == ["IMPRESIÓN GRIS", "Impresion gris"]
    assert items[1].url == "/search?q=Impresion%20gris"


@pytest.mark.long
@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("report", [search.REPORT, abandoned.REPORT], ids=["search", "abandoned"])
def test_every_cell_opens_what_it_counts(report: Report) -> None:
    for by in report.segments:
        for row in report.reader.rows(scope(), by):
            part = Scope(row.window, LATER, EVERYBODY, row.only)
            for count in (each for each in report.counts if each.items):
                page = report.reader.items(part, count.name, limit=50, offset=0)
                assert page.total == len(page.items) == row.figures[count.name], (by, row.key, count.name)


def test_a_colleague_who_asks_an_expert_afterwards_did_not_find_it(app: Flask) -> None:
    """Of two searches in a ticket and one in another, the one before the question."""
    agent, ticket, other = make_agent(), make_ticket(), make_ticket()
    db.session.flush()

    def searched(words: str, ticket_id: int) -> None:
        keep_search(Searched.of(words, Place.PANEL, agent.id, words, 3, [], ticket_id), str)

    searched("before", ticket.id)
    record("question.asked", authority="licence:contributor", agent=agent, ticket_id=ticket.id)
    db.session.commit()
    searched("after", ticket.id)
    searched("elsewhere", other.id)
    now = database.now()
    lately = Scope(
        Window(now - timedelta(1), now + timedelta(1), MADRID), now + timedelta(hours=1), EVERYBODY
    )
    asked = search.REPORT.reader.items(lately, "asked", limit=9, offset=0)
    assert [item.cells["words"] for item in asked.items] == ["before"]
    assert total(search.REPORT, lately, "searches", "asked") == (3, 1)


def _told(report: Report, asked: Scope) -> dict[str, Any]:
    """Return all that stays when searches are forgotten, by place and period."""
    parts: dict[str, Any] = {}
    for by in (Segment.PLACE, Segment.DAY, Segment.MONTH):
        for row in report.reader.rows(asked, by):
            shown = with_metrics(report, row.figures)
            parts[f"{by} {row.key}"] = {name: shown[name] for name in shown if name != "median_rank"}
    return {part: row for part, row in parts.items() if row["searches"]}


@pytest.mark.usefixtures("told")
def test_the_figures_of_forgotten_searches_stay() -> None:
    asked = (scope(), scope(FEBRUARY), scope(as_of=at("2025-03-05")), scope(reach=Reach()))
    outside = Reach()  # reaches nobody of ours: visitors alone
    before = [_told(search.REPORT, each) for each in asked]
    kept = insert(SearchLog).values(
        nonce="kept", place=Place.PAGE, words="new", results=1, shown=[], searched_at=at("2025-02-03T10:00")
    )
    assert forget_old(1, MADRID) == 12
    assert db.session.query(SearchLog).count() == 0
    assert [_told(search.REPORT, each) for each in asked] == before
    assert total(search.REPORT, scope(reach=outside), *NAMES) == BY_PLACE["help_centre"]
    assert figures(search.REPORT, Segment.AGENT, scope(), *NAMES) == {"none": ALL}  # nobody's name is kept

    db.session.execute(kept)  # found a day later by the chore
    db.session.commit()
    assert forget_old(1, MADRID) == 1
    assert total(search.REPORT, scope(BOTH), "searches", "abandoned") == (12, 4)
