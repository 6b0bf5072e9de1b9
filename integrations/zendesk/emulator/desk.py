"""The emulated desk: people and tickets, and how they are saved.

A name in brackets is the part of developer.zendesk.com that a behaviour follows. Every save makes one
audit with the saver as its author, as `GET tickets/{id}/audits` shows it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from integrations.zendesk.emulator.records import (
    BOT_ROLE,
    EPOCH,
    LIGHT_AGENT_ROLE,
    ROLES,
    STATUSES,
    SYSTEM,
    Audit,
    Change,
    Comment,
    CustomStatus,
    Group,
    NewComment,
    Ticket,
    User,
    stamp,
    via,
)

__all__ = [
    "BOT_ROLE",
    "LIGHT_AGENT_ROLE",
    "ROLES",
    "STATUSES",
    "SYSTEM",
    "Audit",
    "Change",
    "Comment",
    "Desk",
    "Group",
    "NewComment",
    "Saved",
    "Ticket",
    "User",
    "stamp",
]

SYSTEM_FIELDS = ("subject", "status", "priority", "tickettype", "group", "assignee", "description")

Saved = Callable[[Ticket, Audit], None]


class Desk:
    """People and tickets, safe for several threads; `on_save` hears of every audit.

    `generated` is the desk's own time: it never runs backwards, so that what is saved later is exported
    later, whatever time a script gave it. `export_lag` is how far the export stays behind: some exports leave
    out the last minute, whether this one does is unsure.
    """

    def __init__(self, on_save: Saved) -> None:
        self.lock = threading.RLock()
        self.users: dict[int, User] = {}
        self.groups: dict[int, Group] = {}
        self.tickets: dict[int, Ticket] = {}
        self.custom_statuses: dict[int, CustomStatus] = {}
        self.ticket_fields: dict[int, dict[str, object]] = {}
        self.generated = EPOCH
        self.export_lag = timedelta()
        self._on_save = on_save
        self._user_ids = itertools.count(900_000_001)
        self._ticket_ids = itertools.count(1)
        self._history_ids = itertools.count(5_000_000_001)
        self._other_ids = itertools.count(360_000_001_001)
        self._sequences = itertools.count(1)
        for status in STATUSES[:-1]:
            self.add_custom_status(status.title(), status, default=True)
        for kind in SYSTEM_FIELDS:
            self.add_ticket_field({"type": kind, "title": kind.title(), "removable": False})

    def add_user(self, name: str, email: str, role: str, **more: object) -> User:
        """Add a person; `more` are optional fields of `User`."""
        if role not in ROLES:
            raise ValueError(f"{role!r} is none of {ROLES}")
        with self.lock:
            user = User(next(self._user_ids), name, email, role)
            self.users[user.id] = user
            return self.change_user(user, **more)

    def change_user(self, user: User, **values: object) -> User:
        """Change fields of a person, who moves to the end of the users' export [Incremental Exports]."""
        with self.lock:
            vars(user).update(values)
            user.sequence = next(self._sequences)
            return user

    def deactivate(self, user: User, at: datetime, role: str = "end-user") -> None:
        """Let somebody leave: no longer active, member of no group, unsolved tickets unassigned [Users].

        `role` is the one the record then has; that it is a customer's is unsure.
        """
        with self.lock:
            for group in self.groups.values():
                group.memberships.pop(user.id, None)
            self.change_user(user, active=False, role=role, custom_role_id=None, updated_at=at)
            for ticket in list(self.tickets.values()):
                if ticket.assignee_id == user.id and ticket.status not in ("solved", "closed"):
                    self.save(ticket, SYSTEM, Change({"assignee_id": None}, channel="rule"), at)

    def user_by_email(self, email: str) -> User | None:
        """Return whoever has this address."""
        return next((user for user in list(self.users.values()) if user.email == email), None)

    def add_group(self, name: str, members: Sequence[User], at: datetime) -> Group:
        """Add a group; it becomes the default of members who have none [Groups]."""
        with self.lock:
            group = Group(next(self._other_ids), name, at)
            self.groups[group.id] = group
            for user in members:
                group.memberships[user.id] = next(self._other_ids)
                user.default_group_id = user.default_group_id or group.id
            return group

    def add_custom_status(self, label: str, category: str, *, default: bool = False) -> CustomStatus:
        """Add a status of a category [Custom Ticket Statuses]."""
        if category not in STATUSES[:-1]:
            raise ValueError(f"{category!r} is no category of {STATUSES[:-1]}")
        with self.lock:
            status = CustomStatus(next(self._other_ids), label, category, default)
            self.custom_statuses[status.id] = status
            return status

    def add_ticket_field(self, content: dict[str, object]) -> dict[str, object]:
        """Add a field that tickets may have, with an `id` of its own unless one is given [Ticket Fields]."""
        with self.lock:
            given = content.get("id")
            number = given if isinstance(given, int) else next(self._other_ids)
            self.ticket_fields[number] = {"removable": True, "active": True, **content, "id": number}
            return self.ticket_fields[number]

    def create(
        self,
        requester_id: int,
        subject: str,
        comment: NewComment,
        at: datetime,
        tags: Sequence[str] = (),
        *,
        channel: str = "web",
        values: dict[str, object] | None = None,
    ) -> Ticket:
        """Open a ticket; its audit holds a `Create` for each field and the first comment [Ticket Audits]."""
        with self.lock:
            ticket = Ticket(next(self._ticket_ids), subject, requester_id, at, at, comment.text)
            ticket.tags, ticket.is_public, ticket.via = list(tags), comment.public, via(channel)
            self._place(ticket, "status", "new")
            for name, value in (values or {}).items():
                self._place(ticket, name, value)
            audit = self.audit(ticket, comment.author_id or requester_id, at, Change(channel=channel))
            for name in ("subject", "status", "requester_id", "tags"):
                self.event(audit, "Create", field_name=name, value=_audited(getattr(ticket, name)))
            self.comment(ticket, audit, comment)
            self.tickets[ticket.id] = ticket
            self.finish(ticket, audit)
            return ticket

    def save(self, ticket: Ticket, author_id: int, change: Change, at: datetime) -> Audit:
        """Apply a change as one audit [Ticket Audits]."""
        with self.lock:
            audit = self.audit(ticket, author_id, at, change)
            if change.comment is not None:
                self.comment(ticket, audit, change.comment)
            for name, value in change.values.items():
                self.set_value(ticket, audit, name, value)
            for number, value in change.custom_fields.items():
                before = ticket.custom_fields.get(number)
                ticket.custom_fields[number] = value
                self.changed(audit, str(number), value, before)
            ticket.updated_at = at
            self.finish(ticket, audit)
            return audit

    def set_value(self, ticket: Ticket, audit: Audit, name: str, value: object) -> None:
        """Change one field as part of a save; a custom status brings its category along."""
        before = {field: getattr(ticket, field) for field in (name, "status", "custom_status_id")}
        self._place(ticket, name, value)
        named = any(not status.default for status in self.custom_statuses.values())
        for field, old in before.items():
            if getattr(ticket, field) != old and (field != "custom_status_id" or named):
                self.changed(audit, field, getattr(ticket, field), old)

    def audit(self, ticket: Ticket, author_id: int, at: datetime, change: Change | None = None) -> Audit:
        """Begin a save."""
        asked = change or Change()
        audit = Audit(next(self._history_ids), ticket.id, author_id, at, [])
        audit.via = via(asked.channel, asked.source)
        audit.metadata = {"system": {}, "custom": dict(asked.metadata)}
        ticket.audits.append(audit)
        return audit

    def finish(self, ticket: Ticket, audit: Audit) -> None:
        """End a save: the ticket moves to the end of the export, and webhooks hear of it."""
        self.touch(ticket, audit.created_at)
        self._on_save(ticket, audit)

    def touch(self, ticket: Ticket, at: datetime) -> None:
        """Move the ticket to the end of the export; `updated_at` stays as it is [Incremental Exports]."""
        with self.lock:
            self.generated = ticket.generated_at = max(self.generated, at)
            ticket.sequence = next(self._sequences)

    def changed(self, audit: Audit, name: str, value: object, before: object) -> None:
        """Note the change of one field in a save."""
        self.event(audit, "Change", field_name=name, value=_audited(value), previous_value=_audited(before))

    def event(self, audit: Audit, kind: str, **content: object) -> int:
        """Note an event of any type in a save; return its id."""
        number = next(self._history_ids)
        audit.events.append({"id": number, "type": kind, **content})
        return number

    def category_default(self, status: str) -> int | None:
        """Return the id of the status that stands for its category; "closed" has none."""
        known = self.custom_statuses.values()
        return next((s.id for s in known if s.default and s.status_category == status), None)

    def _place(self, ticket: Ticket, name: str, value: object) -> None:
        before = getattr(ticket, name)
        setattr(ticket, name, value)
        if name == "status" and (value != before or ticket.custom_status_id is None):
            ticket.custom_status_id = self.category_default(str(value))
        if name == "custom_status_id" and isinstance(value, int):
            ticket.status = self.custom_statuses[value].status_category

    def comment(self, ticket: Ticket, audit: Audit, new: NewComment) -> None:
        """Add a comment; a file's bytes are not kept, only what the API says of it [Ticket Comments]."""
        author_id = new.author_id or audit.author_id
        files = [self._attachment(name) for name in new.attachments]
        shown = {"body": new.text, "html_body": new.markup, "public": new.public, "attachments": files}
        number = self.event(audit, "Comment", author_id=author_id, **shown)
        comment = Comment(number, author_id, new.text, new.public, audit.created_at, audit.id, new.markup)
        comment.attachments, comment.via, comment.metadata = files, audit.via, audit.metadata
        ticket.comments.append(comment)

    def _attachment(self, name: str) -> dict[str, object]:
        number = next(self._history_ids)
        url = f"https://desk.example/attachments/token/{number}/?name={name}"
        return {"id": number, "file_name": name, "content_url": url, "size": 1024, "inline": False}


def _audited(value: object) -> object:
    """Return a value as audits hold it: a string, tags an array, nothing null [Ticket Audits]."""
    return value if value is None or isinstance(value, list) else str(value)
