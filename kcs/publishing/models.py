"""Where articles are published to, and how each one stands there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base
from kcs.tickets.models import Connection


class PublicationState(StrEnum):
    """How far the help centre has followed: the third fact beside confidence and audience."""

    PENDING = "pending"
    LIVE = "live"
    DRIFTED = "drifted"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Target(Base):
    """A place of a connection's help centre that public articles go to; the built-in one needs no row."""

    __tablename__ = "targets"

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), index=True)
    locale: Mapped[str] = mapped_column(default="en-us")
    settings: Mapped[dict[str, str]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)

    connection: Mapped[Connection] = relationship(lazy="joined")


class Publication(Base):
    """One article in one target and locale: its remote id and what was last written there."""

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("article_id", "target_id", "locale"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"))
    locale: Mapped[str]
    state: Mapped[PublicationState] = mapped_column(default=PublicationState.PENDING)
    remote_id: Mapped[str | None]
    url: Mapped[str | None]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    fingerprint: Mapped[str | None]
    changed_at: Mapped[datetime]
    problem: Mapped[str] = mapped_column(default="")

    target: Mapped[Target] = relationship(lazy="joined")
