"""`kcs connection add`: an account of each vendor, with what it takes to sign in there."""

from __future__ import annotations

from typing import TextIO

import click
from flask import current_app

from kcs import database
from kcs.admin.connecting import install_webhook
from kcs.admin.connection_checks import refuse_unusable
from kcs.admin.connection_guide import CLOSING, POLICIES, asked, guide, settings, told
from kcs.admin.desk_accounts import prove_key, subdomain_of
from kcs.database import db
from kcs.ports import Provider, SetUp
from kcs.publishing.models import Target
from kcs.tickets.models import ClosePolicy, Connection, WriteBack
from kcs.tickets.services import add_connection, refuse_name, set_closing
from kcs.writing_back.commands import WRITE, change_writes
from kcs.writing_back.switches import begin_writing


@click.group()
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
        subdomain=subdomain_of(subdomain, _set_up("zendesk").domain),
        username=username,
        token=asked(token, "Token") or "",
        webhook_secret=asked(webhook_secret, "Webhook secret"),
        api_base=api_base,
        client_id=client_id,
        client_secret=asked("-" if client_id and not client_secret else client_secret, "Client secret"),
    )
    if closing is not None:
        set_closing(made, ClosePolicy(closing))
    begin_writing(made)
    change_writes(made, write)
    if section:
        kept = {"section_id": section, "permission_group_id": permission_group}
        db.session.add(Target(connection_id=made.id, locale=locale, settings=kept))
    # A bad subdomain or section is refused here, by the provider that builds the addresses from them.
    refuse_unusable(made, current_app.extensions["kcs.providers"])
    db.session.commit()
    click.echo(_what_next(made))


@add.command()
@click.argument("name")
@click.option("--domain", required=True, help="The part before .freshdesk.com, or the desk's address.")
@click.option(
    "--api-key-file",
    type=click.File(),
    help="Holds the API key; '-' is the standard input. Else it is asked for.",
)
@click.option("--closing", type=POLICIES, help=f"{CLOSING}  [default: {ClosePolicy.REMIND}]")
@click.option("--write", help=f"{WRITE}  [default: {WriteBack.REMINDER}]")
@click.option("--api-base", hidden=True, help="A stand-in on this machine instead of Freshdesk.")
def freshdesk(
    name: str,
    domain: str,
    api_key_file: TextIO | None,
    closing: str | None,
    write: str | None,
    api_base: str | None,
) -> None:
    """Add the Freshdesk account NAME with an agent's API key, and say how its rules are made.

    The key is tried at once; one that does not work is not kept.
    """
    with database.reading():
        refuse_name(name)
    provider = _provider("freshdesk")
    subdomain = subdomain_of(domain, provider.set_up.domain)
    key = api_key_file.read().strip() if api_key_file else asked("-", "API key") or ""
    who = prove_key(provider, subdomain, key, api_base)
    made = add_connection(name, provider="freshdesk", subdomain=subdomain, token=key, api_base=api_base)
    if closing is not None:
        set_closing(made, ClosePolicy(closing))
    begin_writing(made)
    change_writes(made, write)
    connection_id = made.id
    db.session.commit()
    webhook = install_webhook(connection_id, provider, settings().base_url, by=None)
    click.echo(f"Added '{name}': signed in as {who}. {webhook.instructions}")
    click.echo(told(webhook.steps, name, webhook.secret))
    click.echo(f"Then change a ticket, and prove it: kcs connection check {name} --wait 60")


def _what_next(made: Connection) -> str:
    base = settings().base_url
    if not made.token:
        return f"Added '{made.name}'. To authorise it:\n{guide(made)}"
    if made.webhook_secret:
        return f"Added '{made.name}'. Point the webhook to {base}/webhooks/{made.name}"
    return f"Added '{made.name}'. Set up its webhook: kcs connection webhook {made.name}"


def _provider(name: str) -> Provider:
    found: Provider = current_app.extensions["kcs.providers"][name]
    return found


def _set_up(name: str) -> SetUp:
    return _provider(name).set_up
