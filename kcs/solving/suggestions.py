"""Which articles may already answer a ticket: by the customer's first words, subject included."""

from __future__ import annotations

from kcs.people.models import Agent
from kcs.ports import AuthorKind
from kcs.privacy.gate import find as find_personal
from kcs.search.index import SearchIndex
from kcs.search.queries import Found, find
from kcs.solving.drafting import own_words
from kcs.solving.queries import present_links
from kcs.tickets.models import Ticket

SUGGESTIONS = 5


def suggest(index: SearchIndex, ticket: Ticket, *, reader: Agent, limit: int = SUGGESTIONS) -> list[Found]:
    """Return the best articles for this ticket, those already linked left out."""
    linked = {link.article_id for link in present_links(ticket)}
    found = find(index, query_of(ticket), reader=reader, limit=limit + len(linked))
    return [each for each in found if each.article.id not in linked][:limit]


def query_of(ticket: Ticket) -> str:
    """Return the words to search with."""
    for message in ticket.messages:
        if message.public and message.author_kind is AuthorKind.REQUESTER:
            return _impersonal(f"{ticket.subject}\n{own_words(message.body)}", ticket)
    return _impersonal(ticket.subject, ticket)


def _impersonal(text: str, ticket: Ticket) -> str:
    """Leave out who asks: a name finds nothing, and must not stand among the reasons."""
    for finding in reversed(find_personal(text, ticket.requester)):
        text = f"{text[: finding.start]} {text[finding.end :]}"
    return text
