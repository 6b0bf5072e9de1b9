"""Which articles may already answer a ticket: by the customer's first words, subject included."""

from __future__ import annotations

from dataclasses import replace

from kcs.articles.domains import domain_for_tags
from kcs.language import primary
from kcs.people.models import Agent
from kcs.ports import AuthorKind
from kcs.privacy.gate import find as find_personal
from kcs.search.index import SearchIndex
from kcs.search.standing import Context
from kcs.search.suggesting import Suggestions, suggest_for
from kcs.search.ticket_text import ready
from kcs.search.wanted import Wanted
from kcs.solving.passing_over import passed_over_ids
from kcs.solving.queries import present_links
from kcs.tickets.models import Ticket

SUGGESTIONS = 5


def suggest(index: SearchIndex, ticket: Ticket, *, reader: Agent, limit: int = SUGGESTIONS) -> Suggestions:
    """Return the best articles for this ticket, those already linked or passed over left out."""
    return _suggested(index, ticket, query_of(ticket), reader, limit)


def suggest_for_words(
    index: SearchIndex, ticket: Ticket, subject: str, body: str, *, reader: Agent, limit: int = SUGGESTIONS
) -> Suggestions:
    """Return the best articles for words that are being written in this ticket; nothing is kept of them."""
    return _suggested(index, ticket, _impersonal(ready(subject, body), ticket), reader, limit)


def _suggested(index: SearchIndex, ticket: Ticket, text: str, reader: Agent, limit: int) -> Suggestions:
    settled = {link.article_id for link in present_links(ticket)} | passed_over_ids(ticket)
    language = primary(ticket.locale) if ticket.locale else None
    wanted = Wanted(text, language=language)
    given = suggest_for(
        index, wanted, reader=reader, limit=limit + len(settled), context=_context(ticket, language)
    )
    return replace(given, found=[each for each in given.found if each.article.id not in settled][:limit])


def query_of(ticket: Ticket) -> str:
    """Return the words to search with."""
    for message in ticket.messages:
        if message.public and message.author_kind is AuthorKind.REQUESTER:
            return _impersonal(ready(ticket.subject, message.body), ticket)
    return _impersonal(ticket.subject, ticket)


def _context(ticket: Ticket, language: str | None) -> Context:
    tags = frozenset(tag.casefold() for tag in ticket.tags)
    domain = domain_for_tags(ticket.tags)
    return Context(tags, domain.id if domain else None, language)


def _impersonal(text: str, ticket: Ticket) -> str:
    """Leave out who asks: a name finds nothing, and must not stand among the reasons."""
    for finding in reversed(find_personal(text, ticket.requester)):
        text = f"{text[: finding.start]} {text[finding.end :]}"
    return text
