"""`kcs backfill` and `kcs reconcile`: bring the mirror in step with a desk's past, and with what got lost."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import click
from flask import current_app

from kcs import database
from kcs.database import db
from kcs.errors import RemoteError
from kcs.progress import progress
from kcs.syncing import services, standing
from kcs.syncing.hints import Desks
from kcs.syncing.models import SyncKind, SyncRun
from kcs.syncing.people import sync_people
from kcs.syncing.people_queries import Standing, count_standings, needs_attention
from kcs.syncing.queries import active_connections
from kcs.syncing.waiting import patiently, until_worked_on
from kcs.tickets.models import Connection
from kcs.tickets.queries import get_connection

DAY = timedelta(days=1)
STANDING_IN_WORDS = {
    Standing.SHARED: "seem to be one colleague with another user of the desk",
    Standing.MOVED: "have an address that is now another colleague's",
    Standing.INACTIVE: "work on the desk, but have no access here",
    Standing.LEFT: "left the desk, but still have access here",
    Standing.UNMAPPED: "are unknown here",
    Standing.MAPPED: "are known",
    Standing.MACHINE: "are machines",
    Standing.NOBODY: "are nobody of ours",
    Standing.GONE: "left the desk",
}


@click.command()
@click.argument("connection")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only tickets that changed on this day (UTC) or later.  [default: all]",
)
@click.option("--restart", is_flag=True, help="Begin anew instead of going on.")
@click.option("--wait", is_flag=True, help="Wait until the workers have read what was found.")
@click.option("--json", "as_json", is_flag=True)
def backfill(connection: str, since: datetime | None, restart: bool, wait: bool, as_json: bool) -> None:
    """Take in the past tickets of CONNECTION; cut short, the same command goes on."""
    desks, desk = _desks(), get_connection(connection)
    start = since.replace(tzinfo=UTC) if since else services.EVERYTHING
    run = services.begin(desk, SyncKind.BACKFILL, start, restart=restart)
    run_id, desk_id = run.id, desk.id
    db.session.commit()
    _go_through(desks, run_id)
    if wait:
        _wait(desks, desk_id)
    run = db.session.get_one(SyncRun, run_id)
    left = desks.left(desk_id, SyncKind.BACKFILL.value)
    if as_json:
        click.echo(json.dumps({**standing.as_data(run), "left": left}))
        return
    click.echo(f"Looked at {run.looked_at} tickets of '{connection}'; {run.found} were not in step here.")
    click.echo(f"{left} are left to be read by the workers." if left else "All of them are read.")


@click.command()
@click.argument("connection", required=False)
@click.option("--json", "as_json", is_flag=True)
def reconcile(connection: str | None, as_json: bool) -> None:
    """Find what webhooks lost, at CONNECTION or at every desk; the workers read it. Exit status 1: a desk
    could not be asked."""
    desks = _desks()
    asked = [get_connection(connection)] if connection else active_connections(desks.providers)
    runs = [_reconcile(desks, desk) for desk in asked]
    for run in runs:
        if as_json:
            click.echo(json.dumps({**standing.as_data(run), "findings": standing.findings_data(run)}))
            continue
        click.echo(f"{run.connection.name}: {standing.in_words(run)}")
        for finding in standing.findings_data(run):
            click.echo(f"  ticket {finding['ticket']}: {finding['reason']} ({finding['way']})")
    if not runs and not as_json:
        click.echo("There is no desk to ask: add one with 'kcs connection add'.")
    if any(run.finished_at is None for run in runs):
        raise SystemExit(1)


def _reconcile(desks: Desks, desk: Connection) -> SyncRun:
    run_id = services.begin_reconcile(desk).id
    db.session.commit()
    with suppress(RemoteError):  # its reason is kept with the run
        services.reconcile(desks, run_id)
    return db.session.get_one(SyncRun, run_id, populate_existing=True)


def _go_through(desks: Desks, run_id: int) -> None:
    """Look at page after page, counting days of the desk's history: nobody says how many tickets it has."""
    step = partial(services.look_at_a_page, desks, run_id)
    at_end = patiently(step, run_id, _tell)
    reached, today = _reached(run_id), database.now()
    with progress("Days gone through", max(1, (today - reached) // DAY), err=True) as count:
        while not at_end:
            at_end = patiently(step, run_id, _tell)
            further = _reached(run_id)
            count(max(0, (further - reached) // DAY))
            reached = max(reached, further)
        count(max(0, (today - reached) // DAY))


def _reached(run_id: int) -> datetime:
    with database.reading():
        run = db.session.get_one(SyncRun, run_id)
        return run.reached or run.since


def _wait(desks: Desks, desk_id: int) -> None:
    def left() -> int:
        with database.reading():
            return desks.left(desk_id, SyncKind.BACKFILL.value)

    with progress("Tickets read", left(), err=True) as count:
        until_worked_on(left, count, _tell)


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _desks() -> Desks:
    desks: Desks = current_app.extensions["kcs.desks"]
    return desks


@click.command()
@click.argument("name")
@click.option("--sync", "read", is_flag=True, help="Read them from the desk now.")
@click.option(
    "--deactivate-leavers/--keep-leavers",
    "deactivate",
    default=None,
    help="Whether who leaves the desk loses their access here.",
)
@click.option("--json", "as_json", is_flag=True)
def people(name: str, read: bool, deactivate: bool | None, as_json: bool) -> None:
    """Say how the people of the desk NAME stand to ours."""
    desk = get_connection(name)
    desk_id = desk.id
    if deactivate is not None:
        desk.deactivate_leavers = deactivate
    db.session.commit()
    if read:
        sync_people(_desks(), desk_id)
    counts = count_standings(desk_id)
    if as_json:
        click.echo(json.dumps({each.value: counts.get(each, 0) for each in Standing}))
        return
    for each, count in counts.items():
        click.echo(f"{count:>6}  {STANDING_IN_WORDS[each]}")
    if not counts:
        click.echo("Nobody is known yet: read them with --sync.")
    elif needs_attention(counts):
        click.echo(f"Some want your word: see /admin/connections/{name}/people")
