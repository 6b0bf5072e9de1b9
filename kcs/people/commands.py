"""`kcs user`, `kcs team`, `kcs token`: people, their teams and their bearer tokens."""

from __future__ import annotations

import json

import click

from kcs.database import db
from kcs.people import departments, services
from kcs.people.queries import everybody, get_agent, tokens_of
from workflow.permissions import Licence, Role


@click.group()
def user() -> None:
    """People."""


@user.command()
@click.argument("email")
@click.option("--name", required=True)
@click.option("--licence", type=click.Choice([each.value for each in Licence]))
@click.option("--role", "roles", multiple=True, type=click.Choice([each.value for each in Role]))
@click.option("--team")
@click.password_option(help="Asked for when not given; at least 12 characters.")
def add(
    email: str, name: str, licence: str | None, roles: tuple[str, ...], team: str | None, password: str
) -> None:
    """Add a person who signs in with EMAIL and a password."""
    agent = services.add_agent(
        email,
        name,
        password=password,
        licence=Licence(licence) if licence else None,
        roles=[Role(role) for role in roles],
        team=team,
    )
    db.session.commit()
    click.echo(f"Added {agent.name} <{agent.email}>.")


@user.command()
@click.argument("email")
@click.argument("level", type=click.Choice([*(each.value for each in Licence), "none"]))
@click.option("--evidence", default="", help="Why: what the coach saw.")
def licence(email: str, level: str, evidence: str) -> None:
    """Set the licence of a person; their sessions end and the history keeps it."""
    agent = get_agent(email)
    services.grant_licence(agent, None if level == "none" else Licence(level), evidence=evidence)
    db.session.commit()
    click.echo(f"{agent.email} is now {level}.")


@user.command()
@click.argument("email")
@click.argument("coach_email", metavar="COACH")
def coach(email: str, coach_email: str) -> None:
    """Name COACH as the coach of a person, 'none' for nobody: reviews and flags go there first."""
    agent = get_agent(email)
    services.set_coach(agent, None if coach_email == "none" else get_agent(coach_email))
    db.session.commit()
    named = "no coach" if coach_email == "none" else f"{coach_email} as coach"
    click.echo(f"{agent.email} has {named}.")


@user.command()
@click.argument("email")
@click.argument("teams", nargs=-1, metavar="[TEAM]...")
def manages(email: str, teams: tuple[str, ...]) -> None:
    """Name the teams that a manager's reports reach; none given: they reach everybody."""
    agent = get_agent(email)
    services.name_manager(agent, teams)
    db.session.commit()
    click.echo(f"{agent.email} sees the reports of {', '.join(teams) or 'everybody'}.")


@user.command("list")
def list_people() -> None:
    """List people with licence, roles and team."""
    for agent in everybody():
        state = "" if agent.active else "  (removed)"
        roles = ", ".join(agent.role_names) or "-"
        licence_, team = agent.licence or "-", agent.team.name if agent.team else "-"
        click.echo(f"{agent.email:<36} {licence_:<12} {roles:<24} {team}{state}")


@user.command("password")
@click.argument("email")
@click.password_option(help="Asked for when not given; at least 12 characters.")
def set_password(email: str, password: str) -> None:
    """Set a new password; the person's sessions end."""
    agent = get_agent(email)
    services.set_password(agent, password)
    db.session.commit()
    click.echo(f"{agent.email} has a new password.")


@user.command()
@click.argument("email")
def remove(email: str) -> None:
    """Take a person's access away at once; what they did stays."""
    agent = get_agent(email)
    services.deactivate(agent)
    db.session.commit()
    click.echo(f"{agent.email} can no longer sign in.")


@click.group()
def team() -> None:
    """Teams, and the departments they belong to."""


@team.command("list")
def list_teams() -> None:
    """List teams with their department and how many people are in them."""
    for each in departments.teams():
        click.echo(f"{each.name:<36} {each.department or '-':<24} {each.people:>5}")


@team.command("department")
@click.argument("name", metavar="TEAM")
@click.argument("department")
def set_department(name: str, department: str) -> None:
    """Say that TEAM belongs to DEPARTMENT, 'none' for none; reports tell departments apart by it."""
    departments.set_department(name, None if department == "none" else department)
    db.session.commit()
    said = "to no department" if department == "none" else f"to the department {department}"
    click.echo(f"{name} belongs {said}.")


@click.group()
def token() -> None:
    """Bearer tokens for the API."""


@token.command("add")
@click.argument("email")
@click.option("--label", default="cli", show_default=True, help="What it is for.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 3650))
@click.option("--json", "as_json", is_flag=True)
def add_token(email: str, label: str, days: int, as_json: bool) -> None:
    """Make a token that acts as EMAIL. It is shown once."""
    made = services.issue_token(get_agent(email), label=label, days=days)
    db.session.commit()
    click.echo(json.dumps({"token": made}) if as_json else made)


@token.command("list")
@click.argument("email")
def list_tokens(email: str) -> None:
    """List the tokens of EMAIL with their ids; what they are was shown only once."""
    for row in tokens_of(get_agent(email)):
        state = "revoked" if row.revoked_at else f"until {row.expires_at:%Y-%m-%d}"
        click.echo(f"{row.id:>6}  {state:<16}  {row.label}")


@token.command("revoke")
@click.argument("token_id", type=int)
def revoke(token_id: int) -> None:
    """End the token with this id at once."""
    services.revoke_token(token_id)
    db.session.commit()
    click.echo(f"Token {token_id} is revoked.")
