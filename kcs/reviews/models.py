"""Reviews: a text somebody wants validated, published or taken over, and what was said about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.articles.models import Article, Version
from kcs.database import Base
from kcs.people.models import Agent


class Asks(StrEnum):
    """What a review asks for."""

    VALIDATE = "validate"
    PUBLISH = "publish"
    CHANGE = "change"  # take over a proposed version


class Cause(StrEnum):
    """Why it was asked."""

    AUTHOR = "author"
    DEMAND = "demand"


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    RETURNED = "returned"  # waits for the author's answer
    ACCEPTED = "accepted"
    DROPPED = "dropped"  # taken back, or overtaken by something else


class ReviewRequest(Base):
    """One text waiting for a coach's, contributor's or publisher's judgement.

    `version_id` is the text it is about; resubmitting moves it to the new one.
    """

    __tablename__ = "review_requests"
    __table_args__ = (Index("ix_review_requests_queue", "state", "assigned_to_id", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    asks: Mapped[Asks]
    cause: Mapped[Cause] = mapped_column(default=Cause.AUTHOR)
    state: Mapped[ReviewState] = mapped_column(default=ReviewState.OPEN)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), index=True)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    decided_at: Mapped[datetime | None]

    article: Mapped[Article] = relationship(lazy="joined")
    version: Mapped[Version] = relationship()
    asked_by: Mapped[Agent | None] = relationship(foreign_keys=[asked_by_id])
    assigned_to: Mapped[Agent | None] = relationship(foreign_keys=[assigned_to_id])
    decided_by: Mapped[Agent | None] = relationship(foreign_keys=[decided_by_id])
    comments: Mapped[list[ReviewComment]] = relationship(order_by="ReviewComment.id")


class ReviewComment(Base):
    """A word on a text, anchored to a passage: a field and words quoted from it (both empty: the whole)."""

    __tablename__ = "review_comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review_requests.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    field: Mapped[str] = mapped_column(default="")
    quote: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    created_at: Mapped[datetime]

    agent: Mapped[Agent] = relationship()
