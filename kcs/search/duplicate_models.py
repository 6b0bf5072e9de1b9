"""Pairs of articles that say much the same, and when the whole base was last looked through."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.articles.models import Article
from kcs.database import Base
from kcs.people.models import Agent


class PairState(StrEnum):
    """What became of a pair."""

    OPEN = "open"
    DISMISSED = "dismissed"
    MERGED = "merged"


class DuplicatePair(Base):
    """Two articles that say much the same; the first has the lower id.

    `first_version_id` and `second_version_id` are the texts that were compared: a pair somebody dismissed
    comes back only with other ones.
    """

    __tablename__ = "duplicate_pairs"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        Index("ix_duplicate_pairs_queue", "state", "likeness"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    first_version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    second_version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    likeness: Mapped[float]
    state: Mapped[PairState] = mapped_column(default=PairState.OPEN)
    found_at: Mapped[datetime]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    settled_at: Mapped[datetime | None]

    first: Mapped[Article] = relationship(foreign_keys=[first_id])
    second: Mapped[Article] = relationship(foreign_keys=[second_id])
    settled_by: Mapped[Agent | None] = relationship()


class DuplicateSearch(Base):
    """One look through all articles: when it was done, and how many there were."""

    __tablename__ = "duplicate_searches"

    id: Mapped[int] = mapped_column(primary_key=True)
    finished_at: Mapped[datetime]
    articles: Mapped[int]
