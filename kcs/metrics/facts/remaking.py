"""Making the facts of tickets and articles from their rows of the log, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kcs.metrics.facts.article_models import ArticleBirth, ArticleSpell, ArticleWriter, LinkFact
from kcs.metrics.facts.articles import spells_over_time, writers_over_time
from kcs.metrics.facts.linking import links_over_time
from kcs.metrics.facts.merges import Merges
from kcs.metrics.facts.models import FOREVER
from kcs.metrics.facts.reading import Births, Licences, article_histories, beginnings, histories
from kcs.metrics.facts.replacing import Row, add, replace
from kcs.metrics.facts.replaying import Known, Logged, versions
from kcs.metrics.facts.storing import store, store_new

BATCH = 500
Held = tuple[datetime, datetime, Any]


@dataclass(frozen=True)
class Told:
    """What is told of tickets elsewhere than in their own rows."""

    births: Births
    licences: Licences
    merged: Merges
    zone: ZoneInfo


def remake_tickets(tickets: Sequence[int], until: datetime, told: Told, *, new: bool = False) -> int:
    """Make the facts of these tickets of what was recorded before a moment; return how many stand solved.

    `new` says that they have none yet; their sums by day are then left to `storing.sum_up`.
    """
    solved, born = 0, told.births.found
    known = Known(born, told.licences.at, told.zone)
    for some in batches(tickets):
        rows = {ticket: list[Logged]() for ticket in some}
        rows.update(histories(some, until, told.merged, told.births))
        found = {ticket: versions(ticket, own, known) for ticket, own in rows.items()}
        links = {
            ticket: _rows("ticket_id", ticket, links_over_time(ticket, own, told.merged, born))
            for ticket, own in rows.items()
        }
        (store_new if new else store)(found)
        _write(LinkFact, "ticket_id", links, new=new)
        solved += sum(any(each.known_to == FOREVER for each in facts) for facts in found.values())
    return solved


def remake_articles(articles: Sequence[int], until: datetime, *, new: bool = False) -> None:
    """Make the facts of these articles of what was recorded before a moment; `new`: they have none yet."""
    for some in batches(articles):
        born: dict[int, list[Row]] = {article: [] for article in some}
        writers, spells = dict(born), dict(born)
        for row in beginnings(some):
            born[row["article_id"]] = [row]
        for article, rows in article_histories(some, until):
            writers[article] = _rows("article_id", article, writers_over_time(rows))
            spells[article] = _rows("article_id", article, spells_over_time(rows))
        _write(ArticleBirth, "article_id", born, new=new)
        _write(ArticleWriter, "article_id", writers, new=new)
        _write(ArticleSpell, "article_id", spells, new=new)


def _rows(owner: str, number: int, held: Sequence[Held]) -> list[Row]:
    return [
        {owner: number, "known_from": start, "known_to": end, **thing._asdict()} for start, end, thing in held
    ]


def _write(model: Any, owner: str, found: Mapping[int, Sequence[Row]], *, new: bool) -> None:
    if new:
        add(model, [row for rows in found.values() for row in rows])
    else:
        replace(model, owner, found)


def batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut numbers into as many as one statement is asked for at once."""
    return (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))
