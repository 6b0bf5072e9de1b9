"""`kcs doctor`: say what is configured, reachable and overdue."""

from __future__ import annotations

import click
from flask import current_app

from kcs.admin.checks import check_everything
from kcs.admin.connection_commands import report


@click.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """Say what is configured, reachable and overdue. Exit status 1 when something needs you."""
    report(check_everything(current_app), as_json=as_json)
