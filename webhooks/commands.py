"""`kcs inbox`: what came in, and what could not be worked on."""

from __future__ import annotations

import click
from flask import current_app

from kcs import work_commands
from kcs.worklist import WorkState
from webhooks.models import Delivery
from webhooks.services import NAME


@click.group()
def inbox() -> None:
    """Webhook deliveries."""


@inbox.command("list")
@click.option("--state", type=click.Choice([each.value for each in WorkState]))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True)
def list_deliveries(state: str | None, limit: int, as_json: bool) -> None:
    """List deliveries, latest first."""
    work_commands.show(work_commands.rows_of(Delivery, state, limit), _about, as_json=as_json)


@inbox.command()
@click.argument("ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every parked delivery.")
def replay(ids: tuple[int, ...], everything: bool) -> None:
    """Put parked deliveries back to work."""
    if not ids and not everything:
        raise click.UsageError("Name the ids to replay, or --all.")
    count = work_commands.replay(Delivery, ids, everything=everything)
    current_app.extensions["kcs.bell"].ring(NAME)
    click.echo(f"{count} put back to work.")


def _about(delivery: Delivery) -> str:
    return f"{delivery.kind} ticket {delivery.remote_ticket_id or '–'}"
