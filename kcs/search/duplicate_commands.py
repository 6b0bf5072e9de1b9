"""`kcs search duplicates`: fill the queue of articles that say much the same."""

from __future__ import annotations

import json

import click
from sqlalchemy import func, select

from kcs.articles.models import Article
from kcs.articles.trust import CLOSED
from kcs.database import db, reading
from kcs.progress import counting
from kcs.search.duplicate_acts import keep_duplicates, look_for_duplicates
from kcs.search.duplicates import LIKENESS


@click.command()
@click.option(
    "--likeness",
    type=click.FloatRange(0.4, 1.0),
    default=LIKENESS,
    show_default=True,
    help="Pairs from this likeness on: 0 is nothing in common, 1 the same.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def duplicates(likeness: float, as_json: bool) -> None:
    """Look through all articles for pairs that say much the same, for people to merge."""
    with reading():
        query = select(func.count()).select_from(Article).where(Article.confidence.not_in(CLOSED))
        total = db.session.execute(query).scalar_one()
        with counting("Articles read", total) as count:
            looked = look_for_duplicates(likeness=likeness, on_read=count)
    waiting = keep_duplicates(looked)
    db.session.commit()
    if as_json:
        click.echo(json.dumps({"articles": len(looked.read), "open": waiting}))
        return
    click.echo(f"{len(looked.read)} articles looked through: {waiting} pairs wait at /articles/duplicates.")
