"""How far a person's reports reach: whose tickets are in the rows, the totals and behind every figure."""

from __future__ import annotations

from dataclasses import dataclass

from kcs.people.models import Agent
from workflow.permissions import Role


@dataclass(frozen=True)
class Reach:
    """Everybody, or one person and, for a coach, the people now in the coach's team.

    Tickets solved by nobody of ours are in everybody's reach only.
    """

    everybody: bool = False
    agent_id: int | None = None
    team_id: int | None = None

    def covers(self, person: Agent) -> bool:
        """True when this person's tickets are within reach."""
        in_team = self.team_id is not None and person.team_id == self.team_id
        return self.everybody or in_team or person.id == self.agent_id


EVERYBODY = Reach(everybody=True)


def reach_of(reader: Agent) -> Reach:
    """Managers and admins see everybody, a coach their team's people, anyone else themselves."""
    if reader.roles & {Role.MANAGER, Role.ADMIN}:
        return EVERYBODY
    team_id = reader.team_id if Role.COACH in reader.roles else None
    return Reach(agent_id=reader.id, team_id=team_id)
