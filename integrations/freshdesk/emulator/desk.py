"""The emulated desk: people and tickets, and how they are saved.

A name in brackets is the part of developers.freshdesk.com that a behaviour follows.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from integrations.freshdesk.emulator.measured import Rating, TimeEntry
from integrations.freshdesk.emulator.records import (
    CLOSED,
    DONE,
    NOTE,
    OPEN,
    PENDING,
    PRIORITIES,
    REPLY,
    RESOLVED,
    SOURCES,
    STATUSES,
    Act,
    Agent,
    Contact,
    Conversation,
    Group,
    Ticket,
    TicketField,
)

# What rules may run on: the first that changed speaks for all [Zulip], some by another name.
FIRST_TOLD = ("status", "priority", "type", "source", "responder_id", "group_id")
TOLD_AS = {"responder_id": "agent", "group_id": "group", "type": "ticket_type"}
CREATED = (("created", "{ticket_action:created}"),)

Saved = Callable[[Ticket, Act], None]


class Desk:
    """People and tickets, safe for several threads; `on_save` hears of every act.

    `lacking` names features that the plan does not have: "Surveys", "Time Tracking".
    """

    def __init__(self, on_save: Saved) -> None:
        self.lock = threading.RLock()
        self.agents: dict[int, Agent] = {}
        self.contacts: dict[int, Contact] = {}
        self.groups: dict[int, Group] = {}
        self.tickets: dict[int, Ticket] = {}
        self.statuses: dict[int, tuple[str, str]] = dict(STATUSES)
        self.fields: dict[str, TicketField] = {}
        self.lacking: set[str] = set()
        self._on_save = on_save
        self._people_ids = itertools.count(103_000_000_001)
        self._ticket_ids = itertools.count(1)
        self._other_ids = itertools.count(103_500_000_001)
        self._status_ids = itertools.count(6)
        for name, label, kind, choices in DEFAULT_FIELDS:
            number = next(self._other_ids)
            self.fields[name] = TicketField(number, name, label, kind, choices, default=True)

    def add_agent(self, name: str, email: str, key: str, at: datetime, **more: object) -> Agent:
        """Add somebody who works here; `more` are optional fields of `Agent`."""
        with self.lock:
            agent = Agent(next(self._people_ids), name, email, key, at)
            vars(agent).update(more)
            self.agents[agent.id] = agent
            return agent

    def add_contact(self, name: str, email: str | None, at: datetime, **more: object) -> Contact:
        """Add a customer; `more` are optional fields of `Contact`."""
        with self.lock:
            contact = Contact(next(self._people_ids), name, email, at)
            vars(contact).update(more)
            self.contacts[contact.id] = contact
            return contact

    def add_group(self, name: str, members: Sequence[Agent], at: datetime) -> Group:
        """Add a group of agents."""
        with self.lock:
            group = Group(next(self._other_ids), name, at, [agent.id for agent in members])
            self.groups[group.id] = group
            for agent in members:
                agent.group_ids.append(group.id)
            return group

    def add_status(self, label: str, for_customers: str) -> int:
        """Add a status of the account's own; return its number [Ticket Fields]."""
        with self.lock:
            number = next(self._status_ids)
            self.statuses[number] = (label, for_customers)
            return number

    def add_field(self, name: str, kind: str = "custom_text", **more: object) -> TicketField:
        """Add a field named `cf_...`; `more` are optional fields of `TicketField`. Raises ValueError."""
        if not name.startswith("cf_"):
            raise ValueError(f"{name!r} is no name of a custom field: it begins with cf_")
        with self.lock:
            made = TicketField(next(self._other_ids), name, name.removeprefix("cf_").title(), kind)
            vars(made).update(more)
            self.fields[name] = made
            return made

    def agent_by_key(self, key: str) -> Agent | None:
        """Return whom a key signs in as."""
        return next((agent for agent in list(self.agents.values()) if agent.key == key), None)

    def contact_by_email(self, email: str) -> Contact | None:
        """Return the customer with this address."""
        return next((one for one in list(self.contacts.values()) if one.email == email), None)

    def create(
        self,
        requester_id: int,
        subject: str,
        description: str,
        at: datetime,
        values: Mapping[str, object] | None = None,
        actor_id: int | None = None,
    ) -> Ticket:
        """Open a ticket; `values` are optional fields of it [Tickets: Create]."""
        with self.lock:
            ticket = Ticket(next(self._ticket_ids), subject, description, requester_id, at, at)
            vars(ticket).update(values or {})
            ticket.custom_fields = {**self._blank_fields(), **ticket.custom_fields}
            self.tickets[ticket.id] = ticket
            ticket.stats["status_updated_at"] = at
            if ticket.status in DONE:
                self._stamp_status(ticket, OPEN, at)
            self._act(ticket, at, actor_id or requester_id, "onTicketCreate", CREATED, {})
            return ticket

    def save(
        self, ticket: Ticket, actor_id: int | None, values: Mapping[str, object], at: datetime
    ) -> Act | None:
        """Set fields in one act; None where nothing changes."""
        with self.lock:
            before = {name: getattr(ticket, name) for name in values}
            wanted = dict(values)
            if "custom_fields" in wanted:
                given = wanted["custom_fields"]
                wanted["custom_fields"] = {**ticket.custom_fields, **given} if isinstance(given, dict) else {}
            changes = {name: (before[name], new) for name, new in wanted.items() if before[name] != new}
            if not changes:
                return None
            for name, (_, new) in changes.items():
                setattr(ticket, name, new)
            ticket.updated_at = at
            if "status" in changes:
                self._stamp_status(ticket, before["status"], at)
            return self._act(ticket, at, actor_id, "onTicketUpdate", _events(changes), changes)

    def say(
        self,
        ticket: Ticket,
        user_id: int,
        body: str,
        at: datetime,
        *,
        private: bool = False,
        note: bool = False,
    ) -> Conversation:
        """Add a reply or a note; a customer's reply opens what was solved [Conversations]."""
        with self.lock:
            incoming = user_id in self.contacts
            said = Conversation(
                next(self._other_ids),
                ticket.id,
                user_id,
                body,
                private,
                incoming,
                NOTE if note else REPLY,
                at,
                at,
            )
            ticket.conversations.append(said)
            ticket.updated_at = at
            if not note:
                ticket.stats["requester_responded_at" if incoming else "agent_responded_at"] = at
            if not (note or incoming):
                ticket.stats["first_responded_at"] = ticket.stats["first_responded_at"] or at
            kind = f"{{note_type:{'private' if private else 'public'}}}" if note else "{reply_sent:sent}"
            events = (("note" if note else "reply", kind),)
            self._act(ticket, at, user_id, "onConversationCreate", events, {})
            if incoming and ticket.status in DONE:
                self.save(ticket, user_id, {"status": OPEN}, at)
            return said

    def rate(self, ticket: Ticket, value: int, at: datetime) -> Rating:
        """Let the customer rate; rules hear of it, our app does not, `updated_at` stays (unsure)."""
        with self.lock:
            number, who = next(self._other_ids), ticket.requester_id
            rating = Rating(number, ticket.id, who, ticket.responder_id, value, at)
            ticket.ratings.append(rating)
            events = (("feedback", f"{{customer_feedback:{value}}}"),)
            self._act(ticket, at, who, "onTicketUpdate", events, {})
            return rating

    def track(self, ticket: Ticket, agent_id: int, minutes: int, at: datetime) -> TimeEntry:
        """Let an agent track time; rules hear of it, our app does not, `updated_at` stays (unsure)."""
        with self.lock:
            entry = TimeEntry(next(self._other_ids), ticket.id, agent_id, minutes, at)
            ticket.time_entries.append(entry)
            events = (("time_entry", "{time_entry:added}"),)
            self._act(ticket, at, agent_id, "onTicketUpdate", events, {})
            return entry

    def remove(self, ticket: Ticket, actor_id: int | None, at: datetime, *, gone: bool = False) -> None:
        """Put into the bin, or delete for good."""
        with self.lock:
            ticket.deleted, ticket.gone, ticket.updated_at = True, gone, at
            if gone:
                ticket.conversations.clear()
            self._act(ticket, at, actor_id, "onTicketDelete", (), {})

    def stir(self, ticket: Ticket, actor_id: int | None, at: datetime, **values: object) -> None:
        """Set what no form field is, spam or the bin: no rule and no app hears of it (unsure)."""
        with self.lock:
            vars(ticket).update(values)
            ticket.updated_at = at
            self._act(ticket, at, actor_id, "onTicketUpdate", (), {})

    def _blank_fields(self) -> dict[str, object]:
        return {name: None for name, made in self.fields.items() if not made.default}

    def _stamp_status(self, ticket: Ticket, before: int, at: datetime) -> None:
        """Keep what `include=stats` tells; reopening forgets when it was solved (unsure)."""
        stats = ticket.stats
        stats["status_updated_at"] = at
        stats["pending_since"] = at if ticket.status == PENDING else None
        if ticket.status in DONE:
            stats["resolved_at"] = at if ticket.status == RESOLVED else stats["resolved_at"] or at
            stats["closed_at"] = at if ticket.status == CLOSED else None
        elif before in DONE:
            stats["reopened_at"], stats["resolved_at"], stats["closed_at"] = at, None, None

    def _act(
        self,
        ticket: Ticket,
        at: datetime,
        actor_id: int | None,
        kind: str,
        events: tuple[tuple[str, str], ...],
        changes: Mapping[str, tuple[object, object]],
    ) -> Act:
        act = Act(ticket.id, at, actor_id, kind, events, dict(changes))
        ticket.acts.append(act)
        self._on_save(ticket, act)
        return act


def _events(changes: Mapping[str, tuple[object, object]]) -> tuple[tuple[str, str], ...]:
    """Return what rules may run on, with the words for it, which are no JSON [Zulip]."""
    names = [name for name in FIRST_TOLD if name in changes]
    return tuple((TOLD_AS.get(name, name), _told(TOLD_AS.get(name, name), *changes[name])) for name in names)


def _told(name: str, old: object, new: object) -> str:
    return f"{{{name}:{{from:{_word(old)},to:{_word(new)}}}}}"


def _word(value: object) -> str:
    return "null" if value is None else str(value)


DEFAULT_FIELDS: tuple[tuple[str, str, str, object], ...] = (
    ("requester", "Search a requester", "default_requester", None),
    ("subject", "Subject", "default_subject", None),
    ("ticket_type", "Type", "default_ticket_type", ["Question", "Incident", "Problem"]),
    ("source", "Source", "default_source", {label: number for number, label in SOURCES.items()}),
    ("status", "Status", "default_status", None),
    ("priority", "Priority", "default_priority", {label: number for number, label in PRIORITIES.items()}),
    ("group", "Group", "default_group", {}),
    ("agent", "Agent", "default_agent", {}),
    ("description", "Description", "default_description", None),
)
