"""`kcs adopt`: take over the help centre of a connection."""

from __future__ import annotations

import json
import time
from collections import Counter

import click
from flask import current_app

from kcs.adopting.models import Taken
from kcs.adopting.services import Adopter, begin
from kcs.adopting.targets import target_of
from kcs.database import db
from kcs.errors import RemoteError
from kcs.progress import progress
from kcs.tickets.queries import get_connection

SAID = {
    Taken.OUTSIDE: "for readers outside, kept in step from now on",
    Taken.DRAFT: "drafts",
    Taken.INSIDE: "for colleagues alone, though live there",
    Taken.OURS: "written by us: here already",
    Taken.REFUSED: "refused",
}


@click.command()
@click.argument("name")
@click.option("--again", is_flag=True, help="Go through a finished one once more, for what is new there.")
@click.option("--json", "as_json", is_flag=True)
def adopt(name: str, again: bool, as_json: bool) -> None:
    """Take over the help centre of the account NAME: its articles with their ids, votes, labels, languages.

    Nothing is written there. After a break the same command goes on where it was. What could not come as it
    is there stands on the connection's page, with its reason. Exit status 1 when something was refused.
    """
    target = target_of(get_connection(name))
    adoption = begin(target, in_background=False, again=again)
    db.session.commit()
    finished, counts, begun = adoption.finished_at is not None, Counter[Taken](), time.monotonic()
    help_centre = current_app.extensions["kcs.help_centre_of"](target)
    with progress(f"Taking over {name}", None, err=True) as count:

        def heard(taken: Taken) -> None:
            counts[taken] += 1
            count(1)

        adopter = Adopter(adoption.id, help_centre, heard)
        try:
            while not adopter.next_page():
                pass
        except RemoteError as error:
            raise click.ClickException(
                f"{error.message} What was taken is kept: the same command goes on from there."
            ) from error
    _say(counts, time.monotonic() - begun, finished=finished, as_json=as_json)
    if counts[Taken.REFUSED]:
        raise SystemExit(1)


def _say(counts: Counter[Taken], seconds: float, *, finished: bool, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps({**{taken.value: counts[taken] for taken in Taken}, "seconds": round(seconds, 1)})
        )
        return
    if finished:
        click.echo("It was taken over before: --again looks for what is new there.")
        return
    for taken in Taken:
        if counts[taken]:
            click.echo(f"{counts[taken]:>7}  {SAID[taken]}")
    click.echo(f"{sum(counts.values())} texts in {seconds:.0f} s.")
