"""The words of our private notes on a ticket. Nothing of the requester stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask_babel import gettext as _
from markupsafe import Markup

from kcs.i18n import translated
from kcs.markup import sanitise
from kcs.people.models import Agent
from kcs.search.queries import Found
from kcs.tickets.models import Ticket
from kcs.words import ARTICLE_STATES

LONGEST_TITLE = 200


@dataclass(frozen=True)
class Places:
    """Where a note leads: this installation's pages for one ticket."""

    base_url: str
    connection: str
    ticket: str

    @classmethod
    def of(cls, ticket: Ticket, base_url: str) -> Places:
        """Return the places of a ticket."""
        return cls(base_url, ticket.connection.name, ticket.remote_id)

    @property
    def panel(self) -> str:
        """The ticket's knowledge, in a narrow frame."""
        return f"{self.base_url}/panel?{urlencode({'connection': self.connection, 'ticket': self.ticket})}"

    def article(self, key: str) -> str:
        """An article as colleagues see it."""
        return f"{self.base_url}/articles/{quote(key, safe='')}"


@dataclass(frozen=True)
class Suggested:
    """An article as a note names it."""

    key: str
    title: str
    state: str
    why: tuple[str, ...]

    @classmethod
    def of(cls, found: Found) -> Suggested:
        """Return what is said of an article that was found, in the language of the moment."""
        article = found.article
        title = article.current_version.title[:LONGEST_TITLE]
        state = translated(ARTICLE_STATES[article.state.value])
        return cls(article.key, title, state, tuple(map(translated, found.reasons)))


def suggestions_html(suggested: Sequence[Suggested], places: Places) -> str:
    """Return the note with what may answer a ticket, best first."""
    items = Markup("").join(
        Markup('<li><a href="{}">{}</a> ({}, {}){}</li>').format(
            places.article(each.key), each.title, each.key, each.state, _because(each.why)
        )
        for each in suggested
    )
    heading = _("These articles may answer the ticket:")
    way_on = _way_on(_("Link the one that does, or begin a draft"), places)
    return sanitise(Markup("<p><strong>{}</strong></p><ol>{}</ol>{}").format(heading, items, way_on))


def reminder_html(solver: str, places: Places) -> str:
    """Return the note on a ticket solved without knowledge, for whoever solved it; a name may be unknown."""
    said = (
        _("%(name)s, this ticket was solved without an article.", name=solver)
        if solver
        else _("This ticket was solved without an article.")
    )
    more = _("If one answered it, link it; if none exists, begin a draft; if none is needed, say why.")
    way_on = _way_on(_("Finish it here"), places)
    return sanitise(Markup("<p><strong>{}</strong> {}</p>{}").format(said, more, way_on))


def reader_language(reader: Agent | None) -> str:
    """Return the language a note is written in: its reader's where one is known."""
    return (reader.language if reader else None) or "en"


def _because(why: Sequence[str]) -> Markup:
    return Markup("<br>{}").format("; ".join(why)) if why else Markup("")


def _way_on(words: str, places: Places) -> Markup:
    return Markup('<p><a href="{}">{}</a></p>').format(places.panel, words)
