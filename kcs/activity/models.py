"""The activity log: the single source of every metric. Append-only, ids only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kcs.database import Base


class Activity(Base):
    """One thing that happened: who did what, on whose authority, to which ticket or article.

    `happened_at` is when it happened on the desk or here; `recorded_at` is when this log learnt of it. A
    report as of a moment reads only rows recorded before it. The database refuses updates and deletions.
    """

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_ticket", "ticket_id", "id"),
        Index("ix_activity_kind", "kind", "happened_at"),
        Index("ix_activity_article", "article_id", "id"),
        Index("ix_activity_recorded_at", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    agent_id: Mapped[int | None]
    team_id: Mapped[int | None]
    connection_id: Mapped[int | None]
    ticket_id: Mapped[int | None]
    article_id: Mapped[int | None]
    link_id: Mapped[int | None]
    role: Mapped[str | None]
    before: Mapped[str | None]
    after: Mapped[str | None]
    authority: Mapped[str]
    request_id: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Remark(Base):
    """The words a person gave with an act ("why"), apart from the log so that they can be erased."""

    __tablename__ = "remarks"

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), unique=True)
    text: Mapped[str]
