"""What a report may be narrowed to: by name, people within reach alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from kcs.metrics import choices
from kcs.metrics.choices import choices_of
from kcs.metrics.labels import named
from kcs.metrics.model import EVERYTHING, Row, Segment
from kcs.metrics.reach import EVERYBODY, Reach
from kcs.metrics.reports.link_rate import REPORT
from tests.metrics import golden
from tests.metrics.golden import ANA, CORA, MIA, SOUTH
from tests.metrics.telling import MARCH

NOBODY = ["Nobody of ours"]


@pytest.fixture(autouse=True)
def people(app: Flask) -> None:
    golden.people()
    golden.tickets()


@pytest.mark.parametrize(
    ("reach", "names"),
    [
        (EVERYBODY, ["all", "Ada", "Ana", "Ben", "Cora", "Eva", "Leo", "Mia", *NOBODY]),
        (Reach(agent_id=CORA, team_id=SOUTH), ["all", "Ben", "Cora"]),
        (Reach(agent_id=ANA), ["all", "Ana"]),
    ],
)
def test_people_within_reach_are_offered(reach: Reach, names: list[str]) -> None:
    assert [str(name) for _, name in choices_of(REPORT, reach)[Segment.AGENT]] == names


@pytest.mark.parametrize(
    ("reach", "names"),
    [
        (EVERYBODY, ["all", "North", "South", "No team"]),
        (Reach(agent_id=CORA, team_id=SOUTH), ["all", "South", "No team"]),
        (Reach(agent_id=MIA, managed=(SOUTH,)), ["all", "North", "South", "No team"]),
        (Reach(agent_id=ANA), ["all", "North", "No team"]),
    ],
)
def test_teams_within_reach_and_ones_own_are_offered(reach: Reach, names: list[str]) -> None:
    assert [str(name) for _, name in choices_of(REPORT, reach)[Segment.TEAM]] == names


def test_only_segments_of_the_report_that_have_something_are_offered() -> None:
    found = choices_of(replace(REPORT, segments=(Segment.TEAM, Segment.DESK, Segment.PRODUCT)), EVERYBODY)
    assert {segment: [str(name) for _, name in options] for segment, options in found.items()} == {
        Segment.TEAM: ["all", "North", "South", "No team"],
        Segment.DESK: ["all", "acme", "No desk"],
    }


def test_licences_are_offered_by_their_names() -> None:
    found = choices_of(REPORT, EVERYBODY)[Segment.LICENCE]
    assert [str(name) for _, name in found] == ["all", "Candidate", "Contributor", "Publisher", "No licence"]


def test_rows_of_states_stand_in_the_order_of_an_articles_life() -> None:
    keys = ("archived", "published", "validated", "not_validated", "wip")
    rows = [Row(key, key, {}, EVERYTHING, MARCH) for key in keys]
    assert [row.key for row in named(rows, Segment.STATE, EVERYBODY)] == [*reversed(keys)]


def test_more_than_anybody_looks_through_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "MOST", 2)
    found = choices_of(REPORT, EVERYBODY)
    assert Segment.AGENT not in found
    assert Segment.TEAM in found
