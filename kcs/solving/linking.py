"""Links as rows: add one, confirm one, take one away, and what having one means for its ticket."""

from __future__ import annotations

from datetime import datetime

from kcs import database
from kcs.activity.services import record
from kcs.articles.models import Article
from kcs.database import db
from kcs.people.models import Agent
from kcs.search.services import touch
from kcs.solving.loop import Record, end_exemption, fire
from kcs.solving.models import Link, LinkRole, LinkSource
from kcs.solving.passing_over import forget_passed_over
from kcs.tickets.models import Ticket
from workflow.article import Audience
from workflow.solve import Act, Facts, KnowledgeState


def add_link(
    ticket: Ticket,
    article: Article,
    *,
    by: Agent,
    role: LinkRole,
    source: LinkSource,
    instead_of: Link | None = None,
) -> Link:
    """Add a link with the text the customer is given now, or was given by the link it stands `instead_of`."""
    moment = database.now()
    link = Link(
        ticket=ticket,
        article=article,
        version_id=instead_of.version_id if instead_of else given_version_id(article),
        role=role,
        source=source,
        agent_id=by.id,
        created_at=moment,
    )
    return _added(link)


def add_detected(ticket: Ticket, article: Article, *, by: Agent, version_id: int, at: datetime) -> Link:
    """Add the link that an address in a reply stands for, as of the moment the reply was sent."""
    link = Link(
        ticket=ticket,
        article=article,
        version_id=version_id,
        role=LinkRole.RESOLUTION,
        source=LinkSource.PASTED,
        agent_id=by.id,
        created_at=at,
    )
    return _added(link)


def given_version_id(article: Article) -> int | None:
    """Return the version a customer is given: the live one where readers outside have one."""
    if article.audience is not Audience.INTERNAL and article.live_version_id is not None:
        return article.live_version_id
    return article.current_version_id


def confirm(link: Link, *, by: Agent, authority: str) -> None:
    """Somebody says that a detected link is right. Again, or for any other link, changes nothing."""
    if not link.detected:
        return
    link.confirmed_at = database.now()
    record(
        "link.confirmed",
        authority=authority,
        agent=by,
        connection_id=link.ticket.connection_id,
        ticket_id=link.ticket_id,
        article_id=link.article_id,
        link_id=link.id,
        role=link.role.value,
    )


def remove_link(link: Link, by: Agent) -> None:
    """Take a link away; its row stays."""
    link.removed_at, link.removed_by_id = database.now(), by.id
    db.session.flush()
    touch(link.article)


def answer(ticket: Ticket, act: Act, written: Record, *, came_from: KnowledgeState) -> None:
    """Link or draft: the ticket has knowledge; one already solved is answered as if solved in `came_from`."""
    before = fire(ticket, act, Facts(solved=ticket.solved_at is not None), written)
    if ticket.knowledge_state is KnowledgeState.ANSWERED and before is not KnowledgeState.ANSWERED:
        ticket.came_from = came_from
    end_exemption(ticket)


def _added(link: Link) -> Link:
    forget_passed_over(link.ticket, link.article)
    db.session.add(link)
    db.session.flush()
    touch(link.article)
    return link
