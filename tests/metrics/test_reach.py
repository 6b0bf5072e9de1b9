"""Whose figures a reader sees: of their own, of their teams, of everybody."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.improving.models import ArticleViews
from kcs.metrics.model import PERIODS, Scope, Segment
from kcs.metrics.narrowing import segments_for
from kcs.metrics.reach import Reach, reach_of
from kcs.metrics.reports import REPORTS, checklist, link_rate
from kcs.metrics.services import Asked, compute
from kcs.people import services as people
from kcs.people.models import Agent
from kcs.search.log import Searched, keep_search
from kcs.search.models import Place, SearchLog
from tests.factories import sign_in
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, BEN, CORA, EVA, LEO, MIA
from tests.metrics.telling import take_in, tell
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


def _judged(whose: int, kind: str = "article") -> dict[str, object]:
    moment = golden.at("2025-03-26T12:00")
    return {
        "kind": f"sample.{kind}",
        "happened_at": moment,
        "recorded_at": moment,
        "agent_id": LEO,
        "team_id": None,
        "connection_id": None,
        "ticket_id": None if kind == "article" else 91,
        "article_id": whose,
        "link_id": 901 if kind == "link" else None,
        "role": None,
        "after": None,
        "authority": "role:coach",
        "detail": {
            "of": whose,
            "of_team": None,
            "version_id": whose,
            "answers": {"title": True, "relevant": True},
            "asked": 1,
            "yes": 1,
        },
    }


# Acts of Eva, who is in nobody's team, on tickets and articles of her own.
EVAS = """
2025-03-24T07:00 agent.added agent_id=3
2025-03-24T08:00 article.created t90 a90 Eva licence:publisher >wip
2025-03-24T08:01 article.owned a90 owner_id=3
2025-03-24T08:02 article.complete a90 Eva licence:publisher <wip >not_validated
2025-03-24T08:03 article.validate a90 Eva licence:publisher <not_validated >validated
2025-03-24T08:04 article.publish a90 Eva licence:publisher <validated >published
2025-03-24T08:10 draft t90 a90 r900 Eva licence:publisher >structure
2025-03-24T09:00 solve t90 Eva licence:publisher >answered
2025-03-25T08:00 link t91 a90 r901 Eva licence:publisher >reuse
2025-03-25T08:10 link t91 a90 b902 Eva licence:publisher >reuse
2025-03-25T09:00 solve t91 Eva licence:publisher >answered
2025-03-26T08:00 exempt t92 Eva licence:publisher >exempt
2025-03-26T09:00 solve t92 Eva licence:publisher >exempt
2025-03-27T08:00 article.edited a90 Eva licence:publisher
2025-03-27T08:30 article.flagged t92 a90 Eva licence:publisher >open
2025-03-28T08:00 feedback.given a90 Eva licence:publisher helpful=true feedback_id=90 >new
2025-03-28T09:00 feedback.answered a90 Eva licence:publisher feedback_id=90
2025-03-28T10:00 question.asked t92 Eva question_id=90 turn_id=90 expert_id=3
2025-03-28T11:00 question.answered t92 Eva question_id=90 turn_id=90
"""
# Those who see only some people's figures: nobody else's, their team's as a coach, one team's as a manager.
SOME = (ANA, CORA, MIA)
# What these count of articles is of all colleagues together, whoever reads.
OF_ALL_ARTICLES = {"usage", "feedback"}
# These are of visitors alone, or of what is judged, which not even an administrator sees.
NOT_HERS = {"self-service", "checklist", "par"}


def _seen(reach: Reach) -> dict[tuple[str, Segment], object]:
    """Return what every report counts within reach, by each of its segments; of periods weeks will do."""
    scope = Scope(TWO_WEEKS, IN_MAY, reach)
    told = (Segment.WEEK, Segment.MONTH, *(segment for segment in Segment if segment not in PERIODS))
    return {
        (report.name, by): {row.key: dict(row.figures) for row in report.reader.rows(scope, by)}
        for report in REPORTS.values()
        for by in segments_for(report, reach)
        if by in told and (reach.everybody or not report.everybody_only)
    }


def test_what_people_beyond_reach_do_moves_no_figure_that_tells_people_apart() -> None:
    people.name_manager(person(MIA), ["South"])
    readers = {**{who: reach_of(person(who)) for who in SOME}, ADA: reach_of(person(ADA))}
    take_in()
    before = {who: _seen(reach) for who, reach in readers.items()}
    _evas_work()
    take_in()
    moved = {
        who: {cell for cell, rows in _seen(reach).items() if rows != before[who][cell]}
        for who, reach in readers.items()
    }
    # What she did is told to whoever sees everybody, so that nothing is proved of a report it is no part of.
    assert {report for report, _ in moved[ADA]} == set(REPORTS) - NOT_HERS
    for who in SOME:
        assert {report for report, _ in moved[who]} == OF_ALL_ARTICLES


DAYS = {"from": "2025-03-24", "to": "2025-04-07", "as_of": "2025-05-01T00:00:00Z"}
# A report, what it is asked, and what is refused to whoever does not see everybody: 422 what is never told
# apart for them, 403 a whole report, 404 what is not within their reach; 200 is answered.
REFUSED: list[tuple[str, dict[str, str], int]] = [
    ("usage", {"by": "reader"}, 422),
    ("usage", {"reader": "publisher"}, 422),
    ("usage", {"by": "day", "reader": "contributor"}, 422),
    ("usage", {"by": "article"}, 200),
    ("usage", {"by": "day"}, 200),
    ("feedback", {"by": "reader"}, 200),
    ("roi", {}, 403),
    *((name, {"agent": str(EVA)}, 404) for name in REPORTS if Segment.AGENT in REPORTS[name].segments),
    ("self-service", {"owner": str(EVA)}, 404),
    ("self-service", {"creator": str(EVA)}, 404),
    ("reuse", {"owner": str(EVA)}, 404),
    ("experts", {"expert": f"agent-{EVA}"}, 404),
    ("experts", {"expert": "outside-1"}, 404),
    ("experts", {"expert": "staff-1"}, 404),
]


@pytest.mark.parametrize("reader", SOME)
def test_nobody_is_told_apart_beyond_reach(client: FlaskClient, reader: int) -> None:
    people.name_manager(person(MIA), ["South"])
    browser = sign_in(client, person(reader))

    def answers(path: str, **query: str) -> int:
        return browser.get(path, query_string={**DAYS, **query}).status_code

    for name, query, status in REFUSED:
        told = (name, query)
        assert answers(f"/reports/{name}", **query) == status, told
        if "agent" not in query:
            assert answers(f"/reports/{name}.csv", **query) == status, told
        narrowed = {each: key for each, key in query.items() if each not in ("by", "agent")}
        if narrowed:
            first = next(count for count in REPORTS[name].counts if count.items)
            listed = f"/reports/{name}/{first.items}"
            assert answers(listed, cell=first.name, **narrowed) == status, told
            assert answers(f"{listed}.csv", cell=first.name, **narrowed) == status, told


def test_it_is_said_why_readers_are_not_told_apart_and_it_can_be_put_right(client: FlaskClient) -> None:
    page = sign_in(client, person(ANA)).get("/reports/usage?by=reader&reader=publisher").text
    assert "by reader is for whoever sees everybody. Choose one of article, domain, day," in page
    assert '<option value="publisher" selected>' in page
    assert '<option value="contributor"' not in page


def test_whoever_sees_everybody_tells_readers_apart(client: FlaskClient) -> None:
    _evas_work()
    browser = sign_in(client, person(ADA))
    told = browser.get("/reports/usage.json", query_string={**DAYS, "by": "reader"}).get_json()
    assert [row["key"] for row in told["rows"]] == ["unlicensed", "publisher"]
    listed = {**DAYS, "cell": "links", "reader": "publisher"}
    assert browser.get("/reports/usage/links", query_string=listed).status_code == 200


def _evas_work() -> None:
    tell(EVAS)
    golden.write([_judged(EVA, kind) for kind in ("article", "ticket", "link")])
    keep_search(Searched.of("evas", Place.PAGE, EVA, "what Eva searched", 3, []), str)
    db.session.query(SearchLog).filter_by(nonce="evas").one().searched_at = golden.at("2025-03-26T12:00")
    views = {"article_id": 90, "day": golden.at("2025-03-26T23:00"), "reader": "publisher", "number": 5}
    db.session.execute(insert(ArticleViews), [views])
    db.session.commit()
