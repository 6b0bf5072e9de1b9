"""Tickets and the people who work on them, as a desk has them: reading and writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class AuthorKind(StrEnum):
    """Who wrote a message or made a change on the desk."""

    REQUESTER = "requester"
    AGENT = "agent"
    SYSTEM = "system"


class DeskStatus(StrEnum):
    """A ticket's status, reduced to what every desk has. `SOLVED` and `CLOSED` count as solved."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    HOLD = "hold"
    SOLVED = "solved"
    CLOSED = "closed"
    DELETED = "deleted"

    @property
    def is_solved(self) -> bool:
        """True when the desk regards the ticket as done."""
        return self in (DeskStatus.SOLVED, DeskStatus.CLOSED)


@dataclass(frozen=True)
class DeskUser:
    """A person as the desk knows them. `address` is any postal or free-text detail the desk keeps."""

    id: str
    kind: AuthorKind
    name: str
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    email_verified: bool = False


@dataclass(frozen=True)
class DeskMessage:
    """One public reply or private note. `body` is plain text, as written.

    `links` are the addresses its words lead to, where the desk knows them; not those in mail it quotes.
    `marker` is ours, on a note that we wrote ourselves; empty on what people wrote.
    """

    id: str
    author_id: str
    body: str
    public: bool
    created_at: datetime
    links: tuple[str, ...] = ()
    marker: str = ""


@dataclass(frozen=True)
class StatusChange:
    """One move of the desk's status, oldest first, with the person who made it.

    `inferred` says that the desk did not tell who made it, or when: it is what the ticket's state implies.
    """

    id: str
    at: datetime
    author_id: str
    before: DeskStatus | None
    after: DeskStatus
    inferred: bool = False


@dataclass(frozen=True)
class Measures:
    """What a desk measured of a solved ticket, each None where it does not tell; times are in seconds.

    `first_reply_seconds` is from the opening to the first public answer by the calendar, not by business
    hours. `worked_seconds` is what agents say they worked on it. `satisfied` is what the customer said last.
    """

    first_reply_seconds: int | None = None
    worked_seconds: int | None = None
    satisfied: bool | None = None


@dataclass(frozen=True)
class TicketSnapshot:
    """A ticket as the desk's API gives it at one moment: the truth a webhook only hints at.

    `merged` says that it was closed because its matter goes on in another one; `follows` is the id of the
    closed ticket that it takes up again. A desk that keeps no history of statuses says so with `history`: it
    gives no `changes`, only the `moments` when the ticket was last solved, closed, and (`OPEN`) reopened, as
    far as it tells them. `measures` is None where nothing was asked or could be told: what is known stays.
    """

    id: str
    subject: str
    status: DeskStatus
    created_at: datetime
    updated_at: datetime
    requester_id: str
    assignee_id: str | None
    tags: tuple[str, ...]
    url: str
    locale: str | None
    fields: Mapping[str, str]
    messages: tuple[DeskMessage, ...]
    changes: tuple[StatusChange, ...]
    users: Mapping[str, DeskUser] = field(default_factory=dict)
    merged: bool = False
    follows: str | None = None
    history: bool = True
    moments: Mapping[DeskStatus, datetime] = field(default_factory=dict)
    measures: Measures | None = None


@dataclass(frozen=True)
class TicketGlimpse:
    """What a list of changed tickets tells of one: enough to see whether our mirror is behind."""

    id: str
    status: DeskStatus
    updated_at: datetime


@dataclass(frozen=True)
class TicketPage:
    """A piece of the list of changed tickets. `cursor` leads on from here, also after `at_end`."""

    tickets: tuple[TicketGlimpse, ...]
    cursor: str
    at_end: bool


class TicketSource(Protocol):
    """Reads tickets from a desk."""

    def read_ticket(self, ticket_id: str) -> TicketSnapshot:
        """Return the ticket with messages, status history and the users they name.

        Raises RemoteError; `missing=True` when the desk has no such ticket any more.
        """
        ...

    def changed_tickets(self, since: datetime, cursor: str | None = None) -> TicketPage:
        """Return tickets changed since then, deleted ones too, or those that follow a cursor.

        Raises RemoteError.
        """
        ...

    def check(self) -> str:
        """Prove that the credentials work; return who we are there. Raises RemoteError."""
        ...


@dataclass(frozen=True)
class DeskGroup:
    """A group of agents on the desk."""

    id: str
    name: str


@dataclass(frozen=True)
class DeskAgent:
    """A colleague as the desk knows them. `light` may note but not answer; a `machine` is nobody."""

    id: str
    name: str
    email: str | None
    email_verified: bool
    active: bool
    light: bool = False
    machine: bool = False
    group_ids: tuple[str, ...] = ()


class StaffDirectory(Protocol):
    """Knows who works on a desk."""

    def agents(self) -> Iterator[DeskAgent]:
        """Yield every agent, those who left too. Raises RemoteError."""
        ...

    def groups(self) -> Iterator[DeskGroup]:
        """Yield every group. Raises RemoteError."""
        ...


@dataclass(frozen=True)
class Note:
    """A private note for a ticket: sanitised HTML, and our marker, by which it is written once."""

    marker: str
    html: str


class DeskWriter(Protocol):
    """Writes to tickets. Every call may be repeated without a second effect; nothing is ever public.

    What writes raises TicketClosed for a ticket that nobody may change any more, and RemoteError with
    `missing=True` for one that is gone.
    """

    def add_note(self, ticket_id: str, note: Note) -> None:
        """Add a private note unless one with its marker is there, and prove that it is private.

        Raises RemoteError; NoteMadePublic when the desk shows it to the customer.
        """
        ...

    def set_tags(self, ticket_id: str, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Add and remove tags; all others stay, also those added meanwhile. Raises RemoteError."""
        ...

    def set_field(self, ticket_id: str, field_id: str, value: str) -> None:
        """Set a custom field. Raises RemoteError."""
        ...

    def pinned(self, ticket_id: str) -> frozenset[str] | None:
        """Return the help centre's articles pinned to a ticket; None where the account has no pins.

        Raises RemoteError.
        """
        ...

    def pin(self, ticket_id: str, article_id: str, locale: str) -> None:
        """Pin an article of the help centre to a ticket. Raises RemoteError."""
        ...

    def unpin(self, ticket_id: str, article_id: str) -> None:
        """Take a pin away; one already gone is no error. Raises RemoteError."""
        ...
