"""What readers say of an article, who wants to hear of it, and the digests that were sent."""

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
