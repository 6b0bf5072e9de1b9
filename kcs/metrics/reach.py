"""How far a person's reports reach: whose tickets are in the rows, the totals and behind every figure."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, SQLColumnExpression, or_, select, true

from kcs.database import db
from kcs.people.coaching import close_to
from kcs.people.models import Agent
from workflow.permissions import Role


@dataclass(frozen=True)
class Reach:
    """Everybody, or one person and, for a coach, the people now in the coach's team.

    Tickets solved by nobody of ours are in everybody's reach only. `reader_id` is who reads, None for a command.
    """

    everybody: bool = False
    agent_id: int | None = None
    team_id: int | None = None
    reader_id: int | None = None

    def covers(self, person: Agent) -> bool:
        """True when this person's tickets are within reach."""
        in_team = self.team_id is not None and person.team_id == self.team_id
        return self.everybody or in_team or person.id == self.agent_id


EVERYBODY = Reach(everybody=True)


def reach_of(reader: Agent) -> Reach:
    """Managers and admins see everybody, a coach their team's people, anyone else themselves."""
    if reader.roles & {Role.MANAGER, Role.ADMIN}:
        return Reach(everybody=True, reader_id=reader.id)
    team_id = reader.team_id if Role.COACH in reader.roles else None
    return Reach(agent_id=reader.id, team_id=team_id, reader_id=reader.id)


def within(reach: Reach, agent_id: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    """Keep rows about people within reach."""
    if reach.everybody:
        return true()
    if reach.team_id is None:
        return agent_id == reach.agent_id
    people = select(Agent.id).where(Agent.team_id == reach.team_id)
    return or_(agent_id == reach.agent_id, agent_id.in_(people))


def within_close(reach: Reach, agent_id: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    """Keep rows about people whose judged work the reader may see: their own, a coach's and a manager's people.

    Narrower than `within`: being an administrator, or the manager of another team, is not enough.
    """
    reader = db.session.get(Agent, reach.reader_id) if reach.reader_id is not None else None
    if reader is None:
        return within(reach, agent_id)
    return agent_id.in_(select(Agent.id).where(close_to(reader)))
