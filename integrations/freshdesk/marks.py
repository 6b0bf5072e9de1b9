"""Our marker on a note: the fragment of a link to the ticket itself.

Freshdesk keeps nothing of ours beside a note, and what it lets through of a note's HTML is documented nowhere
[?]. An ordinary link is what every sanitiser leaves alone; to an agent it is one more way to the ticket.
"""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from integrations.hypertext import links_in

FRAGMENT = "kcs-note-"
WORD = "KCS"


def marked(html: str, marker: str, ticket_url: str) -> str:
    """Return a note's HTML with our marker at its end."""
    return f'{html}<p><a href="{ticket_url}#{FRAGMENT}{quote(marker, safe="")}">{WORD}</a></p>'


def mark_in(html: str, ticket_url: str) -> str:
    """Return our marker on a note; empty for a note on another ticket, and for what people wrote."""
    found = (_marker(link, ticket_url) for link in links_in(html))
    return next((marker for marker in found if marker), "")


def _marker(link: str, ticket_url: str) -> str:
    try:
        parts, own = urlsplit(link), urlsplit(ticket_url)
    except ValueError:
        return ""
    if (parts.netloc.lower(), parts.path) != (own.netloc.lower(), own.path):
        return ""
    return unquote(parts.fragment.removeprefix(FRAGMENT)) if parts.fragment.startswith(FRAGMENT) else ""
