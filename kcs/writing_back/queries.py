"""Reading what could not be written to a desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from kcs.database import db
from kcs.outbox.models import Effect
from kcs.tickets.models import Connection, Ticket
from kcs.worklist import WorkState
from kcs.writing_back.asking import PINS, REMINDER, STATE, SUGGESTIONS, subject_of

SHOWN = 5


@dataclass(frozen=True)
class NotWritten:
    """An effect that nobody tries any more, and why."""

    ticket: str
    reason: str
    at: datetime


def not_written(connection: Connection) -> list[NotWritten]:
    """Return the latest effects on a connection's tickets that are parked."""
    query = select(Effect).where(Effect.state == WorkState.PARKED, _on(connection))
    found = db.session.execute(query.order_by(Effect.id.desc()).limit(SHOWN)).scalars().all()
    numbers = {each.payload["ticket_id"] for each in found}
    rows = db.session.execute(select(Ticket.id, Ticket.remote_id).where(Ticket.id.in_(numbers)))
    tickets = {row.id: row.remote_id for row in rows}
    return [
        NotWritten(tickets.get(each.payload["ticket_id"], ""), each.reason, each.created_at) for each in found
    ]


def _on(connection: Connection) -> ColumnElement[bool]:
    """Effects are named after their connection; parked ones are few."""
    kinds = (SUGGESTIONS, REMINDER, STATE, PINS)
    return or_(
        *(Effect.subject.startswith(subject_of(kind, connection.id, ""), autoescape=True) for kind in kinds)
    )
