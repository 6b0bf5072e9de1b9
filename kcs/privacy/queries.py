"""Reading what the gate needs: the customers behind an article, and what was waived for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import column, select, table

from kcs.articles.models import Article
from kcs.database import db
from kcs.privacy.models import Waiver
from kcs.tickets.models import Requester, Ticket

BATCH = 500

# Joined by id: links belong to the solve loop, which lies above.
_links = table("links", column("ticket_id"), column("article_id"))


class Customer(NamedTuple):
    """What is known of one customer."""

    id: int
    name: str
    email: str | None
    phone: str | None
    address: str | None


def people_of(article: Article) -> Iterator[Customer]:
    """Give the requesters of all tickets that are or were linked to the article, a batch at a time."""
    linked = (
        select(Ticket.requester_id)
        .join(_links, _links.c.ticket_id == Ticket.id)
        .where(_links.c.article_id == article.id)
    )
    query = (
        select(Requester.id, Requester.name, Requester.email, Requester.phone, Requester.address)
        .where(Requester.id.in_(linked))
        .order_by(Requester.id)
        .limit(BATCH)
    )
    last = 0
    while True:
        batch = [Customer(*row) for row in db.session.execute(query.where(Requester.id > last))]
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1].id


def waived_values(article: Article) -> set[tuple[str, str]]:
    """Return kind and digest of every value that may go outside with this article."""
    rows = db.session.execute(select(Waiver.kind, Waiver.value_hash).where(Waiver.article_id == article.id))
    return {(kind, value_hash) for kind, value_hash in rows}
