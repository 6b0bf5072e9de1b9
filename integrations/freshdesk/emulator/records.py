"""What the emulated Freshdesk account remembers, and how REST shows it.

A name in brackets is the part of developers.freshdesk.com that a shape follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from integrations.freshdesk.emulator.measured import Rating, TimeEntry

OPEN, PENDING, RESOLVED, CLOSED = 2, 3, 4, 5
DONE = (RESOLVED, CLOSED)
STATUSES = {
    OPEN: ("Open", "Being Processed"),
    PENDING: ("Pending", "Awaiting your Reply"),
    RESOLVED: ("Resolved", "This ticket has been Resolved"),
    CLOSED: ("Closed", "This ticket has been Closed"),
}
PRIORITIES = {1: "Low", 2: "Medium", 3: "High", 4: "Urgent"}
SOURCES = {1: "Email", 2: "Portal", 3: "Phone", 7: "Chat", 9: "Feedback Widget", 10: "Outbound Email"}
REPLY, NOTE = 0, 2  # sources of conversations [Conversations]
EVERYTHING, OF_MY_GROUPS, OF_MINE = 1, 2, 3  # ticket scopes of agents [Agents]
STATS = (
    *("agent_responded_at", "requester_responded_at", "first_responded_at", "status_updated_at"),
    *("reopened_at", "resolved_at", "closed_at", "pending_since"),
)
MARKUP = re.compile(r"<[^>]*>")


def stamp(moment: datetime) -> str:
    """Return a time as REST writes it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(markup: str) -> str:
    """Return HTML as its `_text` twin has it."""
    return html.unescape(MARKUP.sub("", markup)).strip()


def as_markup(text: str) -> str:
    """Return plain text as the HTML the desk keeps."""
    return f"<div>{html.escape(text)}</div>"


@dataclass
class Agent:
    """Somebody who works at the desk; `contact` is the person. `key` signs in as them.

    `denied` are regular expressions of paths that their roles do not reach.
    """

    id: int
    name: str
    email: str
    key: str
    created_at: datetime
    admin: bool = False
    occasional: bool = False
    type: str = "support_agent"
    ticket_scope: int = EVERYTHING
    active: bool = True
    group_ids: list[int] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return the agent as `GET agents/{id}` does [Agents]."""
        return {
            "available": True,
            "occasional": self.occasional,
            "id": self.id,
            "ticket_scope": self.ticket_scope,
            "signature": None,
            "group_ids": list(self.group_ids),
            "role_ids": [1 if self.admin else 2],
            "skill_ids": [],
            "type": self.type,
            "available_since": None,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.created_at),
            "contact": {
                "active": self.active,
                "email": self.email,
                "name": self.name,
                **dict.fromkeys(("job_title", "last_login_at", "mobile", "phone")),
                "language": "en",
                "time_zone": "London",
                "created_at": stamp(self.created_at),
                "updated_at": stamp(self.created_at),
            },
        }


@dataclass
class Contact:
    """A customer."""

    id: int
    name: str
    email: str | None
    created_at: datetime
    phone: str | None = None
    mobile: str | None = None
    address: str | None = None
    active: bool = False
    deleted: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the customer as `GET contacts/{id}` does [Contacts]."""
        shown = {name: value for name, value in vars(self).items() if name not in ("created_at", "deleted")}
        at = stamp(self.created_at)
        more: dict[str, object] = {"company_id": None, "description": None, "job_title": None, "tags": []}
        gone = {"deleted": True} if self.deleted else {}
        return {
            **shown,
            **more,
            **gone,
            "language": "en",
            "custom_fields": {},
            "created_at": at,
            "updated_at": at,
        }


@dataclass
class Group:
    """Agents who work together."""

    id: int
    name: str
    created_at: datetime
    agent_ids: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return the group as `GET groups` does [Groups]."""
        at = stamp(self.created_at)
        more = {"description": None, "escalate_to": None, "unassigned_for": None, "business_hour_id": None}
        return {**vars(self), **more, "group_type": "support_agent_group", "created_at": at, "updated_at": at}


@dataclass
class Conversation:
    """A reply or a note."""

    id: int
    ticket_id: int
    user_id: int
    body: str
    private: bool
    incoming: bool
    source: int
    created_at: datetime
    updated_at: datetime

    def as_json(self) -> dict[str, object]:
        """Return it as `GET tickets/{id}/conversations` does [Conversations]."""
        return {
            **vars(self),
            "body_text": plain(self.body),
            "support_email": None,
            "to_emails": [],
            "attachments": [],
            "last_edited_at": None,
            "last_edited_user_id": None,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
        }


@dataclass(frozen=True)
class Act:
    """One save of a ticket: the truth about who did what, which REST does not tell.

    `actor_id` is None for a rule. `events` are what rules may run on, each with what `{{triggered_event}}`
    then stands for; `kind` is what the app's event is called.
    """

    ticket_id: int
    at: datetime
    actor_id: int | None
    kind: str
    events: tuple[tuple[str, str], ...]
    changes: Mapping[str, tuple[object, object]]


@dataclass
class Ticket:
    """A ticket with what is kept of it. `acts` is the log behind it, `gone` is deleted for good."""

    id: int
    subject: str
    description: str
    requester_id: int
    created_at: datetime
    updated_at: datetime
    status: int = OPEN
    priority: int = 1
    type: str | None = None
    source: int = 2
    responder_id: int | None = None
    group_id: int | None = None
    company_id: int | None = None
    product_id: int | None = None
    spam: bool = False
    deleted: bool = False
    is_escalated: bool = False
    tags: list[str] = field(default_factory=list)
    custom_fields: dict[str, object] = field(default_factory=dict)
    conversations: list[Conversation] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    time_entries: list[TimeEntry] = field(default_factory=list)
    stats: dict[str, datetime | None] = field(default_factory=lambda: dict.fromkeys(STATS))
    acts: list[Act] = field(default_factory=list)
    gone: bool = False
    archived: bool = False
    merged_into: int | None = None

    @property
    def writable(self) -> bool:
        """False for one that is spam, deleted or archived [Tickets: 405]."""
        return not (self.spam or self.deleted or self.archived)

    def as_json(self) -> dict[str, object]:
        """Return the ticket as lists show it; `deleted` only where it is [Tickets] (unsure)."""
        shown: dict[str, object] = {name: getattr(self, name) for name in SHOWN}
        if self.deleted:
            shown["deleted"] = True
        return {
            **shown,
            **dict.fromkeys(("email_config_id", "to_emails", "due_by", "fr_due_by"), None),
            **{name: [] for name in ("cc_emails", "fwd_emails", "reply_cc_emails")},
            "fr_escalated": False,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
        }

    def description_as_json(self) -> dict[str, object]:
        """Return the first message, which newer accounts list only on request [Tickets: List]."""
        return {"description": self.description, "description_text": plain(self.description)}

    def stats_as_json(self) -> dict[str, object]:
        """Return when it was last answered, solved, closed [Tickets: include=stats]."""
        return {name: at and stamp(at) for name, at in self.stats.items()}


SHOWN = (
    *("id", "subject", "status", "priority", "type", "source", "requester_id", "responder_id", "group_id"),
    *("company_id", "product_id", "spam", "is_escalated", "tags", "custom_fields"),
)


@dataclass
class TicketField:
    """A field of the form. `choices` are those of a list of one's own."""

    id: int
    name: str
    label: str
    type: str
    choices: object = None
    default: bool = False
    required_for_closure: bool = False

    def as_json(self, statuses: Mapping[int, Iterable[str]]) -> dict[str, object]:
        """Return the field as `GET ticket_fields` does [Ticket Fields]."""
        content: dict[str, object] = {
            **{key: value for key, value in vars(self).items() if key != "choices"},
            "description": self.label,
            "position": self.id,
            "required_for_agents": False,
            "customers_can_edit": False,
            "label_for_customers": self.label,
            "required_for_customers": False,
            "displayed_to_customers": self.default,
        }
        if self.name == "status":
            content["choices"] = {str(number): list(labels) for number, labels in statuses.items()}
        elif self.choices is not None:
            content["choices"] = self.choices
        return content
