"""What readers say and do of an article, who wants to hear of it, and the digests that were sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.articles.models import Article, Version
from kcs.database import Base
from kcs.people.models import Agent


class FeedbackState(StrEnum):
    """Where a reader's feedback stands."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    CLOSED = "closed"  # a bare rating, or nothing to answer


class Feedback(Base):
    """A reader's rating and words, with what became of them.

    `agent_id` None is a visitor; `token_hash` is of the secret with which they see what became of it.
    `helpful` None is a word without a rating.
    """

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_queue", "state", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    helpful: Mapped[bool | None]
    comment: Mapped[str] = mapped_column(default="")
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[FeedbackState] = mapped_column(default=FeedbackState.NEW)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    answer: Mapped[str] = mapped_column(default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    article: Mapped[Article] = relationship(lazy="joined")
    version: Mapped[Version] = relationship()
    agent: Mapped[Agent | None] = relationship(foreign_keys=[agent_id])
    assigned_to: Mapped[Agent | None] = relationship(foreign_keys=[assigned_to_id])
    answered_by: Mapped[Agent | None] = relationship(foreign_keys=[answered_by_id])


class Subscription(Base):
    """Somebody wants to hear when an article changes."""

    __tablename__ = "subscriptions"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    created_at: Mapped[datetime]


class Digest(Base):
    """One person's digest of one week (its Monday): the constraint is why there is never a second."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("agent_id", "week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    week: Mapped[str]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    agent: Mapped[Agent] = relationship()


class Ended(StrEnum):
    """What somebody looked at last in a visit."""

    SEARCH = "search"
    ARTICLE = "article"


class HelpVisit(Base):
    """What one visitor of the help centre did until they were quiet for half an hour.

    `key` is a digest of the visit's random cookie while the visit lasts, None afterwards. `null_searches`
    are those of `searches` that found nothing, `opened` those of `views` that came from a result. `escalated`
    is how often they went on to ask a person, None where the help centre leads to nobody. `article_id` is
    the article looked at last.
    """

    __tablename__ = "help_visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(unique=True)
    began_at: Mapped[datetime] = mapped_column(index=True)
    last_at: Mapped[datetime]
    searches: Mapped[int]
    null_searches: Mapped[int]
    views: Mapped[int]
    opened: Mapped[int]
    helpful: Mapped[int]
    unhelpful: Mapped[int]
    escalated: Mapped[int | None]
    ended: Mapped[Ended | None]
    article_id: Mapped[int | None]


class ArticleViews(Base):
    """How often an article's page was opened on one day, by one kind of reader.

    `day` is when that day began in the organisation's time zone; `reader` is "visitor", a licence, or
    "unlicensed" for a colleague without one.
    """

    __tablename__ = "article_views"
    __table_args__ = (UniqueConstraint("article_id", "day", "reader"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int]
    day: Mapped[datetime] = mapped_column(index=True)
    reader: Mapped[str]
    number: Mapped[int]
