"""Fakes of our ports: a help desk and a help centre in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from integrations.zendesk.visits import read_visit
from kcs.errors import ConfigError, InvalidInput, NoteMadePublic, NotSignedIn, RemoteError, TicketClosed
from kcs.ports import (
    AppPackage,
    AppVisit,
    Audience,
    AuthorKind,
    Credentials,
    DeskAgent,
    DeskGroup,
    DeskMessage,
    DeskStatus,
    DeskUser,
    Document,
    InstalledApp,
    ListingPage,
    Measures,
    MissedDelivery,
    Note,
    Places,
    RemoteArticle,
    RemoteListing,
    RemoteText,
    SetUp,
    StatusChange,
    TicketGlimpse,
    TicketPage,
    TicketSnapshot,
    Tokens,
    VerifiedDelivery,
    Webhook,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class FakeDesk:
    """Tickets as a desk holds them; every change is a minute after the one before."""

    tickets: dict[str, TicketSnapshot] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    problem: RemoteError | None = None
    clock: datetime = START
    per_page: int = 100
    staff: list[DeskAgent] = field(default_factory=list)
    missed: list[MissedDelivery] = field(default_factory=list)
    before_deleted: dict[str, DeskStatus] = field(default_factory=dict)
    missed_problem: RemoteError | None = None

    def read_ticket(self, ticket_id: str) -> TicketSnapshot:
        """Return the ticket as it is now."""
        self.reads.append(ticket_id)
        if self.problem is not None:
            raise self.problem
        if ticket_id not in self.tickets:
            raise RemoteError(f"no ticket {ticket_id}", permanent=True, missing=True)
        return self.tickets[ticket_id]

    def changed_tickets(self, since: datetime, cursor: str | None = None) -> TicketPage:
        """List by the time of change, `per_page` at a time; the cursor is the place in that list."""
        if self.problem is not None:
            raise self.problem
        listed = sorted(self.tickets.values(), key=lambda each: (each.updated_at, int(each.id)))
        after = [each for each in listed if f"{each.updated_at.isoformat()} {each.id}" > (cursor or "")]
        found = [each for each in after if each.updated_at >= since]
        page = found[: self.per_page]
        reached = f"{page[-1].updated_at.isoformat()} {page[-1].id}" if page else cursor or ""
        seen = tuple(TicketGlimpse(each.id, each.status, each.updated_at) for each in page)
        return TicketPage(seen, reached, len(found) <= self.per_page)

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
            measures=ticket.measures or (Measures() if status.is_solved else None),
            updated_at=at,
            users={**ticket.users, author.id: author},
        )

    def change(self, ticket_id: str, **values: object) -> TicketSnapshot:
        """Something else of a ticket changes."""
        at = self.tick()
        self.tickets[ticket_id] = replace(self.tickets[ticket_id], updated_at=at, **values)  # type: ignore[arg-type]
        return self.tickets[ticket_id]

    def change_message(self, ticket_id: str, number: int, **values: object) -> TicketSnapshot:
        """A message is redacted or made private."""
        messages = list(self.tickets[ticket_id].messages)
        messages[number] = replace(messages[number], **values)  # type: ignore[arg-type]
        return self.change(ticket_id, messages=tuple(messages))

    def merge(self, ticket_id: str, author: DeskUser) -> None:
        """Somebody closes it into another one."""
        self.set_status(ticket_id, DeskStatus.CLOSED, author)
        self.tickets[ticket_id] = replace(self.tickets[ticket_id], merged=True)

    def measure(self, ticket_id: str, **values: object) -> None:
        """The desk measures a ticket, or its customer rates it: fields of `Measures`."""
        before = self.tickets[ticket_id].measures or Measures()
        self.change(ticket_id, measures=replace(before, **values))  # type: ignore[arg-type]

    def tag(self, ticket_id: str, *tags: str) -> None:
        """Somebody sets the tags."""
        self.tickets[ticket_id] = replace(self.tickets[ticket_id], tags=tags, updated_at=self.tick())

    def delete_ticket(self, ticket_id: str) -> None:
        """Somebody throws it away; its history stays."""
        at, ticket = self.tick(), self.tickets[ticket_id]
        self.before_deleted[ticket_id] = ticket.status
        self.tickets[ticket_id] = replace(ticket, status=DeskStatus.DELETED, updated_at=at)

    def restore_ticket(self, ticket_id: str) -> None:
        """Somebody takes it back."""
        at, ticket = self.tick(), self.tickets[ticket_id]
        status = self.before_deleted.pop(ticket_id)
        self.tickets[ticket_id] = replace(ticket, status=status, updated_at=at)


def desk_agent(user_id: str, email: str, *, verified: bool = True) -> DeskUser:
    """An agent as the desk knows them."""
    return DeskUser(
        user_id, AuthorKind.AGENT, email.split("@", maxsplit=1)[0].title(), email, email_verified=verified
    )


@dataclass
class FakeWriter:
    """Writes to the fake desk's tickets as the person whose token we use; `pins` None: there are none.

    `loses` answers get lost after their effect. `shows` notes to the customer: what must never happen.
    """

    desk: FakeDesk
    us: DeskUser = field(default_factory=lambda: desk_agent("us", "kcs@example.com"))
    pins: dict[str, dict[str, str]] | None = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    problem: RemoteError | None = None
    loses: int = 0
    shows: bool = False

    def add_note(self, ticket_id: str, note: Note) -> None:
        """Add it as a message that carries the marker."""
        ticket = self._open("add_note", ticket_id)
        if note.marker in {message.marker for message in ticket.messages}:
            return
        at = self.desk.tick()
        number = f"{ticket_id}-{len(ticket.messages) + 1}"
        message = DeskMessage(number, self.us.id, note.html, self.shows, at, marker=note.marker)
        self._keep(replace(ticket, messages=(*ticket.messages, message), updated_at=at))
        if self.shows:
            raise NoteMadePublic(f"the note on {ticket_id} is public")

    def set_tags(self, ticket_id: str, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Change the tags."""
        ticket = self._open("set_tags", ticket_id)
        kept = tuple(tag for tag in ticket.tags if tag not in remove)
        new = tuple(tag for tag in add if tag not in kept)
        if kept + new != ticket.tags:
            self._keep(replace(ticket, tags=kept + new, updated_at=self.desk.tick()))

    def set_field(self, ticket_id: str, field_id: str, value: str) -> None:
        """Change the field."""
        ticket = self._open("set_field", ticket_id)
        fields = {key: text for key, text in ticket.fields.items() if key != field_id}
        fields = {**fields, field_id: value} if value else fields
        if fields != ticket.fields:
            self._keep(replace(ticket, fields=fields, updated_at=self.desk.tick()))

    def pinned(self, ticket_id: str) -> frozenset[str] | None:
        """Return the pins."""
        self._called("pinned")
        return None if self.pins is None else frozenset(self.pins.get(ticket_id, {}))

    def pin(self, ticket_id: str, article_id: str, locale: str) -> None:
        """Pin."""
        self._called("pin")
        if self.pins is not None:
            self.pins.setdefault(ticket_id, {})[article_id] = locale
        self._lose()

    def unpin(self, ticket_id: str, article_id: str) -> None:
        """Take the pin away."""
        self._called("unpin")
        if self.pins is not None:
            self.pins.get(ticket_id, {}).pop(article_id, None)
        self._lose()

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.problem is not None:
            raise self.problem

    def _open(self, name: str, ticket_id: str) -> TicketSnapshot:
        self._called(name)
        ticket = self.desk.tickets.get(ticket_id)
        if ticket is None or ticket.status is DeskStatus.DELETED:
            raise RemoteError(f"no ticket {ticket_id}", permanent=True, missing=True)
        if ticket.status is DeskStatus.CLOSED:
            raise TicketClosed(f"{ticket_id} is closed")
        return ticket

    def _keep(self, ticket: TicketSnapshot) -> None:
        self.desk.tickets[ticket.id] = replace(ticket, users={**ticket.users, self.us.id: self.us})
        self._lose()

    def _lose(self) -> None:
        if self.loses:
            self.loses -= 1
            raise RemoteError("the answer was lost", permanent=False)


@dataclass
class FakeHelpCentre:
    """Articles as readers see them: the last document written of each, and its text in every language."""

    articles: dict[str, Document] = field(default_factory=dict)
    texts: dict[tuple[str, str], RemoteText] = field(default_factory=dict)
    live: set[str] = field(default_factory=set)
    images: dict[str, bytes] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    problem: RemoteError | None = None
    lose_next_answer: bool = False
    offered: Places = field(default_factory=lambda: Places({}, ()))
    settings: Mapping[str, str] = field(default_factory=dict)
    clock: datetime = field(default_factory=lambda: datetime.now(UTC))

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.problem is not None:
            raise self.problem

    def _written(self, remote_id: str, document: Document, *, draft: bool) -> RemoteArticle:
        self.put(remote_id, document.locale, document.title, document.html, draft=draft)
        text = self.texts[remote_id, document.locale]
        url = f"https://help.example.com/{document.locale}/articles/{remote_id}"
        return RemoteArticle(remote_id, url, document.locale, draft, text)

    def put(self, remote_id: str, locale: str, title: str, html: str, *, draft: bool = False) -> None:
        """Somebody writes a text, over there or through us."""
        self.clock += timedelta(minutes=1)
        self.texts[remote_id, locale] = RemoteText(locale, title, html, draft, self.clock)
        shown = any(not text.draft for (id_, _), text in self.texts.items() if id_ == remote_id)
        (self.live.add if shown else self.live.discard)(remote_id)

    def edit(self, remote_id: str, locale: str, old: str, new: str) -> None:
        """Somebody over there replaces some words."""
        text = self.texts[remote_id, locale]
        self.put(remote_id, locale, text.title, text.html.replace(old, new), draft=text.draft)

    def delete(self, remote_id: str) -> None:
        """Somebody over there takes the whole article away."""
        self.articles.pop(remote_id, None)
        self.live.discard(remote_id)
        for key in [key for key in self.texts if key[0] == remote_id]:
            del self.texts[key]

    def find(self, marker: str) -> RemoteArticle | None:
        """Return the article with the marker."""
        self._called("find")
        for remote_id, document in self.articles.items():
            if document.marker == marker:
                return RemoteArticle(
                    remote_id,
                    f"https://help.example.com/{document.locale}/articles/{remote_id}",
                    document.locale,
                    True,
                )
        return None

    def create_draft(self, document: Document) -> RemoteArticle:
        """Create; the answer may get lost afterwards."""
        self._called("create_draft")
        remote_id = str(len(self.articles) + len(self.archived) + 1)
        self.articles[remote_id] = document
        made = self._written(remote_id, document, draft=True)
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise RemoteError("the answer was lost", permanent=False)
        return made

    def publish(self, remote_id: str, document: Document) -> RemoteArticle:
        """Write and show."""
        self._called("publish")
        if remote_id not in self.articles:
            raise RemoteError("gone", permanent=True, missing=True)
        self.articles[remote_id] = document
        return self._written(remote_id, document, draft=False)

    def withdraw(self, remote_id: str, locale: str) -> None:
        """Hide."""
        self._called("withdraw")
        text = self.texts.get((remote_id, locale))
        if text is not None:
            self.put(remote_id, locale, text.title, text.html, draft=True)

    def read(self, remote_id: str, locale: str) -> RemoteText | None:
        """Return the text."""
        self._called("read")
        return self.texts.get((remote_id, locale)) if remote_id in self.articles else None

    def archive(self, remote_id: str) -> None:
        """Put away for good."""
        self._called("archive")
        self.archived |= {remote_id} & set(self.articles)
        self.delete(remote_id)

    def keep_image(
        self, marker: str, content: bytes, media_type: str, *, remote_id: str | None = None
    ) -> str:
        """Keep a copy, once."""
        self._called("keep_image")
        self.images[marker] = content
        return f"https://help.example.com/images/{marker}"

    def read_image(self, address: str) -> bytes | None:
        """Return a picture."""
        return self.images.get(address.removeprefix("https://help.example.com/images/"))

    def refuse_wider(self, audience: Audience) -> None:
        """Find nothing wider: who may read is written with each article."""

    def places(self) -> Places:
        """Return what there is."""
        self._called("places")
        return self.offered

    def changed_articles(self, since: datetime | None, cursor: str | None = None) -> ListingPage:
        """Return one changed article after the other, by the time of its last change."""
        self._called("changed_articles")
        after = datetime.fromisoformat(cursor) if cursor else since or START
        changed = sorted(
            (max(text.updated_at or START for (id_, _), text in self.texts.items() if id_ == each), each)
            for each in self.articles
        )
        later = [(at, each) for at, each in changed if at > after]
        if not later:
            return ListingPage((), after.isoformat(), True)
        at, found = later[0]
        texts = tuple(text for (id_, _), text in self.texts.items() if id_ == found)
        listing = RemoteListing(
            id=found,
            url=f"https://help.example.com/{texts[0].locale}/articles/{found}",
            place={},
            source_locale=texts[0].locale,
            labels=(),
            votes=(0, 0),
            texts=texts,
            author_id=None,
            created_at=START,
            updated_at=at,
        )
        return ListingPage((listing,), at.isoformat(), len(later) == 1)

    def check(self) -> str:
        """Return the place."""
        return "Fake help centre"


class FakeStaff:
    """Who works on the desk."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk

    def agents(self) -> Iterator[DeskAgent]:
        """Yield every agent."""
        if self.desk.problem is not None:
            raise self.desk.problem
        yield from self.desk.staff

    def groups(self) -> Iterator[DeskGroup]:
        """Yield every group."""
        yield from (DeskGroup("g1", "Billing"), DeskGroup("g2", "Abroad"))


class FakeWebhooks:
    """What the desk could not deliver, as it says."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk

    def install(self, name: str, endpoint: str) -> Webhook:
        """Return the one webhook there is."""
        return Webhook("w1", "fake-secret", "event")

    def rotate(self, webhook_id: str) -> str:
        """Return a new secret."""
        return "next-secret"

    def test(self, webhook_id: str) -> str:
        """Say that all is well."""
        return "202"

    def remove(self, webhook_id: str) -> None:
        """Nothing stays behind."""

    def missed(self, webhook_id: str, since: datetime) -> Iterator[MissedDelivery]:
        """Yield those since then."""
        if self.desk.missed_problem is not None:
            raise self.desk.missed_problem
        yield from (each for each in self.desk.missed if each.at >= since)


@dataclass
class FakeAuthorisation:
    """Gives tokens by number; each refresh token is good once, and `gate` is called before one is used."""

    client: tuple[str, str] = ("", "")
    refreshes: list[str] = field(default_factory=list)
    problem: RemoteError | None = None
    scopes: frozenset[str] = frozenset({"read", "write"})
    gate: Callable[[], object] = lambda: None

    def address(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Return a page of the desk."""
        if not all(self.client):
            raise ConfigError("no client")
        query = urlencode({"state": state, "redirect_uri": redirect_uri, "verifier": verifier})
        return f"https://desk.example.com/agree?{query}"

    def tokens_for(self, code: str, *, redirect_uri: str, verifier: str) -> Tokens:
        """Return the first pair."""
        if self.problem is not None:
            raise self.problem
        return self._pair(f"{code}-0")

    def refreshed(self, refresh_token: str) -> Tokens:
        """Return the next pair; a token used before is refused for good."""
        self.gate()
        if self.problem is not None:
            raise self.problem
        if refresh_token in self.refreshes:
            raise RemoteError("used before", permanent=True)
        self.refreshes.append(refresh_token)
        return self._pair(f"access-{len(self.refreshes)}")

    def lacking(self, scopes: Collection[str]) -> tuple[str, ...]:
        """Everything needs one of the two."""
        return tuple(f"what needs {scope}" for scope in ("read", "write") if scope not in scopes)

    def _pair(self, access: str) -> Tokens:
        expires_at = datetime.now(UTC) + timedelta(minutes=30)
        return Tokens(access, f"refresh-{len(self.refreshes)}", expires_at, self.scopes)


@dataclass
class FakeApp:
    """Our app on the fake desk, whose staff is known by number."""

    origins: tuple[str, ...] = ("https://desk.example.com",)
    script: str = "zaf.js"
    staff: dict[str, DeskAgent] = field(default_factory=dict)
    problem: RemoteError | None = None
    found: InstalledApp | None = None

    def audience(self, installation: str) -> str:
        """Return the installation's address."""
        return (
            installation
            if installation.startswith("http")
            else f"{self.origins[0]}/api/apps/{installation}.json"
        )

    def check_key(self, key: str) -> str:
        """Take any key but one that says it is none."""
        if "no key" in key:
            raise InvalidInput("That is no key.", errors={"key": ["a key"]})
        return key

    def installed(self) -> InstalledApp:
        """Return what was put here."""
        if self.problem is not None or self.found is None:
            raise self.problem or RemoteError("not installed", permanent=True, missing=True)
        return self.found

    def visitor(self, user_id: str) -> DeskAgent:
        """Return who has the number."""
        if self.problem is not None:
            raise self.problem
        if user_id not in self.staff:
            raise RemoteError(f"no agent {user_id}", permanent=True, missing=True)
        return self.staff[user_id]

    def package(self, address: str) -> AppPackage:
        """Return the address as the app."""
        return AppPackage("app.zip", address.encode())


@dataclass
class FakeOwnApp:
    """Our app on a desk that proves nothing: people sign in here."""

    origins: tuple[str, ...] = ("https://desk.example.com", "https://apps.example.com")
    script: str = "holder.js"

    def package(self, address: str) -> AppPackage:
        """Return the address as the app."""
        return AppPackage("app.zip", address.encode())


class FakeProvider:
    """A vendor whose secret is sent as it is and whose body names the ticket."""

    name = "zendesk"
    set_up = SetUp("Fake", "desk.example.com", ("Make a client.",), "a token that was pasted in")

    def __init__(self, desk: FakeDesk, help_centre: FakeHelpCentre | None = None) -> None:
        self.desk = desk
        self.centre = help_centre or FakeHelpCentre()
        self.pen = FakeWriter(desk)
        self.embedded: FakeApp | FakeOwnApp = FakeApp()
        self.agreement = FakeAuthorisation()

    def lacking(self, credentials: Credentials) -> tuple[str, ...]:
        """Nothing is kept from us."""
        return ()

    def app(self, credentials: Credentials) -> FakeApp | FakeOwnApp:
        """Return our app on the desk."""
        return self.embedded

    def read_visit(self, token: str, *, public_key: str, audience: str, now: datetime) -> AppVisit:
        """Read a token as Zendesk makes them."""
        return read_visit(token, public_key=public_key, audience=audience, now=now)

    def ticket_source(self, credentials: Credentials) -> FakeDesk:
        """Return the desk."""
        return self.desk

    def help_centre(self, credentials: Credentials, settings: Mapping[str, str]) -> FakeHelpCentre:
        """Return the help centre."""
        self.centre.settings = settings
        return self.centre

    def authorisation(
        self, subdomain: str, api_base: str | None, *, client_id: str, client_secret: str
    ) -> FakeAuthorisation:
        """Return whom to ask for tokens."""
        self.agreement.client = client_id, client_secret
        return self.agreement

    def staff(self, credentials: Credentials) -> FakeStaff:
        """Return who knows the agents."""
        return FakeStaff(self.desk)

    def webhooks(self, credentials: Credentials) -> FakeWebhooks:
        """Return what sets up the webhook."""
        return FakeWebhooks(self.desk)

    def writer(self, credentials: Credentials) -> FakeWriter:
        """Return the writer."""
        return self.pen

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
            str(payload["article"]) if "article" in payload else None,
        )


def fake_delivery(delivery_id: str, ticket: str | None, **payload: object) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a delivery the fake provider accepts."""
    body = {**payload} if ticket is None else {"ticket": ticket, **payload}
    return {"X-Fake-Secret": "fake-secret", "X-Fake-Id": delivery_id}, json.dumps(body).encode()
