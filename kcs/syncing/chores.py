"""What comes round by the clock: every desk is looked through each hour, its people every six."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import delete, func, select

from kcs import database
from kcs.database import db
from kcs.errors import KcsError, RemoteError
from kcs.syncing import services
from kcs.syncing.credit import settle_credit
from kcs.syncing.hints import Desks
from kcs.syncing.models import SyncFinding, SyncKind, SyncRun
from kcs.syncing.people import sync_people
from kcs.syncing.queries import active_connections
from kcs.tickets.models import Connection

log = structlog.get_logger()

# Their names: a person may ask for them at once (`kcs.chores.make_due`).
RECONCILE, PEOPLE = "desks.reconcile", "desks.people"
PAGES_A_TURN = 20
KEPT = timedelta(days=90)
FORGOTTEN_AT_ONCE = 500


def reconcile_all(desks: Desks) -> int:
    """Look through every desk, so many pages of each; return how many tickets had been missed.

    One desk that cannot be asked does not hold up the others: the reason is kept with the pass.
    """
    with database.reading():
        ids = [each.id for each in active_connections(desks.providers)]
    return sum(_reconcile(desks, connection_id) for connection_id in ids)


def go_on_with_backfills(desks: Desks) -> int:
    """Go on with what somebody asked for on a page, some pages each; return how many tickets were found."""
    with database.reading():
        waiting = select(SyncRun.id).where(
            SyncRun.kind == SyncKind.BACKFILL, SyncRun.in_background, SyncRun.finished_at.is_(None)
        )
        ids = list(db.session.execute(waiting.order_by(SyncRun.id)).scalars())
    return sum(_some_pages(desks, run_id) for run_id in ids)


def _some_pages(desks: Desks, run_id: int) -> int:
    with database.reading():
        before = db.session.get_one(SyncRun, run_id).found
    try:
        for _ in range(PAGES_A_TURN):
            if services.look_at_a_page(desks, run_id):
                break
    except RemoteError as error:
        services.keep_problem(run_id, error)
    except KcsError as error:
        db.session.rollback()
        log.warning("backfill_stopped", run=run_id, reason=error.message)
    with database.reading():
        return db.session.get_one(SyncRun, run_id).found - before


def forget_old() -> int:
    """Forget passes that ended long ago, but for the last of each kind; return how many."""
    last = select(func.max(SyncRun.id)).group_by(SyncRun.connection_id, SyncRun.kind)
    query = select(SyncRun.id).where(SyncRun.finished_at < database.now() - KEPT, SyncRun.id.not_in(last))
    ids = list(db.session.execute(query.order_by(SyncRun.id).limit(FORGOTTEN_AT_ONCE)).scalars())
    if ids:
        db.session.execute(delete(SyncFinding).where(SyncFinding.run_id.in_(ids)))
        db.session.execute(delete(SyncRun).where(SyncRun.id.in_(ids)))
    db.session.commit()
    return len(ids)


def sync_all_people(desks: Desks) -> int:
    """Read the people of every desk; return how many want an administrator's word."""
    with database.reading():
        ids = [each.id for each in active_connections(desks.providers)]
    return sum(_sync_people(desks, connection_id) for connection_id in ids)


def _sync_people(desks: Desks, connection_id: int) -> int:
    try:
        return sync_people(desks, connection_id).found
    except KcsError as error:
        db.session.rollback()
        log.warning("people_not_read", connection=connection_id, reason=error.message)
        return 0


def _reconcile(desks: Desks, connection_id: int) -> int:
    run = services.begin_reconcile(db.session.get_one(Connection, connection_id))
    run_id, before = run.id, run.found
    db.session.commit()
    try:
        services.reconcile(desks, run_id, pages=PAGES_A_TURN)
        settle_credit(connection_id)
    except KcsError as error:
        db.session.rollback()
        log.warning("reconcile_stopped", connection=connection_id, reason=error.message)
    with database.reading():
        return db.session.get_one(SyncRun, run_id).found - before
