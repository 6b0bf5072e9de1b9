"""What the application needs from a help desk and from a help centre, in no vendor's words.

`integrations/` implements these; the application knows nothing else about a vendor. All times are
timezone-aware UTC; all remote ids are opaque strings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
class TicketEvent:
    """A delivery, understood: something happened to this ticket, so read it again."""

    connection_id: int
    ticket_id: str
    kind: str
    happened_at: datetime | None = None


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
    """

    id: str
    author_id: str
    body: str
    public: bool
    created_at: datetime
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatusChange:
    """One move of the desk's status, oldest first, with the person who made it."""

    id: str
    at: datetime
    author_id: str
    before: DeskStatus | None
    after: DeskStatus


@dataclass(frozen=True)
class TicketSnapshot:
    """A ticket as the desk's API gives it at one moment: the truth a webhook only hints at."""

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


class TicketSource(Protocol):
    """Reads tickets from a desk."""

    def read_ticket(self, ticket_id: str) -> TicketSnapshot:
        """Return the ticket with messages, status history and the users they name.

        Raises RemoteError; `missing=True` when the desk has no such ticket any more.
        """
        ...

    def check(self) -> str:
        """Prove that the credentials work; return who we are there. Raises RemoteError."""
        ...


@dataclass(frozen=True)
class Document:
    """An article ready for readers: the live text, sanitised HTML, and our marker to find it again."""

    marker: str
    title: str
    html: str
    locale: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemoteArticle:
    """The article as the help centre holds it."""

    id: str
    url: str
    locale: str
    draft: bool


class HelpCentre(Protocol):
    """Shows articles to readers. Every call may be repeated without a second effect."""

    def find(self, marker: str) -> RemoteArticle | None:
        """Return the article carrying our marker, or None. Raises RemoteError."""
        ...

    def create_draft(self, document: Document) -> RemoteArticle:
        """Create the article unpublished, carrying the marker. Raises RemoteError."""
        ...

    def publish(self, remote_id: str, document: Document) -> RemoteArticle:
        """Write title and text in the document's locale and make them live. Raises RemoteError."""
        ...

    def withdraw(self, remote_id: str, locale: str) -> None:
        """Take the text away from readers; an article already gone is no error. Raises RemoteError."""
        ...

    def check(self) -> str:
        """Prove that articles may be written here; return the place's name. Raises RemoteError."""
        ...


@dataclass(frozen=True)
class Credentials:
    """What a connection signs in with. `api_base` is built and checked by the provider."""

    subdomain: str
    username: str
    token: str
    api_base: str | None = None


@dataclass(frozen=True)
class VerifiedDelivery:
    """A webhook request that proved where it comes from, reduced to what the inbox needs."""

    delivery_id: str
    event_key: str | None
    kind: str
    ticket_id: str | None
    happened_at: datetime | None


class Provider(Protocol):
    """One vendor: makes the parts for a connection, and reads its webhooks."""

    name: str

    def ticket_source(self, credentials: Credentials) -> TicketSource:
        """Return the reader for a connection."""
        ...

    def help_centre(self, credentials: Credentials, settings: Mapping[str, str]) -> HelpCentre:
        """Return the writer for one publishing target of a connection."""
        ...

    def verify(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime, window: int
    ) -> None:
        """Check the signature over the raw bytes; `window` is in seconds. Raises NotSignedIn."""
        ...

    def read_delivery(self, headers: Mapping[str, str], payload: Mapping[str, object]) -> VerifiedDelivery:
        """Name the delivery and the ticket it hints at. Unknown events have `ticket_id` None."""
        ...
