"""Departments of teams, as the activity log tells them: what held at any moment can be told later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, func, select

from kcs import database
from kcs.activity.models import Activity
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.people.models import Agent, Department, Team
from kcs.sentences import Sentence
from kcs.text import clean_line

TEAM_DEPARTMENT = "team.department"
DEPARTMENTS_LOCK = 7406


@dataclass(frozen=True)
class TeamLine:
    """A team as a list shows it: its department, None without one, and how many people are in it."""

    name: str
    department: str | None
    people: int


def no_team(name: str) -> NotFound:
    """Return the error that says which teams there are where none has this name."""
    names = ", ".join(db.session.scalars(select(Team.name).order_by(Team.name)))
    if not names:
        return NotFound("There is no team called '%(name)s': there are no teams yet.", name=name)
    return NotFound("There is no team called '%(name)s'. The teams: %(teams)s.", name=name, teams=names)


def departments_as_of(moment: datetime | None = None) -> Subquery:
    """Select `team_id` and `department_id` as the log told them before a moment; at present without one.

    A team that was never given a department has no row; one whose department was taken away has NULL.
    """
    team_id = Activity.detail["team_id"].as_integer()
    told = select(
        team_id.label("team_id"),
        Activity.detail["department_id"].as_integer().label("department_id"),
        func.row_number().over(partition_by=team_id, order_by=Activity.id.desc()).label("place"),
    ).where(Activity.kind == TEAM_DEPARTMENT)
    if moment is not None:
        told = told.where(Activity.recorded_at < moment)
    latest = told.subquery("departments_told")
    return (
        select(latest.c.team_id, latest.c.department_id)
        .where(latest.c.place == 1)
        .subquery("departments_of_teams")
    )


def set_department(team_name: str, department: str | None, *, by: Agent | None = None) -> Team:
    """Say to which department a team belongs, None for none; a new name is a new department.

    Raises NotFound for a team that is not there, InvalidInput for a name without letters. What is so already
    is not recorded again.
    """
    team = db.session.execute(select(Team).where(Team.name == team_name)).scalar_one_or_none()
    if team is None:
        raise no_team(team_name)
    # Two at once must not record one another's department as the one before.
    database.advisory_lock(DEPARTMENTS_LOCK)
    before = _department_id(team)
    after = None if department is None else _named(department).id
    if after != before:
        record(
            TEAM_DEPARTMENT,
            authority="role:admin" if by else "system",
            agent=by,
            before=None if before is None else str(before),
            after=None if after is None else str(after),
            detail={"team_id": team.id, "department_id": after},
        )
    return team


def teams() -> Iterator[TeamLine]:
    """Yield all teams by name with their present department."""
    of_team = departments_as_of()
    people = (
        select(func.count()).where(Agent.team_id == Team.id, Agent.active).correlate(Team).scalar_subquery()
    )
    rows = db.session.execute(
        select(Team.name, Department.name, people)
        .outerjoin(of_team, of_team.c.team_id == Team.id)
        .outerjoin(Department, Department.id == of_team.c.department_id)
        .order_by(Team.name)
    )
    for name, department, number in rows:
        yield TeamLine(name, department, number)


def _department_id(team: Team) -> int | None:
    told = departments_as_of()
    query = select(told.c.department_id).where(told.c.team_id == team.id)
    return db.session.execute(query).scalar_one_or_none()


def _named(name: str) -> Department:
    """Return the department of that name, a new one where there is none."""
    cleaned = clean_line(name)
    if not cleaned:
        raise InvalidInput(
            "A department needs a name.", errors={"department": [Sentence("at least one letter")]}
        )
    found = db.session.execute(select(Department).where(Department.name == cleaned)).scalar_one_or_none()
    if found is None:
        found = Department(name=cleaned)
        db.session.add(found)
        db.session.flush()
    return found
