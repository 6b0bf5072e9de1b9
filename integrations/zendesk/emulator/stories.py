"""What scripts do to an emulated account: all that can happen to a ticket and to those who work on it.

Each act makes an audit and queues deliveries, as it would over HTTP. An author of None is the system, which
is how triggers and automations sign; a time of None is now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from integrations.zendesk.emulator import life, measures
from integrations.zendesk.emulator.desk import Desk
from integrations.zendesk.emulator.records import (
    BOT_ROLE,
    LIGHT_AGENT_ROLE,
    SYSTEM,
    Audit,
    Change,
    Comment,
    CustomStatus,
    Group,
    NewComment,
    Ticket,
    User,
)


class Stories:
    """The acts of an emulator's people; `Emulator` is where they are called."""

    desk: Desk
    clock: Callable[[], datetime]
    admin: User

    def add_user(
        self, name: str, email: str, role: str, phone: str | None = None, details: str | None = None
    ) -> User:
        """Add an "end-user", "agent" or "admin"."""
        now = self.clock()
        more = {"phone": phone, "details": details, "created_at": now, "updated_at": now}
        return self.desk.add_user(name, email, role, **more)

    def add_light_agent(self, name: str, email: str) -> User:
        """Add an agent who may only note privately."""
        return self.desk.change_user(self.add_user(name, email, "agent"), custom_role_id=LIGHT_AGENT_ROLE)

    def add_bot(self, name: str, email: str) -> User:
        """Add an agent that is a program, which nothing but its custom role tells."""
        return self.desk.change_user(self.add_user(name, email, "agent"), custom_role_id=BOT_ROLE)

    def suspend(self, user: User) -> None:
        """Let somebody no longer sign in."""
        self.desk.change_user(user, suspended=True, updated_at=self.clock())

    def unsuspend(self, user: User) -> None:
        """Let somebody sign in again."""
        self.desk.change_user(user, suspended=False, updated_at=self.clock())

    def deactivate(self, user: User, at: datetime | None = None, *, role: str = "end-user") -> None:
        """Let an agent leave: inactive, in no group, unsolved tickets unassigned by the system."""
        self.desk.deactivate(user, at or self.clock(), role)

    def add_group(self, name: str, members: Sequence[User] = ()) -> Group:
        """Add a group of agents."""
        return self.desk.add_group(name, members, self.clock())

    def add_custom_status(self, name: str, category: str) -> CustomStatus:
        """Add a status of a category such as "open" or "solved"."""
        return self.desk.add_custom_status(name, category)

    def create_ticket(
        self,
        requester: User,
        subject: str,
        body: str,
        tags: Sequence[str] = (),
        at: datetime | None = None,
        via: str = "web",
    ) -> Ticket:
        """Open a ticket with a public first comment by the requester."""
        when = at or self.clock()
        return self.desk.create(requester.id, subject, NewComment(body), when, tags, channel=via)

    def change(
        self,
        ticket: Ticket,
        author: User | None,
        values: Mapping[str, object] | None = None,
        *,
        custom_fields: Mapping[int, object] | None = None,
        comment: NewComment | None = None,
        metadata: Mapping[str, object] | None = None,
        via: str | None = None,
        at: datetime | None = None,
    ) -> Audit:
        """Save anything in one audit; `via` is a channel: "web", "api", "rule", "mobile", "email"."""
        channel = via or ("web" if author else "rule")
        change = Change(values or {}, custom_fields or {}, comment, channel, metadata or {})
        return self.desk.save(ticket, author.id if author else SYSTEM, change, at or self.clock())

    def reply(
        self,
        ticket: Ticket,
        author: User,
        body: str,
        public: bool = True,
        at: datetime | None = None,
        *,
        html: str | None = None,
        attachments: Sequence[str] = (),
        via: str = "web",
    ) -> Audit:
        """Add a public reply or a private note, with files by name if any."""
        comment = NewComment(body, public, html=html, attachments=tuple(attachments))
        return self.change(ticket, author, comment=comment, via=via, at=at)

    def reopen(
        self, ticket: Ticket, author: User, body: str = "It is back.", at: datetime | None = None
    ) -> Audit:
        """Open a solved ticket again with a public reply, as a customer's answer does."""
        channel = "web" if author.staff else "email"
        return self.change(ticket, author, {"status": "open"}, comment=NewComment(body), via=channel, at=at)

    def set_status(
        self, ticket: Ticket, author: User | None, status: str, at: datetime | None = None
    ) -> Audit:
        """Change the status."""
        return self.change(ticket, author, {"status": status}, at=at)

    def set_custom_status(
        self, ticket: Ticket, author: User | None, status: CustomStatus, at: datetime | None = None
    ) -> Audit:
        """Change to a custom status, and so to its category."""
        return self.change(ticket, author, {"custom_status_id": status.id}, at=at)

    def assign(
        self, ticket: Ticket, author: User | None, assignee: User | None, at: datetime | None = None
    ) -> Audit:
        """Change who the ticket is assigned to."""
        return self.change(ticket, author, {"assignee_id": assignee and assignee.id}, at=at)

    def assign_group(
        self, ticket: Ticket, author: User | None, group: Group | None, at: datetime | None = None
    ) -> Audit:
        """Change which group the ticket is with."""
        return self.change(ticket, author, {"group_id": group and group.id}, at=at)

    def tag(
        self, ticket: Ticket, author: User | None, tags: Sequence[str], at: datetime | None = None
    ) -> Audit:
        """Replace the tags."""
        return self.change(ticket, author, {"tags": list(tags)}, at=at)

    def rate(self, ticket: Ticket, customer: User, *, good: bool | None, at: datetime | None = None) -> Audit:
        """Let the customer say how it was, or, with None, be asked. Raises ValueError before it is solved."""
        score = "offered" if good is None else "good" if good else "bad"
        return measures.rate(self.desk, ticket, customer.id, score, at or self.clock())

    def track_time(self, ticket: Ticket, agent: User, seconds: int, at: datetime | None = None) -> Audit:
        """Let the time tracking app add time to the ticket's total, in a field of its own."""
        title = "Total time spent (sec)"
        known = self.desk.ticket_fields.values()
        made = next((field for field in known if field.get("title") == title), None)
        number = int(str((made or self.desk.add_ticket_field({"type": "integer", "title": title}))["id"]))
        total = int(str(ticket.custom_fields.get(number) or 0)) + seconds
        return self.change(ticket, agent, custom_fields={number: str(total)}, at=at)

    def run_rule(self, ticket: Ticket, at: datetime | None = None, **values: object) -> Audit:
        """Let a trigger or an automation change fields: by the system, `via.channel` "rule"."""
        return self.change(ticket, None, values, at=at)

    def delete_ticket(self, ticket: Ticket, author: User | None = None, at: datetime | None = None) -> Audit:
        """Delete the ticket: the API answers 404 for it from now on."""
        return life.delete(self.desk, ticket, (author or self.admin).id, at or self.clock())

    def undelete(self, ticket: Ticket, author: User | None = None, at: datetime | None = None) -> Audit:
        """Restore a deleted ticket."""
        return life.undelete(self.desk, ticket, (author or self.admin).id, at or self.clock())

    def delete_forever(self, ticket: Ticket, author: User | None = None, at: datetime | None = None) -> Audit:
        """Delete the ticket for good, with what was said in it."""
        return life.delete_forever(self.desk, ticket, (author or self.admin).id, at or self.clock())

    def merge(
        self,
        loser: Ticket,
        winner: Ticket,
        author: User | None = None,
        at: datetime | None = None,
        *,
        public: bool = False,
    ) -> None:
        """Close one ticket into another."""
        who, when = (author or self.admin).id, at or self.clock()
        life.merge(self.desk, loser, winner, who, when, public=public)

    def redact(
        self,
        ticket: Ticket,
        comment: Comment,
        text: str | None = None,
        author: User | None = None,
        at: datetime | None = None,
    ) -> Audit:
        """Black out a text in a comment, or all of it."""
        who, when = (author or self.admin).id, at or self.clock()
        return life.redact(self.desk, ticket, comment, text, who, when)

    def make_private(
        self, ticket: Ticket, comment: Comment, author: User | None = None, at: datetime | None = None
    ) -> Audit:
        """Turn a public comment into a note."""
        who, when = (author or self.admin).id, at or self.clock()
        return life.make_private(self.desk, ticket, comment, who, when)

    def follow_up(
        self,
        ticket: Ticket,
        requester: User,
        body: str = "It is back.",
        at: datetime | None = None,
        via: str = "web",
    ) -> Ticket:
        """Open a follow-up of a closed ticket. Raises ValueError when it is not closed."""
        return life.follow_up(self.desk, ticket, requester.id, body, at or self.clock(), via)

    def archive(self, ticket: Ticket, at: datetime | None = None) -> None:
        """Archive the ticket, closing it first by automation if need be."""
        life.archive(self.desk, ticket, at or self.clock())

    def touch(self, ticket: Ticket, at: datetime | None = None) -> None:
        """Let Zendesk touch a ticket inside: it is exported again, with the `updated_at` it had."""
        self.desk.touch(ticket, at or self.clock())
