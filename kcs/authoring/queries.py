"""Reading what authors have not saved yet, and which ticket a draft came from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import column, select, table

from kcs.articles.models import Article
from kcs.articles.queries import readable_by
from kcs.authoring.models import UnsavedText
from kcs.database import db
from kcs.people.models import Agent
from kcs.text import clean_line
from kcs.tickets.models import Connection, Ticket
from workflow.article import Confidence

NEW = "new"

# Read by name: links belong to the solve loop, which lies above authoring.
_links = table(
    "links", column("ticket_id"), column("article_id"), column("source"), column("removed_at"), column("id")
)


@dataclass(frozen=True)
class Origin:
    """The ticket a draft is being written from."""

    connection: str
    ticket_id: str


def unsaved_text(agent: Agent, subject: str) -> UnsavedText | None:
    """Return what `agent` typed for an article (`subject`: its key, or "new") and has not saved."""
    return db.session.get(UnsavedText, (agent.id, subject))


def origin_of(article: Article) -> Origin | None:
    """Return the ticket a work-in-progress draft was captured in, None for every other article."""
    if article.confidence is not Confidence.WIP:
        return None
    query = (
        select(Connection.name, Ticket.remote_id)
        .join(Ticket, Ticket.connection_id == Connection.id)
        .join(_links, _links.c.ticket_id == Ticket.id)
        .where(_links.c.article_id == article.id, _links.c.source == "created", _links.c.removed_at.is_(None))
        .order_by(_links.c.id.desc())
        .limit(1)
    )
    found = db.session.execute(query).first()
    return Origin(found[0], found[1]) if found else None


def article_by_key(key: str, reader: Agent) -> Article | None:
    """Return the article of exactly this key, None without one that `reader` may see."""
    query = select(Article).where(Article.key == clean_line(key), readable_by(reader))
    return db.session.execute(query).scalar_one_or_none()
