"""Whose solving it was, once it is known who a desk user is; decision 0018 has the rules.

The log only grows: a solving credited later is written again with its own time, and reports count the latest.
A report as of an earlier moment stays as it was.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, null, select

from kcs.activity.services import record_many
from kcs.database import db
from kcs.people.models import Agent, Decision, Identity
from kcs.ports import DeskStatus
from kcs.tickets.models import Ticket
from workflow.solve import Act

AT_ONCE = 200


def settle_credit(connection_id: int, *, most: int | None = None) -> int:
    """Give every solving to whoever its author is known to be now; return how many tickets that changed.

    Commits after each piece, so it may be cut short and repeated; about `most` are changed at once.
    """
    changed = 0
    while (most is None or changed < most) and (piece := _settle_some(connection_id)):
        db.session.commit()
        changed += piece
    db.session.commit()
    return changed


def _settle_some(connection_id: int) -> int:
    rightly = _solver()
    query = (
        select(Ticket, Agent)
        .join(
            Identity,
            and_(
                Identity.connection_id == Ticket.connection_id, Identity.remote_id == Ticket.solver_remote_id
            ),
        )
        .outerjoin(Agent, Agent.id == rightly)
        .where(
            Ticket.connection_id == connection_id,
            Ticket.solved_at.is_not(None),
            Ticket.merged.is_(False),
            Ticket.solver_id.is_distinct_from(rightly),
        )
        .order_by(Ticket.id)
        .limit(AT_ONCE)
        .with_for_update(of=Ticket, key_share=True)
    )
    rows = db.session.execute(query, execution_options={"populate_existing": True}).all()
    for ticket, agent in rows:
        ticket.solver_id = agent.id if agent else None
    record_many([_solving(ticket, agent) for ticket, agent in rows if _counts(ticket)])
    db.session.flush()
    return len(rows)


def _solver() -> ColumnElement[int | None]:
    """The agent a desk user is to us, none for machines."""
    says_machine = and_(Identity.decision.is_(None), Identity.machine)
    return case(
        (Identity.decision == Decision.MACHINE, null()), (says_machine, null()), else_=Identity.agent_id
    )


def _counts(ticket: Ticket) -> bool:
    """A deleted ticket counts for nobody; written now, its solving would stand after its deletion."""
    return ticket.status is not DeskStatus.DELETED


def _solving(ticket: Ticket, agent: Agent | None) -> dict[str, object]:
    return {
        "kind": f"ticket.{Act.SOLVE}",
        "authority": f"desk:{ticket.connection_id}",
        "happened_at": ticket.solved_at,
        "agent_id": agent.id if agent else None,
        "team_id": agent.team_id if agent else None,
        "connection_id": ticket.connection_id,
        "ticket_id": ticket.id,
        "before": ticket.knowledge_state.value,
        "after": ticket.knowledge_state.value,
        "detail": {"reason": "credited", **({"inferred": True} if ticket.solver_inferred else {})},
    }
