"""Reading flags and feedback: whose turn, what is open, what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, func, select

from kcs.articles.models import Article, Flag
from kcs.articles.queries import readable_by
from kcs.articles.trust import CLOSED
from kcs.database import db
from kcs.errors import NotFound
from kcs.improving.models import Feedback, FeedbackState, Subscription
from kcs.people.models import Agent

PER_PAGE = 25
LARGEST_ID = 2**31 - 1
OWN_SHOWN = 5
OPEN_STATES = (FeedbackState.NEW, FeedbackState.IN_PROGRESS)


class Queue(StrEnum):
    """Which part of what people said is listed."""

    MINE = "mine"
    OPEN = "open"
    RAISED = "raised"


@dataclass(frozen=True)
class Ratings:
    """How readers rated an article: how many did, and how many were helped."""

    rated: int
    helped: int


def page_of_flags(which: Queue, reader: Agent, *, page: int, article: Article | None = None) -> Pagination:
    """Return one page of flags: open ones oldest first, the reader's own latest first."""
    query = select(Flag).join(Article, Article.id == Flag.article_id)
    query = query.where(readable_by(reader), *_flags_in(which, reader))
    if article is not None:
        query = query.where(Flag.article_id == article.id)
    query = query.order_by(Flag.id.desc() if which is Queue.RAISED else Flag.id)
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def page_of_feedback(which: Queue, reader: Agent, *, page: int, article: Article | None = None) -> Pagination:
    """Return one page of feedback with words: open ones oldest first, the reader's own latest first."""
    query = select(Feedback).join(Article, Article.id == Feedback.article_id)
    query = query.where(readable_by(reader), *_feedback_in(which, reader))
    if article is not None:
        query = query.where(Feedback.article_id == article.id)
    query = query.order_by(Feedback.id.desc() if which is Queue.RAISED else Feedback.id)
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def count_flags(which: Queue, reader: Agent) -> int:
    """Return how many flags `page_of_flags` lists in all."""
    query = select(func.count()).select_from(Flag).join(Article, Article.id == Flag.article_id)
    return db.session.execute(query.where(readable_by(reader), *_flags_in(which, reader))).scalar_one()


def count_feedback(which: Queue, reader: Agent) -> int:
    """Return how many `page_of_feedback` lists in all."""
    query = select(func.count()).select_from(Feedback).join(Article, Article.id == Feedback.article_id)
    return db.session.execute(query.where(readable_by(reader), *_feedback_in(which, reader))).scalar_one()


def get_flag(flag_id: int, reader: Agent) -> Flag:
    """Return a flag on an article the reader may see. Raises NotFound."""
    query = select(Flag).join(Article, Article.id == Flag.article_id)
    found = db.session.execute(
        query.where(Flag.id == min(flag_id, LARGEST_ID), readable_by(reader))
    ).scalar_one_or_none()
    if found is None or found.id != flag_id:
        raise NotFound(f"There is no flag {flag_id}.")
    return found


def get_feedback(feedback_id: int, reader: Agent) -> Feedback:
    """Return feedback on an article the reader may see. Raises NotFound."""
    query = select(Feedback).join(Article, Article.id == Feedback.article_id)
    found = db.session.execute(
        query.where(Feedback.id == min(feedback_id, LARGEST_ID), readable_by(reader))
    ).scalar_one_or_none()
    if found is None or found.id != feedback_id:
        raise NotFound(f"There is no feedback {feedback_id}.")
    return found


def feedback_of_secret(secret: str) -> Feedback:
    """Return the feedback a visitor holds the secret of. Raises NotFound."""
    found = db.session.execute(
        select(Feedback).where(Feedback.token_hash == hash_of(secret))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such feedback: is the address complete?")
    return found


def hash_of(secret: str) -> str:
    """Return how a visitor's secret is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def ratings_of(article: Article) -> Ratings:
    """Return how readers, outside and inside, rated an article."""
    query = select(func.count(), func.count().filter(Feedback.helpful.is_(True)))
    row = db.session.execute(
        query.where(Feedback.article_id == article.id, Feedback.helpful.is_not(None))
    ).one()
    return Ratings(*row)


def own_flags(article: Article, agent: Agent) -> list[Flag]:
    """Return the latest flags of this person on this article, answered ones too."""
    query = select(Flag).where(Flag.article_id == article.id, Flag.agent_id == agent.id)
    return list(db.session.execute(query.order_by(Flag.id.desc()).limit(OWN_SHOWN)).scalars())


def own_feedback(article: Article, agent: Agent) -> list[Feedback]:
    """Return the latest feedback of this person on this article."""
    query = select(Feedback).where(Feedback.article_id == article.id, Feedback.agent_id == agent.id)
    return list(db.session.execute(query.order_by(Feedback.id.desc()).limit(OWN_SHOWN)).scalars())


def count_open_feedback(article: Article) -> int:
    """Return how much feedback on this article waits for an answer."""
    query = select(func.count()).select_from(Feedback)
    query = query.where(Feedback.article_id == article.id, Feedback.state.in_(OPEN_STATES))
    return db.session.execute(query).scalar_one()


def watches(agent: Agent, article: Article) -> bool:
    """Return whether this person wants to hear of changes to this article."""
    return db.session.get(Subscription, (article.id, agent.id)) is not None


def _flags_in(which: Queue, reader: Agent) -> list[ColumnElement[bool]]:
    if which is Queue.RAISED:
        return [Flag.agent_id == reader.id]
    mine = [Flag.assigned_to_id == reader.id] if which is Queue.MINE else []
    return [Flag.closed_at.is_(None), Article.confidence.not_in(CLOSED), *mine]


def _feedback_in(which: Queue, reader: Agent) -> list[ColumnElement[bool]]:
    if which is Queue.RAISED:
        return [Feedback.agent_id == reader.id, Feedback.comment != ""]
    mine = [Feedback.assigned_to_id == reader.id] if which is Queue.MINE else []
    return [Feedback.state.in_(OPEN_STATES), Article.confidence.not_in(CLOSED), *mine]
