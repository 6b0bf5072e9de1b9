"""What waits for one person: unfinished tickets, returned reviews, flags, what to write, drafts, checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from kcs.articles.models import Article, Flag, Version
from kcs.articles.queries import due_for, readable_by
from kcs.articles.trust import CLOSED
from kcs.authoring.models import WritingRequest
from kcs.database import db
from kcs.people.models import Agent
from kcs.reviews.models import ReviewComment, ReviewRequest
from kcs.reviews.queries import QueueList, belongs, readable_comments
from kcs.tickets.models import Ticket
from kcs.tickets.queries import TicketList, tickets_in
from workflow.article import Confidence
from workflow.solve import KnowledgeState

PER_PAGE = 25
COMMENTS_SHOWN = 5


class Section(StrEnum):
    """The lists of what waits, in the order of the page."""

    TICKETS = "tickets"
    REVIEWS = "reviews"
    FLAGS = "flags"
    WRITING = "writing"
    DRAFTS = "drafts"
    CHECKS = "checks"


@dataclass(frozen=True)
class Waiting:
    """The first rows of a section; `total` counts all of them."""

    section: Section
    total: int
    rows: list[Any]


def count_waiting(agent: Agent, moment: datetime) -> dict[Section, int]:
    """Return how much waits in each section, in one statement."""
    counts = {
        section.value: make(agent, moment).order_by(None).with_only_columns(func.count()).scalar_subquery()
        for section, make in _SELECTS.items()
    }
    row = db.session.execute(select(*(count.label(name) for name, count in counts.items()))).one()
    return {section: getattr(row, section.value) for section in Section}


def first_rows(agent: Agent, moment: datetime, *, limit: int) -> dict[Section, Waiting]:
    """Return the first `limit` rows of each section with its count: one statement for each that has any."""
    counts = count_waiting(agent, moment)
    return {
        section: Waiting(section, total, _rows(section, agent, moment, limit) if total else [])
        for section, total in counts.items()
    }


def page_of(section: Section, agent: Agent, moment: datetime, *, page: int) -> Pagination:
    """Return one page of a section."""
    return db.paginate(_loaded(section, agent, moment), page=page, per_page=PER_PAGE, error_out=False)


def words_for(reviews: Iterable[ReviewRequest], reader: Agent) -> dict[int, list[ReviewComment]]:
    """Return by review what others said of it last, as far as the reader may read the field it is about."""
    chosen = list(reviews)
    ids = {comment.version_id for review in chosen for comment in review.comments}
    # Held while the comments are read: each is read in the text it was made on.
    versions = list(db.session.execute(select(Version).where(Version.id.in_(ids))).scalars()) if ids else []
    words = {
        review.id: [each for each in readable_comments(review, reader) if each.agent_id != reader.id]
        for review in chosen
    }
    versions.clear()
    return {review_id: said[-COMMENTS_SHOWN:] for review_id, said in words.items()}


def _rows(section: Section, agent: Agent, moment: datetime, limit: int) -> list[Any]:
    return list(db.session.execute(_loaded(section, agent, moment).limit(limit)).scalars())


def _loaded(section: Section, agent: Agent, moment: datetime) -> Select[Any]:
    return _SELECTS[section](agent, moment).options(*_WITH.get(section, ()))


def _tickets(agent: Agent, _moment: datetime) -> Select[Any]:
    """Solved without knowledge, newest first."""
    unfinished = tickets_in(TicketList.UNFINISHED, agent)
    query = select(Ticket).where(unfinished, Ticket.knowledge_state == KnowledgeState.UNANSWERED)
    return query.order_by(Ticket.solved_at.desc(), Ticket.id.desc())


def _reviews(agent: Agent, moment: datetime) -> Select[Any]:
    """Sent back to this person, latest first."""
    query = select(ReviewRequest).join(ReviewRequest.article).join(ReviewRequest.version)
    query = query.where(readable_by(agent), belongs(QueueList.RETURNED, agent, moment))
    return query.order_by(ReviewRequest.changed_at.desc(), ReviewRequest.id.desc())


def _flags(agent: Agent, _moment: datetime) -> Select[Any]:
    """Open flags on articles that are this person's, with whomever they wait by now; oldest first."""
    query = select(Flag).join(Flag.article)
    query = query.where(
        func.coalesce(Article.owner_id, Article.author_id) == agent.id,
        Flag.closed_at.is_(None),
        Article.confidence.not_in(CLOSED),
    )
    return query.order_by(Flag.id)


def _writing(agent: Agent, _moment: datetime) -> Select[Any]:
    """What this person was asked to write, the longest waiting first."""
    query = select(WritingRequest).where(
        WritingRequest.agent_id == agent.id, WritingRequest.settled_at.is_(None)
    )
    return query.order_by(WritingRequest.asked_at, WritingRequest.id)


def _drafts(agent: Agent, _moment: datetime) -> Select[Any]:
    """Work in progress this person wrote or owns, the longest idle first."""
    own = or_(Article.author_id == agent.id, Article.owner_id == agent.id)
    query = select(Article).where(own, Article.confidence == Confidence.WIP)
    return query.order_by(Article.changed_at, Article.id)


def _checks(agent: Agent, _moment: datetime) -> Select[Any]:
    """Due for a check, the longest unchecked first."""
    checked = func.coalesce(Article.last_checked_at, Article.created_at)
    return select(Article).where(due_for(agent)).order_by(checked, Article.id)


_SELECTS: dict[Section, Callable[[Agent, datetime], Select[Any]]] = {
    Section.TICKETS: _tickets,
    Section.REVIEWS: _reviews,
    Section.FLAGS: _flags,
    Section.WRITING: _writing,
    Section.DRAFTS: _drafts,
    Section.CHECKS: _checks,
}
_WITH: dict[Section, tuple[ExecutableOption, ...]] = {
    Section.REVIEWS: (
        contains_eager(ReviewRequest.article),
        contains_eager(ReviewRequest.version),
        selectinload(ReviewRequest.comments).joinedload(ReviewComment.agent),
    ),
    Section.WRITING: (joinedload(WritingRequest.asked_by),),
    Section.FLAGS: (contains_eager(Flag.article), joinedload(Flag.agent), joinedload(Flag.assigned_to)),
}
