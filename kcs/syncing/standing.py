"""How a pass stands, as data and in words: for commands, the doctor and the page of a connection."""

from __future__ import annotations

from datetime import datetime, timedelta

from kcs import database
from kcs.sentences import Sentence, counted, listed
from kcs.syncing.models import SyncKind, SyncRun
from kcs.syncing.queries import findings_of, latest_run
from kcs.tickets.models import Connection

OVERDUE = timedelta(hours=3)


def as_data(run: SyncRun) -> dict[str, object]:
    """Return what a pass looked at and found, for JSON."""
    return {
        "connection": run.connection.name,
        "kind": run.kind.value,
        "since": run.since.isoformat(),
        "reached": _iso(run.reached),
        "looked_at": run.looked_at,
        "found": run.found,
        "problem": run.problem,
        "started_at": run.started_at.isoformat(),
        "finished_at": _iso(run.finished_at),
    }


def findings_data(run: SyncRun) -> list[dict[str, str]]:
    """Return the tickets a reconcile found, with why and by which way, for JSON."""
    return [
        {
            "ticket": each.remote_ticket_id,
            "reason": each.reason.value,
            "way": each.way.value,
            "found_at": each.found_at.isoformat(),
        }
        for each in findings_of(run)
    ]


def in_words(run: SyncRun) -> Sentence:
    """Say how a pass ended."""
    seen = counted(
        "looked at %(num)s ticket changed since %(since)s UTC",
        "looked at %(num)s tickets changed since %(since)s UTC",
        run.looked_at,
        since=f"{run.since:%Y-%m-%d %H:%M}",
    )
    if run.finished_at is None:
        unfinished = Sentence("not through yet, %(seen)s.", seen=seen)
        return listed(" ", [unfinished, run.problem]) if run.problem else unfinished
    return listed(". ", [listed("; ", [seen, _found(run)]), *filter(None, [run.problem])])


def _found(run: SyncRun) -> Sentence:
    if not run.found:
        return Sentence("nothing was missed")
    return counted(
        "%(num)s was missed and sent to the inbox", "%(num)s were missed and sent to the inbox", run.found
    )


def reconcile_health(connection: Connection) -> tuple[bool, Sentence]:
    """Say whether a desk is looked through regularly, and how the last time ended."""
    last = latest_run(connection, SyncKind.RECONCILE)
    moment = database.now()
    if last is None:
        late = moment - connection.created_at > OVERDUE
        never = Sentence("never yet: 'kcs serve' or 'kcs worker' does it every hour")
        return not late, never if late else Sentence("soon")
    whole = latest_run(connection, SyncKind.RECONCILE, whole=True)
    late = moment - (whole.finished_at if whole and whole.finished_at else connection.created_at) > OVERDUE
    words = in_words(last)
    overdue = Sentence("%(words)s. Overdue: run 'kcs reconcile'", words=words)
    return not (late or last.problem), overdue if late else words


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
