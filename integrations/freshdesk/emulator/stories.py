"""What scripts do to an emulated account: all that can happen to a ticket and to those who work on it.

Each act is kept in the ticket's log and queues what rules and our app send, as it would over HTTP. An actor
of None is a rule; a time of None is now.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from integrations.emulation.clock import Clock
from integrations.freshdesk.emulator.desk import Desk
from integrations.freshdesk.emulator.measured import Rating, TimeEntry
from integrations.freshdesk.emulator.records import (
    CLOSED,
    OPEN,
    Act,
    Agent,
    Contact,
    Conversation,
    Group,
    Ticket,
    TicketField,
    as_markup,
)


class Stories:
    """The acts of an emulator's people; `Emulator` is where they are called."""

    desk: Desk
    clock: Clock

    def add_agent(self, name: str, email: str, *, key: str | None = None, **more: object) -> Agent:
        """Let somebody begin to work here, with a key of their own; `more` are fields of `Agent`."""
        return self.desk.add_agent(name, email, key or secrets.token_hex(10), self.clock(), **more)

    def add_contact(self, name: str, email: str | None, **more: object) -> Contact:
        """Add a customer; `more` are fields of `Contact`."""
        return self.desk.add_contact(name, email, self.clock(), **more)

    def add_group(self, name: str, members: Sequence[Agent] = ()) -> Group:
        """Add a group of agents."""
        return self.desk.add_group(name, members, self.clock())

    def add_status(self, label: str, for_customers: str = "Being Processed") -> int:
        """Add a status of the account's own; return its number, 6 or more."""
        return self.desk.add_status(label, for_customers)

    def add_field(self, name: str, kind: str = "custom_text", **more: object) -> TicketField:
        """Add a field named `cf_...` to the form."""
        return self.desk.add_field(name, kind, **more)

    def leave(self, agent: Agent, at: datetime | None = None) -> None:
        """Let an agent go: their key signs in no more, their open tickets are nobody's (unsure)."""
        with self.desk.lock:
            agent.active = False
            for group in self.desk.groups.values():
                if agent.id in group.agent_ids:
                    group.agent_ids.remove(agent.id)
            agent.group_ids.clear()
            for ticket in list(self.desk.tickets.values()):
                if ticket.responder_id == agent.id and ticket.status not in (4, CLOSED):
                    self.desk.save(ticket, None, {"responder_id": None}, at or self.clock())

    def create_ticket(
        self,
        customer: Contact,
        subject: str,
        text: str,
        tags: Sequence[str] = (),
        at: datetime | None = None,
        **values: object,
    ) -> Ticket:
        """Open a ticket as a customer; `values` are other fields of `Ticket`."""
        given = {"tags": list(tags), **values}
        return self.desk.create(customer.id, subject, as_markup(text), at or self.clock(), given)

    def change(
        self, ticket: Ticket, actor: Agent | Contact | None, at: datetime | None = None, **values: object
    ) -> Act | None:
        """Set fields of a ticket in one act."""
        return self.desk.save(ticket, actor.id if actor else None, values, at or self.clock())

    def reply(
        self, ticket: Ticket, author: Agent | Contact, text: str, at: datetime | None = None
    ) -> Conversation:
        """Answer in public; a customer's answer opens what was solved, as accounts do unless told not to."""
        return self.desk.say(ticket, author.id, as_markup(text), at or self.clock())

    def note(
        self,
        ticket: Ticket,
        author: Agent,
        text: str,
        at: datetime | None = None,
        *,
        private: bool = True,
        html: str | None = None,
    ) -> Conversation:
        """Add a note."""
        body = html or as_markup(text)
        return self.desk.say(ticket, author.id, body, at or self.clock(), private=private, note=True)

    def assign(
        self, ticket: Ticket, actor: Agent | None, agent: Agent | None, at: datetime | None = None
    ) -> None:
        """Change the agent of a ticket."""
        self.change(ticket, actor, at, responder_id=agent and agent.id)

    def set_status(
        self, ticket: Ticket, actor: Agent | Contact | None, status: int, at: datetime | None = None
    ) -> None:
        """Change the status; no actor means that a rule did, in bulk or for one."""
        self.change(ticket, actor, at, status=status)

    def tag(self, ticket: Ticket, actor: Agent | None, *tags: str, at: datetime | None = None) -> None:
        """Add tags."""
        added = [tag for tag in tags if tag not in ticket.tags]
        self.change(ticket, actor, at, tags=[*ticket.tags, *added])

    def reopen(
        self, ticket: Ticket, who: Agent | Contact, text: str = "It is back.", at: datetime | None = None
    ) -> None:
        """Open a solved ticket again, by a customer's answer or an agent's hand."""
        if isinstance(who, Contact):
            self.reply(ticket, who, text, at)
        else:
            self.set_status(ticket, who, OPEN, at)

    def rate(self, ticket: Ticket, *, good: bool | None, at: datetime | None = None) -> Rating:
        """Let the customer say how it was: very well, badly, or, with None, neither."""
        return self.desk.rate(ticket, 100 if good is None else 103 if good else -103, at or self.clock())

    def track_time(self, ticket: Ticket, agent: Agent, minutes: int, at: datetime | None = None) -> TimeEntry:
        """Let an agent say how long they worked on it."""
        return self.desk.track(ticket, agent.id, minutes, at or self.clock())

    def spam(self, ticket: Ticket, actor: Agent, at: datetime | None = None) -> None:
        """Mark as spam: no list shows it but the one of spam."""
        self.desk.stir(ticket, actor.id, at or self.clock(), spam=True)

    def unspam(self, ticket: Ticket, actor: Agent, at: datetime | None = None) -> None:
        """Take the mark away."""
        self.desk.stir(ticket, actor.id, at or self.clock(), spam=False)

    def delete(self, ticket: Ticket, actor: Agent, at: datetime | None = None) -> None:
        """Put a ticket into the bin."""
        self.desk.remove(ticket, actor.id, at or self.clock())

    def restore(self, ticket: Ticket, actor: Agent, at: datetime | None = None) -> None:
        """Take it out again."""
        self.desk.stir(ticket, actor.id, at or self.clock(), deleted=False)

    def delete_forever(self, ticket: Ticket, actor: Agent | None = None, at: datetime | None = None) -> None:
        """Delete for good: every call answers 404."""
        self.desk.remove(ticket, actor.id if actor else None, at or self.clock(), gone=True)

    def archive(self, ticket: Ticket) -> None:
        """Archive a closed ticket, closing it first by a rule; nothing tells of it, not even `updated_at`.

        It is then only at `tickets/archived/{id}`, in no list, and takes no change.
        """
        self.set_status(ticket, None, CLOSED)
        ticket.archived = True

    def merge(self, loser: Ticket, winner: Ticket, actor: Agent, at: datetime | None = None) -> None:
        """Close one ticket into another: all that tells is a private note in each (its words are unsure)."""
        moment = at or self.clock()
        with self.desk.lock:
            loser.merged_into = winner.id
            self.note(loser, actor, f"This ticket is closed and merged into ticket {winner.id}", moment)
            self.set_status(loser, actor, CLOSED, moment)
            self.note(winner, actor, f"Merged from ticket {loser.id}: {loser.subject}", moment)
