"""What was gone through to bring the mirror in step with a desk, and what had been missed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base, Said
from kcs.tickets.models import Connection

PROBLEM = 500  # characters kept of why a pass stopped


class SyncKind(StrEnum):
    """What a run is for."""

    BACKFILL = "backfill"
    RECONCILE = "reconcile"
    PEOPLE = "people"


class Way(StrEnum):
    """How a ticket that the mirror had missed was found."""

    LISTED = "listed"
    UNDELIVERED = "undelivered"


class Reason(StrEnum):
    """In what the mirror was behind; `UNSURE` is read once more without being called missed."""

    ABSENT = "absent"
    OLDER = "older"
    STATUS = "status"
    DELETED = "deleted"
    RESTORED = "restored"
    UNDELIVERED = "undelivered"
    UNSURE = "unsure"


class SyncRun(Base):
    """One pass over what changed on a desk since a moment; unfinished until it came to the end of the list.

    `cursor` is where the pass goes on, `reached` the latest change it has seen. `problem` says why the last
    try stopped before the end, empty when it did not. One that is `in_background` is gone on with by the
    chore, any other backfill by the command that began it.
    """

    __tablename__ = "sync_runs"
    __table_args__ = (Index("ix_sync_runs_latest", "connection_id", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    kind: Mapped[SyncKind]
    since: Mapped[datetime]
    cursor: Mapped[str | None]
    reached: Mapped[datetime | None]
    looked_at: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(Said, default="")
    in_background: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    connection: Mapped[Connection] = relationship()


class SyncFinding(Base):
    """A ticket that a reconcile found missing or behind, and sent to the inbox."""

    __tablename__ = "sync_findings"
    __table_args__ = (UniqueConstraint("run_id", "remote_ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("sync_runs.id"))
    remote_ticket_id: Mapped[str]
    way: Mapped[Way]
    reason: Mapped[Reason]
    found_at: Mapped[datetime]
