"""Everybody, every state, every act: what the services do is what the written tables say."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask

from kcs.articles import services
from kcs.articles.flags import flag_article
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import KcsError, NotAllowed, WorkflowError
from kcs.people.models import Agent
from tests.articles.test_life_property import PEOPLE
from tests.factories import make_agent, make_article
from tests.workflow.test_article import expected
from tests.workflow.test_permissions import allowed
from workflow.article import ArticleState, Audience, Move, Text
from workflow.permissions import Governance, Right, Standing

pytestmark = pytest.mark.long

S = ArticleState
OUTSIDE = (Audience.PARTNER, Audience.CUSTOMER, Audience.PUBLIC)
# Confidence and audience, in every way they can be stored together.
PLACES = [(state, Audience.INTERNAL) for state in (S.WIP, S.NOT_VALIDATED, S.VALIDATED, S.ARCHIVED)] + [
    (S.PUBLISHED, audience) for audience in OUTSIDE
]
REASON = "because"
Act = Callable[[Article, Agent], object]


def _move(move: Move) -> Act:
    audience = Audience.CUSTOMER if move is Move.PUBLISH else None
    return lambda article, by: services.move_article(article, move, by=by, audience=audience, reason=REASON)


def _edit(article: Article, by: Agent) -> object:
    parts = {"issue": "i", "resolution": "anew"}
    return services.save_version(article, "Anew", parts, by=by, base=article.current_version.number)


ACTS: dict[str, Act] = {
    **{move.value: _move(move) for move in Move},
    "edit": _edit,
    "flag": lambda article, by: flag_article(article, REASON, by=by),
    "confirm": lambda article, by: services.confirm_article(article, by=by),
}


def _rights_of(act: str, state: ArticleState) -> Right:
    if act == "edit":
        return Right.EDIT_PUBLISHED if state is S.PUBLISHED else Right.EDIT_INTERNAL
    return Right(act)


def outcome(
    act: str, standing: Standing, state: ArticleState, article: Article
) -> ArticleState | type[KcsError]:
    """Return what the written tables say: the state afterwards, or how the act is refused."""
    closed = act == "edit" and state is S.ARCHIVED
    validated = state in (S.VALIDATED, S.PUBLISHED)
    if closed:
        return WorkflowError
    if not allowed(standing, _rights_of(act, state), article.governance, validated):
        return NotAllowed
    if act == "flag":
        return state
    if act == "confirm":
        return state if validated else WorkflowError
    if act == "edit":
        vouches = allowed(standing, Right.VALIDATE, article.governance, validated)
        return S.NOT_VALIDATED if state is S.VALIDATED and not vouches else state
    audience = Audience.CUSTOMER if act == "publish" else None
    text = Text(has_answer=True, has_required=True, audience=audience, reason=REASON)
    return expected(state, Move(act), text) or WorkflowError


def attempt(act: str, article: Article, agent: Agent) -> ArticleState | type[KcsError]:
    """Do it, say what came of it, and take it back."""
    savepoint = db.session.begin_nested()
    try:
        ACTS[act](article, agent)
    except (NotAllowed, WorkflowError) as error:
        return type(error)
    else:
        return article.state
    finally:
        savepoint.rollback()
        db.session.expire_all()


@pytest.mark.parametrize("governance", Governance)
def test_every_act_by_everybody_in_every_state_does_what_the_tables_say(
    app: Flask, governance: Governance
) -> None:
    people = {name: make_agent(*standing) for name, standing in PEOPLE.items()}
    owner = make_agent()
    checked = 0
    for (state, audience), own in product(PLACES, (False, True)):
        article = make_article(state)
        article.governance = governance
        if audience is not Audience.INTERNAL:
            article.audience = audience
        db.session.commit()
        for (name, agent), act in product(people.items(), ACTS):
            article.owner_id = agent.id if own else owner.id
            db.session.flush()
            standing = Standing(agent.licence, agent.roles, owns=own)
            told = outcome(act, standing, state, article)
            assert attempt(act, article, agent) == told, (name, state, audience, governance, own, act)
            checked += 1
    assert checked == len(PLACES) * 2 * len(PEOPLE) * len(ACTS)
