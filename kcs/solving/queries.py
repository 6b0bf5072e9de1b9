"""Reading links and exemptions."""

from __future__ import annotations

from sqlalchemy import func, select

from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import NotFound
from kcs.solving.models import Exemption, Link, LinkRole, LinkSource
from kcs.tickets.models import Ticket
from workflow.article import Confidence

LARGEST_ID = 2**31 - 1


def present_links(ticket: Ticket) -> list[Link]:
    """Return the ticket's links, resolutions first, in the order they were made."""
    query = select(Link).where(Link.ticket_id == ticket.id, Link.removed_at.is_(None))
    return list(db.session.execute(query.order_by(Link.role.desc(), Link.id)).scalars())


def present_link(ticket: Ticket, article: Article) -> Link | None:
    """Return the link between the two, None when there is none (any more)."""
    return db.session.execute(
        select(Link).where(
            Link.ticket_id == ticket.id, Link.article_id == article.id, Link.removed_at.is_(None)
        )
    ).scalar_one_or_none()


def created_link(ticket: Ticket) -> Link | None:
    """Return the link to the latest article drafted from this ticket."""
    query = select(Link).where(
        Link.ticket_id == ticket.id, Link.source == LinkSource.CREATED, Link.removed_at.is_(None)
    )
    return db.session.execute(query.order_by(Link.id.desc()).limit(1)).scalar_one_or_none()


def draft_in_making(ticket: Ticket) -> Link | None:
    """Return the link to the ticket's own draft while that is work in progress, and may be discarded."""
    link = created_link(ticket)
    return link if link is not None and link.article.confidence is Confidence.WIP else None


def latest_links_of(article: Article, *, limit: int) -> list[Link]:
    """Return the latest present links to an article."""
    query = select(Link).where(Link.article_id == article.id, Link.removed_at.is_(None))
    return list(db.session.execute(query.order_by(Link.id.desc()).limit(limit)).scalars())


def count_tickets_of(article: Article) -> int:
    """Return how many tickets an article is linked to."""
    query = select(func.count()).select_from(Link)
    query = query.where(Link.article_id == article.id, Link.removed_at.is_(None))
    return db.session.execute(query).scalar_one()


def present_exemption(ticket: Ticket) -> Exemption | None:
    """Return why the ticket needs no article, None when nobody says so."""
    return db.session.execute(
        select(Exemption).where(Exemption.ticket_id == ticket.id, Exemption.ended_at.is_(None))
    ).scalar_one_or_none()


def get_link(ticket: Ticket, link_id: int) -> Link:
    """Return a link of this ticket, removed ones too. Raises NotFound."""
    link = db.session.get(Link, link_id) if link_id <= LARGEST_ID else None
    if link is None or link.ticket_id != ticket.id:
        raise NotFound("This ticket has no link %(link_id)s.", link_id=link_id)
    return link


def count_links(ticket: Ticket) -> int:
    """Return how many resolution links the ticket has."""
    query = select(func.count()).select_from(Link)
    query = query.where(
        Link.ticket_id == ticket.id, Link.role == LinkRole.RESOLUTION, Link.removed_at.is_(None)
    )
    return db.session.execute(query).scalar_one()
