"""The things behind a count, one by one: what a drill-down shows of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    RowMapping,
    Select,
    Subquery,
    Text,
    column,
    select,
    table,
)

from kcs.database import db
from kcs.metrics.model import Item, ItemPage
from kcs.people.models import Agent
from kcs.sentences import Sentence

# Read by id for what a person sees of them: the counts come from the log alone.
_tickets = table("tickets", column("id", Integer), column("remote_id", Text), column("subject", Text))
_connections = table("connections", column("id", Integer), column("name", Text))
_articles = table(
    "articles", column("id", Integer), column("key", Text), column("current_version_id", Integer)
)
_versions = table("versions", column("id", Integer), column("title", Text))

SAMPLE = "sample_id"


@dataclass(frozen=True)
class Shown:
    """A further column of a drill-down: its name in the source, its heading, how a value is written."""

    column: str
    title: Sentence
    write: Callable[[Any], object] = lambda value: value


@dataclass(frozen=True)
class _Listed:
    """How the rows of a source are shown: the query, latest first, the headings, how values are written."""

    query: Select[Any]
    heads: tuple[tuple[str, Sentence], ...]
    write: Mapping[str, Callable[[Any], object]]

    def page(self, rows: Iterable[RowMapping], total: int) -> ItemPage:
        """Return rows of the query as a page."""
        items = tuple(Item(self._cells(row), _address(row)) for row in rows)
        return ItemPage(self.heads, items, total)

    def _cells(self, row: RowMapping) -> dict[str, object]:
        return {name: self.write.get(name, _same)(value) for name, value in row.items() if name != SAMPLE}


def page(found: Subquery, *, total: int, shown: tuple[Shown, ...], limit: int, offset: int) -> ItemPage:
    """Return some of the rows of a source, latest first, with who, what and where by name."""
    listed = _listed(found, shown)
    return listed.page(db.session.execute(listed.query.limit(limit).offset(offset)).mappings(), total)


def every(found: Subquery, *, total: int, shown: tuple[Shown, ...], block: int) -> Iterator[ItemPage]:
    """Yield all the rows of a source in pages, at least one, of one statement that is never held whole."""
    listed = _listed(found, shown)
    rows = db.session.execute(listed.query.execution_options(yield_per=block)).mappings()
    empty = True
    for part in rows.partitions():
        empty = False
        yield listed.page(part, total)
    if empty:
        yield listed.page((), total)


def _listed(found: Subquery, shown: tuple[Shown, ...]) -> _Listed:
    columns = found.c
    query: Select[Any] = select(columns.happened_at.label("happened_at"))
    source: FromClause = found
    order: list[ColumnElement[Any]] = []
    heads: list[tuple[str, Sentence]] = []
    if "ticket_id" in columns:
        source = source.outerjoin(_tickets, _tickets.c.id == columns.ticket_id).outerjoin(
            _connections, _connections.c.id == columns.connection_id
        )
        query = query.add_columns(
            columns.ticket_id.label("id"),
            _connections.c.name.label("connection"),
            _tickets.c.remote_id.label("ticket"),
            _tickets.c.subject.label("subject"),
        )
        order.append(columns.ticket_id)
        heads += [
            ("ticket", Sentence("Ticket")),
            ("connection", Sentence("Desk")),
            ("subject", Sentence("Subject")),
        ]
    if "article_id" in columns:
        source = source.outerjoin(_articles, _articles.c.id == columns.article_id).outerjoin(
            _versions, _versions.c.id == _articles.c.current_version_id
        )
        query = query.add_columns(_articles.c.key.label("article"), _versions.c.title.label("title"))
        order.append(columns.article_id)
        heads += [("article", Sentence("Article")), ("title", Sentence("Title"))]
    if "agent_id" in columns:
        source = source.outerjoin(Agent, Agent.id == columns.agent_id)
        query = query.add_columns(Agent.name.label("agent"))
        order.append(columns.agent_id)
        heads += [("agent", Sentence("Who"))]
    if SAMPLE in columns:
        query = query.add_columns(columns[SAMPLE])
        order.append(columns[SAMPLE])
    query = query.add_columns(*(columns[each.column] for each in shown))
    # By all that is shown: what stays in no order looks the same, so pages never show one thing twice.
    order += [columns[each.column] for each in shown]
    heads += [(each.column, each.title) for each in shown]
    heads.append(("happened_at", Sentence("When")))
    write = {each.column: each.write for each in shown}
    # Databases differ in where nothing stands among the latest: here last.
    latest = [columns.happened_at.desc(), *(each.desc().nulls_last() for each in order)]
    return _Listed(query.select_from(source).order_by(*latest), tuple(heads), write)


def _address(row: RowMapping) -> str | None:
    """Return the page of a sample; whatever else there is leads to its ticket or article."""
    sample = row.get(SAMPLE)
    return None if sample is None else f"/samples/{sample}"


def _same(value: object) -> object:
    return value
