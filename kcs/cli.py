"""The `kcs` command, for administrators and scripts. Exit status: 0 done, 1 failed, 2 wrong use."""

from __future__ import annotations

import sys
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from kcs import __version__, config
from kcs.admin.commands import doctor
from kcs.admin.connection_commands import connection
from kcs.adopting.commands import adopt
from kcs.app import create_app
from kcs.articles.commands import articles
from kcs.demo.commands import demo
from kcs.errors import KcsError
from kcs.metrics.commands import metrics, report
from kcs.outbox.commands import outbox
from kcs.people.commands import team, token, user
from kcs.running import database_commands, serve, worker
from kcs.search.commands import search
from kcs.search.suggest_commands import suggest
from kcs.semantic.commands import semantic
from kcs.solving.commands import tickets
from kcs.syncing.commands import backfill, people, reconcile
from webhooks.commands import inbox


class _Commands(click.Group):
    """Turns the errors we raise on purpose into one sentence and exit status 1."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; a deliberate error becomes its message."""
        try:
            return super().invoke(context)
        except KcsError as error:
            raise click.ClickException(error.message) from error
        except DBAPIError as error:
            reason = str(error.orig).splitlines()[0]
            raise click.ClickException(
                f"The database refused: {reason}. Is it running, and did you run 'kcs db upgrade'?"
            ) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kcs")
@click.pass_context
def main(context: click.Context) -> None:
    """An engine beside your help desk that supports KCS practices."""
    if any(option in sys.argv for option in ("-h", "--help")):
        return
    app: Flask = context.obj or create_app(config.load())
    context.obj = app
    context.with_resource(app.app_context())


for command in (
    serve,
    worker,
    demo,
    database_commands,
    user,
    team,
    token,
    connection,
    articles,
    tickets,
    suggest,
    search,
    semantic,
    report,
    metrics,
    adopt,
    backfill,
    reconcile,
    inbox,
    outbox,
    doctor,
):
    main.add_command(command)
connection.add_command(people)
