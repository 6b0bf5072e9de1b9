"""The bodies the emulated desk's webhooks send: an envelope for each event, or a trigger's filled template.

A name in brackets is the part of developer.zendesk.com that a shape follows.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from integrations.zendesk.emulator.records import Audit, Ticket, stamp

ACCOUNT_ID = 10_001
PREFIX = "zen:event-type:"
CONDITIONAL = "conditional_ticket_events"
VERSION = "2022-11-06"
ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PLACEHOLDER = re.compile(r"\{\{\s*([a-z_.]+)\s*\}\}")

# What a change of a field is called as an event [Webhooks: Ticket events].
FIELD_EVENTS = {
    "assignee_id": "ticket.agent_assignment_changed",
    "group_id": "ticket.group_assignment_changed",
    "custom_status_id": "ticket.custom_status_changed",
    "subject": "ticket.subject_changed",
    "priority": "ticket.priority_changed",
    "type": "ticket.type_changed",
    "external_id": "ticket.external_id_changed",
    "organization_id": "ticket.organization_changed",
    "requester_id": "ticket.requester_changed",
}


def ulid() -> str:
    """Return 26 characters like a ULID: milliseconds, then chance."""
    value = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(ULID_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def envelope(
    kind: str, subject: str, detail: Mapping[str, object], event: Mapping[str, object], at: datetime
) -> dict[str, object]:
    """Return an event subscription's body: `account_id` an integer, times with nanoseconds [Webhooks]."""
    return {
        "type": f"{PREFIX}{kind}",
        "account_id": ACCOUNT_ID,
        "id": ulid(),
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z"),
        "zendesk_event_version": VERSION,
        "subject": subject,
        "detail": dict(detail),
        "event": dict(event),
    }


def ticket_detail(ticket: Ticket, audit: Audit) -> dict[str, object]:
    """Return the `detail` of a ticket event: ids are strings, the status is in capitals [Ticket events]."""
    return {
        "actor_id": str(audit.author_id),
        "assignee_id": _text(ticket.assignee_id),
        "brand_id": None,
        "created_at": stamp(ticket.created_at),
        "custom_status": _text(ticket.custom_status_id),
        "description": ticket.description,
        "external_id": ticket.external_id,
        "form_id": None,
        "group_id": _text(ticket.group_id),
        "id": str(ticket.id),
        "is_public": ticket.is_public,
        "organization_id": _text(ticket.organization_id),
        "priority": ticket.priority and ticket.priority.upper(),
        "requester_id": str(ticket.requester_id),
        "status": ticket.status.upper(),
        "subject": ticket.subject,
        "submitter_id": str(ticket.requester_id),
        "tags": list(ticket.tags),
        "type": ticket.type and ticket.type.upper(),
        "updated_at": stamp(ticket.updated_at),
        "via": {"channel": "web_service"},
    }


def ticket_events(ticket: Ticket, audit: Audit) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the event types one save sets off, with their `event` part [Ticket events].

    A deleted ticket tells only that it was deleted. Events of one save share a sequence (its content is
    unsure); some recorded ones have an empty `meta`.
    """
    yield from audit.signals
    if ticket.deleted:
        return
    if ticket.audits and audit is ticket.audits[0]:
        yield "ticket.created", {"meta": {"sequence": {"id": str(audit.id), "position": 1}}}
    for event in audit.events:
        if event["type"] == "Comment":
            yield "ticket.comment_added", {"comment": _comment(event)}
        elif event["type"] == "Change":
            yield from _field_event(event)


def _field_event(event: Mapping[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    name, current, previous = (event.get(key) for key in ("field_name", "value", "previous_value"))
    if name == "status":
        if "deleted" not in (current, previous):
            change = {"current": str(current).upper(), "previous": str(previous).upper()}
            yield "ticket.status_changed", dict(change)
    elif name == "tags":
        now, before = (value if isinstance(value, list) else [] for value in (current, previous))
        added, removed = [t for t in now if t not in before], [t for t in before if t not in now]
        yield "ticket.tags_changed", {"tags_added": added, "tags_removed": removed}
    elif str(name) in FIELD_EVENTS:
        yield FIELD_EVENTS[str(name)], {"current": current, "previous": previous}
    elif str(name).isdigit():
        yield "ticket.custom_field_changed", {"current": current, "field": {"id": name}, "previous": previous}


def trigger_values(ticket: Ticket, audit: Audit) -> dict[str, str]:
    """Return what placeholders stand for; the status is a localised word [Placeholders] (unsure)."""
    return {
        "ticket.id": str(ticket.id),
        "ticket.status": ticket.status.capitalize(),
        "ticket.title": ticket.subject,
        "ticket.updated_at_with_timestamp": stamp(ticket.updated_at),
        "ticket.created_at_with_timestamp": stamp(ticket.created_at),
        "current_user.id": str(audit.author_id),
    }


def filled(template: str, values: Mapping[str, str]) -> bytes:
    """Return a trigger's body with its placeholders filled in; unknown ones become empty [Support]."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], ""), template).encode()


def trigger_body(ticket: Ticket, audit: Audit) -> dict[str, object]:
    """Return the body we ask administrators to put into their trigger [Webhooks]."""
    values = trigger_values(ticket, audit)
    return {
        "ticket_id": values["ticket.id"],
        "status": values["ticket.status"],
        "updated_at": values["ticket.updated_at_with_timestamp"],
        "current_user_id": values["current_user.id"],
    }


def _comment(event: Mapping[str, object]) -> dict[str, object]:
    author = {"id": str(event["author_id"])}
    return {
        "id": str(event["id"]),
        "author": author,
        "body": event["body"],
        "is_public": event["public"],
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
