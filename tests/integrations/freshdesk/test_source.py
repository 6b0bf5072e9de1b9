"""Reading tickets and the list of changed ones, against the emulated account."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from integrations.freshdesk import people
from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.records import Agent, Contact, Ticket
from integrations.freshdesk.marks import mark_in, marked
from integrations.freshdesk.people import KEPT, People
from integrations.freshdesk.source import FreshdeskTickets
from integrations.freshdesk.statuses import desk_status, told_status
from kcs.errors import RemoteError
from kcs.ports import AuthorKind, Credentials, DeskStatus, DeskUser
from tests.integrations.freshdesk.conftest import T0

MINUTE = timedelta(minutes=1)


@pytest.fixture
def source(client: FreshdeskClient) -> FreshdeskTickets:
    return FreshdeskTickets(client)


# A ticket


def test_a_ticket_comes_with_all_that_was_said_and_by_whom(
    source: FreshdeskTickets, emulator: Emulator, agent: Agent, customer: Contact
) -> None:
    emulator.add_field("cf_product")
    emulator.add_field("cf_empty")
    ticket = emulator.create_ticket(
        customer, "No sound", "Mute & dull", ["audio"], at=T0, custom_fields={"cf_product": "X1"}
    )
    other = emulator.add_contact("Dora", "dora@home.example")
    emulator.assign(ticket, agent, agent, at=T0 + MINUTE)
    emulator.reply(ticket, agent, "Turn it on.", at=T0 + 2 * MINUTE)
    emulator.note(ticket, agent, "Third today.", at=T0 + 3 * MINUTE)
    emulator.reply(ticket, other, "Me too", at=T0 + 4 * MINUTE)
    seen = source.read_ticket("1")
    assert (seen.id, seen.subject, seen.status) == ("1", "No sound", DeskStatus.OPEN)
    assert (seen.created_at, seen.updated_at) == (T0, T0 + 4 * MINUTE)
    assert (seen.requester_id, seen.assignee_id) == (str(customer.id), str(agent.id))
    assert (seen.tags, seen.fields) == (("audio",), {"cf_product": "X1"})
    assert seen.url.endswith("/a/tickets/1")
    assert (seen.history, seen.changes, seen.moments) == (False, (), {})
    assert [(m.body, m.public, m.author_id, m.created_at) for m in seen.messages] == [
        ("Mute & dull", True, str(customer.id), T0),
        ("Turn it on.", True, str(agent.id), T0 + 2 * MINUTE),
        ("Third today.", False, str(agent.id), T0 + 3 * MINUTE),
        ("Me too", True, str(other.id), T0 + 4 * MINUTE),
    ]
    assert len({message.id for message in seen.messages}) == 4
    assert seen.users == {
        str(customer.id): DeskUser(
            str(customer.id), AuthorKind.REQUESTER, "Carl Client", "carl@home.example", "+1 555 0100"
        ),
        str(agent.id): DeskUser(
            str(agent.id), AuthorKind.AGENT, "Ann Agent", "ann@acme.example", email_verified=True
        ),
        str(other.id): DeskUser(str(other.id), AuthorKind.REQUESTER, "Dora", "dora@home.example"),
    }


def test_conversations_are_read_to_the_last_page(
    source: FreshdeskTickets, emulator: Emulator, agent: Agent, ticket: Ticket
) -> None:
    for number in range(203):
        emulator.reply(ticket, agent, f"Answer {number}")
    assert [m.body for m in source.read_ticket("1").messages[1:]] == [f"Answer {n}" for n in range(203)]


STATES = {
    "open": (2, DeskStatus.OPEN),
    "pending": (3, DeskStatus.PENDING),
    "resolved": (4, DeskStatus.SOLVED),
    "closed": (5, DeskStatus.CLOSED),
    "an account's own": (6, DeskStatus.HOLD),
    "another of its own": (7, DeskStatus.HOLD),
}


@pytest.mark.parametrize("name", STATES)
def test_each_status_in_our_words(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket, agent: Agent, name: str
) -> None:
    number, status = STATES[name]
    emulator.add_status("Waiting on Customer")
    emulator.add_status("Waiting on Third Party")
    emulator.set_status(ticket, agent, number)
    assert source.read_ticket("1").status is status
    assert told_status(str(number)) is told_status(number) is status


@pytest.mark.parametrize("number", [-1, 0, 1])
def test_a_status_no_documentation_knows_is_open(number: int) -> None:
    assert desk_status(number) is DeskStatus.OPEN


def test_moments_say_when_it_was_last_solved_closed_and_reopened(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket, agent: Agent, customer: Contact
) -> None:
    emulator.set_status(ticket, agent, 4, at=T0 + MINUTE)
    assert source.read_ticket("1").moments == {DeskStatus.SOLVED: T0 + MINUTE}
    emulator.reopen(ticket, customer, at=T0 + 2 * MINUTE)
    assert source.read_ticket("1").moments == {DeskStatus.OPEN: T0 + 2 * MINUTE}
    emulator.set_status(ticket, agent, 5, at=T0 + 3 * MINUTE)
    assert source.read_ticket("1").moments == {
        DeskStatus.OPEN: T0 + 2 * MINUTE,
        DeskStatus.SOLVED: T0 + 3 * MINUTE,
        DeskStatus.CLOSED: T0 + 3 * MINUTE,
    }


@pytest.mark.parametrize("end", ["spam", "delete"])
def test_spam_and_what_is_in_the_bin_is_deleted_until_it_is_taken_out(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket, agent: Agent, end: str
) -> None:
    getattr(emulator, end)(ticket, agent)
    assert source.read_ticket("1").status is DeskStatus.DELETED
    {"spam": emulator.unspam, "delete": emulator.restore}[end](ticket, agent)
    assert source.read_ticket("1").status is DeskStatus.OPEN


@pytest.mark.parametrize("status", [404, 405])
def test_what_was_said_may_be_lost_in_the_bin_and_nowhere_else(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket, agent: Agent, status: int
) -> None:
    emulator.reply(ticket, agent, "Turn it on.")
    emulator.faults.add("/conversations", status=status, times=2)
    with pytest.raises(RemoteError):
        source.read_ticket("1")
    emulator.delete(ticket, agent)
    seen = source.read_ticket("1")
    assert (seen.status, len(seen.messages)) == (DeskStatus.DELETED, 1)


def test_an_archived_ticket_is_read_from_there(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket, agent: Agent
) -> None:
    emulator.reply(ticket, agent, "Turn it on.")
    emulator.archive(ticket)
    seen = source.read_ticket("1")
    assert (seen.status, len(seen.messages)) == (DeskStatus.CLOSED, 2)
    assert seen.url.endswith("/a/tickets/1")


def test_an_archive_that_includes_nothing_is_asked_without(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket
) -> None:
    emulator.archive(ticket)
    emulator.faults.add("/archived/1$", status=400)
    assert source.read_ticket("1").status is DeskStatus.CLOSED


def test_without_an_archive_a_ticket_is_missing_and_one_for_others_is_not(
    make_vendor: Callable[..., Any],
) -> None:
    for code, missing in (("require_feature", True), ("access_denied", False)):
        refused = {"status": 403, "body": json.dumps({"code": code}).encode()}
        vendor = make_vendor({"status": 404, "body": b""}, refused)
        api = FreshdeskClient(Credentials("acme", "", "key", api_base=f"{vendor.url}/api/v2"))
        with pytest.raises(RemoteError) as gone:
            FreshdeskTickets(api).read_ticket("1")
        assert (gone.value.missing, gone.value.permanent) == (missing, True)


@pytest.mark.parametrize("number", ["0", "-1", "x", "1/notes", "", "01", "1" * 30, "９"])
def test_what_is_no_ticket_id_is_never_asked_for(
    source: FreshdeskTickets, emulator: Emulator, number: str
) -> None:
    with pytest.raises(RemoteError) as refused:
        source.read_ticket(number)
    assert (refused.value.missing, refused.value.permanent) == (True, True)
    assert emulator.calls.total("") == 0


def test_a_ticket_deleted_for_good_is_missing(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket
) -> None:
    emulator.delete_forever(ticket)
    with pytest.raises(RemoteError) as gone:
        source.read_ticket("1")
    assert (gone.value.missing, gone.value.permanent) == (True, True)


def test_the_desk_away_is_not_a_ticket_gone(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket
) -> None:
    emulator.faults.add("/tickets/", status=500, times=99)
    with pytest.raises(RemoteError) as away:
        source.read_ticket("1")
    assert (away.value.missing, away.value.permanent) == (False, False)


LINKED = '<p>See <a href="https://kcs.example/articles/KB-7">this</a></p>'


def test_links_are_told_and_those_in_quoted_mail_are_not(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket, agent: Agent
) -> None:
    emulator.note(
        ticket, agent, "", html=LINKED + "<blockquote><a href='https://x.example'>x</a></blockquote>"
    )
    assert source.read_ticket("1").messages[1].links == ("https://kcs.example/articles/KB-7",)


# What the account may tell or leave out

WHEN = "2026-03-01T09:00:00Z"
BARE: dict[str, Any] = {"id": 5, "status": 2, "created_at": WHEN, "updated_at": WHEN}
SHAPES: dict[str, dict[str, Any]] = {
    "nothing else": {},
    "nulls": dict.fromkeys(
        ("subject", "description", "tags", "custom_fields", "stats", "requester", "requester_id")
    ),
    "ids as text": {"id": "5", "requester_id": "9"},
    "fields as a list": {"custom_fields": [{"name": "cf_a", "value": 1}]},
    "stats without reopened_at": {"stats": {"resolved_at": None, "closed_at": None}},
    "another requester": {"requester_id": 9, "requester": {"id": 10, "name": "Eve"}},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_ticket_is_read_whatever_an_account_leaves_out(
    told: Callable[..., FreshdeskTickets], shape: str
) -> None:
    seen = told({**BARE, **SHAPES[shape]}).read_ticket("5")
    assert (seen.id, seen.status, seen.fields, seen.moments) == ("5", DeskStatus.OPEN, {}, {})
    assert seen.users[seen.requester_id].name == ""
    assert [message.author_id for message in seen.messages] == [seen.requester_id]


@pytest.mark.parametrize("name", BARE)
@pytest.mark.parametrize("value", [None, "x", [], {}])
def test_without_what_we_need_it_says_which(
    told: Callable[..., FreshdeskTickets], name: str, value: object
) -> None:
    with pytest.raises(RemoteError, match=name) as odd:
        told({**BARE, name: value}).read_ticket("5")
    assert odd.value.permanent


def test_a_conversation_that_does_not_say_it_is_public_is_private(
    told: Callable[..., FreshdeskTickets],
) -> None:
    rows = [
        {"id": n, "created_at": WHEN, "body_text": "x", **more}
        for n, more in enumerate(({}, {"private": None}))
    ]
    seen = told(BARE, rows).read_ticket("5")
    assert [message.public for message in seen.messages] == [True, False, False]
    assert seen.messages[1].author_id == "system"


# People


def test_people_are_asked_for_once_in_a_while(
    client: FreshdeskClient, emulator: Emulator, ticket: Ticket, agent: Agent
) -> None:
    emulator.reply(ticket, agent, "Turn it on.")
    emulator.assign(ticket, agent, agent)
    now = [0.0]
    known = People(lambda: now[0])
    for _ in range(3):
        FreshdeskTickets(client, known).read_ticket("1")
    assert emulator.calls.total("/agents") == 1
    now[0] = KEPT + 1
    FreshdeskTickets(client, known).read_ticket("1")
    assert emulator.calls.total("/agents") == 2


def test_of_very_many_people_all_are_asked_for_anew(
    client: FreshdeskClient, emulator: Emulator, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MOST", 1)
    known, other = People(), emulator.add_agent("Bo", "bo@acme.example")
    for each in (agent, other, other, agent):
        assert known.agent(client, str(each.id)) is not None
    assert emulator.calls.total("/agents") == 3


def test_an_agent_who_left_is_still_an_agent(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket, agent: Agent
) -> None:
    emulator.reply(ticket, agent, "Turn it on.")
    emulator.set_status(ticket, agent, 4)
    emulator.assign(ticket, agent, agent)
    emulator.leave(agent)
    who = source.read_ticket("1").users[str(agent.id)]
    assert (who.id, who.kind, who.email) == (str(agent.id), AuthorKind.AGENT, None)


def test_a_key_that_may_not_see_agents_still_reads_tickets(
    credentials: Credentials, emulator: Emulator, ticket: Ticket, agent: Agent
) -> None:
    agent.denied.append("/agents/[0-9]|/contacts/")
    emulator.reply(ticket, agent, "Turn it on.")
    source = FreshdeskTickets(FreshdeskClient(replace(credentials, token=agent.key)))
    seen = source.read_ticket("1")
    assert seen.users[str(agent.id)].kind is AuthorKind.AGENT


def test_a_desk_that_is_away_is_no_agent_gone(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket, agent: Agent
) -> None:
    emulator.reply(ticket, agent, "Turn it on.")
    emulator.faults.add("/agents/", status=500, times=99)
    with pytest.raises(RemoteError) as away:
        source.read_ticket("1")
    assert not away.value.permanent


# Our mark on a note

URL = "https://acme.freshdesk.com/a/tickets/7"


@pytest.mark.parametrize("marker", ["suggestions", "reminder-12", "a b/č#?&<", 'q"uote'])
def test_a_mark_is_found_again_on_its_own_ticket_alone(marker: str) -> None:
    html = marked("<p>Words</p>", marker, URL)
    assert mark_in(html, URL) == marker
    assert mark_in(html, URL[:-1] + "8") == ""
    assert mark_in(html.replace("<a ", '<a rel="noreferrer" target="_blank" '), URL) == marker
    assert mark_in(f"<blockquote>{html}</blockquote>", URL) == ""


@pytest.mark.parametrize(
    "html",
    ["", "kcs-note-x", f"<a href='{URL}'>x</a>", f"<a href='{URL}#x'>x</a>", "<a href='http://[x#'>x</a>"],
)
def test_what_people_write_bears_no_mark(html: str) -> None:
    assert mark_in(html, URL) == ""


def test_a_public_message_is_never_taken_for_a_note_of_ours(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket, agent: Agent, client: FreshdeskClient
) -> None:
    html = marked("<p>x</p>", "suggestions", f"{client.site}/a/tickets/1")
    emulator.note(ticket, agent, "", html=html)
    emulator.note(ticket, agent, "", private=False, html=html)
    assert [m.marker for m in source.read_ticket("1").messages] == ["", "suggestions", ""]


def test_checking_says_whose_key_it_is(source: FreshdeskTickets) -> None:
    assert source.check() == "Desk Admin <admin@acme.example>"
