"""Tickets that stay deleted on their desk lose their words here too; counts and states stay."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import aliased

from kcs import database
from kcs.database import db
from kcs.ports import DeskStatus
from kcs.solving.models import PreparedDraft
from kcs.tickets.models import Message, Requester, Ticket
from kcs.tickets.signals import words_taken_back

KEPT = timedelta(days=30)  # as long as a desk may take a deletion back
AT_ONCE = 100


def erase_deleted() -> int:
    """Empty the words of tickets deleted on their desk thirty days ago, some at a time; return how many.

    One restored after all is read anew.
    """
    query = (
        select(Ticket)
        .where(
            Ticket.status == DeskStatus.DELETED,
            Ticket.deleted_at < database.now() - KEPT,
            Ticket.erased_at.is_(None),
        )
        .order_by(Ticket.id)
        .limit(AT_ONCE)
        .with_for_update(of=Ticket, key_share=True)
    )
    tickets = list(db.session.execute(query).scalars())
    for ticket in tickets:
        _erase(ticket)
    db.session.commit()
    return len(tickets)


def _erase(ticket: Ticket) -> None:
    db.session.execute(delete(PreparedDraft).where(PreparedDraft.ticket_id == ticket.id))
    db.session.execute(update(Message).where(Message.ticket_id == ticket.id).values(body=""))
    ticket.subject, ticket.fields, ticket.tags = "", {}, []
    ticket.erased_at = database.now()
    _forget_requester(ticket)
    db.session.flush()
    words_taken_back.send(ticket)


def _forget_requester(ticket: Ticket) -> None:
    """Blank who asked, unless another ticket of theirs is there."""
    other = aliased(Ticket)
    has_others = exists().where(
        other.requester_id == Requester.id, other.erased_at.is_(None), other.id != ticket.id
    )
    db.session.execute(
        update(Requester)
        .where(Requester.id == ticket.requester_id, ~has_others)
        .values(name="", email=None, phone=None, address=None)
    )
