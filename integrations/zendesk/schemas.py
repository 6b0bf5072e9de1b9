"""What we read of Zendesk's tickets, comments, audits and users; all else is left out.

Fields follow developer.zendesk.com/api-reference.
"""

from __future__ import annotations

import re
from functools import partial

from marshmallow import ValidationError, fields

from integrations import reading
from integrations.reading import Id, IdOrNone, Names, Part, Text, Time
from kcs.ports import DeskStatus

STATUSES = {status.value: status for status in DeskStatus}
OPAQUE = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)

read = partial(reading.read, vendor="Zendesk")


def _opaque(value: object) -> str:
    """Return an id that may be a number or any short word, as it stands in a path. Raises ValidationError."""
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not OPAQUE.fullmatch(text):
        raise ValidationError("not an id")
    return text


class CustomFieldIn(Part):
    """One custom field of a ticket; the value's type depends on the field's."""

    id = Id()
    value = fields.Raw(load_default=None, allow_none=True)


class TicketIn(Part):
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
    satisfaction_rating = fields.Raw(load_default=None, allow_none=True)
    created_at = Time()
    updated_at = Time()


class GlimpseIn(Part):
    """A ticket as a row of the incremental export, of which only this much is asked."""

    id = Id()
    status = Text()
    status_category = Text()
    updated_at = Time()


class CommentIn(Part):
    """A comment; one that does not say it is public is a private note."""

    id = Id()
    author_id = IdOrNone()
    plain_body = Text()
    html_body = Text()
    body = Text()
    public = fields.Boolean(load_default=False)
    audit_id = IdOrNone()
    created_at = Time()


class AuditIn(Part):
    """An audit: one save of a ticket, by one author, with its events of many types."""

    id = Id()
    author_id = IdOrNone()
    created_at = Time()
    events = fields.List(fields.Dict(), load_default=list)
    metadata = fields.Dict(load_default=dict, allow_none=True)
    via = fields.Raw(load_default=None, allow_none=True)


class PinIn(Part):
    """A content pin: its ids are opaque strings, also where they hold digits."""

    id = fields.Function(deserialize=_opaque, required=True)
    content_id = fields.Function(deserialize=_opaque, required=True)
    content_type = Text()


class StatusEventIn(Part):
    """A `Create` or `Change` of the status inside an audit."""

    id = Id()
    value = Text()
    previous_value = Text()


class UserIn(Part):
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


class RoleIn(Part):
    """A custom role of agents."""

    id = Id()
    name = Text()
    role_type = fields.Raw(load_default=None, allow_none=True)


class GroupIn(Part):
    """A group of agents."""

    id = Id()
    name = Text()


class MembershipIn(Part):
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
