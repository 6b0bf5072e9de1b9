"""Reaching a ticket on its desk: who writes there, and which refusals end an effect without a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kcs.activity.services import record
from kcs.database import db
from kcs.errors import ConfigError, RemoteError, TicketClosed
from kcs.outbox.services import EffectClaim
from kcs.ports import DeskStatus, DeskWriter, Provider
from kcs.tickets.accounts import credentials_of
from kcs.tickets.models import Connection, Ticket

UNWRITABLE = {
    DeskStatus.CLOSED: "the ticket is closed: its desk lets nobody change it any more",
    DeskStatus.DELETED: "the desk has no such ticket any more",
}


class Writers:
    """The writers to the desks of all connections."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers

    def of(self, connection: Connection) -> DeskWriter:
        """Return the writer of a connection. Raises RemoteError where its settings are unusable."""
        provider = self._providers[connection.provider]
        try:
            return provider.writer(credentials_of(connection, provider))
        except ConfigError as error:
            raise RemoteError(error.message, permanent=True) from error


def unless_gone(write: Callable[[], object]) -> str:
    """Write; return why that is no longer possible when the ticket is closed or gone, else nothing.

    Raises RemoteError for every other refusal.
    """
    try:
        write()
    except TicketClosed:
        return UNWRITABLE[DeskStatus.CLOSED]
    except RemoteError as error:
        if not error.missing:
            raise
        return UNWRITABLE[DeskStatus.DELETED]
    return ""


def end(claim: EffectClaim, reason: str) -> None:
    """Finish an effect with nothing written, and say why. Raises LeaseLostError."""
    claim.finish(reason)
    db.session.commit()


def recorded(kind: str, ticket_id: int, *, after: str | None = None) -> None:
    """Record what was written: the activity row is named after the effect, with `.written`."""
    ticket = db.session.get_one(Ticket, ticket_id)
    record(
        f"{kind}.written",
        authority="system",
        connection_id=ticket.connection_id,
        ticket_id=ticket.id,
        after=after,
    )
