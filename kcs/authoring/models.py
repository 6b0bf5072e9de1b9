"""Text somebody is writing and has not saved yet, and what people were asked to write."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base
from kcs.people.models import Agent


class UnsavedText(Base):
    """What one person typed for one article (`subject`: its key, or "new"), kept until saved or discarded.

    `details` holds the form's other entries by name: note, tags, language and the like.
    """

    __tablename__ = "unsaved_texts"

    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    base: Mapped[int]
    title: Mapped[str]
    parts: Mapped[dict[str, str]]
    template: Mapped[str]
    details: Mapped[dict[str, str]] = mapped_column(default=dict)
    saved_at: Mapped[datetime]


class WritingRequest(Base):
    """Words that somebody searched for in vain, and whom a colleague asked to write what answers them.

    Open until `settled_at`: `article_id` is what was written, None where nothing was needed.
    """

    __tablename__ = "writing_requests"
    __table_args__ = (Index("ix_writing_requests_agent", "agent_id", "settled_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))

    agent: Mapped[Agent] = relationship(foreign_keys=[agent_id])
    asked_by: Mapped[Agent] = relationship(foreign_keys=[asked_by_id])
