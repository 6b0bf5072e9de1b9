"""How a desk has answered lately: after several failures in a row nobody calls for a while, then one tries.

Also what the vendor warned of, for whoever checks the connection.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcs import database
from kcs.database import db
from kcs.errors import RemoteError
from kcs.sentences import Sentence
from kcs.text import clean_words
from kcs.tickets.models import ConnectionHealth

FAILURES = 8
PROBLEM = 500
CLOSED, LONGEST_CLOSED = 15.0, 300.0
TRIAL = timedelta(seconds=15)
WARNINGS = 10
# The row of a connection nothing was noted of yet.
EMPTY: Final[dict[str, Any]] = {"failures": 0, "problem": "", "warnings": [], "checks": []}


def health_of(connection_id: int) -> ConnectionHealth | None:
    """Return how the desk has answered, None when nothing was noted yet."""
    return db.session.get(ConnectionHealth, connection_id)


def note(connection_id: int, problem: str | None) -> tuple[int, float]:
    """Count one more failure, or none any more; return them and for how many seconds nobody calls now."""
    with database.apart() as session:
        health = locked(session, connection_id)
        health.failures = 0 if problem is None else health.failures + 1
        health.problem = clean_words(problem or "", limit=PROBLEM)
        closed = _closed_for(health.failures)
        now = database.now(session)
        health.closed_until = now + timedelta(seconds=closed) if closed else None
        return health.failures, closed


def pass_through(session: Session, connection_id: int, now: datetime) -> int:
    """Return the failures in a row so far. Raises RemoteError while nobody is to call.

    When that time is over the first to come tries alone; the others wait for what it meets.
    """
    query = select(ConnectionHealth).where(ConnectionHealth.connection_id == connection_id)
    health = session.execute(query).scalar_one_or_none()
    if health is None or health.closed_until is None:
        return health.failures if health else 0
    session.refresh(health, with_for_update=True)
    if health.closed_until is not None and health.closed_until > now:
        wait = (health.closed_until - now).total_seconds()
        raise RemoteError(
            Sentence(
                "The last %(number)s calls failed, so nobody calls for a while; then we try again by "
                "ourselves. The reason: %(problem)s",
                number=health.failures,
                problem=health.problem,
            ),
            permanent=False,
            retry_after=wait,
        )
    health.closed_until = now + TRIAL
    return health.failures


def let_one_try(connection_id: int) -> None:
    """Somebody wants to know now: the next call is the one that tries."""
    with database.apart() as session:
        health = locked(session, connection_id)
        if health.closed_until is not None:
            health.closed_until = min(health.closed_until, database.now(session))


def keep_warning(connection_id: int, said: str) -> None:
    """Keep what the vendor warned of, among the last ten."""
    with database.apart() as session:
        health = locked(session, connection_id)
        health.warnings = [*(each for each in health.warnings if each != said), said][-WARNINGS:]


def keep_checks(connection_id: int, checks: list[dict[str, Any]], *, finished: bool) -> None:
    """Keep what a check of the connection saw; the warnings that a finished one told are done with."""
    with database.apart() as session:
        health = locked(session, connection_id)
        health.checks, health.checked_at = checks, database.now(session)
        if finished:
            health.warnings = []


def locked(session: Session, connection_id: int) -> ConnectionHealth:
    """Return the row of a connection, locked, made where it is not there yet."""
    empty = EMPTY | {"connection_id": connection_id}
    session.execute(database.insert(ConnectionHealth).values(empty).on_conflict_do_nothing())
    return session.get_one(ConnectionHealth, connection_id, with_for_update=True)


def _closed_for(failures: int) -> float:
    """Return the seconds of rest after so many failures: none at first, then longer and longer."""
    if failures < FAILURES:
        return 0.0
    return float(min(CLOSED * 2 ** (failures - FAILURES), LONGEST_CLOSED))
