"""Departments: the log says which teams belong to which, and keeps what it said before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kcs import database
from kcs.activity.models import Activity
from kcs.cli import main
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.people.departments import TeamLine, departments_as_of, set_department, teams
from kcs.people.models import Department, Team
from kcs.people.services import deactivate
from tests.factories import make_agent


def add_teams(*names: str) -> list[Team]:
    made = [Team(name=name) for name in names]
    db.session.add_all(made)
    db.session.flush()
    return made


def named(moment: object = None) -> dict[str, str | None]:
    """Departments by team, for those of which the log tells one."""
    told = departments_as_of(moment)  # type: ignore[arg-type]  # a moment or none
    rows = db.session.execute(
        select(Team.name, Department.name)
        .join(told, told.c.team_id == Team.id)
        .outerjoin(Department, Department.id == told.c.department_id)
    )
    return {row[0]: row[1] for row in rows}


def test_what_held_at_a_moment_is_told_later(app: Flask) -> None:
    add_teams("North", "South", "West")
    moments = []
    for team, department in [("North", "Support"), ("South", "Support"), ("North", "Sales"), ("South", None)]:
        set_department(team, department)
        db.session.commit()
        moments.append(database.now() + timedelta(microseconds=1))
    assert [named(moment) for moment in moments] == [
        {"North": "Support"},
        {"North": "Support", "South": "Support"},
        {"North": "Sales", "South": "Support"},
        {"North": "Sales", "South": None},
    ]
    assert named() == named(moments[-1])


def test_only_changes_are_recorded_by_ids_with_who_made_them(app: Flask) -> None:
    (north,) = add_teams("North")
    ada = make_agent(None)
    for name in (" Support\n", "Support", None, None):
        set_department("North", name, by=ada)
    (support,) = db.session.query(Department)
    rows = db.session.query(Activity).filter_by(kind="team.department").order_by(Activity.id)
    assert [(row.before, row.after, row.detail, row.agent_id) for row in rows] == [
        (None, str(support.id), {"team_id": north.id, "department_id": support.id}, ada.id),
        (str(support.id), None, {"team_id": north.id, "department_id": None}, ada.id),
    ]


def test_a_team_that_is_not_there_and_a_name_without_letters_are_refused(app: Flask) -> None:
    add_teams("North")
    with pytest.raises(NotFound, match=r"no team called 'Nroth'\. The teams: .*North"):
        set_department("Nroth", "Support")
    with pytest.raises(InvalidInput, match="needs a name"):
        set_department("North", " \0")
    assert db.session.query(Department).count() == 0


def test_teams_are_listed_with_their_department_and_people(app: Flask) -> None:
    north, _ = add_teams("North", "South")
    for number in range(3):
        person = make_agent(None)
        person.team = north
        if number == 0:
            deactivate(person)
    set_department("North", "Support")
    db.session.flush()
    assert list(teams()) == [TeamLine("North", "Support", 2), TeamLine("South", None, 0)]


def test_the_command_says_what_belongs_where(app: Flask) -> None:
    add_teams("North")
    db.session.commit()
    run = app.test_cli_runner()
    for words, said in [
        (["team", "department", "North", "Support"], "North belongs to the department Support.\n"),
        (["team", "list"], f"{'North':<36} {'Support':<24} {0:>5}\n"),
        (["team", "department", "North", "none"], "North belongs to no department.\n"),
        (["team", "list"], f"{'North':<36} {'-':<24} {0:>5}\n"),
    ]:
        assert run.invoke(main, words, obj=app).output == said
