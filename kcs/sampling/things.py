"""What can be judged: a version of an article, a solved ticket, a resolution link; and whose work it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select

from kcs.articles.models import Article, Version
from kcs.database import db
from kcs.errors import NotAllowed, NotFound, WorkflowError
from kcs.people.coaching import coaches, is_close
from kcs.people.models import Agent
from kcs.reviews.models import Asks, ReviewRequest, ReviewState
from kcs.sampling.questions import Kind
from kcs.sentences import Sentence
from kcs.solving.models import Link, LinkRole, LinkSource
from kcs.tickets.models import Ticket
from workflow.article import Confidence

# A proposal that nobody took over is no text of the article.
_NOT_TAKEN_OVER = exists().where(
    ReviewRequest.version_id == Version.id,
    ReviewRequest.asks == Asks.CHANGE,
    ReviewRequest.state != ReviewState.ACCEPTED,
)
# What may be judged, of each kind. A version is joined with its article.
JUDGEABLE: Mapping[Kind, ColumnElement[bool]] = {
    Kind.ARTICLE: and_(Article.confidence.not_in((Confidence.WIP, Confidence.DELETED)), ~_NOT_TAKEN_OVER),
    Kind.TICKET: and_(
        Ticket.solved_at.is_not(None),
        Ticket.merged.is_(False),
        Ticket.deleted_at.is_(None),
        Ticket.erased_at.is_(None),
    ),
    Kind.LINK: and_(
        Link.role == LinkRole.RESOLUTION,
        Link.removed_at.is_(None),
        Link.source != LinkSource.IMPORTED,
        (Link.source != LinkSource.PASTED) | Link.confirmed_at.is_not(None),
    ),
}
_REFUSED = {
    Kind.ARTICLE: Sentence(
        "This text is not judged: it is work in progress, or was not taken over. Wait until it is complete."
    ),
    Kind.TICKET: Sentence("This ticket is not judged: it is not solved, or has gone from the desk."),
    Kind.LINK: Sentence("This link is not judged: it was removed, or nobody has confirmed it."),
}


@dataclass(frozen=True)
class Thing:
    """One thing that can be judged: `of` is whose work it is, `at` when they did it."""

    kind: Kind
    id: int
    of: Agent
    title: str
    at: datetime
    article: Article | None = None
    version: Version | None = None
    ticket: Ticket | None = None
    link: Link | None = None


def get_thing(kind: Kind, thing_id: int, reader: Agent) -> Thing:
    """Return what is to be judged. Raises NotFound, also for work of people the reader is not close to."""
    found = _LOADERS[kind](thing_id)
    if found is None or not is_close(reader, found.of):
        raise NotFound("There is no such sample.")
    return found


def require_judge(thing: Thing, by: Agent) -> None:
    """Raises NotAllowed for anybody but a coach of whose work it is, WorkflowError where it is not judged."""
    if not coaches(by, thing.of):
        raise NotAllowed("Only a coach of %(name)s judges their work.", name=thing.of.name)
    ids = {Kind.ARTICLE: Version.id, Kind.TICKET: Ticket.id, Kind.LINK: Link.id}[thing.kind]
    query = select(ids).where(ids == thing.id, JUDGEABLE[thing.kind])
    if thing.kind is Kind.ARTICLE:
        query = query.join(Article, Article.id == Version.article_id)
    if db.session.execute(query).first() is None:
        raise WorkflowError(_REFUSED[thing.kind])


def _article(thing_id: int) -> Thing | None:
    version = db.session.get(Version, thing_id)
    if version is None or version.author is None:
        return None
    article = db.session.get_one(Article, version.article_id)
    if article.confidence is Confidence.DELETED:
        return None
    return Thing(
        Kind.ARTICLE,
        thing_id,
        version.author,
        version.title,
        version.created_at,
        article=article,
        version=version,
    )


def _ticket(thing_id: int) -> Thing | None:
    ticket = db.session.get(Ticket, thing_id)
    if ticket is None or ticket.solver is None or ticket.solved_at is None:
        return None
    return Thing(Kind.TICKET, thing_id, ticket.solver, ticket.subject, ticket.solved_at, ticket=ticket)


def _link(thing_id: int) -> Thing | None:
    link = db.session.get(Link, thing_id)
    if link is None or link.article.confidence is Confidence.DELETED:
        return None
    return Thing(
        Kind.LINK,
        thing_id,
        link.agent,
        link.version.title,
        link.created_at,
        article=link.article,
        version=link.version,
        ticket=link.ticket,
        link=link,
    )


_LOADERS: Mapping[Kind, Callable[[int], Thing | None]] = {
    Kind.ARTICLE: _article,
    Kind.TICKET: _ticket,
    Kind.LINK: _link,
}
