"""The link rate in SQL, over the activity log alone: the same statements on SQLite and PostgreSQL.

A report starts from the solvings in its window (index on kind and time) and asks of each, in the rows of its
ticket (index on ticket), whether it is the latest, and what the ticket's links and exemption are as of the
moment. The cost follows the window, not the age of the log.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Text,
    column,
    func,
    literal,
    null,
    select,
    table,
    true,
    union_all,
    values,
)

from kcs.database import UtcDateTime, db
from kcs.metrics.definitions import Cell, Figures
from kcs.metrics.periods import Period
from kcs.metrics.solved import Question, solved_in
from kcs.people.models import Agent, Team

NOBODY: Literal["none"] = "none"
Key = int | Literal["none"]

# What a drill-down shows of a ticket, joined by id: the counts come from the log alone.
_tickets = table("tickets", column("id", Integer), column("remote_id", Text), column("subject", Text))
_connections = table("connections", column("id", Integer), column("name", Text))


@dataclass(frozen=True)
class Filter:
    """Which tickets of the window a drill-down shows: of an agent, a team or a desk, of none, or all (None).

    `desk` is a connection's id.
    """

    agent: Key | None = None
    team: Key | None = None
    desk: Key | None = None


@dataclass(frozen=True)
class Count:
    """The figures of one agent, team, desk or period; `key` is its id or number, None for none."""

    key: int | None
    name: str | None
    figures: Figures


@dataclass(frozen=True)
class SolvedTicket:
    """One ticket behind a figure. What the mirror no longer holds is None."""

    ticket_id: int
    connection: str | None
    remote_id: str | None
    subject: str | None
    solved_at: datetime


def count_by_agent(question: Question) -> list[Count]:
    """Count the window's tickets for each agent who solved them, unordered."""
    solved = solved_in(question)
    return _fold(
        select(solved.c.agent_id, Agent.name, solved.c.outcome, *_counted(solved))
        .select_from(solved.outerjoin(Agent, Agent.id == solved.c.agent_id))
        .group_by(solved.c.agent_id, Agent.name, solved.c.outcome)
    )


def count_by_team(question: Question) -> list[Count]:
    """Count the window's tickets for each team their solver was in at the time, unordered."""
    solved = solved_in(question)
    return _fold(
        select(solved.c.team_id, Team.name, solved.c.outcome, *_counted(solved))
        .select_from(solved.outerjoin(Team, Team.id == solved.c.team_id))
        .group_by(solved.c.team_id, Team.name, solved.c.outcome)
    )


def count_by_desk(question: Question) -> list[Count]:
    """Count the window's tickets for each connection they came by, unordered."""
    solved = solved_in(question)
    return _fold(
        select(solved.c.connection_id, _connections.c.name, solved.c.outcome, *_counted(solved))
        .select_from(solved.outerjoin(_connections, _connections.c.id == solved.c.connection_id))
        .group_by(solved.c.connection_id, _connections.c.name, solved.c.outcome)
    )


def count_by_period(question: Question, periods: list[Period]) -> list[Count]:
    """Count the window's tickets for each of `periods` that has any; `key` is its place in the list.

    The periods follow each other without a gap: the tickets and the beginnings of the periods are put in one
    order, and a ticket's period is the number of beginnings up to it. So many periods cost no more than few.
    """
    solved = solved_in(question)
    calendar = _beginnings(periods)
    marked = union_all(
        select(
            calendar.c.moment,
            null().label("outcome"),
            literal(0).label("inferred"),
            literal(1).label("begins"),
        ),
        select(solved.c.happened_at, solved.c.outcome, solved.c.inferred, literal(0)),
    ).subquery("marked")
    begun = func.sum(marked.c.begins).over(order_by=(marked.c.moment, marked.c.begins.desc()), rows=(None, 0))
    placed = select(marked.c.outcome, marked.c.inferred, (begun - 1).label("number")).subquery("placed")
    return _fold(
        select(placed.c.number, null(), placed.c.outcome, *_counted(placed))
        .where(placed.c.outcome.is_not(None))
        .group_by(placed.c.number, placed.c.outcome)
    )


def count_tickets(question: Question, cell: Cell, only: Filter) -> int:
    """Count what `list_tickets` lists."""
    return db.session.execute(select(func.count()).select_from(_cell(question, cell, only))).scalar_one()


def desk_name(connection_id: int) -> str | None:
    """Return what a connection is called."""
    query = select(_connections.c.name).where(_connections.c.id == connection_id)
    return db.session.execute(query).scalar_one_or_none()


def list_tickets(
    question: Question, cell: Cell, only: Filter, *, limit: int, offset: int
) -> list[SolvedTicket]:
    """Return a page of the tickets behind a figure, last solved first."""
    found = _cell(question, cell, only)
    rows = db.session.execute(
        select(
            found.c.ticket_id,
            _connections.c.name,
            _tickets.c.remote_id,
            _tickets.c.subject,
            found.c.happened_at,
        )
        .select_from(
            found.outerjoin(_tickets, _tickets.c.id == found.c.ticket_id).outerjoin(
                _connections, _connections.c.id == found.c.connection_id
            )
        )
        .order_by(found.c.happened_at.desc(), found.c.ticket_id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [SolvedTicket(*row) for row in rows]


def _cell(question: Question, cell: Cell, only: Filter) -> Subquery:
    solved = solved_in(question)
    found = select(solved).where(
        _is(solved.c.agent_id, only.agent),
        _is(solved.c.team_id, only.team),
        _is(solved.c.connection_id, only.desk),
    )
    if cell is Cell.INFERRED:
        found = found.where(solved.c.inferred == 1)
    elif cell is not Cell.SOLVED:
        found = found.where(solved.c.outcome == cell.value)
    return found.subquery("found")


def _is(found: ColumnElement[int | None], key: Key | None) -> ColumnElement[bool]:
    if key is None:
        return true()
    return found.is_(None) if key == NOBODY else found == key


def _beginnings(periods: list[Period]) -> CTE:
    moments = values(column("moment", UtcDateTime()), name="calendar")
    return moments.data([(period.start,) for period in periods]).cte("calendar")


def _counted(solved: Subquery) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """How many tickets, and of how many of them it is inferred who solved them."""
    return func.count(), func.sum(solved.c.inferred)


def _fold(statement: Select[Any]) -> list[Count]:
    """Put the counts of each outcome (key, name, outcome, count, inferred) side by side."""
    counts: dict[int | None, Count] = {}
    for key, name, outcome, number, inferred in db.session.execute(statement):
        seen = counts.get(key) or Count(key, name, Figures())
        figures = Figures(**{outcome: number}, inferred=inferred)
        counts[key] = replace(seen, figures=seen.figures + figures)
    return list(counts.values())
