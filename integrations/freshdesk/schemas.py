"""What we read of Freshdesk's tickets, conversations and people; all else is left out.

Fields follow the REST documentation; blank ones come as null, and some are left out on some plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from marshmallow import fields

from integrations import reading
from integrations.reading import Id, IdOrNone, Names, Part, Text, Time, TimeOrNone

read = partial(reading.read, vendor="Freshdesk")

SYSTEM_ID = "system"  # ours, for what names nobody: rules and the desk itself

Flag = partial(fields.Boolean, load_default=False, allow_none=True)
Ids = partial(fields.List, fields.Function(deserialize=reading.remote_id), load_default=list, allow_none=True)


class StatsIn(Part):
    """When things last happened to a ticket; which of them are told differs between accounts."""

    resolved_at = TimeOrNone()
    closed_at = TimeOrNone()
    reopened_at = TimeOrNone()
    first_responded_at = TimeOrNone()


class RequesterIn(Part):
    """The customer, as included in a ticket, or a contact by itself."""

    id = Id()
    name = Text()
    email = Text()
    phone = Text()
    mobile = Text()
    address = Text()
    language = Text()
    active = Flag()


class TicketIn(Part):
    """A ticket as `GET tickets/{id}` gives it."""

    id = Id()
    subject = Text()
    description = Text()
    description_text = Text()
    status = fields.Integer(required=True)
    requester_id = IdOrNone()
    responder_id = IdOrNone()
    tags = Names()
    custom_fields = fields.Raw(load_default=dict, allow_none=True)
    spam = Flag()
    deleted = Flag()
    created_at = Time()
    updated_at = Time()
    stats = fields.Nested(StatsIn, load_default=dict, allow_none=True)
    requester = fields.Nested(RequesterIn, load_default=None, allow_none=True)


class GlimpseIn(Part):
    """A ticket as a row of a list, of which only this much is asked."""

    id = Id()
    status = fields.Integer(required=True)
    spam = Flag()
    deleted = Flag()
    updated_at = Time()


class ConversationIn(Part):
    """A reply or note; one that does not say it is public is private."""

    id = Id()
    user_id = IdOrNone()
    body = Text()
    body_text = Text()
    private = fields.Boolean(load_default=True, allow_none=True)
    incoming = Flag()
    created_at = Time()


class RatingIn(Part):
    """What a customer said of a ticket; `ratings` holds a number for each question of the survey."""

    ratings = fields.Raw(load_default=None, allow_none=True)
    created_at = Time()


class TimeEntryIn(Part):
    """Time an agent tracked on a ticket, in hours and minutes."""

    time_spent = Text()


class NoteIn(Part):
    """What is answered to a note; what it does not say is not proven."""

    body = fields.String(load_default=None, allow_none=True)
    private = fields.Raw(load_default=None, allow_none=True)


class ContactIn(Part):
    """The person an agent is, within the agent; `active` says that the e-mail address was confirmed."""

    name = Text()
    email = Text()
    active = Flag()


class AgentIn(Part):
    """An agent; `type` and `deactivated` are not told by every plan."""

    id = Id()
    type = Text()
    ticket_scope = fields.Raw(load_default=None, allow_none=True)
    deactivated = Flag()
    group_ids = Ids()
    contact = fields.Nested(ContactIn, required=True)


class GroupIn(Part):
    """A group of agents; not every list of agents names their groups, but each group names its agents."""

    id = Id()
    name = Text()
    agent_ids = Ids()


def custom_fields(ticket: Mapping[str, Any]) -> dict[str, Any]:
    """Return the custom fields of a ticket by name, empty ones too."""
    held = ticket["custom_fields"]
    return dict(held) if isinstance(held, dict) else {}


def is_deleted(ticket: Mapping[str, Any]) -> bool:
    """Return whether a ticket is in the bin, or among the spam, which is emptied as the bin is."""
    return bool(ticket["deleted"] or ticket["spam"])
