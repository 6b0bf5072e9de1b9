"""Writes to tickets: private notes, tags, a custom field. Nothing is ever public; there are no pins.

[Update a ticket]: the tags that are sent replace those that are there, and nothing guards against somebody
else's write in between. So tags are read right before they are written, as few as can be, and read again
after. What somebody changes between that reading and our write, a fraction of a second, can get lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.marks import mark_in, marked
from integrations.freshdesk.schemas import ConversationIn, NoteIn, TicketIn, custom_fields, is_deleted, read
from integrations.freshdesk.source import archive_path, find_ticket, ticket_url
from integrations.reading import field_text
from kcs.errors import NoteMadePublic, RemoteError, TicketClosed
from kcs.ports import Note
from kcs.sentences import Sentence

Answer = TypeVar("Answer")

TRIES = 4
PAUSE = 0.2  # seconds before a ticket that others change is read again
NOT_CHANGEABLE = frozenset({404, 405})  # what a write to a ticket is told that went away meanwhile
OWN_FIELD = "cf_"


class FreshdeskWriter:
    """Implements `kcs.ports.DeskWriter` over tickets and their conversations."""

    def __init__(self, client: FreshdeskClient) -> None:
        self._client = client

    def add_note(self, ticket_id: str, note: Note) -> None:
        """Add a private note unless one with its marker is there.

        Raises RemoteError, TicketClosed; NoteMadePublic when Freshdesk shows it to the customer.
        """
        self._ticket(ticket_id)
        url = ticket_url(self._client, ticket_id)
        for item in self._client.pages(f"/tickets/{ticket_id}/conversations"):
            written = read(ConversationIn, item, f"a conversation of ticket {ticket_id}")
            if mark_in(written["body"] or "", url) == note.marker:
                _prove_private(written["private"], ticket_id)
                return
        content = {"body": marked(note.html, note.marker, url), "private": True}
        answer = self._told_if_gone(
            ticket_id, lambda: self._client.post(f"/tickets/{ticket_id}/notes", content)
        )
        made = read(NoteIn, answer, f"the note on ticket {ticket_id}")
        _prove_private(made["private"], ticket_id)
        _prove_marked(made["body"], note.marker, url)

    def set_tags(self, ticket_id: str, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Add and remove tags; all others stay. Raises RemoteError, TicketClosed."""
        for attempt in range(TRIES):
            time.sleep(PAUSE * attempt)
            present = list(self._ticket(ticket_id)["tags"] or ())
            wanted = _merged(present, add, remove)
            if wanted == present:
                return
            self._put(ticket_id, {"tags": wanted})
        wanted = list(self._ticket(ticket_id)["tags"] or ())
        if _merged(wanted, add, remove) != wanted:
            raise RemoteError(
                Sentence(
                    "The tags of ticket %(ticket)s are being changed by others: we try again later.",
                    ticket=ticket_id,
                ),
                permanent=False,
            )

    def set_field(self, ticket_id: str, field_id: str, value: str) -> None:
        """Set a custom field by its name, empty for no value. Raises RemoteError, TicketClosed."""
        held = custom_fields(self._ticket(ticket_id))
        if field_id not in held:
            raise RemoteError(_no_field(field_id, held), permanent=True)
        if field_text(held[field_id]) == value:
            return
        ticket = self._put(ticket_id, {"custom_fields": {field_id: value or None}})
        if field_text(custom_fields(ticket).get(field_id)) != value:
            raise RemoteError(
                Sentence(
                    "Freshdesk did not keep '%(value)s' in the ticket field %(field)s. Where it is a "
                    "dropdown, is the value among its choices?",
                    value=value,
                    field=field_id,
                ),
                permanent=True,
            )

    def pinned(self, ticket_id: str) -> frozenset[str] | None:
        """Return None: Freshdesk has no articles pinned to tickets."""
        del ticket_id
        return None

    def pin(self, ticket_id: str, article_id: str, locale: str) -> None:
        """Raise RemoteError, permanent: there are no pins."""
        del ticket_id, article_id, locale
        raise RemoteError(Sentence("Freshdesk cannot pin articles to tickets."), permanent=True)

    def unpin(self, ticket_id: str, article_id: str) -> None:
        """Do nothing: a pin that is not there is no error."""

    def _ticket(self, ticket_id: str) -> dict[str, Any]:
        """Return a ticket that may be changed.

        Raises TicketClosed for one in the archive; RemoteError, `missing` for one in the bin or gone.
        """
        ticket, path = find_ticket(self._client, ticket_id)
        if is_deleted(ticket):
            raise RemoteError(f"Ticket {ticket_id} is deleted, or spam.", permanent=True, missing=True)
        if path == archive_path(ticket_id):
            raise TicketClosed(f"Freshdesk has archived ticket {ticket_id}: nobody can change it any more.")
        return ticket

    def _put(self, ticket_id: str, content: dict[str, object]) -> dict[str, Any]:
        answer = self._told_if_gone(ticket_id, lambda: self._client.put(f"/tickets/{ticket_id}", content))
        return read(TicketIn, answer, f"ticket {ticket_id}")

    def _told_if_gone(self, ticket_id: str, call: Callable[[], Answer]) -> Answer:
        """Return what the call does; where it is refused because the ticket went away say so."""
        try:
            return call()
        except RemoteError as error:
            if error.answered in NOT_CHANGEABLE:
                self._ticket(ticket_id)
            raise


def _merged(present: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> list[str]:
    """Return the tags with these added and those removed; Freshdesk knows no capitals in them."""
    unwanted = {tag.lower() for tag in remove}
    kept = [tag for tag in present if tag.lower() not in unwanted]
    known = {tag.lower() for tag in kept}
    return [*kept, *(tag for tag in dict.fromkeys(add) if tag.lower() not in known)]


def _no_field(field_id: str, held: dict[str, Any]) -> Sentence:
    own = ", ".join(sorted(name for name in held if name.startswith(OWN_FIELD)))
    if not own:
        return Sentence(
            "Freshdesk has no ticket field '%(field)s', nor any other of its own: add one under Admin > "
            "Ticket fields, and enter its name as the API has it, which begins with cf_.",
            field=field_id,
        )
    return Sentence(
        "Freshdesk has no ticket field '%(field)s'. Enter the name of one of its own as the API has it: "
        "%(names)s.",
        field=field_id,
        names=own,
    )


def _prove_private(private: object, ticket_id: str) -> None:
    """Raise NoteMadePublic unless a note is said to be private."""
    if private is not True:
        raise NoteMadePublic(
            f"Freshdesk does not say that the note on ticket {ticket_id} is private. Look whether the "
            "customer can see it, make it private there, find out why (a rule, or an app?), and only then "
            "switch notes on again."
        )


def _prove_marked(body: str | None, marker: str, url: str) -> None:
    """Raise RemoteError unless our marker is on the note: without it the note would be written twice."""
    if body is None:
        raise RemoteError("Freshdesk's answer holds no note; it is looked for again.", permanent=False)
    if mark_in(body, url) != marker:
        raise RemoteError(
            Sentence("Freshdesk took our mark off the note it was given: no more can be written safely."),
            permanent=True,
        )
