"""Who looks after whom: the people a coach coaches, and who may see how a person's work was judged.

One rule, as a condition on `Agent`, for pages and reports alike. An administrator has no part in it.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select

from kcs.database import db
from kcs.people.models import Agent, TeamManager
from workflow.permissions import Role


def coached_by(reader: Agent) -> ColumnElement[bool]:
    """The people whose coach `reader` is, and for one in the role of a coach those of their team."""
    in_team = _in_team_of(reader) if Role.COACH in reader.roles else false()
    return and_(Agent.id != reader.id, or_(Agent.coach_id == reader.id, in_team))


def close_to(reader: Agent) -> ColumnElement[bool]:
    """The people whose judged work `reader` may see: their own, whom they coach, and a manager's team."""
    return or_(Agent.id == reader.id, coached_by(reader), _managed_by(reader))


def teams_of_manager(reader: Agent) -> tuple[int, ...]:
    """Return the teams that somebody was named a manager of; none for whoever is no manager."""
    if Role.MANAGER not in reader.roles:
        return ()
    query = select(TeamManager.team_id).where(TeamManager.agent_id == reader.id).order_by(TeamManager.team_id)
    return tuple(db.session.execute(query).scalars())


def coaches(reader: Agent, person: Agent) -> bool:
    """Return whether `reader` is a coach of `person`."""
    return _holds(coached_by(reader), person)


def is_close(reader: Agent, person: Agent) -> bool:
    """Return whether `reader` may see how the work of `person` was judged."""
    return _holds(close_to(reader), person)


def people_coached_by(reader: Agent) -> list[Agent]:
    """Return the people in good standing whom `reader` coaches, by name."""
    return _active(coached_by(reader))


def people_close_to(reader: Agent) -> list[Agent]:
    """Return the others in good standing whose judged work `reader` may see, by name."""
    return _active(and_(close_to(reader), Agent.id != reader.id))


def _active(wanted: ColumnElement[bool]) -> list[Agent]:
    query = select(Agent).where(Agent.active, wanted).order_by(Agent.name, Agent.id)
    return list(db.session.execute(query).scalars())


def _holds(rule: ColumnElement[bool], person: Agent) -> bool:
    return db.session.execute(select(Agent.id).where(Agent.id == person.id, rule)).first() is not None


def _managed_by(reader: Agent) -> ColumnElement[bool]:
    """The teams they were named a manager of; where nobody named any, the team they are in."""
    if Role.MANAGER not in reader.roles:
        return false()
    teams = teams_of_manager(reader)
    return Agent.team_id.in_(teams) if teams else _in_team_of(reader)


def _in_team_of(reader: Agent) -> ColumnElement[bool]:
    return Agent.team_id == reader.team_id if reader.team_id is not None else false()
