"""Put a large knowledge base into a database quickly: rows as the services would write them, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, update

from benchmarks.search.data import PastTicket, Text
from benchmarks.search.installation import import_tickets
from kcs.articles.models import Article, Version
from kcs.database import db
from workflow.article import Confidence

AT_ONCE = 5_000
MADE = datetime(2025, 1, 1, tzinfo=UTC)

Thing = TypeVar("Thing")


def fill(articles: Iterable[Text], tickets: Iterable[PastTicket]) -> None:
    """Write the articles, then the tickets they solved."""
    first = 1
    for batch in _batches(articles):
        _write(batch, first)
        first += len(batch)
        db.session.commit()
    import_tickets(tickets)


def _write(batch: Sequence[Text], first: int) -> None:
    ids = range(first, first + len(batch))
    numbered = list(zip(ids, batch, strict=True))
    _run(insert(Article), [_article(number, text) for number, text in numbered])
    _run(insert(Version), [_version(number, text) for number, text in numbered])
    rows = Article.__table__
    current = update(Article).where(rows.c.id == bindparam("article"))
    statement = current.values(current_version_id=bindparam("version"))
    db.session.connection().execute(statement, [{"article": number, "version": number} for number in ids])


def _article(number: int, text: Text) -> dict[str, Any]:
    return {
        "id": number,
        "key": text.id,
        "confidence": Confidence.VALIDATED,
        "created_at": MADE,
        "changed_at": MADE,
        "last_checked_at": MADE,
    }


def _version(number: int, text: Text) -> dict[str, Any]:
    return {
        "id": number,
        "article_id": number,
        "number": 1,
        "title": text.title,
        "parts": {"body": text.body},
        "template": None,
        "created_at": MADE,
    }


def _run(statement: Any, rows: list[dict[str, Any]]) -> None:
    db.session.connection().execute(statement, rows)


def _batches(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    left = iter(things)
    while batch := list(islice(left, AT_ONCE)):
        yield batch
