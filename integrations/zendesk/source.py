"""Reads a ticket with all that was said and done on it: the truth a webhook only hints at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.hypertext import links_in
from integrations.zendesk.schemas import (
    AuditIn,
    CommentIn,
    StatusEventIn,
    TicketIn,
    UserIn,
    field_text,
    number_in,
    read,
)
from kcs.errors import RemoteError
from kcs.ports import AuthorKind, DeskMessage, DeskStatus, DeskUser, StatusChange, TicketSnapshot

SYSTEM_ID = "-1"  # Zendesk's own id for what rules and automations do
USERS_A_CALL = 100
KINDS = {"end-user": AuthorKind.REQUESTER, "agent": AuthorKind.AGENT, "admin": AuthorKind.AGENT}
STATUSES = {status.value: status for status in DeskStatus}
STATUS_EVENTS = frozenset({"Create", "Change"})


class ZendeskTickets:
    """Implements `kcs.ports.TicketSource` over the ticketing API."""

    def __init__(self, client: ZendeskClient) -> None:
        self._client = client

    def read_ticket(self, ticket_id: str) -> TicketSnapshot:
        """Return the ticket with every comment, status change and person named.

        Comments and audits are read to their last page. Raises RemoteError; `missing=True` when the desk
        has no such ticket any more.
        """
        if number_in(ticket_id) != ticket_id:
            raise RemoteError(f"{ticket_id!r} is no Zendesk ticket id.", permanent=True, missing=True)
        ticket = read(
            TicketIn, self._client.get(f"/tickets/{ticket_id}").get("ticket"), f"ticket {ticket_id}"
        )
        status = desk_status(ticket["status"], ticket["status_category"])
        comments = self._below(ticket, status, "comments", CommentIn)
        audits = self._below(ticket, status, "audits", AuditIn)
        messages = tuple(_message(comment) for comment in sorted(comments, key=_age))
        changes = tuple(change for audit in sorted(audits, key=_age) for change in _status_changes(audit))
        return self._snapshot(ticket, status, messages, changes)

    def check(self) -> str:
        """Prove that we are signed in as an agent; return who. Raises RemoteError."""
        return self._client.whoami()

    def _snapshot(
        self,
        ticket: Mapping[str, Any],
        status: DeskStatus,
        messages: tuple[DeskMessage, ...],
        changes: tuple[StatusChange, ...],
    ) -> TicketSnapshot:
        requester_id = ticket["requester_id"] or SYSTEM_ID
        authors = [*(m.author_id for m in messages), *(c.author_id for c in changes)]
        named = list(filter(None, [requester_id, ticket["assignee_id"], *authors]))
        people = self._people(named)
        return TicketSnapshot(
            id=ticket["id"],
            subject=ticket["subject"] or "",
            status=status,
            created_at=ticket["created_at"],
            updated_at=ticket["updated_at"],
            requester_id=requester_id,
            assignee_id=ticket["assignee_id"],
            tags=tuple(ticket["tags"] or ()),
            url=f"{self._client.site}/agent/tickets/{ticket['id']}",
            locale=people.get(requester_id, {}).get("locale") or None,
            fields=_custom_fields(ticket["custom_fields"]),
            messages=messages,
            changes=changes,
            users={who: _desk_user(who, people.get(who), requester_id) for who in named},
        )

    def _below(
        self,
        ticket: Mapping[str, Any],
        status: DeskStatus,
        name: str,
        schema: type[CommentIn] | type[AuditIn],
    ) -> list[dict[str, Any]]:
        """Return a ticket's comments or audits; a deleted ticket may have lost them."""
        try:
            items = list(self._client.pages(f"/tickets/{ticket['id']}/{name}", name))
        except RemoteError as exc:
            if not (exc.missing and status is DeskStatus.DELETED):
                raise
            return []
        return [read(schema, item, f"one of the {name} of ticket {ticket['id']}") for item in items]

    def _people(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return the known people by id; whoever was deleted for good is left out."""
        wanted = sorted(set(ids) - {SYSTEM_ID})
        people: dict[str, dict[str, Any]] = {}
        for start in range(0, len(wanted), USERS_A_CALL):
            some = wanted[start : start + USERS_A_CALL]
            answer = self._client.get("/users/show_many", {"ids": ",".join(some)}).get("users")
            for item in answer if isinstance(answer, list) else ():
                person = read(UserIn, item, "a user")
                people[str(person["id"])] = person
        return people


def desk_status(status: str | None, category: str | None = None) -> DeskStatus:
    """Return the status in our words; one we do not know counts as its category, or else as open."""
    for word in (status, category):
        known = STATUSES.get((word or "").lower())
        if known is not None:
            return known
    return DeskStatus.OPEN


def _age(item: Mapping[str, Any]) -> tuple[Any, int]:
    """Sort by time, then by id: several saves fit into one of Zendesk's seconds."""
    return item["created_at"], int(item["id"])


def _message(comment: Mapping[str, Any]) -> DeskMessage:
    return DeskMessage(
        id=comment["id"],
        author_id=comment["author_id"] or SYSTEM_ID,
        body=comment["plain_body"] or comment["body"] or "",
        public=comment["public"],
        created_at=comment["created_at"],
        links=links_in(comment["html_body"] or ""),
    )


def _status_changes(audit: Mapping[str, Any]) -> Iterator[StatusChange]:
    """Yield the moves of the status in one save, credited to whoever saved."""
    for item in audit["events"]:
        if item.get("type") not in STATUS_EVENTS or item.get("field_name") != "status":
            continue
        event = read(StatusEventIn, item, f"a status change in audit {audit['id']}")
        before = event["previous_value"]
        yield StatusChange(
            id=event["id"],
            at=audit["created_at"],
            author_id=audit["author_id"] or SYSTEM_ID,
            before=desk_status(before) if before else None,
            after=desk_status(event["value"]),
        )


def _custom_fields(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    texts = {item["id"]: field_text(item["value"]) for item in items}
    return {key: text for key, text in texts.items() if text}


def _desk_user(user_id: str, person: Mapping[str, Any] | None, requester_id: str) -> DeskUser:
    """Say who somebody is by their role; of one whom Zendesk has forgotten, by their part in this ticket."""
    if person is None:
        forgotten = user_id != SYSTEM_ID and user_id == requester_id
        return DeskUser(user_id, AuthorKind.REQUESTER if forgotten else AuthorKind.SYSTEM, name="")
    address = field_text((person["user_fields"] or {}).get("address"))
    return DeskUser(
        id=user_id,
        kind=KINDS.get(person["role"] or "", AuthorKind.SYSTEM),
        name=person["name"] or "",
        email=person["email"] or None,
        phone=person["phone"] or None,
        address=address or person["details"] or None,
        email_verified=bool(person["verified"]),
    )
