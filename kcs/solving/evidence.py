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
from kcs.tickets.models import Ticket

SHOWN = 30


@dataclass(frozen=True)
class Evidence:
    """One search of a ticket as `reader` may know it: articles they may not read are left out."""

    search: SearchLog
    suggested: bool
    opened: Article | None
    linked: Article | None


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
            known.get(each.opened_key or ""),
            known.get(each.linked_key or ""),
        )
        for each in searches
    ]
