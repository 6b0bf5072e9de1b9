"""Reads a ticket with all that was said and done on it: the truth a webhook only hints at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from integrations.hypertext import links_in
from integrations.reading import field_text, number_in
from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.export import changed_tickets
from integrations.zendesk.measures import WITH_METRICS, TimeFields, measures_of
from integrations.zendesk.schemas import (
    AuditIn,
    CommentIn,
    StatusEventIn,
    TicketIn,
    UserIn,
    desk_status,
    read,
)
from kcs.errors import RemoteError
from kcs.ports import AuthorKind, DeskMessage, DeskStatus, DeskUser, StatusChange, TicketPage, TicketSnapshot

SYSTEM_ID = "-1"  # Zendesk's own id for what rules and automations do
USERS_A_CALL = 100
KINDS = {"end-user": AuthorKind.REQUESTER, "agent": AuthorKind.AGENT, "admin": AuthorKind.AGENT}
MERGED = "closed_by_merge"  # the tag of the loser of a merge [Support: merging tickets]
STATUS_EVENTS = frozenset({"Create", "Change"})
MARKER = "kcs_note"  # the name of our marker in the metadata of a save


class ZendeskTickets:
    """Implements `kcs.ports.TicketSource` over the ticketing API; `time_fields` keeps what it asked for."""

    def __init__(self, client: ZendeskClient, time_fields: TimeFields | None = None) -> None:
        self._client = client
        self._time_fields = time_fields or TimeFields()

    def read_ticket(self, ticket_id: str) -> TicketSnapshot:
        """Return the ticket with every comment, status change and person named.

        Comments and audits are read to their last page. Raises RemoteError; `missing=True` when the desk
        has no such ticket any more.
        """
        if number_in(ticket_id) != ticket_id:
            raise RemoteError(f"{ticket_id!r} is no Zendesk ticket id.", permanent=True, missing=True)
        answer = self._client.get(f"/tickets/{ticket_id}", WITH_METRICS)
        ticket = read(TicketIn, answer.get("ticket"), f"ticket {ticket_id}")
        status = desk_status(ticket["status"], ticket["status_category"])
        comments = self._below(ticket, status, "comments", CommentIn)
        audits = self._below(ticket, status, "audits", AuditIn)
        markers = {audit["id"]: marker_of(audit) for audit in audits}
        messages = tuple(_message(comment, markers) for comment in sorted(comments, key=_age))
        changes = tuple(change for audit in sorted(audits, key=_age) for change in _status_changes(audit))
        snapshot = self._snapshot(ticket, status, messages, changes)
        measures = measures_of(self._client, answer, ticket, self._time_fields) if status.is_solved else None
        return replace(snapshot, merged=was_merged(ticket, status, audits), measures=measures)

    def changed_tickets(self, since: datetime, cursor: str | None = None) -> TicketPage:
        """Return tickets changed since then, deleted ones too, or those after a cursor.

        Raises RemoteError.
        """
        return changed_tickets(self._client, since, cursor, datetime.now(UTC))

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
            follows=ticket["via_followup_source_id"],
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


def _age(item: Mapping[str, Any]) -> tuple[Any, int]:
    """Sort by time, then by id: several saves fit into one of Zendesk's seconds."""
    return item["created_at"], int(item["id"])


def marker_of(audit: Mapping[str, Any]) -> str:
    """Return our marker on a save, empty on what others saved.

    A ticket's `metadata`, as sent, stands in its audit as `metadata.custom` [Tickets: Setting metadata].
    """
    custom = (audit["metadata"] or {}).get("custom")
    marker = custom.get(MARKER) if isinstance(custom, dict) else None
    return marker if isinstance(marker, str) else ""


def was_merged(ticket: Mapping[str, Any], status: DeskStatus, audits: Iterable[Mapping[str, Any]]) -> bool:
    """Tell a ticket that was closed into another one from one that merely bears the tag of such.

    Zendesk tags the loser of a merge as it closes it. Whether tag and closing are one save, and whether the
    save says that it is a merge, no source shows: any of it counts, and so does a closing by a person, since
    only a merge closes by hand. An agent's own tag on a ticket that an automation closes later does not.
    """
    if status is not DeskStatus.CLOSED or MERGED not in (ticket["tags"] or ()):
        return False
    closings = [audit for audit in audits if _sets(audit, "status", "closed")]
    if not closings:
        return True
    last = max(closings, key=_age)
    by_a_person = (last["author_id"] or SYSTEM_ID) != SYSTEM_ID
    return by_a_person or _sets(last, "tags", MERGED) or _relation(last) == "merge"


def _sets(audit: Mapping[str, Any], name: str, value: str) -> bool:
    """Say whether a save set a field to a value, or added it to a list."""
    return any(
        event.get("field_name") == name
        and value in _listed(event.get("value"))
        and value not in _listed(event.get("previous_value"))
        for event in audit["events"]
    )


def _listed(value: object) -> list[object]:
    """Return the values of an event: tags come as a list, or as text with spaces between them."""
    if isinstance(value, str):
        return list(value.split())
    return value if isinstance(value, list) else []


def _relation(audit: Mapping[str, Any]) -> object:
    via = audit["via"]
    source = via.get("source") if isinstance(via, dict) else None
    return source.get("rel") if isinstance(source, dict) else None


def _message(comment: Mapping[str, Any], markers: Mapping[str, str]) -> DeskMessage:
    return DeskMessage(
        id=comment["id"],
        author_id=comment["author_id"] or SYSTEM_ID,
        body=comment["plain_body"] or comment["body"] or "",
        public=comment["public"],
        created_at=comment["created_at"],
        links=links_in(comment["html_body"] or ""),
        marker=markers.get(comment["audit_id"] or "", ""),
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
