"""What the index holds of an article: colleagues' text, the live text, and the tickets it solved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, column, func, select, table

from kcs.articles.domains import domain_of
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Version
from kcs.articles.queries import readable_by_visitors
from kcs.database import db
from kcs.language import language_of, primary
from kcs.ports import AuthorKind
from kcs.search.ticket_text import ready
from kcs.tickets.models import Message, Ticket
from workflow.article import ArticleState, Audience, Confidence

TICKETS_PER_ARTICLE = 200
# Of a ticket's text, what is looked at: its beginning says what is wrong.
TICKET_CHARS = 2_000
# The field in which a text says what the customer sees, in the customer's words.
ISSUE = "issue"
PRODUCT = "product:"
_LEAST_REPEATED = 20

# Joined by id: links belong to the solve loop, which lies above search.
_links = table(
    "links", column("id"), column("ticket_id"), column("article_id"), column("role"), column("removed_at")
)


@dataclass(frozen=True)
class Entry:
    """An article as one kind of reader may find it; `tickets` are (link id, text) of those it solved."""

    article_id: int
    view: str
    language: str
    title: str
    issue: str = ""
    body: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    tickets: tuple[tuple[int, str], ...] = ()
    key: str = ""


def entry_ids() -> list[int]:
    """Return the ids of all articles that may be found."""
    return list(db.session.execute(select(Article.id).where(_findable()).order_by(Article.id)).scalars())


def entries(ids: list[int]) -> list[Entry]:
    """Return what the index holds of these articles now; one that may not be found has no entry."""
    solved = _solved(ids)
    inside = select(Article).where(Article.id.in_(ids), _findable()).order_by(Article.id)
    found = [
        _entry("inside", article, article.current_version, Audience.INTERNAL, tuple(solved[article.id]))
        for article in db.session.execute(inside).scalars()
    ]
    live = (
        select(Article, Version)
        .join(Version, Version.id == Article.live_version_id)
        .where(Article.id.in_(ids), readable_by_visitors())
        .order_by(Article.id)
    )
    rows = db.session.execute(live)
    found.extend(_entry("public", article, version, Audience.PUBLIC) for article, version in rows)
    return found


def facet(name: str, value: str) -> tuple[str, str]:
    """Return a facet as it is compared: case and spacing do not matter."""
    return name, " ".join(value.casefold().split())


def _entry(
    view: str, article: Article, version: Version, reader: Audience, tickets: tuple[tuple[int, str], ...] = ()
) -> Entry:
    """What every reader of this kind may read; a field for some colleagues alone is found by nobody."""
    parts = readable_parts(version, reader)
    issue = parts.pop(ISSUE, "")
    body = "\n".join([*parts.values(), *article.tags])
    language = language_of(f"{version.title}\n{issue}\n{body}", article.locale)
    facets = _facets(article, view)
    title = "" if _repeats(version.title, issue or body) else version.title
    return Entry(article.id, view, language, title, issue, body, facets, tickets, article.key)


def _repeats(title: str, text: str) -> bool:
    """Tell whether a title is how the text begins, as an import makes one up: it says nothing of its own."""
    said = " ".join(title.split()).rstrip("…. ")
    return len(said) >= _LEAST_REPEATED and " ".join(text[: 2 * len(title) + 20].split()).startswith(said)


def _facets(article: Article, view: str) -> tuple[tuple[str, str], ...]:
    state = article.state if view == "inside" else ArticleState.PUBLISHED
    given = [("state", state.value), ("language", primary(article.locale))]
    given += [("tag", tag) for tag in article.tags]
    given += [("product", tag[len(PRODUCT) :]) for tag in article.tags if tag.casefold().startswith(PRODUCT)]
    given.append(("domain", domain_of(article).key))
    return tuple(dict.fromkeys(facet(*each) for each in given))


def _solved(ids: list[int]) -> dict[int, list[tuple[int, str]]]:
    """(link id, text) of the latest tickets each article resolved, in the order they were linked."""
    latest = func.row_number().over(partition_by=_links.c.article_id, order_by=_links.c.id.desc())
    ranked = (
        select(_links.c.id, _links.c.article_id, _links.c.ticket_id, latest.label("place"))
        .where(_links.c.article_id.in_(ids), _links.c.role == "resolution", _links.c.removed_at.is_(None))
        .subquery()
    )
    rows = db.session.execute(
        select(ranked.c.id, ranked.c.article_id, ranked.c.ticket_id, Ticket.subject)
        .join(Ticket, Ticket.id == ranked.c.ticket_id)
        .where(ranked.c.place <= TICKETS_PER_ARTICLE)
        .order_by(ranked.c.id)
    ).all()
    bodies = _first_bodies(row.ticket_id for row in rows)
    solved: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for link_id, article_id, ticket_id, subject in rows:
        solved[article_id].append((link_id, ready(subject, bodies.get(ticket_id, ""))[:TICKET_CHARS]))
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
