"""What the emulated desk remembers: people, groups, tickets, comments and audits, and how REST shows them.

A name in brackets is the part of developer.zendesk.com that a shape follows.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
ROLES = ("end-user", "agent", "admin")
SYSTEM = -1  # the author of what triggers and automations do [Zendesk docs: Ticket Audits]
LIGHT_AGENT_ROLE = 360_000_000_011
BOT_ROLE = 360_000_000_012
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MARKUP = re.compile(r"<[^>]*>")


def stamp(moment: datetime) -> str:
    """Return a time as REST writes it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def via(channel: str, source: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return how something came about, as tickets, comments and audits say it [Ticket Audits: Via object]."""
    return {"channel": channel, "source": {"from": {}, "to": {}, "rel": None, **(source or {})}}


@dataclass
class User:
    """A person of the desk."""

    id: int
    name: str
    email: str
    role: str
    phone: str | None = None
    details: str | None = None
    locale: str = "en-us"
    verified: bool = True
    active: bool = True
    suspended: bool = False
    custom_role_id: int | None = None
    organization_id: int | None = None
    default_group_id: int | None = None
    user_fields: dict[str, object] = field(default_factory=dict)
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH
    sequence: int = 0

    @property
    def staff(self) -> bool:
        """True for agents and administrators, also those who left."""
        return self.role != "end-user"

    def as_json(self) -> dict[str, object]:
        """Return the user as `GET users/{id}` does [Users]."""
        shown = {key: value for key, value in vars(self).items() if key != "sequence"}
        return {**shown, "created_at": stamp(self.created_at), "updated_at": stamp(self.updated_at)}


@dataclass
class Group:
    """A group of agents; `memberships` maps their ids to those of the memberships [Group Memberships]."""

    id: int
    name: str
    created_at: datetime
    memberships: dict[int, int] = field(default_factory=dict)
    deleted: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the group as `GET groups` does [Groups]."""
        at = stamp(self.created_at)
        shown = {"id": self.id, "name": self.name, "deleted": self.deleted}
        return {**shown, "created_at": at, "updated_at": at}


@dataclass
class CustomStatus:
    """A name for a status of one of the categories; each category has a default [Custom Ticket Statuses]."""

    id: int
    agent_label: str
    status_category: str
    default: bool = False
    active: bool = True

    def as_json(self) -> dict[str, object]:
        """Return the status as `GET custom_statuses` does [Custom Ticket Statuses]."""
        return {**vars(self), "end_user_label": self.agent_label, "raw_agent_label": self.agent_label}


@dataclass
class Comment:
    """A public reply or a private note."""

    id: int
    author_id: int
    body: str
    public: bool
    created_at: datetime
    audit_id: int
    html_body: str = ""
    attachments: list[dict[str, object]] = field(default_factory=list)
    via: dict[str, object] = field(default_factory=lambda: via("web"))
    metadata: dict[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the comment as `GET tickets/{id}/comments` does [Ticket Comments]."""
        return {
            **vars(self),
            "type": "Comment",
            "plain_body": self.body,
            "created_at": stamp(self.created_at),
        }


@dataclass
class Audit:
    """One save of a ticket: who, when, by which way, and the events it consists of.

    `signals` are webhook events, type and content, that no event of the audit tells.
    """

    id: int
    ticket_id: int
    author_id: int
    created_at: datetime
    events: list[dict[str, object]]
    via: dict[str, object] = field(default_factory=lambda: via("web"))
    metadata: dict[str, object] = field(default_factory=dict)
    signals: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return the audit as `GET tickets/{id}/audits` does [Ticket Audits]."""
        shown = {key: value for key, value in vars(self).items() if key != "signals"}
        return {**shown, "created_at": stamp(self.created_at)}


@dataclass
class Ticket:
    """A ticket with its whole history.

    `generated_at` is when Zendesk last touched it, which `updated_at` need not show; `sequence` is its place
    in the export [Incremental Exports]. `deleted` is soft, `gone` is for good.
    """

    id: int
    subject: str
    requester_id: int
    created_at: datetime
    updated_at: datetime
    description: str = ""
    status: str = "new"
    custom_status_id: int | None = None
    priority: str | None = None
    type: str | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    organization_id: int | None = None
    external_id: str | None = None
    tags: list[str] = field(default_factory=list)
    custom_fields: dict[int, object] = field(default_factory=dict)
    is_public: bool = True
    via: dict[str, object] = field(default_factory=lambda: via("web"))
    comments: list[Comment] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list)
    followup_ids: list[int] = field(default_factory=list)
    via_followup_source_id: int | None = None
    merged_into: int | None = None
    deleted: bool = False
    gone: bool = False
    archived: bool = False
    satisfaction: str = "unoffered"
    generated_at: datetime = EPOCH
    sequence: int = 0

    @property
    def listed(self) -> bool:
        """True when lists show the ticket: neither deleted nor archived [Tickets]."""
        return not (self.deleted or self.archived)

    @property
    def solver_id(self) -> int | None:
        """Who made the save that solved it, the truth about credit; None when nobody did or it was merged."""
        if self.merged_into is not None:
            return None
        for audit in reversed(self.audits):
            for event in reversed(audit.events):
                if event.get("field_name") != "status" or "deleted" in _both(event):
                    continue
                if _both(event) != ("solved", "closed"):
                    return audit.author_id if event.get("value") in DONE else None
        return None

    def as_json(self) -> dict[str, object]:
        """Return the ticket as `GET tickets/{id}` does, with its status in small letters [Tickets]."""
        fields = [{"id": key, "value": value} for key, value in self.custom_fields.items()]
        return {
            **{name: getattr(self, name) for name in SHOWN},
            "raw_subject": self.subject,
            "submitter_id": self.requester_id,
            "brand_id": None,
            "ticket_form_id": None,
            "satisfaction_rating": {"score": self.satisfaction},
            "custom_fields": fields,
            "fields": fields,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
            **(
                {"via_followup_source_id": self.via_followup_source_id} if self.via_followup_source_id else {}
            ),
        }

    def exported(self) -> dict[str, object]:
        """Return the ticket as the export does: a deleted one as "deleted" [Incremental Exports]."""
        content = {**self.as_json(), "generated_timestamp": int(self.generated_at.timestamp())}
        return {**content, "status": "deleted"} if self.deleted else content


DONE = ("solved", "closed")


def _both(event: Mapping[str, object]) -> tuple[object, object]:
    return event.get("previous_value"), event.get("value")


SHOWN = (
    *("id", "external_id", "via", "type", "subject", "description", "priority", "status", "custom_status_id"),
    *("requester_id", "assignee_id", "group_id", "organization_id", "is_public", "tags", "followup_ids"),
)


@dataclass(frozen=True)
class NewComment:
    """A comment to add with a save: plain text in `body`, or `html`, of which the plain text is made."""

    body: str = ""
    public: bool = True
    author_id: int | None = None
    html: str | None = None
    attachments: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the comment without markup."""
        return html.unescape(MARKUP.sub("", self.html)) if self.html else self.body

    @property
    def markup(self) -> str:
        """Return the comment as Zendesk shows it; plain text is escaped and wrapped [Ticket Comments]."""
        inner = self.html or f'<p dir="auto">{html.escape(self.body)}</p>'
        return f'<div class="zd-comment" dir="auto">{inner}</div>'


@dataclass(frozen=True)
class Change:
    """What one save asks for: new values by field name, perhaps a comment, and the way it came."""

    values: Mapping[str, object] = field(default_factory=dict)
    custom_fields: Mapping[int, object] = field(default_factory=dict)
    comment: NewComment | None = None
    channel: str = "web"
    metadata: Mapping[str, object] = field(default_factory=dict)
    source: Mapping[str, object] | None = None
