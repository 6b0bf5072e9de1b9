"""With which of its two secrets a desk last came: so one sees when the former one is needed no more.

What arrives often is noted now and then: each delivery would otherwise wait for the row of the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kcs import database
from kcs.database import db
from kcs.text import clean_line
from kcs.tickets.breaker import locked
from kcs.tickets.models import ConnectionHealth

SELDOM = timedelta(seconds=10)
KIND = 120


@dataclass(frozen=True)
class Heard:
    """The last delivery that came with the present secret, what it told, and the last with the former one."""

    at: datetime | None = None
    kind: str = ""
    former_at: datetime | None = None


def heard_from(connection_id: int) -> Heard:
    """Return when a desk last came with which secret."""
    health = db.session.get(ConnectionHealth, connection_id, populate_existing=True)
    return Heard(health.heard_at, health.heard_kind, health.former_heard_at) if health else Heard()


def worth_noting(connection_id: int, *, with_former: bool) -> bool:
    """Return whether a delivery that came now is to be kept here: not where one was just a moment ago."""
    heard = heard_from(connection_id)
    last = heard.former_at if with_former else heard.at
    return last is None or database.now() - last > SELDOM


def note_heard(connection_id: int, *, kind: str, with_former: bool) -> None:
    """Keep that a delivery came now, and what it told."""
    health = locked(db.session(), connection_id)
    if with_former:
        health.former_heard_at = database.now()
    else:
        health.heard_at, health.heard_kind = database.now(), clean_line(kind, limit=KIND)


def take_as_former(connection_id: int) -> None:
    """The present secret is the former one from now on; nothing came with the next one yet."""
    health = locked(db.session(), connection_id)
    health.former_heard_at, health.heard_at, health.heard_kind = health.heard_at, None, ""
