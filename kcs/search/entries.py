"""An article as it goes into the index: what the database says of it, and what is made of that.

Nothing here knows the database, so that it can be done in a process beside the one that reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from kcs.language import language_of
from kcs.search.ticket_text import ready

# Of a ticket's text, what is looked at: its beginning says what is wrong.
TICKET_CHARS = 2_000
_LEAST_REPEATED = 20


@dataclass(frozen=True)
class Document:
    """What the database says of an article, as one kind of reader may read it.

    `tickets` are (link id, subject, what the customer wrote first) of those it solved.
    """

    article_id: int
    view: str
    key: str
    locale: str
    title: str
    issue: str
    body: str
    facets: tuple[tuple[str, str], ...]
    tickets: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True)
class Entry:
    """An article as one kind of reader may find it; `tickets` are (link id, text) of those it solved."""

    article_id: int
    view: str
    language: str
    title: str
    issue: str = ""
    body: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    tickets: tuple[tuple[int, str], ...] = ()
    key: str = ""


def entry_of(document: Document) -> Entry:
    """Return what the index holds of an article: its language told, its tickets made ready."""
    title, issue, body = document.title, document.issue, document.body
    return Entry(
        document.article_id,
        document.view,
        language_of(f"{title}\n{issue}\n{body}", document.locale),
        "" if _repeats(title, issue or body) else title,
        issue,
        body,
        document.facets,
        tuple((link, ready(subject, text)[:TICKET_CHARS]) for link, subject, text in document.tickets),
        document.key,
    )


def _repeats(title: str, text: str) -> bool:
    """Tell whether a title is how the text begins, as an import makes one up: it says nothing of its own."""
    said = " ".join(title.split()).rstrip("…. ")
    return len(said) >= _LEAST_REPEATED and " ".join(text[: 2 * len(title) + 20].split()).startswith(said)
