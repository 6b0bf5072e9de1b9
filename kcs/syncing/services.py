"""Going through what changed on a desk, page by page; whatever the mirror lacks goes to the inbox.

Nothing is mirrored here: a ticket found behind becomes an inbox row, worked on like any delivery. After each
page the place is kept in the same transaction as the rows, so a pass that was cut short goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select

from kcs import database
from kcs.database import db
from kcs.errors import RemoteError, WorkflowError
from kcs.ports import TicketPage
from kcs.sentences import Sentence
from kcs.syncing.comparing import all_behind
from kcs.syncing.hints import Desks
from kcs.syncing.models import PROBLEM, Reason, SyncFinding, SyncKind, SyncRun, Way
from kcs.syncing.queries import latest_run
from kcs.text import clean_words
from kcs.tickets.accounts import credentials_of
from kcs.tickets.models import Connection

OVERLAP = timedelta(minutes=30)  # what a list may show late, and how far two clocks may differ
MOST_UNDELIVERED = 5000
EVERYTHING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def begin(
    connection: Connection,
    kind: SyncKind,
    since: datetime,
    *,
    restart: bool = False,
    in_background: bool = False,
) -> SyncRun:
    """Return the pass to go on with: one that was cut short, unless `restart`, or else a new one."""
    present = latest_run(connection, kind)
    if present is not None and present.finished_at is None:
        if not restart:
            present.in_background = in_background
            return present
        present.finished_at, present.problem = database.now(), Sentence("given up: begun anew")
    run = SyncRun(
        connection_id=connection.id,
        kind=kind,
        since=since,
        in_background=in_background,
        started_at=database.now(),
    )
    db.session.add(run)
    db.session.flush()
    return run


def begin_reconcile(connection: Connection) -> SyncRun:
    """Return the pass that follows the last whole one, or the first, from when the connection was added."""
    last = latest_run(connection, SyncKind.RECONCILE, whole=True)
    since = connection.created_at - OVERLAP
    if last is not None:
        # By the desk's own times: whether its clock agrees with ours is of no importance.
        since = last.reached - OVERLAP if last.reached is not None else last.since
    return begin(connection, SyncKind.RECONCILE, since)


def look_at_a_page(desks: Desks, run_id: int) -> bool:
    """Look at the next page of a pass and keep the place, in one transaction; True at the end of the list.

    Raises RemoteError when the desk cannot be asked now, and WorkflowError when another process goes on with
    the same pass.
    """
    with database.reading():
        run = db.session.get_one(SyncRun, run_id)
        connection, cursor, since = run.connection, run.cursor, run.since
        provider = desks.providers[connection.provider]
        credentials = credentials_of(connection, provider)
    page = provider.ticket_source(credentials).changed_tickets(since, cursor)
    _advance(run_id, cursor, page)
    run = db.session.get_one(SyncRun, run_id)
    _send(desks, run, all_behind(connection.id, page.tickets), Way.LISTED)
    if page.at_end and run.kind is SyncKind.BACKFILL:
        run.finished_at = database.now()
    db.session.commit()
    return page.at_end


def reconcile(desks: Desks, run_id: int, *, pages: int | None = None) -> bool:
    """Go through what changed, up to so many pages, and what could not be delivered; True when all was seen.

    Raises RemoteError; the place and the reason are kept.
    """
    try:
        seen = 0
        while not look_at_a_page(desks, run_id):
            seen += 1
            if pages is not None and seen >= pages:
                return False
        _look_at_undelivered(desks, run_id)
    except RemoteError as error:
        keep_problem(run_id, error)
        raise
    run = db.session.get_one(SyncRun, run_id)
    run.finished_at = database.now()
    db.session.commit()
    return True


def keep_problem(run_id: int, error: RemoteError) -> None:
    """Keep why a pass stopped. What changed lately is listed anew then: the desk may not know the place."""
    db.session.rollback()
    run = db.session.get_one(SyncRun, run_id)
    run.problem = clean_words(error.message, limit=PROBLEM)
    if run.kind is SyncKind.RECONCILE and error.permanent:
        run.cursor = None
    db.session.commit()


def _advance(run_id: int, cursor: str | None, page: TicketPage) -> None:
    """Put the place forward unless somebody else has done so since we read it."""
    latest = max((each.updated_at for each in page.tickets), default=None)
    run = db.session.get_one(SyncRun, run_id, with_for_update=True, populate_existing=True)
    if run.cursor != cursor or run.finished_at is not None:
        db.session.rollback()
        raise WorkflowError("Another process goes on with the same pass: let it, or stop it first.")
    run.cursor, run.problem = page.cursor, ""
    run.looked_at += len(page.tickets)
    if latest is not None:
        run.reached = max(filter(None, (run.reached, latest)))
    db.session.flush()


def _look_at_undelivered(desks: Desks, run_id: int) -> None:
    """Ask the desk which deliveries it could not make. One that cannot say so is no failure of the pass."""
    with database.reading():
        run = db.session.get_one(SyncRun, run_id)
        connection, since = run.connection, run.since
        provider, webhook_id = desks.providers[connection.provider], connection.webhook_id
        credentials = credentials_of(connection, provider)
    if not webhook_id:
        return
    problem, missed = "", []
    try:
        failed = provider.webhooks(credentials).missed(webhook_id, since)
        missed = [(each.id, each.ticket_id) for each in islice(failed, MOST_UNDELIVERED)]
    except RemoteError as error:
        problem = Sentence(
            "the list of failed deliveries could not be read: %(reason)s", reason=error.message
        )
    run = db.session.get_one(SyncRun, run_id)
    run.problem = clean_words(problem, limit=PROBLEM)
    _send(desks, run, [(ticket_id, Reason.UNDELIVERED) for _, ticket_id in missed], Way.UNDELIVERED, missed)
    db.session.commit()


def _send(
    desks: Desks,
    run: SyncRun,
    behind: Sequence[tuple[str, Reason]],
    way: Way,
    keys: Iterable[tuple[str, str]] = (),
) -> None:
    """Put tickets into the inbox, each once in a pass, and keep what a reconcile found.

    `keys` pairs the desk's id of a failed delivery with its ticket: one delivery is hinted at once, ever.
    """
    is_backfill = run.kind is SyncKind.BACKFILL
    known = _found_before(run, [ticket_id for ticket_id, _ in behind])
    delivery_of = {ticket_id: delivery_id for delivery_id, ticket_id in keys}
    for ticket_id, reason in dict(behind).items():
        if ticket_id in known:
            continue
        key = delivery_of.get(ticket_id) or f"{run.id}:{ticket_id}"
        if not desks.hint(run.connection_id, ticket_id, run.kind.value, key, background=is_backfill):
            continue
        if reason is Reason.UNSURE:
            continue
        run.found += 1
        if not is_backfill:
            db.session.add(
                SyncFinding(
                    run_id=run.id,
                    remote_ticket_id=ticket_id,
                    way=way,
                    reason=reason,
                    found_at=database.now(),
                )
            )
    db.session.flush()


def _found_before(run: SyncRun, ids: Sequence[str]) -> set[str]:
    if run.kind is SyncKind.BACKFILL or not ids:
        return set()
    query = select(SyncFinding.remote_ticket_id).where(SyncFinding.run_id == run.id)
    return set(db.session.execute(query).scalars())
