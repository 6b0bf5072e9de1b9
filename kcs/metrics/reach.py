"""How far a person's reports reach: whose tickets are in the rows, the totals and behind every figure."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, SQLColumnExpression, or_, select, true

from kcs.database import db
from kcs.people.coaching import close_to, teams_of_manager
from kcs.people.models import Agent, Team
from workflow.permissions import Role


@dataclass(frozen=True)
class Reach:
    """Everybody, or one person and, for a coach, the people now in the coach's team, for a manager in theirs.

    Tickets solved by nobody of ours are in everybody's reach only. `reader_id` is who reads; a command is
    nobody.
    """

    everybody: bool = False
    agent_id: int | None = None
    team_id: int | None = None
    managed: tuple[int, ...] = ()
    reader_id: int | None = None

    def covers(self, person: Agent) -> bool:
        """True when this person's tickets are within reach."""
        return self.everybody or person.team_id in self.teams or person.id == self.agent_id

    @property
    def teams(self) -> frozenset[int]:
        """The teams whose people are within reach."""
        return frozenset(team for team in (self.team_id, *self.managed) if team is not None)


EVERYBODY = Reach(everybody=True)


def reach_of(reader: Agent) -> Reach:
    """Return how far somebody's reports reach.

    An administrator sees everybody; a manager sees the people of the teams they were named a manager of, or
    everybody where they were named for none; a coach sees their team's people, anyone else themselves.
    """
    managed = teams_of_manager(reader)
    if Role.ADMIN in reader.roles or (Role.MANAGER in reader.roles and not managed):
        return Reach(everybody=True, reader_id=reader.id)
    team_id = reader.team_id if Role.COACH in reader.roles else None
    return Reach(agent_id=reader.id, team_id=team_id, managed=managed, reader_id=reader.id)


def within(reach: Reach, agent_id: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    """Keep rows about people within reach."""
    if reach.everybody:
        return true()
    if not reach.teams:
        return agent_id == reach.agent_id
    people = select(Agent.id).where(Agent.team_id.in_(reach.teams))
    return or_(agent_id == reach.agent_id, agent_id.in_(people))


def own_teams(reach: Reach) -> ColumnElement[bool]:
    """Keep the teams within reach, and the one the person is in."""
    if reach.everybody:
        return true()
    their_own = select(Agent.team_id).where(Agent.id == reach.agent_id).scalar_subquery()
    return or_(Team.id.in_(reach.teams), Team.id == their_own)


def within_close(reach: Reach, agent_id: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    """Keep rows about people whose judged work the reader may see: themselves, a coach's, a manager's people.

    Narrower than `within`: being an administrator, or the manager of another team, is not enough.
    """
    reader = db.session.get(Agent, reach.reader_id) if reach.reader_id is not None else None
    if reader is None:
        return within(reach, agent_id)
    return agent_id.in_(select(Agent.id).where(close_to(reader)))
