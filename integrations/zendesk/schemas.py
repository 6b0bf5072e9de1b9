"""What we read of Zendesk's tickets, comments, audits and users; all else is left out.

Ids are integers in REST and strings in events: both become text. Fields follow
developer.zendesk.com/api-reference. An answer that lacks what we need is a RemoteError naming the field.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from kcs.errors import RemoteError
from kcs.ports import DeskStatus

ID = re.compile(r"-?[0-9]{1,20}", re.ASCII)
STATUSES = {status.value: status for status in DeskStatus}
OPAQUE = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
NUMBER = re.compile(r"0*([1-9][0-9]{0,18})", re.ASCII)


def moment(value: object) -> datetime | None:
    """Return an ISO 8601 time in UTC, cut to microseconds; None for anything else, or without an offset."""
    if not isinstance(value, str) or not value.isascii():
        return None
    try:
        parsed = datetime.fromisoformat(value.strip())
        return parsed.astimezone(UTC) if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None


def number_in(value: object) -> str | None:
    """Return the id of a ticket or article as digits without leading zeros; None for what is no such id."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if isinstance(value, int) and not 0 < value < 10**19:
        return None
    found = NUMBER.fullmatch(str(value).strip())
    return found[1] if found else None


def remote_id(value: object) -> str:
    """Return an id as text, from the integer or digits Zendesk sends. Raises ValidationError."""
    digits = isinstance(value, str) and ID.fullmatch(value)
    number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20
    if not digits and not number:
        raise ValidationError("not an id")
    return str(value)


def _opaque(value: object) -> str:
    """Return an id that may be a number or any short word, as it stands in a path. Raises ValidationError."""
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not OPAQUE.fullmatch(text):
        raise ValidationError("not an id")
    return text


def _time(value: object) -> datetime:
    parsed = moment(value)
    if parsed is None:
        raise ValidationError("not a time")
    return parsed


Id = partial(fields.Function, deserialize=remote_id, required=True)
IdOrNone = partial(fields.Function, deserialize=remote_id, load_default=None, allow_none=True)
Time = partial(fields.Function, deserialize=_time, required=True)
Text = partial(fields.String, load_default="", allow_none=True)
Names = partial(fields.List, fields.String(), load_default=list, allow_none=True)


class _Read(Schema):
    class Meta:
        unknown = EXCLUDE


class CustomFieldIn(_Read):
    """One custom field of a ticket; the value's type depends on the field's."""

    id = Id()
    value = fields.Raw(load_default=None, allow_none=True)


class TicketIn(_Read):
    """A ticket as `GET tickets/{id}` gives it."""

    id = Id()
    subject = Text()
    status = Text()
    status_category = Text()
    requester_id = IdOrNone()
    assignee_id = IdOrNone()
    tags = Names()
    custom_fields = fields.List(fields.Nested(CustomFieldIn), load_default=list)
    via_followup_source_id = IdOrNone()
    created_at = Time()
    updated_at = Time()


class GlimpseIn(_Read):
    """A ticket as a row of the incremental export, of which only this much is asked."""

    id = Id()
    status = Text()
    status_category = Text()
    updated_at = Time()


class CommentIn(_Read):
    """A comment; one that does not say it is public is a private note."""

    id = Id()
    author_id = IdOrNone()
    plain_body = Text()
    html_body = Text()
    body = Text()
    public = fields.Boolean(load_default=False)
    audit_id = IdOrNone()
    created_at = Time()


class AuditIn(_Read):
    """An audit: one save of a ticket, by one author, with its events of many types."""

    id = Id()
    author_id = IdOrNone()
    created_at = Time()
    events = fields.List(fields.Dict(), load_default=list)
    metadata = fields.Dict(load_default=dict, allow_none=True)
    via = fields.Raw(load_default=None, allow_none=True)


class PinIn(_Read):
    """A content pin: its ids are opaque strings, also where they hold digits."""

    id = fields.Function(deserialize=_opaque, required=True)
    content_id = fields.Function(deserialize=_opaque, required=True)
    content_type = Text()


class StatusEventIn(_Read):
    """A `Create` or `Change` of the status inside an audit."""

    id = Id()
    value = Text()
    previous_value = Text()


class UserIn(_Read):
    """A person: end-user, agent or admin."""

    id = IdOrNone()
    role = Text()
    name = Text()
    email = Text()
    phone = Text()
    details = Text()
    locale = Text()
    verified = fields.Boolean(load_default=False, allow_none=True)
    active = fields.Boolean(load_default=True, allow_none=True)
    suspended = fields.Boolean(load_default=False, allow_none=True)
    custom_role_id = IdOrNone()
    role_type = fields.Raw(load_default=None, allow_none=True)
    user_fields = fields.Dict(load_default=dict, allow_none=True)


class RoleIn(_Read):
    """A custom role of agents."""

    id = Id()
    name = Text()
    role_type = fields.Raw(load_default=None, allow_none=True)


class GroupIn(_Read):
    """A group of agents."""

    id = Id()
    name = Text()


class MembershipIn(_Read):
    """Who belongs to a group."""

    user_id = Id()
    group_id = Id()


def desk_status(status: str | None, category: str | None = None) -> DeskStatus:
    """Return the status in our words; one we do not know counts as its category, or else as open."""
    for word in (status, category):
        known = STATUSES.get((word or "").lower())
        if known is not None:
            return known
    return DeskStatus.OPEN


def read(schema: type[Schema], value: Any, what: str) -> dict[str, Any]:
    """Return the part of `value` the schema names. Raises RemoteError, permanent, when it does not fit."""
    try:
        loaded = schema().load(value)
    except ValidationError as exc:
        fault = json.dumps(exc.messages, sort_keys=True, default=str)[:200]
        raise RemoteError(f"Zendesk sent {what} that we cannot read: {fault}", permanent=True) from exc
    return dict(loaded)


def field_text(value: object) -> str:
    """Return a custom field's value as text; empty for an empty value."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(field_text, value)))
    return json.dumps(value, ensure_ascii=False)
