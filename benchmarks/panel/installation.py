"""An installation of a team's size on SQLite: articles, the tickets they solved, and open ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from benchmarks.search import corpora
from benchmarks.search.data import Text
from benchmarks.search.installation import import_articles, import_tickets, installation
from kcs.database import db
from kcs.people.services import add_agent
from kcs.ports import AuthorKind, DeskMessage, DeskStatus, DeskUser, TicketSnapshot
from kcs.solving.services import draft_article
from kcs.tickets.models import Connection, Ticket
from kcs.tickets.services import add_connection, mirror_ticket
from workflow.permissions import Licence

CONNECTION = "bench"
EMAIL, PASSWORD = "agent@example.com", "a password for the benchmark"
# Drafts that colleagues are making meanwhile.
DRAFTS = 5
_CUSTOMER = DeskUser("c-1", AuthorKind.REQUESTER, "A customer")


def build(folder: Path, articles: int, tickets: int, opened: int) -> list[str]:
    """Fill a new installation; return the numbers of the `opened` tickets that wait for an answer."""
    writer = corpora.Writer()
    with installation(folder) as app:
        import_articles(corpora.articles(writer, articles))
        import_tickets(corpora.past_tickets(writer, tickets - opened - DRAFTS, articles))
        connection = add_connection(CONNECTION, provider="zendesk", subdomain="bench", token="none")  # noqa: S106
        add_agent(EMAIL, "Agent", licence=Licence.CONTRIBUTOR, password=PASSWORD)
        colleague = add_agent("colleague@example.com", "Colleague", licence=Licence.CONTRIBUTOR)
        asked = corpora.queries(writer, opened + DRAFTS, corpora.TICKET)
        waiting = [_open(connection, number, text) for number, text in enumerate(asked)]
        for ticket in waiting[opened:]:
            draft_article(ticket, by=colleague)
        db.session.commit()
        app.extensions["kcs.search"].rebuild()
        return [ticket.remote_id for ticket in waiting[:opened]]


def _open(connection: Connection, number: int, text: Text) -> Ticket:
    now = datetime.now(UTC)
    message = DeskMessage(f"m-{number}", _CUSTOMER.id, text.body, public=True, created_at=now)
    read = TicketSnapshot(
        id=str(number + 1),
        subject=text.title,
        status=DeskStatus.OPEN,
        created_at=now,
        updated_at=now,
        requester_id=_CUSTOMER.id,
        assignee_id=None,
        tags=(),
        url=f"https://bench.example.com/tickets/{number + 1}",
        locale="en",
        fields={},
        messages=(message,),
        changes=(),
        users={_CUSTOMER.id: _CUSTOMER},
    )
    return mirror_ticket(connection, read)
