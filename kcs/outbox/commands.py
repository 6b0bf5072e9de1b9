"""`kcs outbox`: effects on the outside world."""

from __future__ import annotations

import click
from flask import current_app

from kcs import work_commands
from kcs.outbox.models import Effect
from kcs.outbox.services import NAME
from kcs.worklist import WorkState


@click.group()
def outbox() -> None:
    """Effects on help desks and help centres."""


@outbox.command("list")
@click.option("--state", type=click.Choice([each.value for each in WorkState]))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True)
def list_effects(state: str | None, limit: int, as_json: bool) -> None:
    """List effects, latest first."""
    work_commands.show(work_commands.rows_of(Effect, state, limit), _about, as_json=as_json)


@outbox.command()
@click.argument("ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every parked effect.")
def retry(ids: tuple[int, ...], everything: bool) -> None:
    """Put parked effects back to work."""
    if not ids and not everything:
        raise click.UsageError("Name the ids to retry, or --all.")
    count = work_commands.replay(Effect, ids, everything=everything)
    current_app.extensions["kcs.bell"].ring(NAME)
    click.echo(f"{count} put back to work.")


def _about(effect: Effect) -> str:
    return f"{effect.kind} {effect.subject}"
