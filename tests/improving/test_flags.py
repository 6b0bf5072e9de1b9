"""A flag waits with somebody until it is answered: owner, then coach, then a domain expert."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs import database
from kcs.activity.models import Activity
from kcs.articles.flags import decline_flag, flag_article, pass_on_overdue
from kcs.articles.models import Article, Flag, FlagLevel, FlagOutcome
from kcs.articles.policy import Domain
from kcs.articles.services import save_version
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, NotAllowed, WorkflowError
from kcs.people.models import Agent
from kcs.people.services import deactivate
from tests.factories import make_agent, make_article, sign_in, token_for
from workflow.article import ArticleState
from workflow.permissions import Licence, Role


class Team:
    """An owner with a coach, and a domain with an expert."""

    def __init__(self) -> None:
        self.coach = make_agent(None, [Role.COACH], email="coach@example.com")
        self.expert = make_agent(None, [Role.EXPERT], email="expert@example.com")
        self.owner = make_agent(Licence.CANDIDATE, email="owner@example.com")
        self.owner.coach_id = self.coach.id
        domain = Domain(key="billing", name="Billing", flag_days=3)
        domain.experts = [self.expert]
        self.somebody = make_agent(Licence.CANDIDATE, email="somebody@example.com")
        self.article = make_article(author=self.owner)
        self.article.domain = domain
        db.session.add(domain)
        db.session.commit()

    def name(self, agent: Agent | None) -> str:
        """Say who somebody is."""
        return agent.email.split("@")[0] if agent else "nobody"


@pytest.fixture
def team(app: Flask) -> Team:
    """People around an article."""
    return Team()


# who flags, who has left, whether there is an owner, with whom it waits at first and after each missed date
ROUTES = [
    ("somebody", (), True, ["owner", "coach", "expert", "expert"]),
    ("owner", (), True, ["coach", "expert", "expert"]),
    ("coach", (), True, ["owner", "expert", "expert"]),
    ("somebody", ("owner",), True, ["coach", "expert", "expert"]),
    ("somebody", ("owner", "coach"), True, ["expert", "expert"]),
    ("somebody", ("coach", "expert"), True, ["owner", "owner"]),
    ("somebody", ("expert",), False, ["nobody", "nobody"]),
    ("expert", (), False, ["nobody", "nobody"]),
    ("somebody", (), False, ["expert", "expert"]),
]


@pytest.mark.parametrize(("flagger", "left", "owned", "expected"), ROUTES)
def test_a_flag_goes_on_to_the_next_level(
    team: Team, flagger: str, left: tuple[str, ...], owned: bool, expected: list[str]
) -> None:
    for each in left:
        deactivate(getattr(team, each))
    if not owned:
        team.article.owner_id = team.article.author_id = None
        team.article.owner = team.article.author = None
    flag = flag_article(team.article, "wrong step", by=getattr(team, flagger))
    db.session.commit()
    for number, name in enumerate(expected):
        assert team.name(flag.assigned_to) == name, number
        if flag.due_at is not None:
            assert abs(flag.due_at - database.now() - timedelta(days=3)) < timedelta(minutes=5)
            flag.due_at = database.now() - timedelta(minutes=1)
            db.session.commit()
            assert pass_on_overdue() == 1
        assert pass_on_overdue() == 0
        db.session.refresh(flag)
    assert flag.due_at is None
    passed = db.session.execute(select(Activity).where(Activity.kind == "flag.passed_on")).scalars().all()
    assert [row.authority for row in passed] == ["policy:billing"] * (len(dict.fromkeys(expected)) - 1)
    assert all(row.article_id == team.article.id and row.agent_id is None for row in passed)


def test_a_flag_in_time_stays_where_it_is_and_an_old_one_gets_its_first_turn(team: Team) -> None:
    flag = flag_article(team.article, "wrong step", by=team.somebody)
    old = Flag(article_id=team.article.id, agent_id=team.somebody.id, reason="old", created_at=database.now())
    db.session.add(old)
    db.session.commit()
    assert pass_on_overdue() == 1
    assert (flag.level, team.name(flag.assigned_to)) == (FlagLevel.OWNER, "owner")
    assert (old.level, team.name(old.assigned_to)) == (FlagLevel.OWNER, "owner")


@pytest.mark.parametrize(
    ("who", "refused"),
    [("owner", None), ("coach", None), ("expert", None), ("somebody", NotAllowed)],
)
def test_who_may_say_that_nothing_is_to_change(team: Team, who: str, refused: type[KcsError] | None) -> None:
    flag = flag_article(team.article, "wrong step", by=team.somebody)
    if refused:
        with pytest.raises(refused):
            decline_flag(flag, by=getattr(team, who), answer="It is right.")
        return
    with pytest.raises(InvalidInput):
        decline_flag(flag, by=getattr(team, who), answer=" ")
    for _ in range(2):
        decline_flag(flag, by=getattr(team, who), answer="It is right.")
    db.session.commit()
    assert (flag.outcome, flag.answer, flag.due_at) == (FlagOutcome.DECLINED, "It is right.", None)
    assert len(db.session.execute(select(Activity).where(Activity.kind == "flag.declined")).all()) == 1
    with pytest.raises(WorkflowError):
        decline_flag(flag, by=team.coach, answer="Something else.")
    assert pass_on_overdue() == 0


def test_an_edit_answers_the_flag(team: Team) -> None:
    flag = flag_article(team.article, "wrong step", by=team.somebody)
    save_version(team.article, "New title", {"resolution": "New."}, by=team.owner, base=1)
    assert (flag.outcome, flag.closed_by_id) == (FlagOutcome.EDITED, team.owner.id)


def test_over_http_the_queue_shows_whose_turn_it_is_and_takes_the_answer(
    team: Team, client: FlaskClient
) -> None:
    flag = flag_article(team.article, "wrong step", by=team.somebody)
    owner, somebody = token_for(team.owner), token_for(team.somebody)
    answer = client.get("/api/v1/flags?list=mine", headers=owner).get_json()
    assert [(each["id"], each["level"], each["assigned_to"]) for each in answer["items"]] == [
        (flag.id, "owner", team.owner.name)
    ]
    assert client.get("/api/v1/flags?list=mine", headers=somebody).get_json()["total"] == 0
    manager = token_for(make_agent(None, [Role.MANAGER]))
    seen = client.get("/api/v1/flags?list=open", headers=manager).get_json()["items"]
    assert [each["reason"] for each in seen] == ["wrong step"], "everybody inside sees the reason"
    body = {"answer": "It is right: read step 2."}
    assert client.post(f"/api/v1/flags/{flag.id}/decline", headers=somebody, json=body).status_code == 403
    assert client.post("/api/v1/flags/999999999999/decline", headers=owner, json=body).status_code == 404
    assert client.post(f"/api/v1/flags/{flag.id}/decline", headers=owner, json=body).status_code == 200
    own = client.get("/api/v1/flags?list=raised", headers=somebody).get_json()["items"]
    assert (own[0]["outcome"], own[0]["answer"]) == ("declined", "It is right: read step 2.")
    page = sign_in(client, team.somebody).get(f"/articles/{team.article.key}").text
    assert "Nothing to change, says Owner" in page
    assert "It is right: read step 2." in page


def test_flags_on_archived_articles_wait_for_nobody(team: Team, client: FlaskClient) -> None:
    article: Article = make_article(ArticleState.ARCHIVED, author=team.owner)
    flag_article(article, "wrong step", by=team.somebody)
    assert client.get("/api/v1/flags", headers=token_for(team.owner)).get_json()["total"] == 0
