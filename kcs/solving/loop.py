"""The machinery of the solve loop: lock the ticket, move it by the table, write what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import WorkflowError
from kcs.people.models import Agent
from kcs.solving.models import LinkRole
from kcs.solving.queries import present_exemption
from kcs.solving.signals import ticket_moved
from kcs.tickets.models import Ticket
from kcs.words import TICKET_STATES
from workflow import solve
from workflow.solve import Act, Facts, KnowledgeState


@dataclass(frozen=True)
class Record:
    """What the activity row of a move says beside the states. `inferred`: who made it was not told."""

    authority: str
    agent: Agent | None = None
    happened_at: datetime | None = None
    article_id: int | None = None
    link_id: int | None = None
    role: LinkRole | None = None
    reason: str | None = None
    inferred: bool = False

    @property
    def detail(self) -> dict[str, object]:
        """What the row says besides, in codes."""
        reason: dict[str, object] = {"reason": self.reason} if self.reason else {}
        return {**reason, "inferred": True} if self.inferred else reason


def fire(ticket: Ticket, act: Act, facts: Facts, written: Record) -> KnowledgeState:
    """Move the ticket by the table and record it; return the state it was in."""
    before = ticket.knowledge_state
    try:
        ticket.knowledge_state = solve.after(before, act, facts)
    except solve.RefusedMoveError as error:
        raise _not_possible(act, before) from error
    write(ticket, act, before, written)
    return before


def refuse_unless_possible(ticket: Ticket, act: Act) -> None:
    """Raise WorkflowError before work is done for an act the table has no row for."""
    if act not in solve.possible(ticket.knowledge_state):
        raise _not_possible(act, ticket.knowledge_state)


def _not_possible(act: Act, state: KnowledgeState) -> WorkflowError:
    return WorkflowError(
        "'%(act)s' is not possible while the ticket is in '%(state)s'.", act=act, state=TICKET_STATES[state]
    )


def write(ticket: Ticket, act: Act, before: KnowledgeState, written: Record) -> None:
    """Append the activity row of an act."""
    record(
        f"ticket.{act}",
        authority=written.authority,
        agent=written.agent,
        happened_at=written.happened_at,
        connection_id=ticket.connection_id,
        ticket_id=ticket.id,
        article_id=written.article_id,
        link_id=written.link_id,
        role=written.role.value if written.role else None,
        before=before.value,
        after=ticket.knowledge_state.value,
        detail=written.detail,
    )
    ticket_moved.send(ticket)


def end_exemption(ticket: Ticket) -> None:
    """The ticket needs knowledge after all."""
    present = present_exemption(ticket)
    if present is not None:
        present.ended_at = database.now()


def lock(ticket: Ticket) -> None:
    """Hold the ticket's row until the end of the transaction and see its present state."""
    db.session.flush()
    db.session.refresh(ticket, with_for_update={"key_share": True, "of": Ticket})
