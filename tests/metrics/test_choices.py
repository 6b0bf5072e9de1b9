"""What a report may be narrowed to: by name, people within reach alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from kcs.database import db
from kcs.errors import InvalidInput
from kcs.metrics import choices
from kcs.metrics.choices import choices_of
from kcs.metrics.labels import named
from kcs.metrics.model import EVERYTHING, Only, Row, Segment
from kcs.metrics.narrowing import refuse_missing
from kcs.metrics.reach import EVERYBODY, Reach
from kcs.metrics.reports import usage
from kcs.metrics.reports.link_rate import REPORT
from kcs.metrics.services import Asked, compute
from kcs.people.departments import set_department
from kcs.people.models import Department, Team
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, CORA, MIA, NORTH, SOUTH
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


# North is of department 1, South of 2; East, where nobody works, is of 3, and nothing is of 4.
DEPARTMENTS = {1: [NORTH], 2: [SOUTH], 3: [3], 4: []}


@pytest.mark.parametrize(
    ("reach", "names"),
    [
        (EVERYBODY, ["all", "D1", "D2", "D3", "D4", "No department"]),
        (Reach(agent_id=CORA, team_id=SOUTH), ["all", "D2", "No department"]),
        (Reach(agent_id=MIA, managed=(SOUTH,)), ["all", "D1", "D2", "No department"]),
        (Reach(agent_id=ANA), ["all", "D1", "No department"]),
    ],
)
def test_departments_of_teams_within_reach_are_offered_and_none_of_them_is_refused(
    reach: Reach, names: list[str]
) -> None:
    _departments()
    offered = choices_of(REPORT, reach)[Segment.DEPARTMENT]
    assert [str(name) for _, name in offered] == names
    for key, _ in offered[1:-1]:
        refuse_missing(Only({Segment.DEPARTMENT: int(key)}), reach)


def _departments() -> None:
    db.session.add(Team(id=3, name="East"))
    db.session.add_all(Department(id=number, name=f"D{number}") for number in DEPARTMENTS)
    names = {NORTH: "North", SOUTH: "South", 3: "East"}
    db.session.flush()
    for number, teams in DEPARTMENTS.items():
        for team in teams:
            set_department(names[team], f"D{number}")
    db.session.commit()


@pytest.mark.parametrize(
    ("reader", "chosen", "name"),
    [
        (Reach(agent_id=BEN), {"team": "1"}, "North: yours alone"),  # where he solved a ticket once
        (Reach(agent_id=BEN), {"team": "3"}, "3"),  # out of reach: not named
        (Reach(agent_id=BEN), {"team": "99999999999999999999"}, "99999999999999999999"),
        (Reach(agent_id=BEN), {"team": "<b>"}, "<b>"),
        (EVERYBODY, {"licence": "expert"}, "expert"),
    ],
)
def test_what_was_chosen_elsewhere_is_kept_and_named_within_reach(
    reader: Reach, chosen: dict[str, str], name: str
) -> None:
    db.session.add(Team(id=3, name="East"))
    solved = {"kind": "ticket.solve", "agent_id": BEN, "team_id": NORTH, "after": "unanswered"}
    golden.write([{**golden.rows()[0], **solved, "ticket_id": 99, "role": None, "link_id": None}])
    compute(REPORT, Asked(MARCH, Segment.TEAM, EVERYBODY))  # takes the log into the facts
    [(segment, key)] = chosen.items()
    found = choices_of(REPORT, reader, chosen)[Segment(segment)]
    assert (found[-1][0], str(found[-1][1])) == (key, name)
    assert found.count(found[-1]) == 1


def test_what_is_offered_anyway_is_offered_once() -> None:
    found = choices_of(REPORT, EVERYBODY, {"team": "1"})[Segment.TEAM]
    assert [key for key, _ in found] == ["", "1", "2", "none"]


@pytest.mark.parametrize(
    ("reach", "chosen", "codes"),
    [
        (Reach(agent_id=ANA), {}, None),
        (Reach(agent_id=CORA, team_id=SOUTH), {}, None),
        (Reach(agent_id=MIA, managed=(SOUTH,)), {}, None),
        (Reach(agent_id=ANA), {"reader": "publisher"}, ["", "publisher"]),  # to be taken back
        (EVERYBODY, {}, ["", "visitor", "colleague", "candidate", "contributor", "publisher", "unlicensed"]),
    ],
)
def test_what_is_for_whoever_sees_everybody_is_not_offered_to_others(
    reach: Reach, chosen: dict[str, str], codes: list[str] | None
) -> None:
    found = choices_of(usage.REPORT, reach, chosen).get(Segment.READER)
    assert (None if found is None else [code for code, _ in found]) == codes


def test_only_segments_of_the_report_that_have_something_are_offered() -> None:
    found = choices_of(replace(REPORT, segments=(Segment.TEAM, Segment.DESK, Segment.PRODUCT)), EVERYBODY)
    assert {segment: [str(name) for _, name in options] for segment, options in found.items()} == {
        Segment.TEAM: ["all", "North", "South", "No team"],
        Segment.DESK: ["all", "acme", "No desk"],
    }


def test_licences_are_offered_by_their_names() -> None:
    found = choices_of(REPORT, EVERYBODY)[Segment.LICENCE]
    assert [str(name) for _, name in found] == ["all", "Candidate", "Contributor", "Publisher", "No licence"]


CODES = pytest.mark.parametrize(
    ("segment", "codes"),
    [
        (Segment.LICENCE, ["candidate", "contributor", "publisher", "none"]),
        (Segment.OUTCOME, ["linked", "exempt", "unanswered"]),
        (Segment.PLACE, ["page", "help_centre", "api", "panel", "editor"]),
        (
            Segment.READER,
            ["visitor", "colleague", "candidate", "contributor", "publisher", "unlicensed"],
        ),
        (Segment.STATE, ["wip", "not_validated", "validated", "published", "archived", "deleted"]),
    ],
)


@CODES
def test_codes_are_offered_so_that_a_wrong_one_can_be_put_right(segment: Segment, codes: list[str]) -> None:
    found = choices_of(replace(REPORT, segments=(segment,)), EVERYBODY, {segment.value: "king"})
    assert [code for code, _ in found[segment]] == ["", *codes, "king"]


@CODES
def test_a_code_that_there_is_not_is_refused_with_those_that_there_are(
    segment: Segment, codes: list[str]
) -> None:
    for code in codes:
        refuse_missing(Only({segment: code}), EVERYBODY)
    for wrong in ("king", "" if "none" in codes else "none"):
        with pytest.raises(InvalidInput) as caught:
            refuse_missing(Only({segment: wrong}), EVERYBODY)
        said = f"'{wrong}' is none of the values of {segment}. Choose one of {', '.join(codes)}."
        assert caught.value.errors == {segment.value: [said]}


def test_rows_of_states_stand_in_the_order_of_an_articles_life() -> None:
    keys = ("archived", "published", "validated", "not_validated", "wip")
    rows = [Row(key, key, {}, EVERYTHING, MARCH) for key in keys]
    assert [row.key for row in named(rows, Segment.STATE, EVERYBODY)] == [*reversed(keys)]


def test_more_than_anybody_looks_through_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "MOST", 2)
    found = choices_of(REPORT, EVERYBODY)
    assert Segment.AGENT not in found
    assert Segment.TEAM in found
