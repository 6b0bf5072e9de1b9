"""Reuse: which links and which words of readers count, for which article, and as of which moment."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from kcs.metrics.model import Key, Segment
from kcs.metrics.reach import Reach
from kcs.metrics.reports.reuse import REPORT
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, NORTH, SOUTH, at
from tests.metrics.telling import (
    FEBRUARY,
    LATER,
    MARCH,
    articles,
    check_cells,
    figures,
    scope,
    tell,
    total,
)

NAMES = ("assisted", "self_service", "created")

# Articles: 1 by Ana, drafted in ticket 1; 2 by Ben, written by itself; 3 by Ben, drafted in ticket 5 and
# merged into 1 on 10 March; 4 a draft thrown away; 5 by Eva, merged into 3 before that, on 5 March.
HISTORY = """
2025-02-03T09:00 article.created t1 a1 Ana >wip
2025-02-03T09:00 draft t1 a1 r1 Ana
2025-02-03T10:00 solve t1 Ana

2025-02-04T09:00 article.created a2 Ben >wip
2025-02-04T10:00 link t2 a1 r2 Ben
2025-02-04T11:00 solve t2 Ben
2025-02-05T10:00 link t3 a1 b3 Ben

2025-02-06T09:00 link t4 a1 r4 Ana
2025-02-06T09:30 unlink t4 a1 r4 Ana
2025-03-06T09:00 link t4 a1 r5 Ana

2025-02-07T09:00 article.created t5 a3 Ben >wip
2025-02-07T09:00 draft t5 a3 r6 Ben
2025-02-07T12:00 link t6 a3 r7 Ana
2025-03-03T12:00 link t7 a3 r8 Ana
2025-03-03T13:00 link t2 a3 r9 Ana

2025-02-08T09:00 article.created t8 a4 Ana >wip
2025-02-08T09:00 draft t8 a4 r10 Ana
2025-02-08T10:00 article.delete a4 Ana <wip >deleted
2025-02-08T10:00 discard t8 a4 r10 Ana

2025-02-09T09:00 article.created a5 Eva >wip
2025-02-10T09:00 link t9 a5 r11 Ana
2025-02-11T09:00 link t10 a2 r12 Ana
2025-03-20T09:00 excluded t10

2025-02-12T09:00 link t11 a2 r13 Ana
2025-02-20T09:00 excluded t11
2025-03-21T09:00 restored t11

2025-02-28T22:59 feedback.given a2 helpful=true
2025-02-28T23:00 feedback.given a3 helpful=true
2025-03-02T09:00 feedback.given a2 helpful=false
2025-03-02T10:00 feedback.given a2 helpful=none
2025-03-02T11:00 feedback.given a2 Ana helpful=true

2025-03-05T09:00 article.merged a5 newer_id=5 into_id=3
2025-03-05T09:00 article.merged a3 newer_id=5 into_id=3
2025-03-10T09:00 article.merged a3 newer_id=3 into_id=1
2025-03-10T09:00 article.merged a1 newer_id=3 into_id=1

2025-03-12T09:00 link t1 a1 r14 Ben
2025-03-13T09:00 link t12 a2 r15 Eva @2025-06-01
"""

# By hand, (assisted, self-service, created). Links of article 1: ticket 2 (February), 4 (relinked in March),
# of article 3, now 1: 6 (February), 7 (March), of article 5, now 1: 9 (February). Ticket 2 has a link to 3,
# too: once merged it counts once, where the older link was. Ticket 1 is where article 1 was created.
# Of article 2: 11 (left out, restored), 12 (recorded in June); 10 is left out.
# Readers: article 2 at 23:59 in Madrid on 28 February, article 3 (now 1) at 00:00 on 1 March.
BY_ARTICLE: dict[Key, tuple[int, ...]] = {1: (5, 1, 3), 2: (2, 1, 1)}
AS_OF: list[tuple[datetime, dict[Key, tuple[int, ...]]]] = [
    # Nothing merged, nothing taken back; ticket 10 is in, 11 is out.
    (at("2025-03-04"), {1: (1, 0, 1), 2: (1, 1, 1), 3: (3, 1, 1), 5: (1, 0, 1)}),
    (at("2025-03-06"), {1: (1, 0, 1), 2: (1, 1, 1), 3: (4, 1, 2)}),
    (at("2025-03-11"), {1: (5, 1, 3), 2: (1, 1, 1)}),
    (at("2025-05-31"), {1: (5, 1, 3), 2: (1, 1, 1)}),
    (LATER, BY_ARTICLE),
]


@pytest.fixture
def told(app: Flask) -> None:
    golden.people()
    articles({1: 1, 2: 2, 3: 2, 4: None, 5: None})
    tell(HISTORY)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("as_of", "expected"), AS_OF, ids=[f"{moment:%d %B}" for moment, _ in AS_OF])
def test_reuse_by_article_as_of_a_moment(as_of: datetime, expected: dict[Key, tuple[int, ...]]) -> None:
    assert figures(REPORT, Segment.ARTICLE, scope(as_of=as_of), *NAMES) == expected


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (Segment.DOMAIN, {1: (5, 1, 3), 2: (2, 1, 1)}),
        # Who began the article it counts for; an article created counts for whoever began it.
        (Segment.AGENT, {ANA: (5, 1, 1), BEN: (2, 1, 2), golden.EVA: (0, 0, 1)}),
        (Segment.TEAM, {NORTH: (5, 1, 1), SOUTH: (2, 1, 2), "none": (0, 0, 1)}),
        (Segment.MONTH, {"2025-02": (4, 1, 4), "2025-03": (3, 1, 0)}),
        (Segment.QUARTER, {"2025-Q1": (7, 2, 4)}),
    ],
)
def test_reuse_by_every_segment(by: Segment, expected: dict[Key, tuple[int, ...]]) -> None:
    assert figures(REPORT, by, scope(), *NAMES) == expected
    summed = tuple(map(sum, zip(*expected.values(), strict=True)))
    assert total(REPORT, scope(), *NAMES) == summed == (7, 2, 4)


@pytest.mark.usefixtures("told")
def test_reuse_to_create_is_a_ratio_of_the_counts_and_empty_for_nothing() -> None:
    metric = REPORT.metrics[0]
    assert metric.of(REPORT.reader.total(scope(FEBRUARY))) == 1
    assert metric.of(REPORT.reader.total(scope(MARCH))) is None


@pytest.mark.long
@pytest.mark.usefixtures("told")
def test_every_cell_opens_what_it_counts() -> None:
    check_cells(REPORT, scope())
    check_cells(REPORT, scope(as_of=at("2025-03-06")))


@pytest.mark.usefixtures("told")
def test_somebody_who_sees_their_own_figures_sees_those_of_articles_they_began() -> None:
    asked = scope(reach=Reach(agent_id=BEN))
    assert figures(REPORT, Segment.ARTICLE, asked, *NAMES) == {1: (0, 0, 1), 2: (2, 1, 1)}
