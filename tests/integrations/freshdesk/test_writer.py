"""Writing to tickets, against the emulated account: never public, once, and nothing of others lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from integrations.freshdesk import writer as writing
from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.records import Agent, Ticket
from integrations.freshdesk.source import FreshdeskTickets
from integrations.freshdesk.writer import TRIES, FreshdeskWriter
from kcs.errors import NoteMadePublic, RemoteError, TicketClosed
from kcs.ports import Credentials, Note

NOTE = Note("suggestions", '<p>See <a href="https://kcs.example/articles/KB-1">KB-1</a></p>')
FIELD = "cf_knowledge"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PAUSE", 0.0)


@pytest.fixture
def writer(client: FreshdeskClient) -> FreshdeskWriter:
    return FreshdeskWriter(client)


@pytest.fixture
def told(make_vendor: Callable[..., Any]) -> Callable[..., FreshdeskWriter]:
    """Return a function that makes a writer: its server gives a ticket, no conversations, these answers."""

    def make(*answers: object) -> FreshdeskWriter:
        when = "2026-03-01T09:00:00Z"
        ticket = {"id": 1, "status": 2, "created_at": when, "updated_at": when}
        vendor = make_vendor(*({"body": json.dumps(each).encode()} for each in (ticket, [], *answers)))
        base = f"{vendor.url}/api/v2"
        return FreshdeskWriter(FreshdeskClient(Credentials("acme", "", "key", api_base=base)))

    return make


# Notes


def test_a_note_is_sent_as_private_and_written_once(
    writer: FreshdeskWriter, ticket: Ticket, emulator: Emulator
) -> None:
    for marker in ("suggestions", "reminder-1", "suggestions"):
        writer.add_note("1", Note(marker, NOTE.html))
    assert [said.private for said in ticket.conversations] == [True, True]
    assert emulator.calls.total("/notes", method="POST") == 2
    assert "KB-1" in ticket.conversations[0].body


def test_a_note_is_found_again_behind_many_others(
    writer: FreshdeskWriter, ticket: Ticket, emulator: Emulator, agent: Agent
) -> None:
    for number in range(120):
        emulator.reply(ticket, agent, f"Answer {number}")
    for _ in range(2):
        writer.add_note("1", NOTE)
    assert len(ticket.conversations) == 121


@pytest.mark.parametrize("private", [False, None, "true", 1])
def test_a_note_that_is_not_said_to_be_private_stops_all_notes(
    told: Callable[..., FreshdeskWriter], private: object
) -> None:
    with pytest.raises(NoteMadePublic):
        told({"body": NOTE.html, "private": private}).add_note("1", NOTE)


def test_a_note_of_ours_that_became_public_stops_all_notes(writer: FreshdeskWriter, ticket: Ticket) -> None:
    writer.add_note("1", NOTE)
    ticket.conversations[0].private = False
    with pytest.raises(NoteMadePublic):
        writer.add_note("1", NOTE)


@pytest.mark.parametrize(
    ("body", "permanent"), [(None, False), ("<p>KB-1</p>", True), ("<p><a>KCS</a></p>", True)]
)
def test_a_note_that_lost_our_mark_is_not_written_again_and_again(
    told: Callable[..., FreshdeskWriter], body: str | None, permanent: bool
) -> None:
    with pytest.raises(RemoteError) as lost:
        told({"body": body, "private": True}).add_note("1", NOTE)
    assert lost.value.permanent is permanent


def test_our_note_reads_as_ours(writer: FreshdeskWriter, ticket: Ticket, client: FreshdeskClient) -> None:
    writer.add_note("1", NOTE)
    assert FreshdeskTickets(client).read_ticket("1").messages[-1].marker == "suggestions"


# Tags

TAGS: dict[str, tuple[list[str], list[str], list[str], list[str]]] = {
    "added to none": ([], ["kcs_reuse"], [], ["kcs_reuse"]),
    "added to others": (["vip"], ["kcs_reuse"], [], ["vip", "kcs_reuse"]),
    "replaced": (["vip", "kcs_new"], ["kcs_reuse"], ["kcs_new"], ["vip", "kcs_reuse"]),
    "there already": (["KCS_Reuse", "vip"], ["kcs_reuse"], [], ["KCS_Reuse", "vip"]),
    "gone already": (["vip"], [], ["kcs_reuse"], ["vip"]),
    "removed in capitals": (["KCS_Reuse"], [], ["kcs_reuse"], []),
    "twice the same": ([], ["a", "a"], [], ["a"]),
}


@pytest.mark.parametrize("kind", TAGS)
def test_tags_of_others_stay(writer: FreshdeskWriter, ticket: Ticket, emulator: Emulator, kind: str) -> None:
    before, add, remove, after = TAGS[kind]
    ticket.tags = list(before)
    for _ in range(2):
        writer.set_tags("1", add=add, remove=remove)
        assert ticket.tags == after
    assert emulator.calls.total("/tickets/1", method="PUT") == (before != after)


class Meddler(FreshdeskClient):
    """A client between whose reading and writing others write."""

    def __init__(self, credentials: Credentials, ticket: Ticket, times: int) -> None:
        super().__init__(credentials)
        self._ticket, self._times = ticket, times

    def put(self, path: str, body: Any) -> dict[str, Any]:
        """Write, after which somebody who had read before writes what they made of it."""
        before = list(self._ticket.tags)
        answer = super().put(path, body)
        if self._times > 0:
            self._times -= 1
            self._ticket.tags = [*before, f"theirs-{self._times}"]
        return answer


@pytest.mark.parametrize("times", [1, TRIES - 1])
def test_what_somebody_else_overwrote_is_written_again(
    credentials: Credentials, ticket: Ticket, times: int
) -> None:
    writer = FreshdeskWriter(Meddler(credentials, ticket, times))
    writer.set_tags("1", add=["kcs_reuse"], remove=[])
    assert sorted(ticket.tags) == ["kcs_reuse", *(f"theirs-{number}" for number in range(times))]


def test_one_who_always_comes_between_is_waited_for(credentials: Credentials, ticket: Ticket) -> None:
    with pytest.raises(RemoteError) as busy:
        FreshdeskWriter(Meddler(credentials, ticket, 99)).set_tags("1", add=["kcs_reuse"], remove=[])
    assert not busy.value.permanent


# The field


def test_a_field_is_set_when_it_differs_and_emptied(
    writer: FreshdeskWriter, ticket: Ticket, emulator: Emulator
) -> None:
    emulator.add_field(FIELD)
    ticket.custom_fields[FIELD] = None
    for value in ("kcs_reuse", "kcs_reuse", ""):
        writer.set_field("1", FIELD, value)
        assert ticket.custom_fields[FIELD] == (value or None)
    assert emulator.calls.total("/tickets/1", method="PUT") == 2


@pytest.mark.parametrize(
    ("fields", "words"), [((), "Admin > Ticket fields"), (("cf_other", "cf_more"), "cf_more, cf_other")]
)
def test_a_field_that_is_not_there_is_said_with_those_that_are(
    writer: FreshdeskWriter, ticket: Ticket, emulator: Emulator, fields: tuple[str, ...], words: str
) -> None:
    ticket.custom_fields = dict.fromkeys(fields)
    with pytest.raises(RemoteError, match=words) as refused:
        writer.set_field("1", FIELD, "x")
    assert refused.value.permanent
    assert emulator.calls.total("", method="PUT") == 0


def test_a_field_that_is_refused_is_said(writer: FreshdeskWriter, ticket: Ticket) -> None:
    ticket.custom_fields = {"cf_unknown": None}  # on the ticket, and no field of the form any more
    with pytest.raises(RemoteError, match="'cf_unknown' is no field of this account") as refused:
        writer.set_field("1", "cf_unknown", "x")
    assert refused.value.permanent


def test_a_value_that_was_not_kept_is_said(make_vendor: Callable[..., Any]) -> None:
    when = "2026-03-01T09:00:00Z"
    ticket = {"id": 1, "status": 2, "created_at": when, "updated_at": when, "custom_fields": {FIELD: None}}
    vendor = make_vendor({"body": json.dumps(ticket).encode()})
    client = FreshdeskClient(Credentials("acme", "", "key", api_base=f"{vendor.url}/api/v2"))
    with pytest.raises(RemoteError, match="did not keep 'x'") as refused:
        FreshdeskWriter(client).set_field("1", FIELD, "x")
    assert refused.value.permanent


# What nobody may change

WRITES: dict[str, Callable[[FreshdeskWriter], None]] = {
    "note": lambda writer: writer.add_note("1", NOTE),
    "tags": lambda writer: writer.set_tags("1", add=["kcs_reuse"], remove=[]),
    "field": lambda writer: writer.set_field("1", FIELD, "x"),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("end", ["archive", "spam", "delete", "delete_forever"])
def test_an_archived_ticket_is_closed_and_one_in_the_bin_is_missing(
    writer: FreshdeskWriter, ticket: Ticket, emulator: Emulator, agent: Agent, write: str, end: str
) -> None:
    emulator.archive(ticket) if end == "archive" else getattr(emulator, end)(ticket, agent)
    with pytest.raises(RemoteError) as refused:
        WRITES[write](writer)
    assert isinstance(refused.value, TicketClosed) is (end == "archive")
    assert refused.value.missing is (end != "archive")
    assert emulator.calls.total("", method="PUT") + emulator.calls.total("", method="POST") == 0


@pytest.mark.parametrize("end", ["spam", "delete"])
def test_a_ticket_that_goes_while_it_is_written_to_is_missing(
    credentials: Credentials, ticket: Ticket, emulator: Emulator, agent: Agent, end: str
) -> None:
    class Late(FreshdeskClient):
        def put(self, path: str, body: Any) -> dict[str, Any]:
            getattr(emulator, end)(ticket, agent)
            return super().put(path, body)

    with pytest.raises(RemoteError) as refused:
        FreshdeskWriter(Late(credentials)).set_tags("1", add=["kcs_reuse"], remove=[])
    assert (refused.value.missing, refused.value.permanent) == (True, True)


# Pins


def test_there_are_no_pins(writer: FreshdeskWriter) -> None:
    assert writer.pinned("1") is None
    writer.unpin("1", "5")
    with pytest.raises(RemoteError) as refused:
        writer.pin("1", "5", "en")
    assert refused.value.permanent
