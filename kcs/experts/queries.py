"""Reading questions, always through who may read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, func, or_, select, true

from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import NotFound
from kcs.experts.links import hash_of
from kcs.experts.models import Question, QuestionState, Turn
from kcs.people.access import Permission, may
from kcs.people.models import Agent
from kcs.tickets.models import Ticket

PER_PAGE = 25
LARGEST_ID = 2**31 - 1


class QuestionList(StrEnum):
    """Which questions a list holds."""

    WAITING = "waiting"
    ASKED = "asked"
    ALL = "all"


class Closed(StrEnum):
    """Why a link or a turn takes no answer any more."""

    PASSED_ON = "passed_on"
    WITHDRAWN = "withdrawn"
    DRAFTED = "drafted"
    EXPIRED = "expired"
    LEFT = "left"


_CLOSED: tuple[tuple[Closed, Callable[[Turn, datetime], bool]], ...] = (
    (Closed.LEFT, lambda turn, _: not turn.usable),
    (Closed.PASSED_ON, lambda turn, _: turn.ended_at is not None),
    (Closed.WITHDRAWN, lambda turn, _: turn.question.state is QuestionState.WITHDRAWN),
    (Closed.DRAFTED, lambda turn, _: turn.question.draft is not None),
    (
        Closed.EXPIRED,
        lambda turn, moment: turn.expires_at <= moment or turn.question.state is QuestionState.EXPIRED,
    ),
)


def closed_because(turn: Turn, moment: datetime) -> Closed | None:
    """Return why this turn takes no answer any more, None while it does."""
    return next((why for why, holds in _CLOSED if holds(turn, moment)), None)


def turn_of_token(token: str) -> Turn | None:
    """Return the turn a link opens, None for one that was never ours."""
    query = select(Turn).where(Turn.token_hash == hash_of(token))
    return db.session.execute(query).scalar_one_or_none() if token else None


def readable_by(reader: Agent) -> ColumnElement[bool]:
    """Whoever works on tickets reads every question, others those they asked or were asked."""
    if may(reader, Permission.WORK):
        return true()
    asked = select(Turn.question_id).where(Turn.agent_id == reader.id)
    return or_(Question.asked_by_id == reader.id, Question.id.in_(asked))


def get_question(question_id: int, reader: Agent) -> Question:
    """Return a question. Raises NotFound, also for one the reader may not see."""
    found = None
    if question_id <= LARGEST_ID:
        query = select(Question).where(Question.id == question_id, readable_by(reader))
        found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no question %(number)s.", number=question_id)
    return found


def questions_of(ticket: Ticket, reader: Agent) -> list[Question]:
    """Return what was asked from a ticket, the latest first; what was withdrawn is left out."""
    query = select(Question).where(
        Question.ticket_id == ticket.id,
        Question.state != QuestionState.WITHDRAWN,
        readable_by(reader),
    )
    return list(db.session.execute(query.order_by(Question.id.desc()).limit(20)).scalars())


def page_of_questions(which: QuestionList, reader: Agent, *, page: int) -> Pagination:
    """Return one page of a list, the latest first; those that wait, the oldest first."""
    query = select(Question).where(_of(which, reader), readable_by(reader))
    order = Question.id if which is QuestionList.WAITING else Question.id.desc()
    return db.paginate(query.order_by(order), page=page, per_page=PER_PAGE, error_out=False)


def count_questions(which: QuestionList, reader: Agent) -> int:
    """Return how many questions a list holds."""
    query = select(func.count()).select_from(Question).where(_of(which, reader), readable_by(reader))
    return db.session.execute(query).scalar_one()


def questions_behind(article: Article) -> list[Question]:
    """Return the questions whose answers an article was drafted from."""
    query = select(Question).where(Question.article_id == article.id).order_by(Question.id).limit(20)
    return list(db.session.execute(query).scalars())


def _of(which: QuestionList, reader: Agent) -> ColumnElement[bool]:
    if which is QuestionList.ALL:
        return true()
    if which is QuestionList.ASKED:
        return Question.asked_by_id == reader.id
    waiting = select(Turn.question_id).where(Turn.agent_id == reader.id, Turn.ended_at.is_(None))
    return (Question.state == QuestionState.OPEN) & Question.id.in_(waiting)
