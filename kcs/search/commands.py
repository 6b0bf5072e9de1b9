"""`kcs search`: the derived index."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from flask import current_app

from kcs.collecting import keep_what_is_loaded
from kcs.database import db, reading
from kcs.errors import KcsError
from kcs.progress import progress
from kcs.search.duplicate_commands import duplicates
from kcs.search.index import SearchIndex
from kcs.search.preparers import processors
from kcs.search.tuning import Outcome, forget
from kcs.search.tuning import tune as learn


@click.group()
def search() -> None:
    """The search index."""


search.add_command(duplicates)


@search.command()
def rebuild() -> None:
    """Build the index anew from the database; searches go on with the old one meanwhile."""
    index: SearchIndex = current_app.extensions["kcs.search"]
    keep_what_is_loaded()
    with reading(), click.progressbar(length=1, label="Indexing") as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        count = index.rebuild(show, processes=processors())
    click.echo(f"{count} articles indexed.")
    if index.semantic is not None:
        done, due = index.semantic.state()
        if due:
            click.echo(
                f"{done} articles have vectors, {due} are waiting: kcs semantic build computes them now."
            )


@search.command()
@click.option("--dry-run", is_flag=True, help="Only tell what would be gained.")
@click.option("--reset", is_flag=True, help="Return to the weights the product came with.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def tune(dry_run: bool, reset: bool, as_json: bool) -> None:
    """Learn the ranking's weights from your own links; nothing changes unless that wins."""
    if reset:
        forgotten = forget()
        db.session.commit()
        click.echo("The weights are those the product came with." if forgotten else "They were already.")
        return
    try:
        with progress("Asking past tickets again", None, err=True) as counted:
            outcome = learn(current_app.extensions["kcs.search"], keep=not dry_run, progress=counted)
    except KcsError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    click.echo(json.dumps(asdict(outcome)) if as_json else _told(outcome, dry_run=dry_run))


def _told(outcome: Outcome, *, dry_run: bool) -> str:
    gain = 100 * (outcome.after - outcome.before)
    measured = (
        f"{outcome.questions} tickets: the right article first for {outcome.before:.1%} with the weights "
        f"in use, for {outcome.after:.1%} with learnt ones ({gain:+.1f} points, "
        f"standard error {100 * outcome.error:.1f})."
    )
    if outcome.kept:
        back = "Back to those the product came with: kcs search tune --reset"
        return f"{measured}\nThe learnt weights are in use. {back}"
    return f"{measured}\n" + (
        "Nothing was changed: a dry run." if dry_run else "That may be luck: nothing was changed."
    )
