"""The emulated desk's memory: people, tickets, comments and audits.

A name in brackets is the part of developer.zendesk.com that a behaviour follows. Every save makes one
audit with the saver as its author, as `GET tickets/{id}/audits` shows it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
ROLES = ("end-user", "agent", "admin")


def stamp(moment: datetime) -> str:
    """Return a time as REST writes it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
    user_fields: dict[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the user as `GET users/{id}` does [Ticketing]."""
        return {**vars(self), "active": True, "suspended": False, "custom_role_id": None}


@dataclass
class Comment:
    """A public reply or a private note."""

    id: int
    author_id: int
    body: str
    public: bool
    created_at: datetime
    audit_id: int

    def as_json(self) -> dict[str, object]:
        """Return the comment as `GET tickets/{id}/comments` does [Ticketing]."""
        return {
            **vars(self),
            "type": "Comment",
            "html_body": self.body,
            "plain_body": self.body,
            "attachments": [],
            "created_at": stamp(self.created_at),
        }


@dataclass
class Audit:
    """One save of a ticket: who, when, and the events it consists of."""

    id: int
    ticket_id: int
    author_id: int
    created_at: datetime
    events: list[dict[str, object]]

    def as_json(self) -> dict[str, object]:
        """Return the audit as `GET tickets/{id}/audits` does [Ticketing]."""
        return {**vars(self), "created_at": stamp(self.created_at), "via": {"channel": "api"}}


@dataclass
class Ticket:
    """A ticket with its whole history."""

    id: int
    subject: str
    requester_id: int
    created_at: datetime
    updated_at: datetime
    description: str = ""
    status: str = "new"
    assignee_id: int | None = None
    tags: list[str] = field(default_factory=list)
    custom_fields: dict[int, object] = field(default_factory=dict)
    is_public: bool = True
    comments: list[Comment] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list)
    deleted: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the ticket as `GET tickets/{id}` does, with its status in small letters [Ticketing]."""
        shown = ("id", "subject", "description", "status", "requester_id", "assignee_id", "tags", "is_public")
        return {
            **{name: getattr(self, name) for name in shown},
            "submitter_id": self.requester_id,
            "custom_fields": [{"id": key, "value": value} for key, value in self.custom_fields.items()],
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
        }


@dataclass(frozen=True)
class NewComment:
    """A comment to add with a save."""

    body: str
    public: bool = True
    author_id: int | None = None


@dataclass(frozen=True)
class Change:
    """What one save asks for: new values by field name, and perhaps a comment."""

    values: Mapping[str, object] = field(default_factory=dict)
    custom_fields: Mapping[int, object] = field(default_factory=dict)
    comment: NewComment | None = None


Saved = Callable[[Ticket, Audit], None]


class Desk:
    """People and tickets, safe for several threads; `on_save` hears of every audit."""

    def __init__(self, on_save: Saved) -> None:
        self.lock = threading.RLock()
        self.users: dict[int, User] = {}
        self.tickets: dict[int, Ticket] = {}
        self._on_save = on_save
        self._user_ids = itertools.count(900_000_001)
        self._ticket_ids = itertools.count(1)
        self._history_ids = itertools.count(5_000_000_001)

    def add_user(self, name: str, email: str, role: str, **more: object) -> User:
        """Add a person; `more` are optional fields of `User`."""
        if role not in ROLES:
            raise ValueError(f"{role!r} is none of {ROLES}")
        with self.lock:
            user = User(next(self._user_ids), name, email, role)
            for key, value in more.items():
                setattr(user, key, value)
            self.users[user.id] = user
            return user

    def user_by_email(self, email: str) -> User | None:
        """Return whoever has this address."""
        return next((user for user in list(self.users.values()) if user.email == email), None)

    def create(
        self, requester_id: int, subject: str, comment: NewComment, at: datetime, tags: Sequence[str] = ()
    ) -> Ticket:
        """Open a ticket; its audit holds a `Create` for each field and the first comment [Ticketing]."""
        with self.lock:
            ticket = Ticket(next(self._ticket_ids), subject, requester_id, at, at, comment.body)
            ticket.tags = list(tags)
            ticket.is_public = comment.public
            audit = self._audit(ticket, comment.author_id or requester_id, at)
            for name in ("subject", "status", "requester_id", "tags"):
                self._event(audit, "Create", field_name=name, value=_audited(getattr(ticket, name)))
            self._comment(ticket, audit, comment)
            self.tickets[ticket.id] = ticket
            self._on_save(ticket, audit)
            return ticket

    def save(self, ticket: Ticket, author_id: int, change: Change, at: datetime) -> Audit:
        """Apply a change as one audit [Ticketing]."""
        with self.lock:
            audit = self._audit(ticket, author_id, at)
            if change.comment is not None:
                self._comment(ticket, audit, change.comment)
            for name, value in change.values.items():
                self._set(ticket, audit, name, value)
            for number, value in change.custom_fields.items():
                before = ticket.custom_fields.get(number)
                ticket.custom_fields[number] = value
                self._changed(audit, str(number), value, before)
            ticket.updated_at = at
            self._on_save(ticket, audit)
            return audit

    def delete(self, ticket: Ticket, author_id: int, at: datetime) -> None:
        """Delete softly: the API no longer shows the ticket [Ticketing]."""
        with self.lock:
            audit = self._audit(ticket, author_id, at)
            self._changed(audit, "status", "deleted", ticket.status)
            ticket.deleted, ticket.updated_at = True, at
            self._on_save(ticket, audit)

    def _set(self, ticket: Ticket, audit: Audit, name: str, value: object) -> None:
        before = getattr(ticket, name)
        if before != value:
            setattr(ticket, name, value)
            self._changed(audit, name, value, before)

    def _changed(self, audit: Audit, name: str, value: object, before: object) -> None:
        self._event(audit, "Change", field_name=name, value=_audited(value), previous_value=_audited(before))

    def _audit(self, ticket: Ticket, author_id: int, at: datetime) -> Audit:
        audit = Audit(next(self._history_ids), ticket.id, author_id, at, [])
        ticket.audits.append(audit)
        return audit

    def _event(self, audit: Audit, kind: str, **content: object) -> int:
        number = next(self._history_ids)
        audit.events.append({"id": number, "type": kind, **content})
        return number

    def _comment(self, ticket: Ticket, audit: Audit, new: NewComment) -> None:
        author_id = new.author_id or audit.author_id
        number = self._event(audit, "Comment", author_id=author_id, body=new.body, public=new.public)
        ticket.comments.append(Comment(number, author_id, new.body, new.public, audit.created_at, audit.id))


def _audited(value: object) -> object:
    """Return a value as audits hold it: a string, tags an array, nothing null [Ticketing]."""
    return value if value is None or isinstance(value, list) else str(value)
