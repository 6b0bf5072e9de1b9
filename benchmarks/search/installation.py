"""An installation of its own for a benchmark, in a folder that is thrown away: ours, as people run it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
from flask import Flask

from benchmarks.search.data import PastTicket, Text
from benchmarks.search.scoring import Ranked
from kcs import config
from kcs.app import create_app
from kcs.articles.imports import import_lines
from kcs.articles.taking import Done
from kcs.database import reading
from kcs.search.suggest_commands import answering
from kcs.semantic.semantic import Semantic
from kcs.solving.past_tickets import import_past_tickets
from workflow.article import Audience

MOST = 10


@contextmanager
def installation(folder: Path, **settings: str) -> Iterator[Flask]:
    """Yield an app on a new, empty SQLite database, or on the one that is in the folder, with its context."""
    given = {f"KCS_{name}": value for name, value in settings.items()}
    app = create_app(config.load(given, instance=folder))
    with app.app_context():
        flask_migrate.upgrade()
        yield app


def import_articles(articles: Iterable[Text]) -> None:
    """Take articles over as `kcs articles import` does. Raises RuntimeError when one is refused."""
    lines = (json.dumps({"id": each.id, "title": each.title, "body": each.body}) for each in articles)
    _all_taken((outcome.done, str(outcome.problem)) for outcome in import_lines(lines))


def import_tickets(tickets: Iterable[PastTicket]) -> None:
    """Take past tickets over as `kcs tickets import` does. Raises RuntimeError when one is refused."""
    lines = (
        json.dumps({"id": each.id, "title": "", "body": each.body, "articles": [each.article]})
        for each in tickets
    )
    _all_taken((outcome.done, "; ".join(outcome.remarks)) for outcome in import_past_tickets(lines))


def encode(app: Flask) -> None:
    """Compute the vectors of all articles, as the background does, where an embedding model is set."""
    model: Semantic | None = app.extensions.get("kcs.semantic")
    if model is not None:
        model.build(seconds=float("inf"))


class Suggester:
    """Suggests as `kcs suggest` does."""

    def __init__(self, app: Flask, *, most: int = MOST) -> None:
        self._answer = answering(app.extensions["kcs.search"], Audience.INTERNAL, most)

    def __call__(self, query: Text) -> Ranked:
        """Return the best articles, and how sure it is that one fits."""
        with reading():
            answer = self._answer(query.title, query.body)
            return Ranked([each.article.key for each in answer.found], 1 - answer.no_article)


def _all_taken(outcomes: Iterable[tuple[Done, str]]) -> None:
    refused = Counter(said for done, said in outcomes if done is not Done.TAKEN)
    if refused:
        raise RuntimeError(f"{refused.total()} were not taken: {refused.most_common(1)[0][0]}")
