"""Citations and links: whose writing answered a ticket, and how tickets and articles hold together."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from kcs.metrics.model import Key, Only, Segment
from kcs.metrics.reach import Reach
from kcs.metrics.reports import citations, links
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, CORA, EVA, NORTH, SOUTH, at
from tests.metrics.telling import (
    LATER,
    MARCH,
    articles,
    check_cells,
    figures,
    scope,
    tell,
    total,
)

# Article 1 is Ana's; Ben edits it on 10 February; Cora's proposal is taken over by Ben on 1 March. Article 2
# came from elsewhere, by Eva; on 15 March it goes into 1. Article 3 nobody is known to have written.
HISTORY = """
2025-02-01T09:00 article.created a1 Ana >wip
2025-02-01T10:00 article.imported a2 Eva >validated
2025-02-01T11:00 article.imported a3 >validated
2025-02-02T09:00 article.created t1 a4 Ben >wip
2025-02-02T09:00 draft t1 a4 r1 Ben

2025-02-05T09:00 link t2 a1 r2 Ben
2025-02-06T09:00 link t3 a1 r3 Ana
2025-02-07T09:00 link t4 a1 b4 Ben
2025-02-10T09:00 article.edited a1 Ben
2025-02-11T09:00 link t5 a1 r5 Ben
2025-02-12T09:00 link t6 a1 r6
2025-02-13T09:00 link t7 a1 r7 Eva
2025-02-14T09:00 unlink t7 a1 r7 Eva

2025-02-20T09:00 review.asked a1 Cora review_id=7
2025-02-21T09:00 link t8 a1 r8 Eva
2025-03-01T09:00 article.edited a1 Ben review_id=7
2025-03-02T09:00 link t9 a1 r9 Eva
2025-03-03T09:00 link t10 a2 r10 Ana
2025-03-03T10:00 link t10 a1 b11 Ana
2025-03-04T09:00 link t11 a3 r12 Ana
2025-03-05T09:00 link t12 a2 r13 Ana
2025-03-06T09:00 excluded t12

2025-03-15T09:00 article.merged a2 newer_id=2 into_id=1
2025-03-15T09:00 article.merged a1 newer_id=2 into_id=1
"""
# Cited, by others and by themselves. Ana, who wrote in 1 first: tickets 2, 5, 6, 8, 9 by others, 3 by
# herself. Ben, from 10 February: 6, 8, 9, and 5 by himself. Cora, from 1 March: 9. Eva, for 2: ticket 10;
# 12 is left out.
CITED: dict[Key, tuple[int, ...]] = {ANA: (5, 1), BEN: (3, 1), CORA: (1, 0), EVA: (1, 0)}
CITED_BY: list[tuple[Segment, dict[Key, tuple[int, ...]]]] = [
    (Segment.AGENT, CITED),
    (Segment.TEAM, {NORTH: (5, 1), SOUTH: (4, 1), "none": (1, 0)}),
    # Ticket 10 counts for article 1 since the merge.
    (Segment.ARTICLE, {1: (10, 2)}),
    (Segment.DOMAIN, {1: (10, 2)}),
    (Segment.MONTH, {"2025-02": (6, 2), "2025-03": (4, 0)}),
]
# Links that stand, (tickets, articles, answers, background). Ticket 10 has 2, now 1, as its answer, and 1 as
# background: one link. Ticket 4 has background alone.
LINKED: list[tuple[datetime, Segment, dict[Key, tuple[int, ...]]]] = [
    (LATER, Segment.ARTICLE, {1: (8, 1, 7, 1), 3: (1, 1, 1, 0), 4: (1, 1, 1, 0)}),
    (
        at("2025-03-10"),
        Segment.ARTICLE,
        {1: (8, 1, 6, 2), 2: (1, 1, 1, 0), 3: (1, 1, 1, 0), 4: (1, 1, 1, 0)},
    ),
    (
        LATER,
        Segment.AGENT,
        {ANA: (3, 2, 3, 0), BEN: (4, 2, 3, 1), EVA: (2, 1, 2, 0), "none": (1, 1, 1, 0)},
    ),
    (LATER, Segment.DESK, {1: (10, 3, 9, 1)}),
    (LATER, Segment.MONTH, {"2025-02": (7, 2, 6, 1), "2025-03": (3, 2, 3, 0)}),
]


@pytest.fixture
def told(app: Flask) -> None:
    golden.people()
    articles({1: 1, 2: None, 3: None, 4: None})
    tell(HISTORY)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("by", "expected"), CITED_BY)
def test_citations(by: Segment, expected: dict[Key, tuple[int, ...]]) -> None:
    assert figures(citations.REPORT, by, scope(), "citations", "own") == expected
    assert total(citations.REPORT, scope(), "citations", "own") == (10, 2)


@pytest.mark.usefixtures("told")
def test_one_persons_citations_in_one_month_and_as_of_a_moment() -> None:
    cora = Only({Segment.AGENT: CORA})
    assert total(citations.REPORT, scope(MARCH, only=cora), "citations") == (1,)
    assert total(citations.REPORT, scope(as_of=at("2025-03-02"), only=cora), "citations") == (0,)
    # While ticket 7 was linked: Ana for 2, 5, 6 and 7, Ben for 6 and 7; and before 12 was left out.
    assert total(citations.REPORT, scope(as_of=at("2025-02-13T10:00")), "citations") == (6,)
    assert figures(citations.REPORT, Segment.AGENT, scope(as_of=at("2025-03-06")), "citations")[EVA] == (2,)
    assert figures(citations.REPORT, Segment.AGENT, scope(reach=Reach(agent_id=BEN)), "citations", "own") == {
        BEN: (3, 1)
    }


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("as_of", "by", "expected"), LINKED)
def test_links_both_ways(as_of: datetime, by: Segment, expected: dict[Key, tuple[int, ...]]) -> None:
    names = ("tickets", "articles", "resolution", "reference")
    assert figures(links.REPORT, by, scope(as_of=as_of), *names) == expected
    assert total(links.REPORT, scope(), *names) == (10, 3, 9, 1)


@pytest.mark.long
@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("report", [citations.REPORT, links.REPORT], ids=lambda report: report.name)
def test_every_cell_opens_what_it_counts(report: object) -> None:
    check_cells(report, scope())  # type: ignore[arg-type]
