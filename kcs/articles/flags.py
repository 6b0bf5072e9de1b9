"""Flag it or fix it: say that an article needs work."""

from __future__ import annotations

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.models import Article, Flag, FlagOutcome
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.text import clean
from workflow.permissions import Right


def flag_article(article: Article, reason: str, *, by: Agent, ticket_id: int | None = None) -> Flag:
    """Say that an article needs work. The same open flag by the same person again is no second one."""
    grant = rights.require(by, article, Right.FLAG)
    reason = clean(reason, limit=2000).strip()
    if not reason:
        raise InvalidInput("Say what is wrong with the article.", errors={"reason": ["say what is wrong"]})
    present = db.session.execute(
        select(Flag).where(
            Flag.article_id == article.id,
            Flag.agent_id == by.id,
            Flag.reason == reason,
            Flag.closed_at.is_(None),
        )
    ).scalar_one_or_none()
    if present is not None:
        return present
    flag = Flag(
        article_id=article.id, ticket_id=ticket_id, agent_id=by.id, reason=reason, created_at=database.now()
    )
    db.session.add(flag)
    record("article.flagged", authority=grant, agent=by, article_id=article.id, ticket_id=ticket_id)
    return flag


def close_flags(article: Article, *, by: Agent, outcome: FlagOutcome) -> None:
    """Close every open flag of an article."""
    query = select(Flag).where(Flag.article_id == article.id, Flag.closed_at.is_(None))
    for flag in db.session.execute(query).scalars():
        flag.closed_at, flag.closed_by_id, flag.outcome = database.now(), by.id, outcome
