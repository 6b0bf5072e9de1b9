"""What the index holds of an article: colleagues' text, the live text, and the words of solved tickets."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, column, select, table

from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Version
from kcs.articles.queries import readable_by_visitors
from kcs.database import db
from kcs.ports import AuthorKind
from kcs.tickets.models import Message, Ticket
from workflow.article import Audience, Confidence

TICKETS_PER_ARTICLE = 200
WORDS_PER_TICKET = 600

# Joined by id: links belong to the solve loop, which lies above search.
_links = table(
    "links", column("id"), column("ticket_id"), column("article_id"), column("role"), column("removed_at")
)


@dataclass(frozen=True)
class Entry:
    """One article as one kind of reader may find it."""

    article_id: int
    view: str
    fields: dict[str, str]


def entry_ids() -> list[int]:
    """Return the ids of all articles that may be found."""
    return list(db.session.execute(select(Article.id).where(_findable()).order_by(Article.id)).scalars())


def entries(ids: list[int]) -> list[Entry]:
    """Return what the index holds of these articles now; one that may not be found has no entry."""
    found: list[Entry] = []
    rows = db.session.execute(
        select(Article.id, Article.tags, Version)
        .join(Version, Version.id == Article.current_version_id)
        .where(Article.id.in_(ids), _findable())
    )
    for article_id, tags, version in rows:
        fields = {**_text(version, tags, Audience.INTERNAL), "words": solved_words(article_id)}
        found.append(Entry(article_id, "inside", fields))
    live = db.session.execute(
        select(Article.id, Article.tags, Version)
        .join(Version, Version.id == Article.live_version_id)
        .where(Article.id.in_(ids), readable_by_visitors())
    )
    found.extend(
        Entry(article_id, "public", _text(version, tags, Audience.PUBLIC))
        for article_id, tags, version in live
    )
    return found


def solved_words(article_id: int) -> str:
    """Return what customers wrote in the latest tickets this article resolved."""
    query = (
        select(Ticket.id, Ticket.subject)
        .join(_links, _links.c.ticket_id == Ticket.id)
        .where(
            _links.c.article_id == article_id, _links.c.role == "resolution", _links.c.removed_at.is_(None)
        )
        .order_by(_links.c.id.desc())
        .limit(TICKETS_PER_ARTICLE)
    )
    solved = db.session.execute(query).all()
    return "\n".join(f"{subject} {_first_words(ticket_id)}" for ticket_id, subject in solved)


def _first_words(ticket_id: int) -> str:
    query = (
        select(Message.body)
        .where(Message.ticket_id == ticket_id, Message.public, Message.author_kind == AuthorKind.REQUESTER)
        .order_by(Message.created_at, Message.id)
        .limit(1)
    )
    return (db.session.execute(query).scalar_one_or_none() or "")[:WORDS_PER_TICKET]


def _findable() -> ColumnElement[bool]:
    return Article.confidence.not_in((Confidence.ARCHIVED, Confidence.DELETED))


def _text(version: Version, tags: list[str], reader: Audience) -> dict[str, str]:
    """What every reader of this kind may read; a field for some colleagues alone is found by nobody."""
    return {"title": version.title, "body": "\n".join([*readable_parts(version, reader).values(), *tags])}
