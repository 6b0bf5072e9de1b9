"""States and contributors of articles: at the end of each period, as of a moment, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask

from kcs.metrics.model import Key, Only, Report, Segment
from kcs.metrics.reach import Reach
from kcs.metrics.reports import history, states
from kcs.metrics.reports.states import States
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, CORA, EVA, NORTH, SOUTH, at
from tests.metrics.telling import BOTH, LATER, articles, check_cells, figures, scope, tell, total

DAY = 86400
STATES = ("articles", "wip", "not_validated", "validated", "published", "archived")
AGES = ("age_lower", "age_median", "age_upper")

# The window ends on 31 March at 22:00 UTC, February on the 28th at 23:00.
MOVES = """
2025-02-01T22:00 article.created a1 Ana >wip
2025-02-03T22:00 article.edited a1 Ana <wip >wip
2025-02-11T22:00 article.complete a1 Ana <wip >not_validated
2025-03-11T22:00 article.validate a1 Ben <not_validated >validated

2025-02-02T22:00 article.created a2 Ben >wip
2025-03-21T22:00 article.complete a2 Ben <wip >not_validated

2025-02-10T22:00 article.imported a3 >published
2025-02-12T22:00 article.imported a3 <published >published

2025-02-14T22:00 article.created a4 Ana >wip
2025-02-15T22:00 article.delete a4 Ana <wip >deleted

2025-02-20T22:00 article.created a5 Ben >wip
2025-03-05T22:00 article.archive a5 Ana <wip >archived
2025-03-05T22:00 article.merged a5 Ana >archived newer_id=5 into_id=1
2025-03-05T22:00 article.merged a1 Ana <not_validated >not_validated newer_id=5 into_id=1

2025-03-29T22:00 article.created a6 Eva >wip
2025-03-30T22:00 article.validate a6 Eva <wip >validated @2025-06-01
2025-04-02T22:00 article.publish a1 Ben <validated >published
2025-02-14T22:00 feedback.given a1 >new
2025-02-15T22:00 article.flagged a1 Ana
"""
# At the end of March: 1 validated for 20 days, 2 not validated for 10, 3 published for 49, 6 validated for
# one day (known since June; before that wip for two), 5 archived.
AT_END: list[tuple[datetime, Segment, dict[Key, tuple[int, ...]]]] = [
    (
        LATER,
        Segment.STATE,
        {
            "validated": (2, 0, 0, 2, 0, 0),
            "not_validated": (1, 0, 1, 0, 0, 0),
            "published": (1, 0, 0, 0, 1, 0),
            "archived": (0, 0, 0, 0, 0, 1),
        },
    ),
    (
        at("2025-05-01"),
        Segment.DOMAIN,
        {1: (2, 0, 1, 1, 0, 0), 2: (1, 0, 0, 0, 1, 1), "none": (1, 1, 0, 0, 0, 0)},
    ),
    (LATER, Segment.MONTH, {"2025-02": (4, 2, 1, 0, 1, 0), "2025-03": (4, 0, 1, 2, 1, 1)}),
    # March had not begun.
    (at("2025-02-20"), Segment.MONTH, {"2025-02": (3, 1, 1, 0, 1, 0)}),
    (
        LATER,
        Segment.AGENT,
        {
            ANA: (1, 0, 0, 1, 0, 0),
            BEN: (1, 0, 1, 0, 0, 1),
            EVA: (1, 0, 0, 1, 0, 0),
            "none": (1, 0, 0, 0, 1, 0),
        },
    ),
]

# North, where Ana is, belongs to department 1; South, where Ben is, went from 2 to 1. Eva is in no team.
BELONGING = """
2025-01-01T09:00 team.department team_id=1 department_id=1
2025-01-01T09:00 team.department team_id=2 department_id=2
2025-06-15T09:00 team.department team_id=2 department_id=1
"""
BY_DEPARTMENT: list[tuple[datetime, dict[Key, tuple[int, ...]]]] = [
    (at("2025-06-10"), {1: (1, 0, 0, 1, 0, 0), 2: (1, 0, 1, 0, 0, 1), "none": (2, 0, 0, 1, 1, 0)}),
    (LATER, {1: (2, 0, 1, 1, 0, 1), "none": (2, 0, 0, 1, 1, 0)}),
]

# Article 1 is Ana's; Ben edits it in February and March, and is given it in March; Cora's proposal is taken
# over by Eva. Article 2 came by itself and was edited by Eva. Article 3 was written before the window.
WRITTEN = """
2025-01-10T09:00 article.created a3 Ana >wip
2025-02-03T09:00 article.created a1 Ana >wip
2025-02-04T09:00 article.edited a1 Ben
2025-03-04T09:00 article.edited a1 Ben
2025-03-05T09:00 review.asked a1 Cora review_id=3
2025-03-06T09:00 article.edited a1 Eva review_id=3
2025-03-07T09:00 article.owned a1 Ana owner_id=2 team_id=2
2025-04-07T09:00 article.owned a1 Ana owner_id=1 team_id=1
2025-02-05T09:00 article.imported a2 >validated
2025-02-06T09:00 article.edited a2 Eva
2025-02-07T09:00 article.confirmed a3 Ben
"""
PARTS = ("articles", "contributors", "first_author", "last_editor", "owner", "others")
HAD_PARTS: list[tuple[Segment, dict[Key, tuple[int, ...]]]] = [
    # Of article 1 four people wrote, one of them began it, one saved the last text, one looks after it; one
    # has no other part.
    (Segment.ARTICLE, {1: (1, 4, 1, 1, 1, 1), 2: (1, 1, 0, 1, 0, 0)}),
    (
        Segment.AGENT,
        {
            ANA: (1, 1, 1, 0, 0, 0),
            BEN: (1, 1, 0, 0, 1, 0),
            CORA: (1, 1, 0, 0, 0, 1),
            EVA: (2, 2, 0, 2, 0, 0),
        },
    ),
    (
        Segment.TEAM,
        {NORTH: (1, 1, 1, 0, 0, 0), SOUTH: (1, 2, 0, 0, 1, 1), "none": (2, 2, 0, 2, 0, 0)},
    ),
    # In February Ben saved the last text of article 1 and Ana still looked after it.
    (Segment.MONTH, {"2025-02": (2, 3, 1, 2, 1, 0), "2025-03": (1, 3, 1, 1, 1, 1)}),
]


@pytest.fixture
def moved(app: Flask) -> None:
    golden.people()
    articles({1: 1, 2: 1, 3: 2, 4: 2, 5: 2, 6: None})
    tell(MOVES)


@pytest.fixture
def wrote(app: Flask) -> None:
    golden.people()
    articles({1: 1, 2: None, 3: None})
    tell(WRITTEN)


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(("as_of", "by", "expected"), AT_END)
def test_articles_in_each_state(as_of: datetime, by: Segment, expected: dict[Key, tuple[int, ...]]) -> None:
    assert figures(states.REPORT, by, scope(as_of=as_of), *STATES) == expected


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(("as_of", "expected"), BY_DEPARTMENT)
def test_a_department_is_that_of_the_authors_team_as_of_the_moment(
    as_of: datetime, expected: dict[Key, tuple[int, ...]]
) -> None:
    tell(BELONGING)
    asked = scope(as_of=as_of)
    assert figures(states.REPORT, Segment.DEPARTMENT, asked, *STATES) == expected
    parts = {key: replace(asked, only=Only({Segment.DEPARTMENT: key})) for key in expected}
    assert {key: total(states.REPORT, part, *STATES) for key, part in parts.items()} == expected
    opened = {
        key: states.REPORT.reader.items(part, "articles", limit=9, offset=0) for key, part in parts.items()
    }
    assert {key: len(page.items) for key, page in opened.items()} == {
        key: row[0] for key, row in expected.items()
    }
    reader = states.REPORT.reader
    assert isinstance(reader, States)
    ages = reader.ages(asked, Segment.DEPARTMENT)
    assert {key: len(each) for key, each in ages.items()} == {key: row[0] for key, row in expected.items()}


@pytest.mark.usefixtures("moved")
def test_how_long_articles_have_been_in_their_state() -> None:
    # 1, 10, 20 and 49 days: quartiles at 1 + 0.75 of 9, between 10 and 20, at 20 + 0.25 of 29.
    assert total(states.REPORT, scope(), *AGES) == (7.75 * DAY, 15 * DAY, 27.25 * DAY)
    by_state = figures(states.REPORT, Segment.STATE, scope(), *AGES)
    assert by_state["validated"] == (5.75 * DAY, 10.5 * DAY, 15.25 * DAY)
    assert by_state["published"] == (49 * DAY,) * 3
    assert "archived" not in by_state
    assert figures(states.REPORT, Segment.DOMAIN, scope(), *AGES)[1] == (12.5 * DAY, 15 * DAY, 17.5 * DAY)
    only = scope(only=Only({Segment.STATE: "validated"}), as_of=at("2025-05-01"))
    assert total(states.REPORT, only, "validated", *AGES) == (1, 20 * DAY, 20 * DAY, 20 * DAY)
    # As of a moment within the window, times run to that moment: 1, 3 and 2 for 8, 9 and 17 days.
    within = scope(as_of=at("2025-02-19T22:00"))
    assert total(states.REPORT, within, *AGES) == (8.5 * DAY, 9 * DAY, 13 * DAY)
    reader = states.REPORT.reader
    assert isinstance(reader, States)
    assert {key: sorted(ages) for key, ages in reader.ages(scope(), Segment.STATE).items()} == {
        "validated": [DAY, 20 * DAY],
        "not_validated": [10 * DAY],
        "published": [49 * DAY],
    }


@pytest.mark.usefixtures("wrote")
@pytest.mark.parametrize(("by", "expected"), HAD_PARTS)
def test_who_had_which_part_in_articles(by: Segment, expected: dict[Key, tuple[int, ...]]) -> None:
    assert figures(history.REPORT, by, scope(), *PARTS) == expected
    assert total(history.REPORT, scope(), *PARTS) == (2, 5, 1, 2, 1, 1)


@pytest.mark.usefixtures("wrote")
def test_contributors_as_of_a_moment_and_within_reach() -> None:
    early = scope(as_of=at("2025-03-05"))
    assert figures(history.REPORT, Segment.AGENT, early, *PARTS) == {
        ANA: (1, 1, 1, 0, 1, 0),
        BEN: (1, 1, 0, 1, 0, 0),
        EVA: (1, 1, 0, 1, 0, 0),
    }
    own = scope(reach=Reach(agent_id=CORA))
    assert figures(history.REPORT, Segment.ARTICLE, own, *PARTS) == {1: (1, 1, 0, 0, 0, 1)}


@pytest.mark.long
@pytest.mark.usefixtures("wrote", "app")
def test_every_cell_of_contributors_opens_what_it_counts() -> None:
    check_cells(history.REPORT, scope())


@pytest.mark.long
@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize("as_of", [LATER, at("2025-02-20"), at("2025-05-01")])
def test_every_cell_of_states_opens_what_it_counts(as_of: datetime) -> None:
    report: Report = states.REPORT
    check_cells(report, scope(BOTH, as_of))
