"""What the index holds of an article: colleagues' text, the live text, and the tickets it solved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, column, func, select, table

from kcs.articles.domains import GENERAL
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Version
from kcs.articles.policy import Domain
from kcs.articles.queries import readable_by_visitors
from kcs.database import db
from kcs.language import primary
from kcs.ports import AuthorKind
from kcs.search.entries import Document, Entry, entry_of
from kcs.tickets.models import Message, Ticket
from workflow.article import ArticleState, Audience, Confidence, state_of

TICKETS_PER_ARTICLE = 200
# The field in which a text says what the customer sees, in the customer's words.
ISSUE = "issue"
PRODUCT = "product:"
_REMEMBERED = 4096

# Joined by id: links belong to the solve loop, which lies above search.
_links = table(
    "links", column("id"), column("ticket_id"), column("article_id"), column("role"), column("removed_at")
)
_READERS = {"inside": Audience.INTERNAL, "public": Audience.PUBLIC}


def entry_ids() -> list[int]:
    """Return the ids of all articles that may be found."""
    return list(db.session.execute(select(Article.id).where(_findable()).order_by(Article.id)).scalars())


def entries(ids: list[int]) -> list[Entry]:
    """Return what the index holds of these articles now; one that may not be found has no entry."""
    return [entry_of(document) for document in documents(ids)]


def documents(ids: list[int]) -> list[Document]:
    """Return what the database says of these articles now; one that may not be found has no document.

    Columns rather than mapped objects: of a hundred thousand articles these would take most of the time.
    """
    inside = _texts(Version.id == Article.current_version_id).where(_among(Article.id, ids), _findable())
    live = _texts(Version.id == Article.live_version_id).where(
        _among(Article.id, ids), readable_by_visitors()
    )
    return [*_documents("inside", inside, _solved(ids)), *_documents("public", live, {})]


def facet(name: str, value: str) -> tuple[str, str]:
    """Return a facet as it is compared: case and spacing do not matter."""
    return name, " ".join(value.casefold().split())


def _texts(version: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Article.id,
            Article.key,
            Article.confidence,
            Article.audience,
            Article.locale,
            Article.tags,
            Domain.key,
            Version.title,
            Version.template,
            Version.parts,
        )
        .join(Version, version)
        .outerjoin(Domain, Domain.id == Article.domain_id)
        .order_by(Article.id)
    )


def _documents(
    view: str, query: Select[*tuple[Any, ...]], solved: dict[int, list[tuple[int, str, str]]]
) -> list[Document]:
    readable = _Readable(_READERS[view])
    return [
        _document(view, readable, tuple(solved.get(row[0], ())), *row) for row in db.session.execute(query)
    ]


def _document(
    view: str,
    readable: _Readable,
    tickets: tuple[tuple[int, str, str], ...],
    identity: int,
    key: str,
    confidence: Confidence,
    audience: Audience,
    locale: str,
    tags: list[str],
    domain: str | None,
    title: str,
    template: str | None,
    texts: dict[str, str],
) -> Document:
    """What every reader of this kind may read; a field for some colleagues alone is found by nobody."""
    parts = {name: texts[name] for name in readable[template, tuple(texts)] if texts[name]}
    issue = parts.pop(ISSUE, "")
    state = state_of(confidence, audience) if view == "inside" else ArticleState.PUBLISHED
    facets = _facets(state, locale, tuple(tags), domain or GENERAL)
    body = "\n".join([*parts.values(), *tags])
    return Document(identity, view, key, locale, title, issue, body, facets, tickets)


class _Readable(dict[tuple[str | None, tuple[str, ...]], tuple[str, ...]]):
    """Which fields a kind of reader may read of a text, by its template and the fields it has.

    Few texts differ in these, so the rule is asked once for each.
    """

    def __init__(self, reader: Audience) -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, kind: tuple[str | None, tuple[str, ...]]) -> tuple[str, ...]:
        template, names = kind
        text = Version(template=template, parts=dict.fromkeys(names, "any text"))
        self[kind] = tuple(readable_parts(text, self._reader))
        return self[kind]


@lru_cache(_REMEMBERED)
def _facets(
    state: ArticleState, locale: str, tags: tuple[str, ...], domain: str
) -> tuple[tuple[str, str], ...]:
    given = [("state", state.value), ("language", primary(locale))]
    given += [("tag", tag) for tag in tags]
    given += [("product", tag[len(PRODUCT) :]) for tag in tags if tag.casefold().startswith(PRODUCT)]
    given.append(("domain", domain))
    return tuple(dict.fromkeys(facet(*each) for each in given))


def _solved(ids: list[int]) -> dict[int, list[tuple[int, str, str]]]:
    """(link id, subject, first text) of the latest tickets each article resolved, as they were linked."""
    latest = func.row_number().over(partition_by=_links.c.article_id, order_by=_links.c.id.desc())
    ranked = (
        select(_links.c.id, _links.c.article_id, _links.c.ticket_id, latest.label("place"))
        .where(_among(_links.c.article_id, ids), _links.c.role == "resolution", _links.c.removed_at.is_(None))
        .subquery()
    )
    rows = db.session.execute(
        select(ranked.c.id, ranked.c.article_id, ranked.c.ticket_id, Ticket.subject)
        .join(Ticket, Ticket.id == ranked.c.ticket_id)
        .where(ranked.c.place <= TICKETS_PER_ARTICLE)
        .order_by(ranked.c.id)
    ).all()
    bodies = _first_bodies(row.ticket_id for row in rows)
    solved: defaultdict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for link_id, article_id, ticket_id, subject in rows:
        solved[article_id].append((link_id, subject, bodies.get(ticket_id, "")))
    return solved


def _first_bodies(ticket_ids: Iterable[int]) -> dict[int, str]:
    """What the customer wrote first in each of these tickets."""
    ids = sorted(set(ticket_ids))
    bodies: dict[int, str] = {}
    for start in range(0, len(ids), 500):
        query = (
            select(Message.ticket_id, Message.body)
            .where(
                Message.ticket_id.in_(ids[start : start + 500]),
                Message.public,
                Message.author_kind == AuthorKind.REQUESTER,
            )
            .order_by(Message.created_at.desc(), Message.id.desc())
        )
        # The last one taken is the first one written.
        bodies.update((row.ticket_id, row.body) for row in db.session.execute(query))
    return bodies


def _findable() -> ColumnElement[bool]:
    return Article.confidence.not_in((Confidence.ARCHIVED, Confidence.DELETED))


def _among(asked: SQLColumnExpression[int], ids: list[int]) -> ColumnElement[bool]:
    """Ids without a gap are a range: quicker to ask for than each of them."""
    gapless = ids == list(range(ids[0], ids[0] + len(ids))) if ids else False
    return asked.between(ids[0], ids[-1]) if gapless else asked.in_(ids)
