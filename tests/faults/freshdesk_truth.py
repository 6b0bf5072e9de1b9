"""What can be known of the tickets of a Freshdesk account, worked out from the account's own log.

REST tells no history: who solved a ticket is known where the app's event of it arrived, and taken to be the
responder where it did not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.outbox import APP
from integrations.freshdesk.emulator.records import CLOSED, DONE, OPEN, PENDING, RESOLVED, Act
from integrations.freshdesk.emulator.records import Ticket as DeskTicket
from kcs.ports import DeskStatus

STATUSES = {
    OPEN: DeskStatus.OPEN,
    PENDING: DeskStatus.PENDING,
    RESOLVED: DeskStatus.SOLVED,
    CLOSED: DeskStatus.CLOSED,
}


@dataclass(frozen=True)
class Known:
    """What can be known here of who solved a ticket.

    `solvers` are the addresses of those who may be credited, None for nobody; with `inferred` there may be
    several, of whom it depends on when the ticket was read who is.
    """

    solvers: frozenset[str | None] = frozenset({None})
    inferred: bool = False


def heard_moves(desk: Emulator) -> set[tuple[int, int]]:
    """Return ticket and time, in milliseconds, of every move of a status whose app event arrived."""
    told = [s.delivery for s in desk.outbox.all if s.delivery.source == APP and s.end == "delivered"]
    bodies = [json.loads(delivery.body) for delivery in told]
    return {(body["ticket_id"], body["timestamp"]) for body in bodies if "status" in body["changes"]}


def last_solving(ticket: DeskTicket) -> Act | None:
    """Return the act that solved it last, if it is solved; closing what is resolved is none."""
    found = None
    for act in ticket.acts:
        before, after = act.changes.get("status", (None, None))
        if after in DONE and before not in DONE:
            found = act
    return found if ticket.status in DONE else None


def known_of(ticket: DeskTicket, desk: Emulator, heard: set[tuple[int, int]], ours: set[str]) -> Known:
    """Say who is to be credited: whoever acted where that was heard, else the responder, inferred.

    What an unheard solving was cannot be known: one by a rule, by a colleague, or by somebody without an
    account here, counts as that of whoever was the responder when it was first read.
    """
    act = last_solving(ticket)
    if act is None:
        return Known()

    def address(number: int | None) -> str | None:
        agent = desk.desk.agents.get(number or 0)
        return agent.email if agent and agent.email in ours else None

    if (ticket.id, milliseconds(act.at)) in heard:
        return Known(frozenset({address(act.actor_id)}))
    return Known(frozenset(map(address, responders_since(ticket, act))), inferred=True)


def responders_since(ticket: DeskTicket, act: Act) -> Iterator[int | None]:
    """Yield who was responsible for a ticket from an act on, the last first."""
    yield ticket.responder_id
    for later in reversed(ticket.acts[ticket.acts.index(act) + 1 :]):
        if "responder_id" in later.changes:
            before = later.changes["responder_id"][0]
            yield before if isinstance(before, int) else None


def solvings(ticket: DeskTicket) -> int:
    """Return how often it was solved."""
    moves = [act.changes["status"] for act in ticket.acts if "status" in act.changes]
    return sum(after in DONE and before not in DONE for before, after in moves)


def milliseconds(at: datetime) -> int:
    """Return a moment as the app tells it."""
    return int(at.timestamp() * 1000)


def desk_status(ticket: DeskTicket) -> DeskStatus:
    """Return what our words for its status are."""
    if ticket.deleted or ticket.gone or ticket.spam:
        return DeskStatus.DELETED
    return STATUSES.get(ticket.status, DeskStatus.HOLD)
