"""Time to publish, and how new people come to solve alone: durations worked out by hand."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest
from flask import Flask

from kcs.metrics.model import Key, Only, Segment, with_metrics
from kcs.metrics.reach import Reach
from kcs.metrics.reports import cohort, publishing
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, CORA, EVA, NORTH, SOUTH, at
from tests.metrics.telling import FEBRUARY, LATER, articles, check_cells, figures, scope, tell, total

HOUR, DAY = 3600, 86400
PUBLISHED = ("published", "captured", "by_closure", "time_to_publish")
STARTED = ("people", "solving", "solo", "time_to_solo")

# Article 1: two days after its ticket was closed; published again, and edited while it is outside. 2: half
# an hour before. 3: its ticket is reopened after, and closed again. 4: at the closing itself. 5: by itself.
# 6: its ticket is closed into another one. 7: came published. 8: its ticket was never closed.
OUT = """
2025-02-03T09:00 article.created t1 a1 Ana >wip
2025-02-03T10:00:00.900000 solve t1 Ana
2025-02-05T10:00:00.100000 article.publish a1 Ben <validated >published
2025-02-06T10:00 article.withdraw a1 Ben <published >validated
2025-03-06T10:00 article.publish a1 Ben <validated >published

2025-02-03T09:00 article.created t2 a2 Ana >wip
2025-02-04T09:30 article.publish a2 Ana <validated >published
2025-02-04T10:00 solve t2 Ana

2025-02-05T09:00 article.created t3 a3 Ben >wip
2025-02-05T10:00 solve t3 Ben
2025-02-05T16:00 article.publish a3 Ben <validated >published
2025-03-01T09:00 reopen t3
2025-03-02T16:00 solve t3 Ben

2025-02-07T09:00 article.created t4 a4 Ben >wip
2025-02-07T10:00 solve t4 Ben
2025-02-07T10:00 article.publish a4 Ben <validated >published

2025-02-08T09:00 article.created a5 Eva >wip
2025-02-09T09:00 article.publish a5 Eva <validated >published

2025-03-03T09:00 article.created t6 a6 Ana >wip
2025-03-03T10:00 solve t6 Ana
2025-03-03T12:00 article.publish a6 Ana <validated >published
2025-03-04T12:00 excluded t6

2025-02-10T09:00 article.imported a7 >published
2025-03-10T09:00 article.publish a7 Ana <validated >published

2025-03-11T09:00 article.created t8 a8 Ana >wip
2025-03-12T09:00 article.publish a8 Ana <validated >published
"""
# Whole seconds, of either moment: article 1 took 48 h. Ticket 3 closes 25 days after its article went out.
# Medians: of domain 1 that of 48 h, -0.5 h, -25 days; of all that of these and 0, so between -0.5 h and 0.
OUTSIDE: list[tuple[Segment, dict[Key, tuple[object, ...]]]] = [
    (Segment.DOMAIN, {1: (3, 3, 2, -HOUR / 2), 2: (3, 2, 2, 0), "none": (1, 0, 0, None)}),
    (Segment.AGENT, {ANA: (4, 3, 2, 23.75 * HOUR), BEN: (2, 2, 2, -12.5 * DAY), EVA: (1, 0, 0, None)}),
    (Segment.TEAM, {NORTH: (4, 3, 2, 23.75 * HOUR), SOUTH: (2, 2, 2, -12.5 * DAY), "none": (1, 0, 0, None)}),
    (Segment.MONTH, {"2025-02": (5, 4, 3, -HOUR / 4), "2025-03": (2, 1, 1, None)}),
]

# Who was added when (ids: Ana 1, Ben 2, Eva 3, Cora 4), and their tickets.
STARTS = """
2025-02-03T09:00 agent.added agent_id=1
2025-02-10T09:00 agent.added agent_id=2
2025-02-28T23:30 agent.added agent_id=3
2025-03-04T09:00 agent.added agent_id=4

2025-02-04T09:00 link t1 a1 r1 Ana
2025-02-04T10:00 improve t1 a1 Ben
2025-02-04T11:00 solve t1 Ana

2025-02-05T09:00 solve t2 Ana
2025-02-05T10:00 link t2 a1 r2 Ben

2025-02-08T09:00 solve t3 Ben
2025-02-08T09:00 solve t3 Ana @2025-02-09
2025-02-09T10:00 link t3 a1 r3 Ana

2025-02-07T09:00 link t4 a1 r4 Ana
2025-02-07T10:00 solve t4 Ana
2025-02-27T10:00 reopen t4

2025-02-12T09:00 link t5 a1 b5 Ben
2025-02-12T10:00 solve t5 Ben
2025-02-17T09:00 link t6 a1 r6 Ben
2025-02-17T09:30 unlink t6 a1 r6 Ben
2025-02-17T10:00 solve t6 Ben
2025-02-20T08:00 draft t7 a2 r7 Ben
2025-02-20T09:00 solve t7 Ben
2025-02-21T09:00 improve t7 a2 Ana

2025-03-02T09:00 link t8 a1 r8 Cora
2025-03-02T10:00 solve t8 Eva

2025-03-03T09:00 link t9 a1 r9 Cora
2025-03-03T10:00 solve t9 Cora
"""
# Ana: ticket 1 has an act of Ben's, 2 was linked by Ben, 4 is open again; 3 is hers, credited to Ben at
# first, solved five days after she was added. While 4 was solved, she took four days and an hour. Ben: 7, ten
# days; what a colleague does later changes nothing. Eva begins on 1 March in Madrid; 8 was linked by Cora,
# who solved 9 before she was added here, and has done nothing in a ticket since.
BEGUN: list[tuple[datetime, Segment, dict[Key, tuple[object, ...]]]] = [
    (LATER, Segment.MONTH, {"2025-02": (2, 2, 2, 7.5 * DAY), "2025-03": (2, 1, 0, None)}),
    (LATER, Segment.QUARTER, {"2025-Q1": (4, 3, 2, 7.5 * DAY)}),
    (
        LATER,
        Segment.AGENT,
        {ANA: (1, 1, 1, 5 * DAY), BEN: (1, 1, 1, 10 * DAY), EVA: (1, 1, 0, None), CORA: (1, 0, 0, None)},
    ),
    (at("2025-02-08T12:00"), Segment.AGENT, {ANA: (1, 1, 1, 4 * DAY + HOUR)}),
]


@pytest.fixture
def outside(app: Flask) -> None:
    golden.people()
    articles({1: 1, 2: 1, 3: 1, 4: 2, 5: None, 6: 2, 7: 2, 8: 2})
    tell(OUT)


@pytest.fixture
def begun(app: Flask) -> None:
    golden.people()
    tell(STARTS)


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(("by", "expected"), OUTSIDE)
def test_time_to_publish(by: Segment, expected: dict[Key, tuple[object, ...]]) -> None:
    assert figures(publishing.REPORT, by, scope(), *PUBLISHED) == expected
    assert total(publishing.REPORT, scope(), *PUBLISHED) == (7, 5, 4, -HOUR / 4)


@pytest.mark.usefixtures("outside")
def test_time_to_publish_as_of_a_moment() -> None:
    # Ticket 3 was closed six hours before its article went out, and then open again.
    ben = Only({Segment.AGENT: BEN})
    moments = [at("2025-02-20"), at("2025-03-02"), LATER]
    assert [
        total(publishing.REPORT, scope(FEBRUARY, moment, only=ben), *PUBLISHED) for moment in moments
    ] == [
        (2, 2, 1, 3 * HOUR),
        (2, 2, 2, 0),
        (2, 2, 2, -12.5 * DAY),
    ]


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize(("as_of", "by", "expected"), BEGUN)
def test_new_people(as_of: datetime, by: Segment, expected: dict[Key, tuple[object, ...]]) -> None:
    assert figures(cohort.REPORT, by, scope(as_of=as_of), *STARTED) == expected


@pytest.mark.usefixtures("begun")
def test_whoever_has_no_part_in_tickets_lowers_no_share_of_those_who_solve_alone() -> None:
    found = with_metrics(cohort.REPORT, cohort.REPORT.reader.total(scope()))
    assert found["solo_share"] == Fraction(2, 3)
    cora = with_metrics(cohort.REPORT, cohort.REPORT.reader.total(scope(only=Only({Segment.AGENT: CORA}))))
    assert (cora["people"], cora["solo_share"]) == (1, None)


@pytest.mark.usefixtures("outside")
def test_every_cell_of_publishing_opens_what_it_counts() -> None:
    check_cells(publishing.REPORT, scope())


@pytest.mark.usefixtures("begun")
def test_every_cell_of_new_people_opens_what_it_counts() -> None:
    check_cells(cohort.REPORT, scope())
    assert total(cohort.REPORT, scope(reach=Reach(agent_id=ANA)), *STARTED) == (1, 1, 1, 5 * DAY)
