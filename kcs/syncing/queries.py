"""Reading what was gone through, and how a reconcile ended."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from kcs.database import db
from kcs.syncing.models import SyncFinding, SyncKind, SyncRun
from kcs.tickets.models import Connection

MOST_FINDINGS = 1000


def active_connections(providers: Collection[str]) -> list[Connection]:
    """Return the desks that can be asked, by name."""
    query = select(Connection).where(Connection.active, Connection.provider.in_(list(providers)))
    return list(db.session.execute(query.order_by(Connection.name)).scalars())


def latest_run(connection: Connection, kind: SyncKind, *, whole: bool = False) -> SyncRun | None:
    """Return the latest pass, or the latest that came to its end; None before the first."""
    query = select(SyncRun).where(SyncRun.connection_id == connection.id, SyncRun.kind == kind)
    if whole:
        query = query.where(SyncRun.finished_at.is_not(None))
    return db.session.execute(query.order_by(SyncRun.id.desc()).limit(1)).scalar_one_or_none()


def latest_runs(connection: Connection, kind: SyncKind, *, limit: int) -> list[SyncRun]:
    """Return the latest passes, newest first."""
    query = select(SyncRun).where(SyncRun.connection_id == connection.id, SyncRun.kind == kind)
    return list(db.session.execute(query.order_by(SyncRun.id.desc()).limit(limit)).scalars())


def findings_of(run: SyncRun, *, limit: int = MOST_FINDINGS) -> list[SyncFinding]:
    """Return what a reconcile found, in the order it was found."""
    query = select(SyncFinding).where(SyncFinding.run_id == run.id).order_by(SyncFinding.id).limit(limit)
    return list(db.session.execute(query).scalars())
