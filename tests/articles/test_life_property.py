"""Any sequence of moves and edits by anybody: only what may happen does, and readers see validated text."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcs.activity.models import Activity
from kcs.articles import services
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import KcsError
from kcs.people.models import Agent
from tests.factories import make_agent
from tests.workflow.test_article import expected
from tests.workflow.test_permissions import allowed
from workflow.article import ArticleState, Audience, Move, Text
from workflow.permissions import Governance, Licence, Right, Role, Standing

# Many sequences, on both databases: a minute in all.
pytestmark = pytest.mark.long

PEOPLE: dict[str, tuple[Licence | None, tuple[Role, ...]]] = {
    "candidate": (Licence.CANDIDATE, ()),
    "contributor": (Licence.CONTRIBUTOR, ()),
    "publisher": (Licence.PUBLISHER, ()),
    "coach": (None, (Role.COACH,)),
    "expert": (Licence.PUBLISHER, (Role.EXPERT,)),
    "domain expert": (Licence.CANDIDATE, (Role.EXPERT,)),
    "manager": (None, (Role.MANAGER, Role.ADMIN)),
}
S = ArticleState
PARTS = [{"issue": "i"}, {"resolution": "r"}, {"issue": "i", "resolution": "r"}]

people = st.sampled_from(list(PEOPLE))
moves = st.tuples(
    people, st.sampled_from(Move), st.sampled_from((None, *Audience)), st.sampled_from(("", "because"))
)
edits = st.tuples(people, st.sampled_from(PARTS))
Step = tuple[str, Move, Audience | None, str] | tuple[str, dict[str, str]]


def right_holds(agent: Agent, article: Article, right: Right) -> bool:
    """Return whether the written table gives this right now."""
    standing = Standing(agent.licence, agent.roles, owns=article.owner_id == agent.id)
    validated = article.state in (S.VALIDATED, S.PUBLISHED)
    return allowed(standing, right, article.governance, validated)


def text_of(article: Article, audience: Audience | None, reason: str) -> Text:
    """Return what the guards ask."""
    parts = article.current_version.parts
    outside = article.audience if article.state is S.PUBLISHED else None
    return Text("resolution" in parts, "issue" in parts, audience or outside, reason)


def may(agent: Agent, article: Article, step: Step) -> ArticleState | None:
    """Return the state the step should lead to, None when it should be refused."""
    if len(step) == 2:
        right = Right.EDIT_PUBLISHED if article.state is S.PUBLISHED else Right.EDIT_INTERNAL
        if article.state in (S.ARCHIVED, S.DELETED) or not right_holds(agent, article, right):
            return None
        degraded = article.state is S.VALIDATED and not right_holds(agent, article, Right.VALIDATE)
        return S.NOT_VALIDATED if degraded else article.state
    _, move, audience, reason = step
    if not right_holds(agent, article, move.right):
        return None
    return expected(article.state, move, text_of(article, audience, reason))


def do(agent: Agent, article: Article, step: Step, number: int) -> None:
    """Take the step."""
    if len(step) == 2:
        title, base = f"Title {number}", article.current_version.number
        services.save_version(article, title, step[1], by=agent, base=base)
    else:
        services.move_article(article, step[1], by=agent, audience=step[2], reason=step[3])


def count() -> int:
    return db.session.query(Activity).count()


def test_any_sequence_of_moves_and_edits_follows_the_tables(app: Flask) -> None:
    agents = {name: make_agent(*standing) for name, standing in PEOPLE.items()}
    db.session.commit()

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(Governance), st.lists(moves | moves | edits, min_size=15, max_size=40))
    def run(governance: Governance, steps: list[Step]) -> None:
        article = services.create_article("Title", PARTS[2], by=agents["candidate"], governance=governance)
        db.session.commit()
        vouched: set[int] = set()  # versions somebody with the right to validate stands for
        for number, step in enumerate(steps):
            agent, before, live = agents[step[0]], article.state, article.live_version_id
            to, logged = may(agent, article, step), count()
            may_vouch = right_holds(agent, article, Right.VALIDATE)
            try:
                do(agent, article, step, number)
                db.session.commit()
            except KcsError:
                db.session.rollback()
                assert to is None, (before, step)
                assert (article.state, article.live_version_id, count()) == (before, live, logged)
                continue
            assert article.state is to, (before, step)
            assert count() == logged + 1
            record = db.session.query(Activity).order_by(Activity.id.desc()).first()
            assert record is not None
            assert (record.agent_id, record.before, record.after) == (agent.id, before.value, to.value)
            assert record.authority.startswith(("licence:", "role:"))
            if to in (S.VALIDATED, S.PUBLISHED) and may_vouch:
                vouched.add(article.current_version_id or 0)
            assert (article.live_version_id is not None) == (to is S.PUBLISHED)
            if article.live_version_id is not None:
                assert article.live_version_id in vouched, "readers see a text nobody validated"
            if len(step) == 2:
                assert article.live_version_id == live, "an edit changed what readers see"

    run()
