"""`kcs connection`, `kcs doctor`: set up desks, and say what is configured, reachable and overdue."""

from __future__ import annotations

import json

import click
from flask import current_app
from sqlalchemy import select

from kcs.admin.checks import Check, check_connection, check_everything, refuse_unusable
from kcs.config import Settings
from kcs.database import db
from kcs.publishing.models import Target
from kcs.tickets.models import ClosePolicy, Connection
from kcs.tickets.queries import get_connection
from kcs.tickets.services import add_connection, rotate_webhook_secret, set_closing

POLICIES = click.Choice([policy.value for policy in ClosePolicy])
CLOSING = "What happens when a ticket is solved without knowledge."


@click.group()
def connection() -> None:
    """Help desk accounts."""


@connection.group()
def add() -> None:
    """Add an account."""


@add.command()
@click.argument("name")
@click.option("--subdomain", required=True, help="The part before .zendesk.com.")
@click.option(
    "--username", default="", help="E-mail address of an API token's owner; empty for an OAuth token."
)
@click.option("--token", prompt=True, hide_input=True, help="OAuth access token or API token.")
@click.option("--webhook-secret", prompt=True, hide_input=True, help="The webhook's signing secret.")
@click.option("--section", help="Help Center section for published articles.")
@click.option("--permission-group", default="", help="Who may edit them in Zendesk.")
@click.option("--locale", default="en-us", show_default=True)
@click.option("--closing", type=POLICIES, help=f"{CLOSING}  [default: {ClosePolicy.REMIND}]")
@click.option("--api-base", hidden=True, help="A stand-in on this machine instead of Zendesk.")
def zendesk(
    name: str,
    subdomain: str,
    username: str,
    token: str,
    webhook_secret: str,
    section: str | None,
    permission_group: str,
    locale: str,
    closing: str | None,
    api_base: str | None,
) -> None:
    """Add the Zendesk account NAME; its webhook address ends in that name."""
    made = add_connection(
        name,
        provider="zendesk",
        subdomain=subdomain,
        username=username,
        token=token,
        webhook_secret=webhook_secret,
        api_base=api_base,
    )
    if closing is not None:
        set_closing(made, ClosePolicy(closing))
    if section:
        settings = {"section_id": section, "permission_group_id": permission_group}
        db.session.add(Target(connection_id=made.id, locale=locale, settings=settings))
    # A bad subdomain or section is refused here, by the provider that builds the addresses from them.
    refuse_unusable(made, current_app.extensions["kcs.providers"])
    db.session.commit()
    base: Settings = current_app.config["KCS"]
    click.echo(f"Added '{name}'. Point the webhook to {base.base_url}/webhooks/{name}")


@connection.command()
@click.argument("name")
@click.option("--secret", prompt=True, hide_input=True, help="The new signing secret.")
def rotate_secret(name: str, secret: str) -> None:
    """Accept a new webhook secret; the present one stays valid until the next rotation."""
    rotate_webhook_secret(get_connection(name), secret)
    db.session.commit()
    click.echo(f"'{name}' accepts the new secret and the one before.")


@connection.command("set")
@click.argument("name")
@click.option("--subdomain", help="The part before .zendesk.com.")
@click.option("--username", help="E-mail address of an API token's owner; '' for an OAuth token.")
@click.option("--token", help="A new token; '-' asks for it.")
@click.option("--section", help="Help Center section for published articles.")
@click.option("--permission-group", help="Who may edit them in Zendesk.")
@click.option("--closing", type=POLICIES, help=CLOSING)
@click.option("--active/--inactive", default=None, help="An inactive account's webhooks are refused.")
def change(
    name: str,
    subdomain: str | None,
    username: str | None,
    token: str | None,
    section: str | None,
    permission_group: str | None,
    closing: str | None,
    active: bool | None,
) -> None:
    """Change what is given of the account NAME; everything else stays."""
    found = get_connection(name)
    given = {"subdomain": subdomain, "username": username, "active": active}
    given["token"] = click.prompt("Token", hide_input=True) if token == "-" else token  # noqa: S105
    for field, value in given.items():
        if value is not None:
            setattr(found, field, value)
    if closing is not None:
        set_closing(found, ClosePolicy(closing))
    _change_target(found, {"section_id": section, "permission_group_id": permission_group})
    refuse_unusable(found, current_app.extensions["kcs.providers"])
    db.session.commit()
    click.echo(f"Changed '{name}'.")


def _change_target(found: Connection, given: dict[str, str | None]) -> None:
    kept = {key: value for key, value in given.items() if value is not None}
    if not kept:
        return
    target = db.session.execute(select(Target).where(Target.connection_id == found.id)).scalars().first()
    if target is None:
        target = Target(connection_id=found.id)
        db.session.add(target)
    target.settings = {**(target.settings or {}), **kept}


@connection.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_connections(as_json: bool) -> None:
    """List the accounts."""
    for each in db.session.execute(select(Connection).order_by(Connection.name)).scalars():
        row = {
            "name": each.name,
            "provider": each.provider,
            "subdomain": each.subdomain,
            "active": each.active,
            "closing": each.closing.value,
        }
        line = f"{each.name:<20} {each.provider:<10} {each.closing:<8} {each.subdomain}"
        click.echo(json.dumps(row) if as_json else line)


@connection.command()
@click.argument("name")
def check(name: str) -> None:
    """Prove that an account's credentials work."""
    _report(check_connection(get_connection(name), current_app.extensions["kcs.providers"]), as_json=False)


@click.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """Say what is configured, reachable and overdue. Exit status 1 when something needs you."""
    _report(check_everything(current_app), as_json=as_json)


def _report(checks: list[Check], *, as_json: bool) -> None:
    for each in checks:
        if as_json:
            click.echo(json.dumps({"name": each.name, "ok": each.ok, "said": each.said}, ensure_ascii=False))
        else:
            click.echo(f"{'ok     ' if each.ok else 'PROBLEM'}  {each.name}: {each.said}")
    if not all(each.ok for each in checks):
        raise SystemExit(1)
