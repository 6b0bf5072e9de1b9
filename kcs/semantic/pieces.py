"""What is encoded of an article: its title, passages under the title, and words of tickets it solved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import column, func, select, table

from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Version
from kcs.articles.queries import readable_by_visitors
from kcs.database import db
from kcs.language import language_of
from kcs.markup import to_text
from kcs.ports import AuthorKind
from kcs.tickets.models import Message, Ticket
from workflow.article import Audience, Confidence

INSIDE, PUBLIC = "inside", "public"
WORDS_PER_PASSAGE = 160
PASSAGES = 12
TICKETS_PER_ARTICLE = 50
TICKET_CHARACTERS = 600

# Joined by id: links belong to the solve loop, which lies above.
_links = table(
    "links", column("id"), column("ticket_id"), column("article_id"), column("role"), column("removed_at")
)


@dataclass
class Pieces:
    """The pieces of one article in each view, with the language each view's text is in."""

    article_id: int
    inside: list[str] = field(default_factory=list)
    public: list[str] = field(default_factory=list)
    inside_language: str = ""
    public_language: str = ""


def pieces_of(ids: Sequence[int]) -> list[Pieces]:
    """Return what is to be encoded of these articles now; one that may not be found has no pieces."""
    found = {article_id: Pieces(article_id) for article_id in ids}
    for article_id, locale, version in db.session.execute(
        select(Article.id, Article.locale, Version)
        .join(Version, Version.id == Article.current_version_id)
        .where(Article.id.in_(ids), Article.confidence.not_in((Confidence.ARCHIVED, Confidence.DELETED)))
    ):
        here = found[article_id]
        body = _body(version, Audience.INTERNAL)
        here.inside = [*cut(version.title, body), *_solved_words(article_id)]
        here.inside_language = language_of(f"{version.title}\n{body}", locale)
    for article_id, locale, version in db.session.execute(
        select(Article.id, Article.locale, Version)
        .join(Version, Version.id == Article.live_version_id)
        .where(Article.id.in_(ids), readable_by_visitors())
    ):
        here = found[article_id]
        body = _body(version, Audience.PUBLIC)
        here.public = cut(version.title, body)
        here.public_language = language_of(f"{version.title}\n{body}", locale)
    return list(found.values())


def cut(title: str, body: str) -> list[str]:
    """Return the title alone, then passages of the body, each with the title in front: it says what about."""
    words = body.split()
    starts = range(0, min(len(words), WORDS_PER_PASSAGE * PASSAGES), WORDS_PER_PASSAGE)
    passages = [" ".join(words[start : start + WORDS_PER_PASSAGE]) for start in starts]
    return [title, *(f"{title}. {passage}" for passage in passages)]


def _body(version: Version, reader: Audience) -> str:
    return to_text("\n\n".join(readable_parts(version, reader).values()))


def _solved_words(article_id: int) -> list[str]:
    """Return what customers wrote in the latest tickets this article resolved, a piece each."""
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
    opening = _opening_words([row.id for row in solved])
    texts = (f"{subject} {opening.get(ticket_id, '')}".strip() for ticket_id, subject in solved)
    return list(dict.fromkeys(text[:TICKET_CHARACTERS] for text in texts if text))


def _opening_words(ticket_ids: Iterable[int]) -> dict[int, str]:
    """Return what each ticket's customer wrote first."""
    first = (
        select(func.min(Message.id))
        .where(Message.ticket_id.in_(ticket_ids), Message.public, Message.author_kind == AuthorKind.REQUESTER)
        .group_by(Message.ticket_id)
    )
    rows = db.session.execute(select(Message.ticket_id, Message.body).where(Message.id.in_(first)))
    return {row.ticket_id: row.body for row in rows}
