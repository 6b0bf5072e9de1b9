"""Not this one: an article offered for a ticket that does not answer it. Kept, not offered there again, and a
little against the article wherever it is found.
"""

from __future__ import annotations

from sqlalchemy import delete, select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import NotAllowed
from kcs.people.models import Agent
from kcs.search.log import LONGEST
from kcs.solving.loop import lock
from kcs.solving.models import PassedOver
from kcs.text import clean_line
from kcs.tickets.models import Ticket
from workflow.permissions import Right


def pass_over(
    ticket: Ticket, article: Article, *, by: Agent, words: str = "", rank: int | None = None
) -> PassedOver:
    """Say that this article is not the one for this ticket. Again is one row, the first. Raises NotAllowed.

    `words`: what was searched for, without personal data; `rank`: where it stood, from 1.
    """
    grant = _grant(by)
    lock(ticket)
    present = _present(ticket, article)
    if present is not None:
        return present
    passed = PassedOver(
        ticket_id=ticket.id,
        article_id=article.id,
        agent_id=by.id,
        words=clean_line(words, limit=2 * LONGEST),
        rank=rank,
        created_at=database.now(),
    )
    db.session.add(passed)
    db.session.flush()
    _record("article.passed_over", ticket, article, by, grant)
    return passed


def take_back(ticket: Ticket, article: Article, *, by: Agent) -> None:
    """It may be the one after all: offer it again. Again is no error. Raises NotAllowed."""
    grant = _grant(by)
    lock(ticket)
    if _present(ticket, article) is None:
        return
    forget_passed_over(ticket, article)
    _record("article.offered_again", ticket, article, by, grant)


def forget_passed_over(ticket: Ticket, article: Article) -> None:
    """What was linked is not passed over any more."""
    db.session.execute(
        delete(PassedOver).where(PassedOver.ticket_id == ticket.id, PassedOver.article_id == article.id)
    )


def passed_over_ids(ticket: Ticket) -> set[int]:
    """Return the ids of the articles that are not the one for this ticket."""
    query = select(PassedOver.article_id).where(PassedOver.ticket_id == ticket.id)
    return set(db.session.execute(query).scalars())


def _grant(by: Agent) -> str:
    grant = rights.grant_for(by, Right.LINK)
    if grant is None:
        raise NotAllowed("You may not work on a ticket's knowledge: a licence is needed.")
    return grant


def _record(kind: str, ticket: Ticket, article: Article, by: Agent, grant: str) -> None:
    record(
        kind,
        authority=grant,
        agent=by,
        connection_id=ticket.connection_id,
        ticket_id=ticket.id,
        article_id=article.id,
    )


def _present(ticket: Ticket, article: Article) -> PassedOver | None:
    query = select(PassedOver).where(PassedOver.ticket_id == ticket.id, PassedOver.article_id == article.id)
    return db.session.execute(query).scalar_one_or_none()
