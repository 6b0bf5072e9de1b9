"""A tag and a custom field with a ticket's knowledge state, kept in step with it on the desk."""

from __future__ import annotations

from dataclasses import dataclass

from kcs import database, worklist
from kcs.database import db
from kcs.outbox.models import Effect
from kcs.outbox.services import EffectClaim
from kcs.ports import DeskWriter
from kcs.tickets.knowledge_tags import own_tags, tag_of
from kcs.tickets.models import Connection, Ticket, WriteBack
from kcs.writing_back.asking import STATE, wants
from kcs.writing_back.desks import UNWRITABLE, Writers, end, recorded, unless_gone


@dataclass(frozen=True)
class _Wanted:
    """What the desk should say of a ticket, empty for nothing; None for a place that is switched off."""

    remote_id: str
    name: str
    others: tuple[str, ...] | None
    field: str | None

    def write(self, writer: DeskWriter) -> None:
        """Bring the desk in step. Raises RemoteError."""
        if self.others is not None:
            writer.set_tags(self.remote_id, add=[self.name] if self.name else [], remove=self.others)
        if self.field is not None:
            writer.set_field(self.remote_id, self.field, self.name)


class StateWriter:
    """Carries out `desk.state` effects: one brings about the state as it then is, whatever moved it."""

    def __init__(self, writers: Writers) -> None:
        self._writers = writers

    def write(self, claim: EffectClaim) -> None:
        """Bring one ticket's tag and field in step. Raises RemoteError, LeaseLostError."""
        ticket_id = claim.payload["ticket_id"]
        with database.reading():
            ticket = db.session.get_one(Ticket, ticket_id)
            state, unwritable = ticket.knowledge_state, UNWRITABLE.get(ticket.status, "")
            wanted, writer = _wanted(ticket), self._writers.of(ticket.connection)
        if wanted is None or unwritable:
            end(claim, unwritable or "switched off")
            return
        gone = unless_gone(lambda: wanted.write(writer))
        if not gone:
            recorded(STATE, ticket_id, after=state.value)
        # What was wanted of this ticket before we read it is brought about with this.
        worklist.finish_others(Effect, claim.held)
        end(claim, gone)


def _wanted(ticket: Ticket) -> _Wanted | None:
    if not wants(ticket, WriteBack.TAG, WriteBack.FIELD):
        return None
    connection = ticket.connection
    name = tag_of(connection, ticket.knowledge_state)
    return _Wanted(ticket.remote_id, name, _others(connection, name), _field(connection))


def _others(connection: Connection, name: str) -> tuple[str, ...] | None:
    """Return the tags of all other states, None where no tag is wanted."""
    if WriteBack.TAG not in connection.writes:
        return None
    return tuple(sorted(own_tags(connection) - {name}))


def _field(connection: Connection) -> str | None:
    return connection.state_field if WriteBack.FIELD in connection.writes and connection.state_field else None
