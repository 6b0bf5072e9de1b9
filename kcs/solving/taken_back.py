"""Words of a ticket are taken back: what was made of them by itself follows."""

from __future__ import annotations

from sqlalchemy import select

from kcs.database import db
from kcs.search.services import touch_all
from kcs.solving.models import Link
from kcs.solving.prepared import prepare_anew
from kcs.tickets.models import Ticket


def follow_words(ticket: Ticket) -> None:
    """Prepare a waiting draft anew, and let the search index read the ticket again with its articles.

    An article somebody has written stays as it is: what is in it was their choice.
    """
    prepare_anew(ticket)
    linked = select(Link.article_id).where(Link.ticket_id == ticket.id, Link.removed_at.is_(None))
    touch_all(db.session.execute(linked).scalars())
