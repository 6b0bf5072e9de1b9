"""With which of its two secrets a desk last came: so one sees when the former one is needed no more.

What arrives often is noted now and then: each delivery would otherwise wait for the row of the one before.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError

from kcs import database
from kcs.database import db
from kcs.text import clean_line
from kcs.tickets.breaker import EMPTY, locked
from kcs.tickets.models import ConnectionHealth

SELDOM = timedelta(seconds=10)
SELDOM_REFUSED = timedelta(minutes=1)  # anybody may send what is refused
KIND = 120


@dataclass(frozen=True)
class Heard:
    """The last delivery that came with the present secret, what it told, and the last with the former one.

    `refused_at` is about when something last came with neither.
    """

    at: datetime | None = None
    kind: str = ""
    former_at: datetime | None = None
    refused_at: datetime | None = None


def heard_from(connection_id: int) -> Heard:
    """Return when a desk last came with which secret."""
    health = db.session.get(ConnectionHealth, connection_id, populate_existing=True)
    if health is None:
        return Heard()
    return Heard(health.heard_at, health.heard_kind, health.former_heard_at, health.refused_at)


def note_heard(connection_id: int, *, kind: str, with_former: bool) -> None:
    """Keep that a delivery came now, and what it told, unless one came just a moment ago. Commits."""
    with database.reading():
        heard = heard_from(connection_id)
        if _is_recent(heard.former_at if with_former else heard.at, SELDOM):
            return
    health = locked(db.session(), connection_id)
    if with_former:
        health.former_heard_at = database.now()
    else:
        health.heard_at, health.heard_kind = database.now(), clean_line(kind, limit=KIND)
    db.session.commit()


def note_refused(connection_id: int) -> None:
    """Keep that something came now that proved nothing, but not more often than once a minute. Commits.

    Nothing is kept while somebody else writes: whoever forges requests must not make others wait.
    """
    with database.reading():
        if _is_recent(heard_from(connection_id).refused_at, SELDOM_REFUSED):
            return
        refused = {"refused_at": database.now()}
    note = database.insert(ConnectionHealth).values(EMPTY | {"connection_id": connection_id} | refused)
    with suppress(OperationalError), database.at_once() as connection:
        connection.execute(note.on_conflict_do_update(index_elements=["connection_id"], set_=refused))


def take_as_former(connection_id: int) -> None:
    """The present secret is the former one from now on; nothing came with the next one yet."""
    health = locked(db.session(), connection_id)
    health.former_heard_at, health.heard_at, health.heard_kind = health.heard_at, None, ""


def _is_recent(last: datetime | None, span: timedelta) -> bool:
    return last is not None and database.now() - last <= span
