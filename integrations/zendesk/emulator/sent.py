"""What a ticketing call brought, read from its JSON: which ticket, which changes, which comment.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from integrations.zendesk.emulator.http import invalid, not_found
from integrations.zendesk.emulator.records import LIGHT_AGENT_ROLE, STATUSES, Change, NewComment, Ticket, User

SETTABLE = (
    *("status", "custom_status_id", "subject", "priority", "type", "assignee_id", "group_id"),
    *("organization_id", "external_id", "tags"),
)
UNDERSTOOD = frozenset(
    {
        *SETTABLE,
        *("comment", "custom_fields", "fields", "metadata", "safe_update", "updated_stamp", "requester"),
        *("requester_id", "submitter_id", "description", "via_followup_source_id", "additional_tags"),
        *("remove_tags", "assignee_email", "brand_id", "ticket_form_id", "due_at", "problem_id", "is_public"),
    }
)


def the_ticket(ticket_id: int) -> Ticket:
    """Return a ticket that is not deleted; archived ones can be read too [Tickets]. Raises ApiError."""
    ticket: Ticket | None = g.desk.tickets.get(ticket_id)
    if ticket is None or ticket.deleted:
        raise not_found()
    return ticket


def unknown_keys(content: Mapping[str, Any]) -> list[str]:
    """Return the keys that are dropped, as `x-zendesk-api-warn` names them [recorded]."""
    return [f"ticket.{key}" for key in content if key not in UNDERSTOOD]


def changes_of(content: Mapping[str, Any], ticket: Ticket | None = None) -> Change:
    """Return what a save asks for; `ticket` is what tags are added to. Raises ApiError."""
    metadata = content.get("metadata") or {}
    custom = metadata.get("custom", metadata) if isinstance(metadata, dict) else {}
    values = values_of(content)
    if ticket is not None and ("additional_tags" in content or "remove_tags" in content):
        values["tags"] = _tags(ticket, content)
    return Change(values, _custom_fields(content), comment_of(content), "api", custom)


def values_of(content: Mapping[str, Any]) -> dict[str, object]:
    """Return the plain fields to set, checked. Raises ApiError."""
    values = {name: content[name] for name in SETTABLE if name in content}
    if values.get("status", "open") not in STATUSES:
        raise invalid("status", "is not a status")
    if values.get("custom_status_id", 0) not in (0, None, *g.desk.custom_statuses):
        raise invalid("custom_status_id", "is not a custom status")
    assignee = g.desk.users.get(values.get("assignee_id"))
    if values.get("assignee_id") is not None and not (assignee and assignee.staff and assignee.active):
        raise invalid("assignee_id", "is no agent")
    return values


def comment_of(content: Mapping[str, Any]) -> NewComment | None:
    """Return the comment to add; staff may name another author [Ticket Comments].

    A light agent's comment is always private [Support: light agents]; whether the API says so is unsure.
    """
    comment = content.get("comment")
    if not isinstance(comment, dict):
        return None
    markup = comment.get("html_body")
    body = str(comment.get("body") or comment.get("value") or "")
    light = g.user.custom_role_id == LIGHT_AGENT_ROLE
    public = bool(comment.get("public", True)) and not light
    return NewComment(body, public, comment.get("author_id"), None if markup is None else str(markup))


def requester_of(content: Mapping[str, Any]) -> int | None:
    """Return the requester, added if new; None when the content names none. Raises ApiError."""
    requester = content.get("requester")
    if isinstance(requester, dict):
        email = str(requester.get("email", ""))
        known: User | None = g.desk.user_by_email(email)
        if known is None:
            known = g.desk.add_user(str(requester.get("name", email)), email, "end-user", verified=False)
        return known.id
    number = number_or_none(content.get("requester_id"))
    if number is not None and number not in g.desk.users:
        raise invalid("requester", "is invalid")
    return number


def number_or_none(value: object) -> int | None:
    """Return an id that may come as a string."""
    return int(str(value)) if str(value).isascii() and str(value).isdigit() else None


def _custom_fields(content: Mapping[str, Any]) -> dict[int, object]:
    """Return values by field id; ids of fields that do not exist are passed over [Ticket Fields] (unsure)."""
    given = content.get("custom_fields") or content.get("fields") or ()
    pairs = {int(item["id"]): item.get("value") for item in given}
    return {number: value for number, value in pairs.items() if number in g.desk.ticket_fields}


def _tags(ticket: Ticket, content: Mapping[str, Any]) -> list[str]:
    """Return the tags with some added and removed, which bulk updates may ask for [Tickets: Update Many]."""
    added = [str(tag) for tag in content.get("additional_tags") or () if tag not in ticket.tags]
    return [tag for tag in [*ticket.tags, *added] if tag not in (content.get("remove_tags") or ())]
