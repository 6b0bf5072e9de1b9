"""Reading the ticket mirror."""

from __future__ import annotations

from enum import StrEnum

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, and_, case, func, or_, select

from kcs.database import db
from kcs.errors import NotFound
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.text import clean_line
from kcs.tickets.models import ClosePolicy, Connection, Ticket
from workflow.solve import KnowledgeState

PER_PAGE = 25


class TicketList(StrEnum):
    """The lists people work from."""

    MINE = "mine"
    UNFINISHED = "unfinished"
    OPEN = "open"
    ALL = "all"


_SOLVED = (DeskStatus.SOLVED, DeskStatus.CLOSED)


def tickets_in(which: TicketList, agent: Agent) -> ColumnElement[bool]:
    """Say which tickets are in a list of this person; deleted ones are in none."""
    mine = or_(Ticket.assignee_id == agent.id, Ticket.solver_id == agent.id)
    conditions: dict[TicketList, ColumnElement[bool]] = {
        TicketList.MINE: and_(Ticket.assignee_id == agent.id, Ticket.status.not_in(_SOLVED)),
        # A past ticket that was imported has no address at a desk: nobody is asked to finish it.
        TicketList.UNFINISHED: and_(mine, _is_unfinished(), Ticket.url != ""),
        TicketList.OPEN: Ticket.status.not_in(_SOLVED),
        TicketList.ALL: Ticket.id.is_not(None),
    }
    return and_(conditions[which], Ticket.status != DeskStatus.DELETED)


def _is_unfinished() -> ColumnElement[bool]:
    """A draft that was begun waits in any case; what is only missing, where the policy asks for it."""
    unasked = select(Connection.id).where(Connection.closing == ClosePolicy.NOTHING)
    begun = select(Connection.created_at).where(Connection.id == Ticket.connection_id).scalar_subquery()
    missing = and_(
        Ticket.knowledge_state == KnowledgeState.UNANSWERED,
        Ticket.connection_id.not_in(unasked),
        Ticket.merged.is_(False),  # its matter goes on in another ticket
        Ticket.solved_at >= begun,  # what was solved before the desk was connected is past
    )
    return or_(missing, Ticket.knowledge_state == KnowledgeState.STRUCTURE)


def next_unfinished(agent: Agent, after: Ticket | None = None) -> Ticket | None:
    """Return the agent's unfinished ticket that follows `after` in their list, the first after the last.

    None when there is no other one.
    """
    query = select(Ticket).where(tickets_in(TicketList.UNFINISHED, agent))
    if after is not None:
        query = query.where(Ticket.id != after.id).order_by(_follows(after).desc())
    query = query.order_by(Ticket.desk_updated_at.desc(), Ticket.id.desc()).limit(1)
    return db.session.execute(query).scalar_one_or_none()


def _follows(other: Ticket) -> ColumnElement[int]:
    """1 for what comes after `other` in a list, 0 for what comes before it."""
    same = and_(Ticket.desk_updated_at == other.desk_updated_at, Ticket.id < other.id)
    return case((or_(Ticket.desk_updated_at < other.desk_updated_at, same), 1), else_=0)


def page_of_tickets(
    which: TicketList, agent: Agent, *, page: int, state: KnowledgeState | None = None
) -> Pagination:
    """Return one page of a list, last changed on the desk first."""
    query = select(Ticket).where(tickets_in(which, agent))
    if state is not None:
        query = query.where(Ticket.knowledge_state == state)
    query = query.order_by(Ticket.desk_updated_at.desc(), Ticket.id.desc())
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def count_tickets(which: TicketList, agent: Agent) -> int:
    """Return how many tickets a list holds."""
    query = select(func.count()).select_from(Ticket).where(tickets_in(which, agent))
    return db.session.execute(query).scalar_one()


def get_ticket(connection: str, remote_id: str) -> Ticket:
    """Return a mirrored ticket. Raises NotFound."""
    found = db.session.execute(
        select(Ticket)
        .join(Connection)
        .where(
            Connection.name == clean_line(connection),
            Ticket.remote_id == clean_line(remote_id),
            Ticket.status != DeskStatus.DELETED,
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no ticket {remote_id} of '{connection}' here (yet).")
    return found


def get_connection(name: str) -> Connection:
    """Return a connection by name. Raises NotFound."""
    found = db.session.execute(select(Connection).where(Connection.name == name)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no connection '{name}'.")
    return found
