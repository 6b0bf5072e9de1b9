"""What is read of a ticket, over real HTTP from the emulated account."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.emulator.desk import Change, Ticket, User
from integrations.zendesk.provider import ZendeskProvider
from integrations.zendesk.schemas import desk_status
from kcs.errors import ConfigError, RemoteError
from kcs.ports import AuthorKind, Credentials, DeskStatus, DeskUser, TicketSource

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TICKET = b'{"ticket": {"id": 1, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}}'


@pytest.fixture
def source(credentials: Credentials) -> TicketSource:
    return ZendeskProvider().ticket_source(credentials)


@pytest.fixture
def agent(emulator: Emulator) -> User:
    return emulator.add_user("Ann Agent", "ann@acme.example", "agent")


@pytest.fixture
def customer(emulator: Emulator) -> User:
    return emulator.add_user(
        "Carl Client", "carl@home.example", "end-user", "+49 30 1234567", "1 High Street"
    )


@pytest.fixture
def ticket(emulator: Emulator, customer: User) -> Ticket:
    return emulator.create_ticket(customer, "No sound", "My speaker is mute.", ["audio"], at=T0)


def test_a_ticket_comes_with_its_words_its_people_and_its_history(
    emulator: Emulator, source: TicketSource, ticket: Ticket, agent: User, customer: User
) -> None:
    emulator.assign(ticket, agent, agent, at=T0 + MINUTE)
    emulator.reply(ticket, agent, "Try turning it on.", at=T0 + 2 * MINUTE)
    emulator.reply(ticket, agent, "Third one today.", public=False, at=T0 + 3 * MINUTE)
    emulator.set_status(ticket, agent, "solved", at=T0 + 4 * MINUTE)
    seen = source.read_ticket(str(ticket.id))
    assert (seen.id, seen.subject, seen.status) == (str(ticket.id), "No sound", DeskStatus.SOLVED)
    assert (seen.requester_id, seen.assignee_id) == (str(customer.id), str(agent.id))
    assert (seen.created_at, seen.updated_at) == (T0, T0 + 4 * MINUTE)
    assert (seen.tags, seen.locale) == (("audio",), "en-us")
    assert seen.url.endswith(f"/agent/tickets/{ticket.id}")
    assert [(m.author_id, m.body, m.public, m.created_at) for m in seen.messages] == [
        (str(customer.id), "My speaker is mute.", True, T0),
        (str(agent.id), "Try turning it on.", True, T0 + 2 * MINUTE),
        (str(agent.id), "Third one today.", False, T0 + 3 * MINUTE),
    ]
    assert [(c.author_id, c.before, c.after, c.at) for c in seen.changes] == [
        (str(customer.id), None, DeskStatus.NEW, T0),
        (str(agent.id), DeskStatus.NEW, DeskStatus.SOLVED, T0 + 4 * MINUTE),
    ]
    assert seen.users[str(customer.id)] == DeskUser(
        id=str(customer.id),
        kind=AuthorKind.REQUESTER,
        name="Carl Client",
        email="carl@home.example",
        phone="+49 30 1234567",
        address="1 High Street",
        email_verified=True,
    )
    assert seen.users[str(agent.id)].kind is AuthorKind.AGENT


@pytest.mark.parametrize("count", [99, 100, 101, 250])
def test_comments_and_changes_are_read_to_the_last_page(
    emulator: Emulator, source: TicketSource, ticket: Ticket, agent: User, count: int
) -> None:
    for n in range(1, count):
        emulator.reply(ticket, agent, f"Reply {n}", at=T0 + n * MINUTE)
        emulator.set_status(ticket, agent, ("open", "pending")[n % 2], at=T0 + n * MINUTE)
    seen = source.read_ticket(str(ticket.id))
    assert [m.body for m in seen.messages][1:] == [f"Reply {n}" for n in range(1, count)]
    assert len(seen.changes) == count


def test_pages_end_where_no_more_are_announced_though_a_link_goes_on(
    emulator: Emulator, source: TicketSource, ticket: Ticket
) -> None:
    source.read_ticket(str(ticket.id))
    assert emulator.calls.total("/comments$") == 1


def test_saves_within_one_second_keep_their_order(
    emulator: Emulator, source: TicketSource, ticket: Ticket, agent: User
) -> None:
    for status in ("open", "pending", "solved", "open", "closed"):
        emulator.set_status(ticket, agent, status, at=T0)
    ticket.audits.reverse()
    assert [c.after.value for c in source.read_ticket(str(ticket.id)).changes] == [
        "new", "open", "pending", "solved", "open", "closed",
    ]  # fmt: skip


def test_more_people_than_one_call_may_ask_for_are_all_read(
    emulator: Emulator, source: TicketSource, ticket: Ticket
) -> None:
    people = [emulator.add_user(f"Agent {n}", f"a{n}@acme.example", "agent") for n in range(230)]
    for person in people:
        emulator.reply(ticket, person, "Me too.", at=T0)
    seen = source.read_ticket(str(ticket.id))
    assert {seen.users[str(p.id)].name for p in people} == {p.name for p in people}
    assert emulator.calls.total("/users/show_many") == 3


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("end-user", AuthorKind.REQUESTER),
        ("agent", AuthorKind.AGENT),
        ("admin", AuthorKind.AGENT),
        ("robot", AuthorKind.SYSTEM),
    ],
)
def test_who_somebody_is_follows_from_their_role_not_from_the_ticket(
    emulator: Emulator, source: TicketSource, agent: User, role: str, kind: AuthorKind
) -> None:
    agent.role = role
    ticket = emulator.create_ticket(agent, "My own trouble", "Help", at=T0)
    assert source.read_ticket(str(ticket.id)).users[str(agent.id)].kind is kind


def test_what_rules_do_is_the_systems_work(emulator: Emulator, source: TicketSource, ticket: Ticket) -> None:
    emulator.desk.save(ticket, -1, Change(values={"status": "closed"}), T0)
    seen = source.read_ticket(str(ticket.id))
    assert seen.changes[-1].author_id == "-1"
    assert seen.users["-1"].kind is AuthorKind.SYSTEM


def test_people_whom_the_desk_has_forgotten_are_no_error(
    emulator: Emulator, source: TicketSource, ticket: Ticket, agent: User, customer: User
) -> None:
    emulator.reply(ticket, agent, "Hello", at=T0)
    del emulator.desk.users[agent.id], emulator.desk.users[customer.id]
    seen = source.read_ticket(str(ticket.id))
    assert seen.users[str(agent.id)].kind is AuthorKind.SYSTEM
    assert seen.users[str(customer.id)].kind is AuthorKind.REQUESTER
    assert seen.locale is None


@pytest.mark.parametrize(
    ("known", "address"),
    [
        ({"details": "1 High Street"}, "1 High Street"),
        ({"details": "1 High Street", "user_fields": {"address": "2 Low Road"}}, "2 Low Road"),
        ({"details": None, "user_fields": {"address": None}}, None),
        ({"details": "", "user_fields": None}, None),
    ],
)
def test_an_address_is_a_field_of_its_own_or_the_persons_details(
    emulator: Emulator, source: TicketSource, ticket: Ticket, known: dict[str, object], address: str | None
) -> None:
    vars(emulator.desk.users[ticket.requester_id]).update(known)
    assert source.read_ticket(str(ticket.id)).users[str(ticket.requester_id)].address == address


def test_custom_fields_that_say_something_come_as_text(
    emulator: Emulator, source: TicketSource, ticket: Ticket
) -> None:
    ticket.custom_fields = {1: "blue", 2: None, 3: "", 4: True, 5: 7, 6: ["a", "b"], 7: [], 8: 1.5}
    assert source.read_ticket(str(ticket.id)).fields == {
        "1": "blue",
        "4": "true",
        "5": "7",
        "6": "a, b",
        "8": "1.5",
    }


@pytest.mark.parametrize(
    ("status", "category", "seen"),
    [
        ("new", None, DeskStatus.NEW),
        ("open", None, DeskStatus.OPEN),
        ("pending", None, DeskStatus.PENDING),
        ("hold", None, DeskStatus.HOLD),
        ("solved", None, DeskStatus.SOLVED),
        ("closed", None, DeskStatus.CLOSED),
        ("deleted", None, DeskStatus.DELETED),
        ("SOLVED", None, DeskStatus.SOLVED),
        ("waiting_for_parts", "hold", DeskStatus.HOLD),
        ("waiting_for_parts", None, DeskStatus.OPEN),
        ("", "", DeskStatus.OPEN),
        (None, None, DeskStatus.OPEN),
    ],
)
def test_an_unknown_status_counts_as_its_category_or_as_open(
    status: str | None, category: str | None, seen: DeskStatus
) -> None:
    assert desk_status(status, category) is seen


def test_changes_of_a_custom_status_are_no_changes_of_status(
    emulator: Emulator, source: TicketSource, ticket: Ticket, agent: User
) -> None:
    audit = emulator.set_status(ticket, agent, "open", at=T0)
    audit.events.append({"id": 1, "type": "Change", "field_name": "custom_status_id", "value": "9"})
    audit.events.append({"id": 2, "type": "SomethingNew", "field_name": "status", "value": {"odd": 1}})
    assert len(source.read_ticket(str(ticket.id)).changes) == 2


def test_a_deleted_ticket_is_missing(emulator: Emulator, source: TicketSource, ticket: Ticket) -> None:
    emulator.delete_ticket(ticket)
    with pytest.raises(RemoteError) as caught:
        source.read_ticket(str(ticket.id))
    assert (caught.value.missing, caught.value.permanent) == (True, True)


def test_a_deleted_ticket_still_shown_is_read_without_what_it_lost(
    emulator: Emulator, source: TicketSource, ticket: Ticket
) -> None:
    ticket.status = "deleted"
    emulator.faults.add("/(comments|audits)$", status=404, times=2)
    seen = source.read_ticket(str(ticket.id))
    assert (seen.status, seen.messages, seen.changes) == (DeskStatus.DELETED, (), ())


def test_comments_missing_from_a_ticket_that_is_there_are_an_error(
    emulator: Emulator, source: TicketSource, ticket: Ticket
) -> None:
    emulator.faults.add("/comments$", status=404)
    with pytest.raises(RemoteError):
        source.read_ticket(str(ticket.id))


@pytest.mark.parametrize("ticket_id", ["", "0", "x", "1/comments", "../users/me", "-1", "01", "1?a=b"])
def test_what_is_no_ticket_id_is_missing_and_asks_for_nothing(
    emulator: Emulator, source: TicketSource, ticket_id: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        source.read_ticket(ticket_id)
    assert (caught.value.missing, emulator.calls.total()) == (True, 0)


def test_a_busy_desk_says_when_to_come_back(emulator: Emulator, source: TicketSource, ticket: Ticket) -> None:
    emulator.faults.add("/audits$", status=429, retry_after="17")
    with pytest.raises(RemoteError) as caught:
        source.read_ticket(str(ticket.id))
    assert (caught.value.permanent, caught.value.retry_after) == (False, 17.0)


def test_a_gateway_briefly_away_is_not_noticed(
    emulator: Emulator, source: TicketSource, ticket: Ticket
) -> None:
    emulator.faults.add("/comments$", status=502)
    emulator.faults.add("/audits$", drop=True)
    assert len(source.read_ticket(str(ticket.id)).messages) == 1


@pytest.mark.parametrize(
    ("spoilt", "value"),
    [("created_at", "soon"), ("id", "abc"), ("tags", "audio"), ("custom_fields", [7]), ("requester_id", {})],
)
def test_a_ticket_we_cannot_read_is_parked_with_the_field_that_is_wrong(
    make_vendor: Callable[..., Any], spoilt: str, value: object
) -> None:
    body = json.dumps({"ticket": {**json.loads(TICKET)["ticket"], spoilt: value}}).encode()
    vendor = make_vendor({"body": body})
    source = ZendeskProvider().ticket_source(Credentials("acme", "", "token", vendor.url))
    with pytest.raises(RemoteError, match=spoilt) as caught:
        source.read_ticket("1")
    assert caught.value.permanent


@pytest.mark.parametrize(
    "page",
    [
        b'{"comments": null}',
        b'{"comments": {}}',
        b'{"comments": [], "meta": {"has_more": true}}',
        b'{"comments": [], "meta": {"has_more": true}, "links": {"next": null}}',
        b'{"comments": [], "meta": {"has_more": true}, "links": {"next": "https://evil.example/"}}',
        b'{"comments": [7]}',
    ],
)
def test_a_page_that_makes_no_sense_is_an_error(make_vendor: Callable[..., Any], page: bytes) -> None:
    vendor = make_vendor({"body": TICKET}, {"body": page})
    with pytest.raises(RemoteError):
        ZendeskProvider().ticket_source(Credentials("acme", "", "token", vendor.url)).read_ticket("1")
    assert len(vendor.asked) == 2


def test_a_list_without_an_end_is_given_up(make_vendor: Callable[..., Any]) -> None:
    page = b'{"comments": [], "meta": {"has_more": true}, "links": {"next": "$URL/again"}}'
    vendor = make_vendor({"body": TICKET}, {"body": page})
    with pytest.raises(RemoteError, match="never ends"):
        ZendeskProvider().ticket_source(Credentials("acme", "", "token", vendor.url)).read_ticket("1")


def test_a_bearer_token_signs_in_as_its_owner(source: TicketSource) -> None:
    assert source.check() == "Desk Admin <admin@acme.example>"


def test_an_api_token_signs_in_as_the_address_it_goes_with(credentials: Credentials, agent: User) -> None:
    source = ZendeskProvider().ticket_source(replace(credentials, username=agent.email))
    assert source.check() == "Ann Agent <ann@acme.example>"


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({"token": "wrong"}, "check the token and its user name"),
        ({"username": "nobody@acme.example"}, "check the token and its user name"),
        ({"username": "carl@home.example"}, "does not know us as an agent"),
    ],
)
def test_wrong_credentials_are_an_error_that_says_what_to_do(
    credentials: Credentials, customer: User, changed: dict[str, Any], advice: str
) -> None:
    source = ZendeskProvider().ticket_source(replace(credentials, **changed))
    with pytest.raises(RemoteError, match=advice) as caught:
        source.check()
    assert caught.value.permanent


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "tökén"])
def test_what_cannot_be_a_token_is_refused_before_any_call(server: EmulatorServer, token: str) -> None:
    with pytest.raises(ConfigError, match="token"):
        ZendeskProvider().ticket_source(Credentials("acme", "", token, server.api_base))
