"""Waivers: somebody answers with their name for a value that looks personal and is not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base
from kcs.people.models import Agent


class Waiver(Base):
    """One value of one article that may go outside; the value is kept as a digest alone."""

    __tablename__ = "waivers"
    __table_args__ = (UniqueConstraint("article_id", "kind", "value_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    kind: Mapped[str]
    value_hash: Mapped[str]
    reason: Mapped[str]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    created_at: Mapped[datetime]

    agent: Mapped[Agent] = relationship()
