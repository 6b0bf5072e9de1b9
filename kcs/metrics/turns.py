"""Questions to experts in SQL, over the activity log alone: the same statements on SQLite and PostgreSQL.

The report starts from the turns given in its window (index on kind and time) and asks of each, in the rows of
its ticket (index on ticket), what became of it as of the moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from sqlalchemy import Integer, ScalarSelect, Text, column, func, select, table
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.database import db
from kcs.errors import NotFound
from kcs.metrics.model import Scope
from kcs.metrics.reach import within
from kcs.people.models import Agent

ASKED, FORWARDED = "question.asked", "question.forwarded"
ANSWERED, DRAFTED = "question.answered", "question.drafted"
ENDED = ("question.withdrawn", "question.expired")

# What a row and a drill-down show, joined by id: the counts come from the log alone.
_outside = table("outside_experts", column("id", Integer), column("name", Text), column("email", Text))
_tickets = table(
    "tickets", column("id", Integer), column("remote_id", Text), column("connection_id", Integer)
)
_connections = table("connections", column("id", Integer), column("name", Text))


class Outcome(StrEnum):
    """What became of a turn. Each is also a count of the report, as are all of them and the drafted ones."""

    ASKED = "asked"
    ANSWERED = "answered"
    PASSED_ON = "passed_on"
    WAITING = "waiting"
    ENDED = "ended"
    DRAFTED = "drafted"


@dataclass(frozen=True)
class ExpertKey:
    """Who was asked: a colleague, or somebody without a seat, by id."""

    agent: int | None = None
    outside: int | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Return who a row's key stands for. Raises NotFound."""
        kind, _, number = text.partition("-")
        if kind not in ("agent", "outside") or not number.isdecimal():
            raise NotFound("There is no such expert. Choose one from the report.")
        return cls(**{kind: int(number)})

    def __str__(self) -> str:
        return f"agent-{self.agent}" if self.agent is not None else f"outside-{self.outside}"


@dataclass(frozen=True)
class AskedTurn:
    """One turn at a question, and what became of it."""

    question_id: int
    ticket_id: int
    expert: ExpertKey
    asked_at: datetime
    answered_at: datetime | None
    outcome: Outcome
    drafted: bool

    def counts_in(self, cell: Outcome) -> bool:
        """Return whether a cell counts this turn."""
        return cell is Outcome.ASKED or cell is self.outcome or (cell is Outcome.DRAFTED and self.drafted)


def asked_turns(scope: Scope, only: ExpertKey | None = None) -> Iterator[AskedTurn]:
    """Yield the turns that were given in the window, the latest first."""
    given = aliased(Activity, name="given")
    turn_id = given.detail["turn_id"].as_integer()
    expert_id = given.detail["expert_id"].as_integer()
    outside_id = given.detail["outside_id"].as_integer()

    def first(kinds: Sequence[str], name: str = "turn_id") -> ScalarSelect[datetime]:
        later = aliased(Activity)
        return (
            select(func.min(later.happened_at))
            .where(
                later.ticket_id == given.ticket_id,
                later.kind.in_(kinds),
                later.recorded_at < scope.as_of,
                later.detail[name].as_integer() == turn_id,
            )
            .scalar_subquery()
        )

    query = (
        select(
            given.detail["question_id"].as_integer(),
            given.ticket_id,
            expert_id,
            outside_id,
            given.happened_at,
            first([ANSWERED]),
            first([FORWARDED], "from_turn_id"),
            first(ENDED),
            first([DRAFTED]),
        )
        .where(
            given.kind.in_((ASKED, FORWARDED)),
            given.recorded_at < scope.as_of,
            given.happened_at >= scope.window.start,
            given.happened_at < scope.window.end,
            within(scope.reach, expert_id),
        )
        .order_by(given.happened_at.desc(), given.id.desc())
    )
    if only is not None:
        query = query.where(expert_id == only.agent if only.agent is not None else outside_id == only.outside)
    for row in db.session.execute(query):
        number, ticket_id, agent, outside, asked_at, answered_at, passed_on, ended, drafted = row
        outcome = (
            Outcome.ANSWERED
            if answered_at
            else Outcome.PASSED_ON
            if passed_on
            else Outcome.ENDED
            if ended
            else Outcome.WAITING
        )
        key = ExpertKey(agent, outside)
        yield AskedTurn(number, ticket_id, key, asked_at, answered_at, outcome, drafted is not None)


def names_of(experts: Sequence[ExpertKey]) -> dict[ExpertKey, str]:
    """Return what the rows of these experts are called."""
    agents = [each.agent for each in experts if each.agent is not None]
    outside = [each.outside for each in experts if each.outside is not None]
    named = {
        ExpertKey(agent=number): name
        for number, name in db.session.execute(select(Agent.id, Agent.name).where(Agent.id.in_(agents)))
    }
    rows = db.session.execute(
        select(_outside.c.id, _outside.c.name, _outside.c.email).where(_outside.c.id.in_(outside))
    )
    return named | {ExpertKey(outside=number): name or email for number, name, email in rows}


def name_of(key: str) -> str | None:
    """Return what the row of an expert is called, None for one who is no more. Raises NotFound."""
    expert = ExpertKey.read(key)
    return names_of([expert]).get(expert)


def tickets_of(ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return connection and number on the desk of these tickets, those that are still kept."""
    rows = db.session.execute(
        select(_tickets.c.id, _connections.c.name, _tickets.c.remote_id)
        .join(_connections, _connections.c.id == _tickets.c.connection_id)
        .where(_tickets.c.id.in_(ids))
    )
    return {number: (connection, remote_id) for number, connection, remote_id in rows}
