"""Whose figures a reader sees: of their own, of their teams, of everybody."""

from __future__ import annotations

import pytest
from flask import Flask

from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.metrics.model import Segment
from kcs.metrics.reach import reach_of
from kcs.metrics.reports import checklist, link_rate
from kcs.metrics.services import Asked, compute
from kcs.people import services as people
from kcs.people.models import Agent
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, BEN, CORA, EVA, LEO, MIA
from tests.metrics.test_link_rate import IN_MAY, TWO_WEEKS

EVERYBODY = {ANA, BEN, CORA, EVA, LEO, MIA, ADA}


@pytest.fixture(autouse=True)
def log(app: Flask) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())


def person(number: int) -> Agent:
    return db.session.get_one(Agent, number)


# A manager's teams, and whom their reports reach then: Mia is in North herself.
TEAMS: list[tuple[list[str], set[int]]] = [
    ([], EVERYBODY),
    (["South"], {BEN, CORA, MIA}),
    (["North"], {ANA, MIA}),
    (["North", "South"], {ANA, BEN, CORA, MIA}),
]


@pytest.mark.parametrize(("teams", "reached"), TEAMS)
def test_a_manager_sees_the_people_of_their_teams(teams: list[str], reached: set[int]) -> None:
    people.name_manager(person(MIA), teams)
    reach = reach_of(person(MIA))
    assert {number for number in EVERYBODY if reach.covers(person(number))} == reached
    rows = compute(link_rate.REPORT, Asked(TWO_WEEKS, Segment.AGENT, reach, IN_MAY)).rows
    solvers: set[int | str] = {ANA, BEN, EVA}
    assert {row.key for row in rows} == (solvers & reached) | ({"none"} if reach.everybody else set())


def test_naming_again_replaces_what_was_named() -> None:
    people.name_manager(person(MIA), ["North", "South"])
    people.name_manager(person(MIA), ["South"])
    assert not reach_of(person(MIA)).covers(person(ANA))
    people.name_manager(person(MIA), [])
    assert reach_of(person(MIA)).everybody


def test_an_administrator_sees_everybody_whatever_they_manage() -> None:
    ada = person(ADA)
    ada.role_names = ["admin", "manager"]
    people.name_manager(ada, ["South"])
    assert reach_of(ada).everybody


def test_only_a_manager_can_be_named_and_only_for_a_team_that_is_there() -> None:
    with pytest.raises(InvalidInput, match="no manager"):
        people.name_manager(person(ANA), ["North"])
    with pytest.raises(NotFound, match="called 'East'"):
        people.name_manager(person(MIA), ["East"])


def test_a_person_whose_role_was_taken_away_sees_only_themselves() -> None:
    people.name_manager(person(MIA), ["South"])
    person(MIA).role_names = []
    assert not reach_of(person(MIA)).covers(person(BEN))


# Whose judged work each may see: their own, of whom they coach or manage. Cora coaches South, where Ben is.
CHECKLISTS: list[tuple[int, list[str], set[int]]] = [
    (ANA, [], {ANA}),
    (BEN, [], {BEN}),
    (CORA, [], {BEN}),
    (LEO, [], set()),
    (ADA, [], set()),
    (MIA, [], {ANA}),
    (MIA, ["South"], {BEN}),
    (MIA, ["North", "South"], {ANA, BEN}),
]


@pytest.mark.parametrize(("reader", "teams", "seen"), CHECKLISTS)
def test_a_checklist_is_for_its_person_their_coach_and_their_manager(
    reader: int, teams: list[str], seen: set[int]
) -> None:
    if teams:
        people.name_manager(person(reader), teams)
    golden.write([_judged(ANA), _judged(BEN)])
    asked = Asked(TWO_WEEKS, Segment.AGENT, reach_of(person(reader)), IN_MAY)
    assert {row.key for row in compute(checklist.REPORT, asked).rows} == seen


def _judged(whose: int) -> dict[str, object]:
    moment = golden.at("2025-03-26T12:00")
    return {
        "kind": "sample.article",
        "happened_at": moment,
        "recorded_at": moment,
        "agent_id": LEO,
        "team_id": None,
        "connection_id": None,
        "ticket_id": None,
        "article_id": whose,
        "link_id": None,
        "role": None,
        "after": None,
        "authority": "role:coach",
        "detail": {"of": whose, "of_team": None, "version_id": whose, "answers": {"title": True}},
    }
