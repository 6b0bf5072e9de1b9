"""Fakes of our ports: a help desk and a help centre in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from kcs.errors import NotSignedIn, RemoteError
from kcs.ports import (
    AuthorKind,
    Credentials,
    DeskMessage,
    DeskStatus,
    DeskUser,
    Document,
    RemoteArticle,
    StatusChange,
    TicketSnapshot,
    VerifiedDelivery,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class FakeDesk:
    """Tickets as a desk holds them; every change is a minute after the one before."""

    tickets: dict[str, TicketSnapshot] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    problem: RemoteError | None = None
    clock: datetime = START

    def read_ticket(self, ticket_id: str) -> TicketSnapshot:
        """Return the ticket as it is now."""
        self.reads.append(ticket_id)
        if self.problem is not None:
            raise self.problem
        if ticket_id not in self.tickets:
            raise RemoteError(f"no ticket {ticket_id}", permanent=True, missing=True)
        return self.tickets[ticket_id]

    def check(self) -> str:
        """Return who we are."""
        return "fake@example.com"

    def tick(self) -> datetime:
        """Let a minute pass."""
        self.clock += timedelta(minutes=1)
        return self.clock

    def open_ticket(
        self,
        ticket_id: str,
        subject: str = "Export button is grey",
        body: str = "I cannot export my report, the button is grey.",
        *,
        requester: DeskUser | None = None,
        tags: tuple[str, ...] = (),
    ) -> TicketSnapshot:
        """A customer writes."""
        at = self.tick()
        who = requester or DeskUser("u1", AuthorKind.REQUESTER, "Maria Lopez", "maria@example.com")
        self.tickets[ticket_id] = TicketSnapshot(
            id=ticket_id,
            subject=subject,
            status=DeskStatus.NEW,
            created_at=at,
            updated_at=at,
            requester_id=who.id,
            assignee_id=None,
            tags=tags,
            url=f"https://desk.example.com/{ticket_id}",
            locale="en",
            fields={},
            messages=(DeskMessage(f"{ticket_id}-1", who.id, body, True, at),),
            changes=(),
            users={who.id: who},
        )
        return self.tickets[ticket_id]

    def reply(self, ticket_id: str, author: DeskUser, body: str, *, public: bool = True) -> None:
        """Somebody answers or notes."""
        ticket, at = self.tickets[ticket_id], self.tick()
        message = DeskMessage(f"{ticket_id}-{len(ticket.messages) + 1}", author.id, body, public, at)
        self.tickets[ticket_id] = replace(
            ticket,
            messages=(*ticket.messages, message),
            updated_at=at,
            users={**ticket.users, author.id: author},
        )

    def set_status(self, ticket_id: str, status: DeskStatus, author: DeskUser) -> None:
        """Somebody changes the status."""
        ticket, at = self.tickets[ticket_id], self.tick()
        change = StatusChange(f"{ticket_id}-c{len(ticket.changes)}", at, author.id, ticket.status, status)
        self.tickets[ticket_id] = replace(
            ticket,
            status=status,
            changes=(*ticket.changes, change),
            updated_at=at,
            users={**ticket.users, author.id: author},
        )


def desk_agent(user_id: str, email: str, *, verified: bool = True) -> DeskUser:
    """An agent as the desk knows them."""
    return DeskUser(
        user_id, AuthorKind.AGENT, email.split("@", maxsplit=1)[0].title(), email, email_verified=verified
    )


@dataclass
class FakeHelpCentre:
    """Articles as readers see them."""

    articles: dict[str, Document] = field(default_factory=dict)
    live: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    problem: RemoteError | None = None
    lose_next_answer: bool = False

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.problem is not None:
            raise self.problem

    def find(self, marker: str) -> RemoteArticle | None:
        """Return the article with the marker."""
        self._called("find")
        for remote_id, document in self.articles.items():
            if document.marker == marker:
                return RemoteArticle(
                    remote_id, f"https://help.example.com/{remote_id}", document.locale, True
                )
        return None

    def create_draft(self, document: Document) -> RemoteArticle:
        """Create; the answer may get lost afterwards."""
        self._called("create_draft")
        remote_id = str(len(self.articles) + 1)
        self.articles[remote_id] = document
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise RemoteError("the answer was lost", permanent=False)
        return RemoteArticle(remote_id, f"https://help.example.com/{remote_id}", document.locale, True)

    def publish(self, remote_id: str, document: Document) -> RemoteArticle:
        """Write and show."""
        self._called("publish")
        if remote_id not in self.articles:
            raise RemoteError("gone", permanent=True, missing=True)
        self.articles[remote_id] = document
        self.live.add(remote_id)
        return RemoteArticle(remote_id, f"https://help.example.com/{remote_id}", document.locale, False)

    def withdraw(self, remote_id: str, locale: str) -> None:
        """Hide."""
        self._called("withdraw")
        self.live.discard(remote_id)

    def check(self) -> str:
        """Return the place."""
        return "Fake help centre"


class FakeProvider:
    """A vendor whose secret is sent as it is and whose body names the ticket."""

    name = "zendesk"

    def __init__(self, desk: FakeDesk, help_centre: FakeHelpCentre | None = None) -> None:
        self.desk = desk
        self.centre = help_centre or FakeHelpCentre()

    def ticket_source(self, credentials: Credentials) -> FakeDesk:
        """Return the desk."""
        return self.desk

    def help_centre(self, credentials: Credentials, settings: Mapping[str, str]) -> FakeHelpCentre:
        """Return the help centre."""
        return self.centre

    def verify(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime, window: int
    ) -> None:
        """The secret in a header is the signature."""
        if headers.get("X-Fake-Secret") not in secrets:
            raise NotSignedIn("The signature is not right.")

    def read_delivery(self, headers: Mapping[str, str], payload: Mapping[str, object]) -> VerifiedDelivery:
        """Id from a header, the rest from the body."""
        ticket = payload.get("ticket")
        return VerifiedDelivery(
            headers["X-Fake-Id"],
            str(payload["event"]) if "event" in payload else None,
            str(payload.get("kind", "changed")),
            None if ticket is None else str(ticket),
            None,
        )


def fake_delivery(delivery_id: str, ticket: str | None, **payload: object) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a delivery the fake provider accepts."""
    body = {**payload} if ticket is None else {"ticket": ticket, **payload}
    return {"X-Fake-Secret": "fake-secret", "X-Fake-Id": delivery_id}, json.dumps(body).encode()
