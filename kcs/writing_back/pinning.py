"""Pins: the desk's own links between a ticket and its help centre's articles, in step with ours.

Our links feed the figures, pins show them to whoever looks at the desk alone. Only pins of ours are taken
away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from kcs import database, worklist
from kcs.database import db
from kcs.outbox.models import Effect
from kcs.outbox.services import EffectClaim
from kcs.ports import DeskWriter
from kcs.publishing.models import Publication, Target
from kcs.solving.queries import present_links
from kcs.tickets.models import Connection, Ticket, WriteBack
from kcs.writing_back.asking import PINS, wants
from kcs.writing_back.desks import UNWRITABLE, Writers, end, recorded, unless_gone
from kcs.writing_back.models import Pin

# How long an account is taken to have no pins before it is asked again.
NO_PINS_FOR = timedelta(days=1)
NO_PINS = "this account has no pins"


@dataclass(frozen=True)
class _Plan:
    """What to pin (article there → locale) and what to take away; `new` are to be remembered as ours."""

    pin: dict[str, str]
    unpin: frozenset[str]
    new: frozenset[str]


class Pinner:
    """Carries out `desk.pins` effects."""

    def __init__(self, writers: Writers) -> None:
        self._writers = writers

    def write(self, claim: EffectClaim) -> None:
        """Bring one ticket's pins in step with its links. Raises RemoteError, LeaseLostError."""
        ticket_id = claim.payload["ticket_id"]
        with database.reading():
            ticket = db.session.get_one(Ticket, ticket_id)
            remote_id, refused = ticket.remote_id, _refused(ticket)
            wanted, ours = _wanted(ticket), _ours(ticket_id)
            writer = self._writers.of(ticket.connection)
            connection_id = ticket.connection_id
        if refused:
            end(claim, refused)
            return
        present: list[frozenset[str] | None] = []
        gone = unless_gone(lambda: present.append(writer.pinned(remote_id)))
        if gone or present[0] is None:
            if not gone:
                _remember_none(connection_id)
            end(claim, gone or NO_PINS)
            return
        plan = _planned(wanted, ours, present[0])
        # Ours before they are there: a worker killed in between leaves nothing that nobody would take away.
        claim.hold()
        _remember(ticket_id, plan.new)
        db.session.commit()
        gone = unless_gone(lambda: _carry_out(writer, remote_id, plan))
        _forget(ticket_id, ours - wanted.keys())
        if plan.pin or plan.unpin:
            recorded(PINS, ticket_id)
        worklist.finish_others(Effect, claim.held)
        end(claim, gone)


def _refused(ticket: Ticket) -> str:
    if not wants(ticket, WriteBack.PINS):
        return "switched off"
    none_until = ticket.connection.no_pins_until
    if none_until is not None and none_until > database.now():
        return NO_PINS
    return UNWRITABLE.get(ticket.status, "")


def _wanted(ticket: Ticket) -> dict[str, str]:
    """Return the articles of this desk's help centre that are linked to the ticket, each with its locale."""
    articles = [link.article_id for link in present_links(ticket)]
    query = (
        select(Publication.remote_id, Publication.locale)
        .join(Target, Target.id == Publication.target_id)
        .where(
            Publication.article_id.in_(articles),
            Publication.shown,
            Target.connection_id == ticket.connection_id,
        )
        .order_by(Publication.id)
    )
    wanted: dict[str, str] = {}
    for row in db.session.execute(query):
        if row.remote_id is not None and (row.remote_id not in wanted or row.locale == ticket.locale):
            wanted[row.remote_id] = row.locale
    return wanted


def _ours(ticket_id: int) -> frozenset[str]:
    query = select(Pin.remote_id).where(Pin.ticket_id == ticket_id)
    return frozenset(db.session.execute(query).scalars())


def _planned(wanted: dict[str, str], ours: frozenset[str], present: frozenset[str]) -> _Plan:
    missing = {remote_id: locale for remote_id, locale in wanted.items() if remote_id not in present}
    return _Plan(missing, (ours - wanted.keys()) & present, frozenset(missing.keys() - ours))


def _carry_out(writer: DeskWriter, remote_id: str, plan: _Plan) -> None:
    for article_id, locale in plan.pin.items():
        writer.pin(remote_id, article_id, locale)
    for article_id in plan.unpin:
        writer.unpin(remote_id, article_id)


def _remember(ticket_id: int, remote_ids: frozenset[str]) -> None:
    moment = database.now()
    db.session.add_all(Pin(ticket_id=ticket_id, remote_id=each, created_at=moment) for each in remote_ids)


def _forget(ticket_id: int, remote_ids: frozenset[str]) -> None:
    db.session.execute(delete(Pin).where(Pin.ticket_id == ticket_id, Pin.remote_id.in_(remote_ids)))


def _remember_none(connection_id: int) -> None:
    connection = db.session.get_one(Connection, connection_id)
    until: datetime = database.now() + NO_PINS_FOR
    connection.no_pins_until = until
