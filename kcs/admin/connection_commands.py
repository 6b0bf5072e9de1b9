"""`kcs connection`: help desk accounts; adding, authorising, checking and changing them."""

from __future__ import annotations

import json

import click
from flask import current_app
from sqlalchemy import select

from kcs.admin.checks import check_connection
from kcs.admin.connecting import install_webhook
from kcs.admin.connection_checks import Check, provider_of, refuse_unusable
from kcs.config import Settings
from kcs.database import db
from kcs.publishing.models import Target
from kcs.tickets.accounts import paste_token
from kcs.tickets.models import ClosePolicy, Connection, WriteBack
from kcs.tickets.queries import get_connection
from kcs.tickets.services import add_connection, rotate_webhook_secret, set_closing, switch_connection
from kcs.writing_back.commands import STATE_FIELD, TAG_PREFIX, WRITE, change_writes
from kcs.writing_back.switches import begin_writing

POLICIES = click.Choice([policy.value for policy in ClosePolicy])
CLOSING = "What happens when a ticket is solved without knowledge."
LAST_STEP = "Open {base}/admin/connections/{name}, signed in as an administrator, and press Authorise."
REDIRECT = "The redirect URL is {base}/admin/connections/oauth/callback"


@click.group()
def connection() -> None:
    """Help desk accounts."""


@connection.group()
def add() -> None:
    """Add an account."""


@add.command()
@click.argument("name")
@click.option("--subdomain", required=True, help="The part before .zendesk.com.")
@click.option("--client-id", default="", help="The OAuth client's identifier; its secret is asked for.")
@click.option("--client-secret", help="The OAuth client's secret; '-' asks for it.")
@click.option("--username", default="", help="E-mail address of an API token's owner.")
@click.option("--token", help="An API token (they end on 30 April 2027) or access token; '-' asks for it.")
@click.option("--webhook-secret", help="The signing secret of a webhook made by hand; '-' asks for it.")
@click.option("--section", help="Help Center section for published articles.")
@click.option("--permission-group", default="", help="Who may edit them in Zendesk.")
@click.option("--locale", default="en-us", show_default=True)
@click.option("--closing", type=POLICIES, help=f"{CLOSING}  [default: {ClosePolicy.REMIND}]")
@click.option("--write", help=f"{WRITE}  [default: {WriteBack.REMINDER}]")
@click.option("--api-base", hidden=True, help="A stand-in on this machine instead of Zendesk.")
def zendesk(
    name: str,
    subdomain: str,
    client_id: str,
    client_secret: str | None,
    username: str,
    token: str | None,
    webhook_secret: str | None,
    section: str | None,
    permission_group: str,
    locale: str,
    closing: str | None,
    write: str | None,
    api_base: str | None,
) -> None:
    """Add the Zendesk account NAME, to be authorised by OAuth; with a token it works at once.

    Its webhook address ends in that name.
    """
    made = add_connection(
        name,
        provider="zendesk",
        subdomain=subdomain,
        username=username,
        token=_asked(token, "Token") or "",
        webhook_secret=_asked(webhook_secret, "Webhook secret"),
        api_base=api_base,
        client_id=client_id,
        client_secret=_asked("-" if client_id and not client_secret else client_secret, "Client secret"),
    )
    if closing is not None:
        set_closing(made, ClosePolicy(closing))
    begin_writing(made)
    change_writes(made, write)
    if section:
        settings = {"section_id": section, "permission_group_id": permission_group}
        db.session.add(Target(connection_id=made.id, locale=locale, settings=settings))
    # A bad subdomain or section is refused here, by the provider that builds the addresses from them.
    refuse_unusable(made, current_app.extensions["kcs.providers"])
    db.session.commit()
    click.echo(_what_next(made))


def _what_next(made: Connection) -> str:
    base = _settings().base_url
    if not made.token:
        return f"Added '{made.name}'. To authorise it:\n{_guide(made)}"
    if made.webhook_secret:
        return f"Added '{made.name}'. Point the webhook to {base}/webhooks/{made.name}"
    return f"Added '{made.name}'. Set up its webhook: kcs connection webhook {made.name}"


def _guide(found: Connection) -> str:
    """Return what an administrator does, a line for each step."""
    base = _settings().base_url
    provider = provider_of(found, current_app.extensions["kcs.providers"])
    steps = [
        *([] if found.client_id else provider.set_up.steps),
        LAST_STEP.format(base=base, name=found.name),
    ]
    return "\n".join([*(f"  {n}. {step}" for n, step in enumerate(steps, 1)), REDIRECT.format(base=base)])


@connection.command()
@click.argument("name")
@click.option("--client-id", help="The OAuth client's identifier; its secret is asked for.")
@click.option("--client-secret", help="The OAuth client's secret; '-' asks for it.")
def authorise(name: str, client_id: str | None, client_secret: str | None) -> None:
    """Say where an administrator authorises the account NAME, also when it has to be done again."""
    found = get_connection(name)
    said = _guide(found)
    if client_id:
        found.client_id = client_id
        found.client_secret = _asked(client_secret or "-", "Client secret")
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
    made = install_webhook(connection_id, provider, _settings().base_url, by=None)
    if made.instructions:
        raise click.ClickException(made.instructions)
    click.echo(f"The webhook of '{name}' is set up ({made.kind}). Prove it: kcs connection check {name}")


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
@click.option("--client-id", help="The OAuth client's identifier.")
@click.option("--client-secret", help="The OAuth client's secret; '-' asks for it.")
@click.option("--username", help="E-mail address of an API token's owner; '' for an OAuth token.")
@click.option("--token", help="A new token; '-' asks for it.")
@click.option("--section", help="Help Center section for published articles.")
@click.option("--permission-group", help="Who may edit them in Zendesk.")
@click.option("--closing", type=POLICIES, help=CLOSING)
@click.option("--write", help=WRITE)
@click.option("--state-field", help=STATE_FIELD)
@click.option("--tag-prefix", help=TAG_PREFIX)
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
    active: bool | None,
) -> None:
    """Change what is given of the account NAME; everything else stays."""
    found = get_connection(name)
    provider_of(found, current_app.extensions["kcs.providers"])
    if subdomain is not None:
        found.subdomain = subdomain
    if client_id is not None:
        found.client_id = client_id
    if client_secret is not None:
        found.client_secret = _asked(client_secret, "Client secret")
    if username is not None:
        found.username = username
    if token is not None:
        paste_token(found, _asked(token, "Token") or "")
    if active is not None:
        switch_connection(found, active=active)
    if closing is not None:
        set_closing(found, ClosePolicy(closing))
    change_writes(found, write, state_field=state_field, tag_prefix=tag_prefix)
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
@click.option("--json", "as_json", is_flag=True)
def check(name: str, as_json: bool) -> None:
    """Prove that an account works, its webhook included. Exit status 1 when something needs you."""
    found = get_connection(name)
    report(check_connection(current_app, found), as_json=as_json)


def report(checks: list[Check], *, as_json: bool) -> None:
    """Print a line for each check; exit status 1 when one is a problem."""
    for each in checks:
        if as_json:
            click.echo(json.dumps({"name": each.name, "ok": each.ok, "said": each.said}, ensure_ascii=False))
        else:
            click.echo(f"{'ok     ' if each.ok else 'PROBLEM'}  {each.name}: {each.said}")
    if not all(each.ok for each in checks):
        raise SystemExit(1)


def _asked(given: str | None, what: str) -> str | None:
    """Return what was given; '-' asks for it without showing it."""
    return str(click.prompt(what, hide_input=True)) if given == "-" else given


def _settings() -> Settings:
    settings: Settings = current_app.config["KCS"]
    return settings
