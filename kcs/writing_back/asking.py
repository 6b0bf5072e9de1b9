"""When something is to be written to a ticket on its desk: an effect, in the transaction that wants it.

An effect names a ticket, not a text: whoever carries it out reads the ticket as it then is and brings that
about, so effects may be lost, repeated or late without harm. What is written is switched on for each
connection by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from kcs import database
from kcs.database import db
from kcs.outbox import services as outbox
from kcs.ports import DeskStatus
from kcs.publishing.models import Publication
from kcs.solving.models import Link
from kcs.tickets.models import Ticket, WriteBack
from kcs.tickets.services import solved_before_us

SUGGESTIONS = "desk.suggestions"
REMINDER = "desk.reminder"
STATE = "desk.state"
PINS = "desk.pins"

# A ticket first read later than this after it was opened is one of the past: nobody waits for advice on it.
STILL_NEW = timedelta(hours=1)
# One that was solved longer ago is not reminded of any more.
STILL_FRESH = timedelta(hours=24)
# Whoever solves a ticket and links its article in the same breath needs no reminder.
GRACE = timedelta(minutes=1)
READ_ONLY = (DeskStatus.CLOSED, DeskStatus.DELETED)
# Tickets whose pins follow when an article is published or withdrawn: the latest that are linked to it.
MOST_PINNED = 500


def follow_opened(ticket: Ticket) -> None:
    """Ask for the note with suggestions on a ticket that was just opened."""
    if wants(ticket, WriteBack.SUGGESTIONS) and database.now() - ticket.opened_at < STILL_NEW:
        _ask(SUGGESTIONS, ticket)


def follow_left_unanswered(ticket: Ticket) -> None:
    """Ask for the reminder on a ticket that was just solved without knowledge."""
    moment, solved_at = database.now(), ticket.solved_at
    if solved_at is None or not wants(ticket, WriteBack.REMINDER) or moment - solved_at > STILL_FRESH:
        return
    _ask(REMINDER, ticket, change=ticket.last_change_id, not_before=moment + GRACE)


def follow_moved(ticket: Ticket) -> None:
    """Ask for tag, field and pins to follow what became of a ticket's knowledge.

    Not of the past: closed tickets are read-only, and a backfill would write to thousands.
    """
    if ticket.status in READ_ONLY or solved_before_us(ticket):
        return
    if wants(ticket, WriteBack.TAG, WriteBack.FIELD):
        _ask(STATE, ticket)
    if wants(ticket, WriteBack.PINS):
        _ask(PINS, ticket)


def follow_publication(publication: Publication) -> None:
    """Ask for the pins of an article that a desk's help centre began or ceased to show."""
    connection = publication.target.connection
    if WriteBack.PINS not in connection.writes:
        return
    query = select(Ticket).join(Link, Link.ticket_id == Ticket.id)
    query = query.where(
        Link.article_id == publication.article_id,
        Link.removed_at.is_(None),
        Ticket.connection_id == connection.id,
    )
    for ticket in db.session.execute(query.order_by(Link.id.desc()).limit(MOST_PINNED)).scalars():
        if wants(ticket, WriteBack.PINS):
            _ask(PINS, ticket)


def wants(ticket: Ticket, *kinds: WriteBack) -> bool:
    """True when one of `kinds` is switched on where this ticket is; imported ones are nowhere."""
    connection = ticket.connection
    return bool(ticket.url) and connection.active and any(kind.value in connection.writes for kind in kinds)


def subject_of(kind: str, connection_id: int, ticket_id: int | str) -> str:
    """Return what effects are named after; those of one name are brought about one after the other."""
    return f"{kind}:{connection_id}:{ticket_id}"


def _ask(kind: str, ticket: Ticket, *, not_before: datetime | None = None, **more: object) -> None:
    outbox.write(
        kind,
        subject=subject_of(kind, ticket.connection_id, ticket.id),
        payload={"ticket_id": ticket.id, **more},
        not_before=not_before,
    )
