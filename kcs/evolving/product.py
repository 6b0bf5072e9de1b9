"""What those who make the product should hear: which articles answer tickets about which part of it."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from sqlalchemy import Subquery, func, select

from kcs.articles.models import Article
from kcs.database import db
from kcs.evolving.queries import used_since
from kcs.metrics.facts.models import FOREVER, SolvedFact
from kcs.metrics.files.neutral import neutral
from kcs.tickets.labels import ReportLabel
from kcs.tickets.models import Connection, Ticket

EXAMPLES = 3
HEADS = ("product", "article", "title", "reuse", "tickets", "examples")
_BATCH = 500

Pair = tuple[int, int | None]


@dataclass(frozen=True)
class Heard:
    """An article and a part of the product: how often it answered a ticket, how many were about this part.

    `product` None is of tickets whose desk tells none; `examples` are the latest of them, as "desk #number".
    """

    article_id: int
    product_id: int | None
    product: str | None
    key: str
    title: str
    reuse: int
    tickets: int
    examples: tuple[str, ...] = ()


def heard(since: datetime) -> list[Heard]:
    """Return the articles that answered tickets they were not created in, by product and key."""
    used = _used(since)
    tickets = func.count(used.c.ticket_id)
    rows = db.session.execute(
        select(
            Article,
            used.c.product_id,
            ReportLabel.name,
            tickets,
            func.sum(tickets).over(partition_by=Article.id),
        )
        .join(used, used.c.article_id == Article.id)
        .outerjoin(ReportLabel, ReportLabel.id == used.c.product_id)
        .group_by(Article.id, used.c.product_id, ReportLabel.name)
        .order_by(ReportLabel.name.is_(None), ReportLabel.name, Article.key)
    )
    return [
        Heard(article.id, product_id, name, article.key, article.title, int(reuse), number)
        for article, product_id, name, number, reuse in rows
    ]


def with_examples(found: Iterable[Heard], since: datetime) -> Iterator[Heard]:
    """Yield the same with the latest tickets of each."""
    rows = list(found)
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        examples = _examples(since, {each.article_id for each in some})
        for each in some:
            told = examples.get((each.article_id, each.product_id), ())
            yield Heard(**{**vars(each), "examples": tuple(told)})


def csv_of(found: Iterable[Heard]) -> Iterator[str]:
    """Yield a header and a line for each, with text that no spreadsheet computes."""
    yield _line(HEADS)
    for each in found:
        yield _line(
            (each.product or "", each.key, each.title, each.reuse, each.tickets, ", ".join(each.examples))
        )


def _line(cells: Iterable[object]) -> str:
    text = StringIO()
    csv.writer(text).writerow([neutral(cell) for cell in cells])
    return text.getvalue()


def _used(since: datetime) -> Subquery:
    """Select the tickets each article answered, with the product they are about."""
    reuse = used_since(since)
    fact = (
        select(SolvedFact.ticket_id, SolvedFact.product_id)
        .where(SolvedFact.known_to == FOREVER)
        .subquery("fact")
    )
    return (
        select(reuse.c.article_id, reuse.c.ticket_id, reuse.c.created_at, fact.c.product_id)
        .select_from(reuse.outerjoin(fact, fact.c.ticket_id == reuse.c.ticket_id))
        .subquery("used")
    )


def _examples(since: datetime, articles: Collection[int]) -> Mapping[Pair, list[str]]:
    used = _used(since)
    place = func.row_number().over(
        partition_by=(used.c.article_id, used.c.product_id),
        order_by=(used.c.created_at.desc(), used.c.ticket_id.desc()),
    )
    ranked = select(used, place.label("place")).where(used.c.article_id.in_(articles)).subquery("ranked")
    rows = db.session.execute(
        select(ranked.c.article_id, ranked.c.product_id, Connection.name, Ticket.remote_id)
        .join(Ticket, Ticket.id == ranked.c.ticket_id)
        .join(Connection, Connection.id == Ticket.connection_id)
        .where(ranked.c.place <= EXAMPLES)
        .order_by(ranked.c.article_id, ranked.c.place)
    )
    found: dict[Pair, list[str]] = {}
    for article, product, desk, number in rows:
        found.setdefault((article, product), []).append(f"{desk} #{number}")
    return found
