"""Reads a ticket with all that was said on it: the truth a webhook only hints at.

Freshdesk keeps no history of statuses that one could read, and tells nowhere who solved a ticket: a reading
says when it was last resolved, closed and reopened. Names in brackets are parts of the REST documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from integrations.freshdesk.changes import changed_tickets
from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.marks import mark_in
from integrations.freshdesk.measures import Lacking, measures_of
from integrations.freshdesk.people import People, customer
from integrations.freshdesk.refusals import is_without_feature
from integrations.freshdesk.schemas import (
    SYSTEM_ID,
    ConversationIn,
    TicketIn,
    custom_fields,
    is_deleted,
    read,
)
from integrations.freshdesk.statuses import desk_status
from integrations.hypertext import links_in
from integrations.reading import field_text, number_in
from kcs.errors import RemoteError
from kcs.ports import AuthorKind, DeskMessage, DeskStatus, DeskUser, TicketPage, TicketSnapshot

DESCRIPTION_ID = "description"  # a ticket's first words are no conversation of their own
EMBEDDED = {"include": "requester,stats"}
NOT_SHOWN = frozenset({404, 405})  # of a ticket in the bin, which may have lost its conversations
INVALID = 400
# Which of our statuses a moment of the ticket's `stats` stands for.
MOMENTS = {
    "resolved_at": DeskStatus.SOLVED,
    "closed_at": DeskStatus.CLOSED,
    "reopened_at": DeskStatus.OPEN,
}


class FreshdeskTickets:
    """Implements `kcs.ports.TicketSource`; `people` and `lacking` keep what was asked for."""

    def __init__(
        self, client: FreshdeskClient, people: People | None = None, lacking: Lacking | None = None
    ) -> None:
        self._client = client
        self._people = people or People()
        self._lacking = lacking or Lacking()

    def read_ticket(self, ticket_id: str) -> TicketSnapshot:
        """Return the ticket with every conversation and person named, also from the archive.

        Raises RemoteError; `missing=True` when the desk has no such ticket any more.
        """
        ticket, path = find_ticket(self._client, ticket_id, EMBEDDED)
        url = ticket_url(self._client, ticket_id)
        status = DeskStatus.DELETED if is_deleted(ticket) else desk_status(ticket["status"])
        said = self._conversations(path, ticket)
        requester = ticket["requester"] or {}
        requester_id = ticket["requester_id"] or SYSTEM_ID
        stats = ticket["stats"] or {}
        moments = {status: at for name, status in MOMENTS.items() if (at := stats.get(name)) is not None}
        measures = measures_of(self._client, ticket, path, self._lacking) if status.is_solved else None
        return TicketSnapshot(
            id=ticket["id"],
            subject=ticket["subject"] or "",
            status=status,
            created_at=ticket["created_at"],
            updated_at=ticket["updated_at"],
            requester_id=requester_id,
            assignee_id=ticket["responder_id"],
            tags=tuple(ticket["tags"] or ()),
            url=url,
            locale=requester.get("language") or None,
            fields=_texts(custom_fields(ticket)),
            messages=(_description(ticket, requester_id), *(_message(item, url) for item in said)),
            changes=(),
            users=self._users(ticket, requester_id, said),
            history=False,
            moments=moments,
            measures=measures,
        )

    def changed_tickets(self, since: datetime, cursor: str | None = None) -> TicketPage:
        """Return tickets changed since then, deleted ones too, or those after a cursor.

        Raises RemoteError.
        """
        return changed_tickets(self._client, since, cursor)

    def check(self) -> str:
        """Prove that the key is an agent's; return whose. Raises RemoteError."""
        return self._client.whoami()

    def _conversations(self, path: str, ticket: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return a ticket's replies and notes, oldest first; one in the bin may have lost them."""
        try:
            items = list(self._client.pages(f"{path}/conversations"))
        except RemoteError as error:
            if not (is_deleted(ticket) and error.answered in NOT_SHOWN):
                raise
            return []
        said = [read(ConversationIn, item, f"a conversation of ticket {ticket['id']}") for item in items]
        return sorted(said, key=lambda each: (each["created_at"], int(each["id"])))

    def _users(
        self, ticket: Mapping[str, Any], requester_id: str, said: Iterable[Mapping[str, Any]]
    ) -> dict[str, DeskUser]:
        users = {requester_id: _requester(ticket, requester_id)}
        if ticket["responder_id"]:
            users[ticket["responder_id"]] = self._agent(ticket["responder_id"])
        for item in said:
            who = item["user_id"] or SYSTEM_ID
            if who not in users:
                users[who] = self._author(who, incoming=bool(item["incoming"]))
        return users

    def _author(self, user_id: str, *, incoming: bool) -> DeskUser:
        """Return who wrote something: what came in is a customer's, or that of an agent who wrote by mail."""
        if user_id == SYSTEM_ID:
            return DeskUser(SYSTEM_ID, AuthorKind.SYSTEM, "")
        if incoming:
            found = self._people.contact(self._client, user_id) or self._people.agent(self._client, user_id)
            return found or DeskUser(user_id, AuthorKind.REQUESTER, "")
        agent = self._people.agent(self._client, user_id)
        return agent or self._people.contact(self._client, user_id) or self._agent(user_id)

    def _agent(self, user_id: str) -> DeskUser:
        """Return an agent; of one who is gone, or whom we may not see, no more than that they are one."""
        known = self._people.agent(self._client, user_id)
        return known or DeskUser(user_id, AuthorKind.AGENT, "")


def find_ticket(
    client: FreshdeskClient, ticket_id: str, params: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], str]:
    """Return a ticket and its path, in the archive where it lies there. Raises RemoteError.

    Closed tickets that nobody touches for months go to the archive [View archived ticket], where the plan has
    one. Whether it includes other things as a living ticket does is not said [?]: it is asked without, then.
    """
    if number_in(ticket_id) != ticket_id:
        raise RemoteError(f"{ticket_id!r} is no Freshdesk ticket id.", permanent=True, missing=True)
    path, archived = f"/tickets/{ticket_id}", archive_path(ticket_id)
    what = f"ticket {ticket_id}"
    try:
        return read(TicketIn, client.get(path, params), what), path
    except RemoteError as error:
        if not error.missing:
            raise
        missing = error
    try:
        return read(TicketIn, client.get(archived, params), what), archived
    except RemoteError as error:
        if is_without_feature(error.message):
            raise missing from error
        if error.answered != INVALID:
            raise
    return read(TicketIn, client.get(archived), what), archived


def archive_path(ticket_id: str) -> str:
    """Return where a ticket lies that was archived."""
    return f"/tickets/archived/{ticket_id}"


def ticket_url(client: FreshdeskClient, ticket_id: str) -> str:
    """Return where agents see a ticket."""
    return f"{client.site}/a/tickets/{ticket_id}"


def _requester(ticket: Mapping[str, Any], requester_id: str) -> DeskUser:
    if requester_id == SYSTEM_ID:
        return DeskUser(SYSTEM_ID, AuthorKind.SYSTEM, "")
    told = ticket["requester"]
    if told is None or told["id"] != requester_id:
        return DeskUser(requester_id, AuthorKind.REQUESTER, "")
    return customer(told)


def _description(ticket: Mapping[str, Any], requester_id: str) -> DeskMessage:
    return DeskMessage(
        id=DESCRIPTION_ID,
        author_id=requester_id,
        body=ticket["description_text"] or ticket["description"] or "",
        public=True,
        created_at=ticket["created_at"],
        links=links_in(ticket["description"] or ""),
    )


def _message(item: Mapping[str, Any], url: str) -> DeskMessage:
    html, public = item["body"] or "", item["private"] is False
    return DeskMessage(
        id=item["id"],
        author_id=item["user_id"] or SYSTEM_ID,
        body=item["body_text"] or html,
        public=public,
        created_at=item["created_at"],
        links=links_in(html),
        marker="" if public else mark_in(html, url),
    )


def _texts(held: Mapping[str, Any]) -> dict[str, str]:
    texts = {str(name): field_text(value) for name, value in held.items()}
    return {name: text for name, text in texts.items() if text}
