"""The reports on solved tickets over a week written by hand (autumn.py); each figure was worked out on paper.

What each ticket is there for:

31 linked while it was open, to an article from before it: known, reused; two tags, one contact, rated good.
32 solved without knowledge; linked on the 27th, at the very moment of the first report: not yet seen in it.
33 drafted from: created and new, not reused; its product and domain are those of 31; rated bad. Its solving
   was learnt of when Ana was a publisher: it stands under the licence she had when she solved it.
34 linked and improved, on the other desk; the link was removed on the 29th. No public reply: not answered.
35 linked to an article begun elsewhere after the ticket was opened: reused, yet new.
36 exempt, reopened and solved again by Ana, now a publisher in South: counts once, where it was solved last.
   No desk measured it: in no median, under no domain.
37 solved by nobody of ours, inferred; linked afterwards. Nobody knows when it was opened: the article was
   there.
38 merged on the 24th, which was learnt on the 30th: solved as of the 27th, left out as of November.
39 deleted on the desk as of the 27th, restored in November: then it counts as it stood.
40 one minute before the week ends; its link is background reading. Opened at 02:30, the first of two that
   night.
41 one second too late: solved on Monday 00:00.
42 the first moment of the week, learnt of on the 28th; exempt.
43 a minute too early.
44 solved by Ana, reopened and solved by Ben in the week after: not in this week as of November.
45 linked, unlinked, linked anew before it was solved; again so in November; measured anew then: no longer
   satisfied, and a tag less.
46 solved by Cora, who did nothing for knowledge. Mia flagged an article and closed no ticket.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from statistics import median

import pytest
from flask import Flask

from kcs.metrics import services
from kcs.metrics.model import (
    EVERYTHING,
    PERIODS,
    Key,
    Number,
    Only,
    Report,
    Row,
    Segment,
    with_metrics,
)
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import activity, handling, known, link_rate, participation
from kcs.metrics.services import Asked, Table
from tests.metrics import autumn
from tests.metrics.autumn import ACME, ENGINEERING, NORTHWIND, SUPPORT, WEEK
from tests.metrics.golden import ANA, BEN, CORA, EVA, MIA, NORTH, SOUTH, at
from tests.metrics.telling import articles

ON_TICKETS = (link_rate.REPORT, known.REPORT, handling.REPORT)
THEN, LATER = at("2025-10-27T00:00"), at("2025-11-10T00:00")
MOMENTS = {"as of the 27th": THEN, "as of November": LATER, "at present": None}
Tickets = set[int]


def tickets(text: str) -> Tickets:
    return set(map(int, text.split()))


# By count, as of the 27th and as of November; one text where both are the same.
COUNTS: Mapping[str, tuple[str, str]] = {
    "solved": ("31 32 33 34 35 36 37 38 40 44 45 46", "31 32 33 34 35 36 37 39 40 42 45 46"),
    "linked": ("31 33 34 35 37 45", "31 32 33 35 37 45"),
    "exempt": ("36", "36 42"),
    "unanswered": ("32 38 40 44 46", "34 39 40 46"),
    "inferred": ("37", "37"),
    "known": ("31 34 37 45", "31 32 37 45"),
    "new": ("33 35", "33 35"),
    "unknown": ("32 36 38 40 44 46", "34 36 39 40 42 46"),
    "reused": ("31 34 35 37 45", "31 32 35 37 45"),
    "created": ("33", "33"),
    "reopened": ("36", "36"),
    "contacted": ("31 32 33 35 40 45", "31 32 33 35 39 40 45"),
    "one_contact": ("31 33 40 45", "31 33 39 40 45"),
    "rated": ("31 33 35 45", "31 33 35 45"),
    "satisfied": ("31 35 45", "31 35"),
    "timed": ("31 33 34 35 40", "31 33 34 35 40"),
}
WORKED = {31: 900, 33: 1800, 34: 60, 35: 7200, 40: 300}
RELIEF = {31: 7200, 32: 10_800, 33: 7200, 34: 7200, 35: 104_400, 39: 3600, 40: 80_940, 45: 3660}
FIRST_REPLY = {31: 600, 32: 1200, 33: 3600, 35: 1800, 39: 1000, 40: 300, 45: 60}

# In which row each ticket stands, whenever it counts.
ROWS: Mapping[Segment, Mapping[Key, str]] = {
    Segment.AGENT: {
        ANA: "31 32 33 36 44",
        BEN: "34 35 38",
        EVA: "39 40 42 45",
        CORA: "46",
        "none": "37",
    },
    Segment.TEAM: {NORTH: "31 32 33", SOUTH: "34 35 36 38 44 46", "none": "37 39 40 42 45"},
    Segment.LICENCE: {
        "contributor": "31 32 33",
        "publisher": "36 44",
        "candidate": "34 35 38",
        "none": "37 39 40 42 45 46",
    },
    Segment.DESK: {ACME: "31 32 35 36 38 40 44 46", NORTHWIND: "33 34 37 39 42 45"},
    Segment.DOMAIN: {1: "31 33 45", 2: "35", "none": "32 34 36 37 38 39 40 42 44 46"},
    Segment.PRODUCT: {5: "31 33 45", 6: "35", "none": "32 34 36 37 38 39 40 42 44 46"},
    Segment.DAY: {
        "2025-10-20": "31 32 42",
        "2025-10-21": "33 34",
        "2025-10-22": "35",
        "2025-10-23": "36 46",
        "2025-10-24": "37 38 44",
        "2025-10-25": "39 45",
        "2025-10-26": "40",
    },
    Segment.WEEK: {"2025-W43": "31 32 33 34 35 36 37 38 39 40 42 44 45 46"},
    Segment.MONTH: {"2025-10": "31 32 33 34 35 36 37 38 39 40 42 44 45 46"},
    Segment.QUARTER: {"2025-Q4": "31 32 33 34 35 36 37 38 39 40 42 44 45 46"},
}
# These change with time: ticket 45 lost a tag, outcomes are counts themselves.
TAGS: tuple[Mapping[Key, str], Mapping[Key, str]] = (
    {7: "31 34 45", 8: "31 32 45", "none": "33 35 36 37 38 40 44 46"},
    {7: "31 34", 8: "31 32 45", "none": "33 35 36 37 39 40 42 46"},
)
# North and South changed their departments between the two moments.
DEPARTMENTS: tuple[Mapping[Key, str], Mapping[Key, str]] = (
    {SUPPORT: "31 32 33", ENGINEERING: "34 35 36 38 44 46", "none": "37 39 40 42 45"},
    {SUPPORT: "34 35 36 38 44 46", ENGINEERING: "31 32 33", "none": "37 39 40 42 45"},
)
# The metrics of the total, as of the 27th and as of November.
TOTALS: Mapping[str, tuple[Number, Number]] = {
    "link_rate": (Fraction(6, 12), Fraction(6, 12)),
    "link_rate_without_exempt": (Fraction(6, 11), Fraction(6, 10)),
    "known_share": (Fraction(4, 6), Fraction(4, 6)),
    "reopen_rate": (Fraction(1, 12), Fraction(1, 12)),
    "first_contact_resolution": (Fraction(4, 6), Fraction(5, 7)),
    "satisfaction": (Fraction(3, 4), Fraction(2, 4)),
    "average_work_time": (Fraction(10_260, 5), Fraction(10_260, 5)),
    "time_to_relief": (7200, 7200),
    # In the middle of 60 300 600 1200 1800 3600; then of 60 300 600 1000 1200 1800 3600.
    "first_response": (900, 1000),
    "active_participants": (Fraction(3, 4), Fraction(3, 4)),
    "acts": (12, 13),
}
# Who did what, on which day: linked, created, modified, flagged. In November Ben's flag of the 25th is known.
ACTS: Mapping[Segment, Mapping[Key, tuple[tuple[int, ...], tuple[int, ...]]]] = {
    Segment.AGENT: {
        ANA: ((1, 1, 1, 0), (1, 1, 1, 0)),
        BEN: ((2, 1, 1, 0), (2, 1, 1, 1)),
        EVA: ((3, 0, 0, 1), (3, 0, 0, 1)),
        MIA: ((0, 0, 0, 1), (0, 0, 0, 1)),
    },
    Segment.TEAM: {
        NORTH: ((1, 1, 0, 1), (1, 1, 0, 1)),
        SOUTH: ((2, 1, 2, 0), (2, 1, 2, 1)),
        "none": ((3, 0, 0, 1), (3, 0, 0, 1)),
    },
    Segment.DEPARTMENT: {
        SUPPORT: ((1, 1, 0, 1), (2, 1, 2, 1)),
        ENGINEERING: ((2, 1, 2, 0), (1, 1, 0, 1)),
        "none": ((3, 0, 0, 1), (3, 0, 0, 1)),
    },
    Segment.DOMAIN: {
        1: ((3, 2, 1, 0), (3, 2, 1, 0)),
        "none": ((3, 0, 1, 2), (3, 0, 1, 3)),
    },
    Segment.DAY: {
        "2025-10-20": ((1, 0, 0, 0), (1, 0, 0, 0)),
        "2025-10-21": ((1, 2, 1, 0), (1, 2, 1, 0)),
        "2025-10-22": ((1, 0, 0, 0), (1, 0, 0, 0)),
        "2025-10-23": ((0, 0, 1, 2), (0, 0, 1, 2)),
        "2025-10-24": ((1, 0, 0, 0), (1, 0, 0, 0)),
        "2025-10-25": ((2, 0, 0, 0), (2, 0, 0, 1)),
        "2025-10-26": ((0, 0, 0, 0), (0, 0, 0, 0)),
    },
    Segment.WEEK: {"2025-W43": ((6, 2, 2, 2), (6, 2, 2, 3))},
    Segment.MONTH: {"2025-10": ((6, 2, 2, 2), (6, 2, 2, 3))},
    Segment.QUARTER: {"2025-Q4": ((6, 2, 2, 2), (6, 2, 2, 3))},
}
# Who closed tickets, who of them took part: on the 24th Eva alone did, who closed none.
PARTICIPATION: Mapping[Segment, Mapping[Key, tuple[tuple[int, int], tuple[int, int]]]] = {
    Segment.TEAM: {NORTH: ((1, 1), (1, 1)), SOUTH: ((3, 2), (3, 2)), "none": ((1, 1), (1, 1))},
    Segment.DEPARTMENT: {
        SUPPORT: ((1, 1), (3, 2)),
        ENGINEERING: ((3, 2), (1, 1)),
        "none": ((1, 1), (1, 1)),
    },
    Segment.DAY: {
        "2025-10-20": ((1, 1), (2, 1)),
        "2025-10-21": ((2, 2), (2, 2)),
        "2025-10-22": ((1, 1), (1, 1)),
        "2025-10-23": ((2, 1), (2, 1)),
        "2025-10-24": ((2, 0), (0, 0)),
        "2025-10-25": ((1, 1), (1, 1)),
        "2025-10-26": ((1, 0), (1, 0)),
    },
    Segment.WEEK: {"2025-W43": ((4, 3), (4, 3))},
    Segment.MONTH: {"2025-10": ((4, 3), (4, 3))},
    Segment.QUARTER: {"2025-Q4": ((4, 3), (4, 3))},
}
PEOPLE = {"closers": [ANA, BEN, CORA, EVA], "active": [ANA, BEN, EVA]}


@pytest.fixture
def log(app: Flask) -> None:
    autumn.tell()
    articles({4: 1, 5: 1})  # the others belong to no domain


def ask(report: Report, by: Segment, as_of: datetime | None) -> Table:
    return services.compute(report, Asked(WEEK, by, EVERYBODY, as_of))


def place(as_of: datetime | None) -> int:
    return 0 if as_of == THEN else 1


def counted(count: str, as_of: datetime | None) -> Tickets:
    return tickets(COUNTS[count][place(as_of)])


def rows_of(by: Segment, as_of: datetime | None) -> Mapping[Key, Tickets]:
    """Return the tickets of each row that there is: of periods all."""
    if by is Segment.OUTCOME:
        rows: Mapping[Key, Tickets] = {
            name: counted(name, as_of) for name in ("linked", "exempt", "unanswered")
        }
    else:
        changing = {Segment.TAG: TAGS, Segment.DEPARTMENT: DEPARTMENTS}
        found = changing[by][place(as_of)] if by in changing else ROWS[by]
        rows = {key: tickets(text) & counted("solved", as_of) for key, text in found.items()}
    return {key: some for key, some in rows.items() if some or by in PERIODS}


def figures(report: Report, some: Tickets, as_of: datetime | None) -> dict[str, Number | None]:
    """Return the figures of some tickets, from the tables above and each formula as it is printed."""
    of = {name: len(counted(name, as_of) & some) for name in COUNTS}
    of["work_seconds"] = sum(WORKED[ticket] for ticket in counted("timed", as_of) & some)
    made: dict[str, Number | None] = {
        **of,
        "link_rate": _share(of["linked"], of["solved"]),
        "link_rate_without_exempt": _share(of["linked"], of["solved"] - of["exempt"]),
        "known_share": _share(of["known"], of["known"] + of["new"]),
        "reopen_rate": _share(of["reopened"], of["solved"]),
        "first_contact_resolution": _share(of["one_contact"], of["contacted"]),
        "satisfaction": _share(of["satisfied"], of["rated"]),
        "average_work_time": _share(of["work_seconds"], of["timed"]),
        "time_to_relief": _median(RELIEF[ticket] for ticket in some if ticket in RELIEF),
        "first_response": _median(FIRST_REPLY[ticket] for ticket in some if ticket in FIRST_REPLY),
    }
    names = [count.name for count in report.counts] + [metric.name for metric in report.metrics]
    return {name: made[name] for name in names}


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _median(values: Iterable[int]) -> Number | None:
    found = sorted(values)
    return median(found) if found else None


def by_key(table: Table) -> dict[Key, Mapping[str, Number | None]]:
    assert len({row.key for row in table.rows}) == len(table.rows)
    return {row.key: row.figures for row in table.rows}


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("as_of", MOMENTS.values(), ids=MOMENTS)
def test_the_totals_are_those_worked_out_by_hand(as_of: datetime | None) -> None:
    found: dict[str, Number | None] = {}
    for report in (*ON_TICKETS, participation.REPORT, activity.REPORT):
        found |= ask(report, report.segments[0], as_of).total.figures
    assert {name: found[name] for name in TOTALS} == {
        name: both[place(as_of)] for name, both in TOTALS.items()
    }


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("as_of", MOMENTS.values(), ids=MOMENTS)
@pytest.mark.parametrize("by", [Segment.DEPARTMENT, pytest.param(None, marks=pytest.mark.long)])
def test_every_metric_by_every_segment_is_that_worked_out_by_hand(
    by: Segment | None, as_of: datetime | None
) -> None:
    for report in ON_TICKETS:
        for segment in [by] if by else report.segments:
            table = ask(report, segment, as_of)
            assert by_key(table) == {
                key: figures(report, some, as_of) for key, some in rows_of(segment, as_of).items()
            }, (report.name, segment)
            assert table.total.figures == figures(report, counted("solved", as_of), as_of)


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("as_of", MOMENTS.values(), ids=MOMENTS)
def test_what_people_did_is_counted_by_hand(as_of: datetime | None) -> None:
    for by in activity.REPORT.segments:
        expected: dict[Key, tuple[int, ...]] = {
            key: (*both[place(as_of)], sum(both[place(as_of)])) for key, both in ACTS[by].items()
        }
        found = by_key(ask(activity.REPORT, by, as_of))
        names = ("linked", "created", "modified", "flagged", "acts")
        assert {key: tuple(row[name] for name in names) for key, row in found.items()} == expected, by
    for by in participation.REPORT.segments:
        found = by_key(ask(participation.REPORT, by, as_of))
        assert {
            key: (row["closers"], row["active"], row["active_participants"]) for key, row in found.items()
        } == {
            key: (*both[place(as_of)], _share(both[place(as_of)][1], both[place(as_of)][0]))
            for key, both in PARTICIPATION[by].items()
        }, by


def listed(report: Report, row: Row, count: str, as_of: datetime | None) -> list[object]:
    only = Only(row.only.keys)
    asked = Asked(row.window, report.segments[0], EVERYBODY, as_of, only)
    found = services.items(report, asked, count, per_page=200)
    assert found.total == len(found.page.items) == row.figures[count], (report.name, row.label, count)
    return [item.cells["id"] for item in found.page.items]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("by", "as_of"),
    [
        (Segment.DEPARTMENT, None),
        *(pytest.param(None, moment, marks=pytest.mark.long) for moment in MOMENTS.values()),
    ],
)
def test_every_cell_opens_the_tickets_it_counts(by: Segment | None, as_of: datetime | None) -> None:
    for report in ON_TICKETS:
        for segment in [by] if by else report.segments:
            some = rows_of(segment, as_of)
            for row in ask(report, segment, as_of).rows:
                for count in (count.name for count in report.counts if count.items):
                    assert set(listed(report, row, count, as_of)) == counted(count, as_of) & some[row.key]


@pytest.mark.usefixtures("log")
def test_the_people_counted_are_listed_by_name() -> None:
    table = ask(participation.REPORT, Segment.WEEK, LATER)
    for count, people in PEOPLE.items():
        assert listed(participation.REPORT, table.total, count, LATER) == people
        assert listed(participation.REPORT, table.rows[0], count, LATER) == people
    for row in ask(activity.REPORT, Segment.AGENT, LATER).rows:
        for acts in activity.REPORT.counts:
            listed(activity.REPORT, row, acts.name, LATER)


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (EVERYTHING, "31 32 33 35 37 45"),
        (Only({Segment.TAG: 8}), "31 32 45"),
        (Only({Segment.TAG: 8, Segment.AGENT: EVA}), "45"),
        (Only({Segment.TAG: "none", Segment.DESK: NORTHWIND}), "33 37"),
        (Only({Segment.LICENCE: "contributor", Segment.DESK: ACME}), "31 32"),
        (Only({Segment.PRODUCT: 5, Segment.DOMAIN: 1, Segment.TEAM: NORTH}), "31 33"),
        (Only({Segment.LICENCE: "none", Segment.DOMAIN: "none"}), "37"),
        (Only({Segment.DEPARTMENT: SUPPORT}), "35"),
        (Only({Segment.DEPARTMENT: ENGINEERING, Segment.TAG: "none"}), "33"),
        (Only({Segment.DEPARTMENT: "none", Segment.AGENT: EVA}), "45"),
    ],
)
def test_a_report_is_narrowed_to_what_has_all_the_keys(only: Only, expected: str) -> None:
    for as_of in (LATER, None):
        asked = Asked(WEEK, Segment.WEEK, EVERYBODY, as_of, only)
        table = services.compute(link_rate.REPORT, asked)
        assert set(listed(link_rate.REPORT, table.total, "linked", as_of)) == tickets(expected)
        assert [row.figures for row in table.rows] == [table.total.figures]


@pytest.mark.parametrize("as_of", MOMENTS.values(), ids=MOMENTS)
@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("report", [*ON_TICKETS, activity.REPORT, participation.REPORT], ids=lambda r: r.name)
def test_the_total_is_the_same_beside_whatever_rows(report: Report, as_of: datetime | None) -> None:
    for by in report.segments:
        table = ask(report, by, as_of)
        assert any(table.total.figures.values())
        assert table.total.figures == with_metrics(report, report.reader.total(table.scope)), by
