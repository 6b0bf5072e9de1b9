"""`kcs connection`: help desk accounts; adding, authorising, checking and changing them."""

from __future__ import annotations

import json

import click
from flask import current_app
from sqlalchemy import select

from kcs.admin.checks import check_connection
from kcs.admin.connecting import install_webhook, renew_webhook_secret
from kcs.admin.connection_add_commands import add
from kcs.admin.connection_checks import Check, provider_of, refuse_unusable
from kcs.admin.connection_guide import CLOSING, POLICIES, asked, guide, settings, told
from kcs.admin.desk_accounts import subdomain_of
from kcs.database import db
from kcs.publishing.models import Target
from kcs.tickets.accounts import paste_token
from kcs.tickets.models import ClosePolicy, Connection
from kcs.tickets.queries import get_connection
from kcs.tickets.services import rotate_webhook_secret, set_closing, set_product_field, switch_connection
from kcs.writing_back.commands import STATE_FIELD, TAG_PREFIX, WRITE, change_writes


@click.group()
def connection() -> None:
    """Help desk accounts."""


connection.add_command(add)


@connection.command()
@click.argument("name")
@click.option("--client-id", help="The OAuth client's identifier; its secret is asked for.")
@click.option("--client-secret", help="The OAuth client's secret; '-' asks for it.")
def authorise(name: str, client_id: str | None, client_secret: str | None) -> None:
    """Say where an administrator authorises the account NAME, also when it has to be done again."""
    found = get_connection(name)
    said = guide(found)
    if client_id:
        found.client_id = client_id
        found.client_secret = asked(client_secret or "-", "Client secret")
        db.session.commit()
    click.echo(said)


@connection.command()
@click.argument("name")
def webhook(name: str) -> None:
    """Set up the webhook of the account NAME on the desk, or find it again and keep its secret."""
    found = get_connection(name)
    provider = provider_of(found, current_app.extensions["kcs.providers"])
    connection_id = found.id
    db.session.rollback()
    made = install_webhook(connection_id, provider, settings().base_url, by=None)
    if made.steps:
        click.echo(f"{made.instructions}\n{told(made.steps, name, made.secret)}")
        click.echo(f"Then change a ticket, and prove it: kcs connection check {name} --wait 60")
        return
    if made.instructions:
        raise click.ClickException(made.instructions)
    click.echo(f"The webhook of '{name}' is set up ({made.kind}). Prove it: kcs connection check {name}")


@connection.command()
@click.argument("name")
@click.option("--secret", help="The new signing secret; asked for, unless the secret is ours to make.")
def rotate_secret(name: str, secret: str | None) -> None:
    """Accept a new webhook secret; the present one stays valid until the next rotation."""
    found = get_connection(name)
    provider = current_app.extensions["kcs.providers"].get(found.provider)
    if secret is None and provider is not None and provider.set_up.secret_is_ours:
        connection_id = found.id
        db.session.rollback()
        made = renew_webhook_secret(connection_id, provider, by=None)
        click.echo(f"'{name}' accepts this secret, not shown again, and the one before:\n{made}")
        return
    rotate_webhook_secret(found, secret or asked("-", "Secret") or "")
    db.session.commit()
    click.echo(f"'{name}' accepts the new secret and the one before.")


@connection.command("set")
@click.argument("name")
@click.option("--subdomain", help="The account's name, which its address begins with.")
@click.option("--client-id", help="The OAuth client's identifier.")
@click.option("--client-secret", help="The OAuth client's secret; '-' asks for it.")
@click.option("--username", help="E-mail address of an API token's owner; '' for an OAuth token.")
@click.option("--token", help="A new token or API key; '-' asks for it.")
@click.option("--section", help="Help Center section for published articles.")
@click.option("--permission-group", help="Who may edit them in Zendesk.")
@click.option("--closing", type=POLICIES, help=CLOSING)
@click.option("--write", help=WRITE)
@click.option("--state-field", help=STATE_FIELD)
@click.option("--tag-prefix", help=TAG_PREFIX)
@click.option("--product-field", help="The ticket field that names the product: its number or name there.")
@click.option("--active/--inactive", default=None, help="An inactive account's webhooks are refused.")
def change(
    name: str,
    subdomain: str | None,
    client_id: str | None,
    client_secret: str | None,
    username: str | None,
    token: str | None,
    section: str | None,
    permission_group: str | None,
    closing: str | None,
    write: str | None,
    state_field: str | None,
    tag_prefix: str | None,
    product_field: str | None,
    active: bool | None,
) -> None:
    """Change what is given of the account NAME; everything else stays."""
    found = get_connection(name)
    provider = provider_of(found, current_app.extensions["kcs.providers"])
    if subdomain is not None:
        found.subdomain = subdomain_of(subdomain, provider.set_up.domain)
    if client_id is not None:
        found.client_id = client_id
    if client_secret is not None:
        found.client_secret = asked(client_secret, "Client secret")
    if username is not None:
        found.username = username
    if token is not None:
        paste_token(found, asked(token, "Token") or "")
    if active is not None:
        switch_connection(found, active=active)
    _change_settings(found, closing, product_field)
    change_writes(found, write, state_field=state_field, tag_prefix=tag_prefix)
    _change_target(found, {"section_id": section, "permission_group_id": permission_group})
    refuse_unusable(found, current_app.extensions["kcs.providers"])
    db.session.commit()
    click.echo(f"Changed '{name}'.")


def _change_settings(found: Connection, closing: str | None, product_field: str | None) -> None:
    if closing is not None:
        set_closing(found, ClosePolicy(closing))
    if product_field is not None:
        set_product_field(found, product_field)


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
    found = db.session.execute(select(Connection).order_by(Connection.name)).scalars().all()
    if not found:
        click.echo("No desk is connected yet: `kcs connection add --help` says how.", err=True)
    for each in found:
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
@click.option("--json", "as_json", is_flag=True)
@click.option(
    "--wait",
    type=click.FloatRange(0, 3600),
    default=0.0,
    help="Await a delivery for so many seconds, where the desk cannot be asked to send one.",
)
def check(name: str, as_json: bool, wait: float) -> None:
    """Prove that an account works, its webhook included. Exit status 1 when something needs you."""
    found = get_connection(name)
    report(check_connection(current_app, found, wait=wait), as_json=as_json)


def report(checks: list[Check], *, as_json: bool) -> None:
    """Print a line for each check; exit status 1 when one is a problem."""
    for each in checks:
        if as_json:
            click.echo(json.dumps({"name": each.name, "ok": each.ok, "said": each.said}, ensure_ascii=False))
        else:
            click.echo(f"{'ok     ' if each.ok else 'PROBLEM'}  {each.name}: {each.said}")
    if not all(each.ok for each in checks):
        raise SystemExit(1)
