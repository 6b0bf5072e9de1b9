"""What was searched and suggested in a ticket, and what came of it: evidence that somebody looked first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from kcs.articles.models import Article
from kcs.articles.queries import readable_by
from kcs.database import db
from kcs.people.models import Agent
from kcs.search.log import searches_in
from kcs.search.models import Place, SearchLog
from kcs.solving.models import PassedOver
from kcs.tickets.models import Ticket

SHOWN = 30
FOUND = 8  # articles shown of what somebody typed; the number kept goes no further


@dataclass(frozen=True)
class Evidence:
    """One search of a ticket as `reader` may know it: articles they may not read are left out."""

    search: SearchLog
    suggested: bool
    capped: bool
    opened: Article | None
    linked: Article | None


def shown_evidence(ticket: Ticket, reader: Agent) -> dict[str, object]:
    """Return what the ticket's page shows of the evidence."""
    return {"searches": evidence_of(ticket, reader), "passed_over": passed_over_in(ticket, reader)}


def evidence_of(ticket: Ticket, reader: Agent) -> list[Evidence]:
    """Return the latest searches made in this ticket, newest first."""
    searches = searches_in(ticket.id, limit=SHOWN)
    keys = {key for each in searches for key in (each.opened_key, each.linked_key) if key}
    query = select(Article).where(Article.key.in_(keys), readable_by(reader))
    known = {article.key: article for article in db.session.execute(query).scalars()} if keys else {}
    return [
        Evidence(
            each,
            each.place is Place.SUGGESTED,
            each.results >= FOUND,
            known.get(each.opened_key or ""),
            known.get(each.linked_key or ""),
        )
        for each in searches
    ]


def passed_over_in(ticket: Ticket, reader: Agent) -> list[PassedOver]:
    """Return what was said not to answer this ticket, newest first, as far as `reader` may read it."""
    query = (
        select(PassedOver)
        .join(Article, Article.id == PassedOver.article_id)
        .where(PassedOver.ticket_id == ticket.id, readable_by(reader))
        .order_by(PassedOver.id.desc())
        .limit(SHOWN)
    )
    return list(db.session.execute(query).scalars())
