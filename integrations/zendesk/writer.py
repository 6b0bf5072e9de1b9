"""Writes to tickets: private notes, tags, a custom field, content pins. Nothing is ever public.

A note carries our marker in its save's metadata, by which it is found again in the ticket's audits; the
answer to every note is read for proof that it is private. Tags are added and removed by name, so those of
others stay whatever happens in between; what is changed goes with `safe_update` and is read again after a 409
[Tickets: Protecting against ticket update collisions].
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from integrations.reading import field_text, number_in
from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.schemas import AuditIn, PinIn, TicketIn, read
from integrations.zendesk.source import MARKER, marker_of
from kcs.errors import NoteMadePublic, RemoteError, TicketClosed
from kcs.ports import Note

Answer = TypeVar("Answer")

TRIES = 5
PAUSE = 0.2  # seconds before a ticket that others change is read again
CONFLICT, INVALID = 409, 422
CLOSED = "closed"
NOT_OFFERED = frozenset({403, 404})  # what an account without content pins answers


class ZendeskWriter:
    """Implements `kcs.ports.DeskWriter` over the ticketing API."""

    def __init__(self, client: ZendeskClient) -> None:
        self._client = client

    def add_note(self, ticket_id: str, note: Note) -> None:
        """Add a private note unless one with its marker is there.

        Raises RemoteError, TicketClosed; NoteMadePublic when Zendesk shows it to the customer.
        """
        path = _path(ticket_id)
        for audit in self._audits(path):
            if marker_of(audit) == note.marker:
                _prove_private(audit, ticket_id)
                return
        content = {"comment": {"html_body": note.html, "public": False}, "metadata": {MARKER: note.marker}}
        answer = self._told_if_closed(path, lambda: self._client.put(path, {"ticket": content}))
        _prove_private(read(AuditIn, answer.get("audit"), f"the note on ticket {ticket_id}"), ticket_id)

    def set_tags(self, ticket_id: str, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Add and remove tags; all others stay. Raises RemoteError, TicketClosed."""
        path = _path(ticket_id)

        def step() -> bool:
            ticket, stamp = self._ticket(path)
            present = {tag.lower() for tag in ticket["tags"] or ()}
            gone = [tag for tag in remove if tag.lower() in present]
            new = [tag for tag in add if tag.lower() not in present]
            if gone:
                self._client.delete(f"{path}/tags", {"tags": gone, **_safely(stamp)})
            elif new:
                self._client.put(f"{path}/tags", {"tags": new, **_safely(stamp)})
            return not gone or not new

        self._change(path, step)

    def set_field(self, ticket_id: str, field_id: str, value: str) -> None:
        """Set a custom field, empty for no value. Raises RemoteError, TicketClosed."""
        path, number = _path(ticket_id), number_in(field_id)
        if number is None:
            raise RemoteError(
                f"{field_id!r} is no Zendesk ticket field: enter the number that its page shows.",
                permanent=True,
            )

        def step() -> bool:
            ticket, stamp = self._ticket(path)
            if _value(ticket, number) != value:
                wanted = [{"id": int(number), "value": value or None}]
                answer = self._client.put(path, {"ticket": {"custom_fields": wanted, **_safely(stamp)}})
                _prove_kept(read(TicketIn, answer.get("ticket"), f"the ticket at {path}"), number, value)
            return True

        self._change(path, step)

    def pinned(self, ticket_id: str) -> frozenset[str] | None:
        """Return the Help Center articles pinned to a ticket; None where the account has no content pins.

        Raises RemoteError.
        """
        try:
            return frozenset(pin["content_id"] for pin in self._pins(ticket_id))
        except RemoteError as error:
            if error.answered in NOT_OFFERED:
                return None
            raise

    def pin(self, ticket_id: str, article_id: str, locale: str) -> None:
        """Pin an article of the Help Center to a ticket; pinned twice is once. Raises RemoteError."""
        pin = {
            "ticket_id": ticket_id,
            "content_id": article_id,
            "content_type": "article",
            "locale": locale.replace("_", "-").lower(),
        }
        try:
            self._client.post("/ticket_content_pins", {"ticket_content_pin": pin})
        except RemoteError as error:
            # Which of the two says "pinned already" is not certain: look.
            if error.answered not in (CONFLICT, INVALID) or article_id not in (self.pinned(ticket_id) or ()):
                raise self._again_if_busy(error) from error

    def unpin(self, ticket_id: str, article_id: str) -> None:
        """Take a pin away; one already gone is no error. Raises RemoteError."""
        for pin in self._pins(ticket_id):
            if pin["content_id"] == article_id:
                self._delete_pin(pin["id"])

    @staticmethod
    def _again_if_busy(error: RemoteError) -> RemoteError:
        return RemoteError(error.message, permanent=False) if error.answered == CONFLICT else error

    def _delete_pin(self, pin_id: str) -> None:
        try:
            self._client.delete(f"/ticket_content_pins/{pin_id}")
        except RemoteError as error:
            if not error.missing:
                raise

    def _pins(self, ticket_id: str) -> list[dict[str, Any]]:
        """Return the pins of articles. Nothing says that the list has pages [Ticket Content Pins]."""
        _path(ticket_id)
        answer = self._client.get("/ticket_content_pins", {"ticket_id": ticket_id})
        items = answer.get("ticket_content_pins")
        if not isinstance(items, list):
            raise RemoteError("Zendesk's list of content pins cannot be read.", permanent=False)
        pins = [read(PinIn, item, "a content pin") for item in items]
        return [pin for pin in pins if pin["content_type"] == "article"]

    def _audits(self, path: str) -> Iterator[dict[str, Any]]:
        for item in self._client.pages(f"{path}/audits", "audits"):
            yield read(AuditIn, item, f"one of the audits of {path}")

    def _ticket(self, path: str) -> tuple[dict[str, Any], object]:
        """Return a ticket that may be changed, and the time to name in a safe update, as Zendesk wrote it.

        Raises TicketClosed.
        """
        content = self._client.get(path).get("ticket")
        ticket = read(TicketIn, content, f"the ticket at {path}")
        if ticket["status"] == CLOSED:
            raise TicketClosed(f"Zendesk lets nobody change a closed ticket ({path}).")
        return ticket, content["updated_at"] if isinstance(content, dict) else ""

    def _change(self, path: str, step: Callable[[], bool]) -> None:
        """Take steps until one says that it was the last; one that collides is taken again, a few times."""
        for attempt in range(TRIES):
            try:
                if self._told_if_closed(path, step):
                    return
            except RemoteError as error:
                if error.answered != CONFLICT:
                    raise
                time.sleep(PAUSE * attempt)
        raise RemoteError(f"The ticket at {path} is being changed by others: later.", permanent=False)

    def _told_if_closed(self, path: str, call: Callable[[], Answer]) -> Answer:
        """Return what the call does; where it is refused because the ticket is closed raise TicketClosed."""
        try:
            return call()
        except RemoteError as error:
            if error.answered == INVALID:
                self._ticket(path)
            raise


def _prove_private(audit: Mapping[str, Any], ticket_id: str) -> None:
    """Raise NoteMadePublic unless every comment of this save says that it is private."""
    comments = [event for event in audit["events"] if event.get("type") == "Comment"]
    if any(event.get("public") is not False for event in comments):
        raise NoteMadePublic(
            f"Zendesk shows the private note on ticket {ticket_id} to the customer. Make it private there, "
            "find out why (a trigger, or an app?), and only then switch notes on again."
        )
    if not comments:
        raise RemoteError(
            f"Zendesk's answer holds no note for ticket {ticket_id}; it is looked for again.", permanent=False
        )


def _value(ticket: Mapping[str, Any], field: str) -> str:
    return next((field_text(each["value"]) for each in ticket["custom_fields"] if each["id"] == field), "")


def _prove_kept(ticket: Mapping[str, Any], field: str, value: str) -> None:
    """Raise RemoteError unless the field holds the value: one that does not exist may be passed over."""
    if _value(ticket, field) != value:
        raise RemoteError(
            f"Zendesk did not keep '{value}' in ticket field {field}. Is that its number, and, where it "
            "is a drop-down list, is the value among its options?",
            permanent=True,
        )


def _safely(stamp: object) -> dict[str, object]:
    return {"safe_update": True, "updated_stamp": stamp}


def _path(ticket_id: str) -> str:
    if number_in(ticket_id) != ticket_id:
        raise RemoteError(f"{ticket_id!r} is no Zendesk ticket id.", permanent=True, missing=True)
    return f"/tickets/{ticket_id}"
