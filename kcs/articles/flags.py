"""Flag it or fix it: say that an article needs work; the flag waits with somebody until it is closed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_, select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.domains import domain_of
from kcs.articles.models import Article, Flag, FlagLevel, FlagOutcome
from kcs.articles.routing import authority_to_answer, next_in_line
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, WorkflowError
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.text import clean
from workflow.permissions import Right


def flag_article(article: Article, reason: str, *, by: Agent, ticket_id: int | None = None) -> Flag:
    """Say that an article needs work; it waits with the owner first, never with whoever flagged it.

    The same open flag by the same person again is no second one. Raises NotAllowed, InvalidInput.
    """
    grant = rights.require(by, article, Right.FLAG)
    reason = clean(reason, limit=2000).strip()
    if not reason:
        raise InvalidInput(
            "Say what is wrong with the article.", errors={"reason": [Sentence("say what is wrong")]}
        )
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
    _assign(flag, article, beyond=None)
    db.session.add(flag)
    db.session.flush()
    record("article.flagged", authority=grant, agent=by, article_id=article.id, ticket_id=ticket_id)
    return flag


def close_flags(article: Article, *, by: Agent, outcome: FlagOutcome) -> None:
    """Close every open flag of an article."""
    query = select(Flag).where(Flag.article_id == article.id, Flag.closed_at.is_(None))
    for flag in db.session.execute(query).scalars():
        flag.closed_at, flag.closed_by_id, flag.outcome = database.now(), by.id, outcome


def decline_flag(flag: Flag, *, by: Agent, answer: str) -> None:
    """Close a flag because nothing is to change, and say why. Again with the same words is no error.

    The person it waits with, the owner, and whoever may validate the article may. Raises NotAllowed,
    InvalidInput, WorkflowError.
    """
    db.session.flush()
    db.session.refresh(flag, with_for_update={"key_share": True, "of": Flag})
    article = flag.article
    grant = authority_to_answer(by, article, flag.assigned_to_id)
    if grant is None:
        raise NotAllowed("You may not answer this flag: its owner, or somebody who may validate, can.")
    answer = clean(answer, limit=2000).strip()
    if not answer:
        raise InvalidInput("Say why nothing is to change.", errors={"answer": [Sentence("say why")]})
    if flag.closed_at is not None:
        if (flag.closed_by_id, flag.answer) == (by.id, answer):
            return
        raise WorkflowError("This flag is closed already.")
    flag.closed_at, flag.closed_by_id = database.now(), by.id
    flag.outcome, flag.answer, flag.due_at = FlagOutcome.DECLINED, answer, None
    record(
        "flag.declined",
        authority=grant,
        agent=by,
        article_id=article.id,
        detail={"flag_id": flag.id},
        remark=answer,
    )


def pass_on_overdue(*, limit: int = 100) -> int:
    """Hand open flags that nobody answered in time to the next level; return how many had their time.

    Flags from before there was a turn to take get their first.
    """
    unrouted = and_(Flag.assigned_to_id.is_(None), Flag.level == FlagLevel.OWNER)
    query = (
        select(Flag)
        .where(Flag.closed_at.is_(None), or_(Flag.due_at <= database.now(), unrouted))
        .order_by(Flag.id)
        .limit(limit)
        .with_for_update(key_share=True, of=Flag, skip_locked=True)
    )
    overdue = list(db.session.execute(query).scalars())
    for flag in overdue:
        before, waited_with = flag.level, flag.assigned_to_id
        _assign(flag, flag.article, beyond=flag.level if waited_with else None)
        if flag.assigned_to_id == waited_with:
            continue
        record(
            "flag.passed_on",
            authority=f"policy:{domain_of(flag.article).key}",
            article_id=flag.article_id,
            before=before.value,
            after=flag.level.value,
            detail={"flag_id": flag.id, "assigned_to_id": flag.assigned_to_id},
        )
    db.session.commit()
    return len(overdue)


def _assign(flag: Flag, article: Article, *, beyond: FlagLevel | None) -> None:
    """Hand the flag to whose turn it is; with nobody left it stays where it is, for everybody to see."""
    found = next_in_line(article, beyond=beyond, skip=flag.agent_id)
    if found is None:
        flag.level, flag.due_at = FlagLevel.EXPERT, None
        return
    flag.level, agent = found
    flag.assigned_to_id = agent.id
    flag.due_at = database.now() + timedelta(days=domain_of(article).flag_days)
