"""`kcs search`: the derived index."""

from __future__ import annotations

import click
from flask import current_app

from kcs.database import reading
from kcs.search.index import SearchIndex


@click.group()
def search() -> None:
    """The search index."""


@search.command()
def rebuild() -> None:
    """Build the index anew from the database; searches go on with the old one meanwhile."""
    index: SearchIndex = current_app.extensions["kcs.search"]
    with reading(), click.progressbar(length=1, label="Indexing") as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        count = index.rebuild(show)
    click.echo(f"{count} articles indexed.")
