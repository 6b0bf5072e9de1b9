"""Reading flags and feedback: whose turn, what is open, what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, func, select

from kcs.articles.models import Article, Flag
from kcs.articles.queries import readable_by
from kcs.articles.trust import CLOSED
from kcs.database import db
from kcs.errors import NotFound
from kcs.improving.models import Feedback, FeedbackState, Subscription
from kcs.people.models import Agent
from kcs.sentences import Sentence

PER_PAGE = 25
LARGEST_ID = 2**31 - 1
OWN_SHOWN = 5
OPEN_STATES = (FeedbackState.NEW, FeedbackState.IN_PROGRESS)
Said = TypeVar("Said", Flag, Feedback)


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
    query = _said(Flag, reader).where(*_flags_in(which, reader))
    return _page(Flag, query, which, page, article)


def page_of_feedback(which: Queue, reader: Agent, *, page: int, article: Article | None = None) -> Pagination:
    """Return one page of feedback with words: open ones oldest first, the reader's own latest first."""
    query = _said(Feedback, reader).where(*_feedback_in(which, reader))
    return _page(Feedback, query, which, page, article)


def count_flags(which: Queue, reader: Agent) -> int:
    """Return how many flags `page_of_flags` lists in all."""
    return _count(_said(Flag, reader).where(*_flags_in(which, reader)))


def count_feedback(which: Queue, reader: Agent) -> int:
    """Return how many `page_of_feedback` lists in all."""
    return _count(_said(Feedback, reader).where(*_feedback_in(which, reader)))


def get_flag(flag_id: int, reader: Agent) -> Flag:
    """Return a flag on an article the reader may see. Raises NotFound."""
    return _get(Flag, flag_id, reader)


def get_feedback(feedback_id: int, reader: Agent) -> Feedback:
    """Return feedback on an article the reader may see. Raises NotFound."""
    return _get(Feedback, feedback_id, reader)


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
    """Return how readers, outside and inside, rated an article, here and where it was taken over from."""
    query = select(func.count(), func.count().filter(Feedback.helpful.is_(True)))
    row = db.session.execute(
        query.where(Feedback.article_id == article.id, Feedback.helpful.is_not(None))
    ).one()
    earlier = article.earlier_helpful + article.earlier_unhelpful
    return Ratings(row[0] + earlier, row[1] + article.earlier_helpful)


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


def _said(kind: type[Said], reader: Agent) -> Select[Said]:
    """Select what was said of articles the reader may see."""
    return select(kind).join(Article, Article.id == kind.article_id).where(readable_by(reader))


def _page(
    kind: type[Said], query: Select[Said], which: Queue, page: int, article: Article | None
) -> Pagination:
    if article is not None:
        query = query.where(kind.article_id == article.id)
    query = query.order_by(kind.id.desc() if which is Queue.RAISED else kind.id)
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def _count(query: Select[Said]) -> int:
    return db.session.execute(query.with_only_columns(func.count())).scalar_one()


_MISSING: dict[type, str] = {
    Flag: Sentence("There is no flag %(number)s."),
    Feedback: Sentence("There is no feedback %(number)s."),
}


def _get(kind: type[Said], number: int, reader: Agent) -> Said:
    query = _said(kind, reader).where(kind.id == min(number, LARGEST_ID))
    found = db.session.execute(query).scalar_one_or_none()
    if found is None or found.id != number:
        raise NotFound(_MISSING[kind], number=number)
    return found


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
