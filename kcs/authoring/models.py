"""Text somebody is writing and has not saved yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kcs.database import Base


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
