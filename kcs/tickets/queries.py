"""Reading the ticket mirror."""

from __future__ import annotations

from enum import StrEnum

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, and_, func, or_, select

from kcs.database import db
from kcs.errors import NotFound
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.text import clean_line
from kcs.tickets.models import Connection, Ticket
from workflow.solve import KnowledgeState

PER_PAGE = 25


class TicketList(StrEnum):
    """The lists people work from."""

    MINE = "mine"
    UNFINISHED = "unfinished"
    OPEN = "open"
    ALL = "all"


_SOLVED = (DeskStatus.SOLVED, DeskStatus.CLOSED)
_UNFINISHED = (KnowledgeState.UNANSWERED, KnowledgeState.STRUCTURE)


def _condition(which: TicketList, agent: Agent) -> ColumnElement[bool]:
    mine = or_(Ticket.assignee_id == agent.id, Ticket.solver_id == agent.id)
    conditions: dict[TicketList, ColumnElement[bool]] = {
        TicketList.MINE: and_(Ticket.assignee_id == agent.id, Ticket.status.not_in(_SOLVED)),
        # A past ticket that was imported has no address at a desk: nobody is asked to finish it.
        TicketList.UNFINISHED: and_(mine, Ticket.knowledge_state.in_(_UNFINISHED), Ticket.url != ""),
        TicketList.OPEN: Ticket.status.not_in(_SOLVED),
        TicketList.ALL: Ticket.id.is_not(None),
    }
    return and_(conditions[which], Ticket.status != DeskStatus.DELETED)


def page_of_tickets(
    which: TicketList, agent: Agent, *, page: int, state: KnowledgeState | None = None
) -> Pagination:
    """Return one page of a list, last changed on the desk first."""
    query = select(Ticket).where(_condition(which, agent))
    if state is not None:
        query = query.where(Ticket.knowledge_state == state)
    query = query.order_by(Ticket.desk_updated_at.desc(), Ticket.id.desc())
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def count_tickets(which: TicketList, agent: Agent) -> int:
    """Return how many tickets a list holds."""
    query = select(func.count()).select_from(Ticket).where(_condition(which, agent))
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
