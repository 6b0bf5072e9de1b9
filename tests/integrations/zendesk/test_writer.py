"""What is written to tickets, over real HTTP to the emulated account: private, once, beside others' work."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.zendesk import writer as writing
from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.desk import Ticket, User
from integrations.zendesk.provider import ZendeskProvider
from kcs.errors import NoteMadePublic, RemoteError, TicketClosed
from kcs.ports import Credentials, DeskWriter, Note

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
NOTE = Note("suggestions", '<p>See <a href="https://kcs.example/articles/KB-1">KB-1</a></p>')
FIELD = 4711


@pytest.fixture
def writer(credentials: Credentials) -> DeskWriter:
    return ZendeskProvider().writer(credentials)


@pytest.fixture
def agent(emulator: Emulator) -> User:
    return emulator.add_user("Ann Agent", "ann@acme.example", "agent")


@pytest.fixture
def ticket(emulator: Emulator) -> Ticket:
    customer = emulator.add_user("Carl Client", "carl@home.example", "end-user")
    return emulator.create_ticket(customer, "No sound", "My speaker is mute.", ["audio"], at=T0)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PAUSE", 0.0)


@pytest.fixture(autouse=True)
def field(emulator: Emulator) -> None:
    emulator.desk.ticket_fields[FIELD] = {"id": FIELD, "type": "text", "title": "Knowledge", "active": True}


def notes(ticket: Ticket) -> list[str]:
    return [comment.html_body for comment in ticket.comments if not comment.public]


def puts(emulator: Emulator) -> int:
    return emulator.calls.total(method="PUT")


def test_a_note_is_private_and_carries_its_html(writer: DeskWriter, ticket: Ticket) -> None:
    writer.add_note(str(ticket.id), NOTE)
    [note] = notes(ticket)
    assert NOTE.html in note
    assert [comment.public for comment in ticket.comments] == [True, False]
    assert ticket.status == "new"


def test_one_marker_is_one_note_however_often_it_is_sent(writer: DeskWriter, ticket: Ticket) -> None:
    for _ in range(3):
        writer.add_note(str(ticket.id), NOTE)
    writer.add_note(str(ticket.id), Note("reminder-1", "<p>Again</p>"))
    assert len(notes(ticket)) == 2


LOST: dict[str, dict[str, Any]] = {
    "502": {"status": 502, "after_effect": True},
    "the connection closed": {"drop": True, "after_effect": True},
}


@pytest.mark.parametrize("fault", LOST)
def test_a_note_whose_answer_was_lost_is_found_again(
    emulator: Emulator, writer: DeskWriter, ticket: Ticket, fault: str
) -> None:
    emulator.faults.add(f"/tickets/{ticket.id}", method="PUT", **LOST[fault])
    with pytest.raises(RemoteError) as failed:
        writer.add_note(str(ticket.id), NOTE)
    assert not failed.value.permanent
    writer.add_note(str(ticket.id), NOTE)
    assert len(notes(ticket)) == 1


def test_our_note_is_known_as_ours_when_the_ticket_is_read(
    emulator: Emulator, credentials: Credentials, writer: DeskWriter, ticket: Ticket, agent: User
) -> None:
    emulator.reply(ticket, agent, "One for the team", public=False)
    writer.add_note(str(ticket.id), NOTE)
    seen = ZendeskProvider().ticket_source(credentials).read_ticket(str(ticket.id))
    assert [message.marker for message in seen.messages] == ["", "", "suggestions"]


ANSWERS: list[tuple[str, dict[str, Any], type[RemoteError]]] = [
    ("public", {"events": [{"type": "Comment", "public": True}]}, NoteMadePublic),
    ("silent about it", {"events": [{"type": "Comment"}]}, NoteMadePublic),
    (
        "one of two public",
        {"events": [{"type": "Comment", "public": False}, {"type": "Comment", "public": True}]},
        NoteMadePublic,
    ),
    ("without the note", {"events": []}, RemoteError),
]


@pytest.mark.parametrize(("_case", "audit", "error"), ANSWERS)
def test_an_answer_that_does_not_prove_the_note_private_raises_the_alarm(
    make_vendor: Callable[..., Any], _case: str, audit: dict[str, Any], error: type[RemoteError]
) -> None:
    said = {"id": 5, "created_at": "2026-03-01T09:00:00Z", **audit}
    vendor = make_vendor(
        {"body": b'{"audits": [], "meta": {"has_more": false}}'},
        {"body": json.dumps({"ticket": {"id": 1}, "audit": said}).encode()},
    )
    with pytest.raises(error) as raised:
        ZendeskProvider().writer(told(vendor)).add_note("1", NOTE)
    assert raised.value.permanent is (error is NoteMadePublic)


def test_an_earlier_note_that_became_public_raises_the_alarm_too(
    emulator: Emulator, writer: DeskWriter, ticket: Ticket
) -> None:
    writer.add_note(str(ticket.id), NOTE)
    for event in ticket.audits[-1].events:
        event["public"] = True
    with pytest.raises(NoteMadePublic):
        writer.add_note(str(ticket.id), NOTE)


def told(vendor: Any) -> Credentials:
    return Credentials(subdomain="acme", username="", token="token", api_base=f"{vendor.url}/api/v2")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(marker=st.text(min_size=1, max_size=60), html=st.text(max_size=300))
def test_whatever_a_note_says_it_is_sent_as_private(
    make_vendor: Callable[..., Any], marker: str, html: str
) -> None:
    vendor = make_vendor(
        {"body": b'{"audits": [], "meta": {"has_more": false}}'}, {"status": 500, "body": b""}
    )
    with pytest.raises(RemoteError):
        ZendeskProvider().writer(told(vendor)).add_note("1", Note(marker, html))
    [sent] = [json.loads(asked.body)["ticket"] for asked in vendor.asked if asked.method == "PUT"]
    assert sent["comment"] == {"html_body": html, "public": False}
    assert set(sent) == {"comment", "metadata"}


def test_tags_are_added_and_removed_beside_those_of_others(writer: DeskWriter, ticket: Ticket) -> None:
    writer.set_tags(str(ticket.id), add=["kcs_reuse"], remove=["kcs_exempt", "kcs_improve"])
    assert ticket.tags == ["audio", "kcs_reuse"]
    writer.set_tags(str(ticket.id), add=["kcs_answered"], remove=["kcs_reuse"])
    assert ticket.tags == ["audio", "kcs_answered"]
    writer.set_tags(str(ticket.id), add=[], remove=["kcs_answered"])
    assert ticket.tags == ["audio"]


def test_what_is_in_step_is_not_written(emulator: Emulator, writer: DeskWriter, ticket: Ticket) -> None:
    for _ in range(2):
        writer.set_tags(str(ticket.id), add=["kcs_reuse"], remove=["kcs_exempt"])
        writer.set_field(str(ticket.id), str(FIELD), "kcs_reuse")
    assert (ticket.tags, ticket.custom_fields) == (["audio", "kcs_reuse"], {FIELD: "kcs_reuse"})
    assert puts(emulator) == 2
    writer.set_field(str(ticket.id), str(FIELD), "")
    assert ticket.custom_fields[FIELD] is None


def test_a_ticket_that_others_change_meanwhile_is_read_again(
    emulator: Emulator, writer: DeskWriter, ticket: Ticket, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our reading and our writing somebody saves: the safe update collides, and nothing is lost."""
    client, saves = writer._client, [1, 2]  # type: ignore[attr-defined]  # where the two meet

    def meddle(put: Callable[..., Any]) -> Callable[..., Any]:
        def changed(path: str, body: Any) -> Any:
            if saves:
                number = saves.pop()
                emulator.tag(
                    ticket, agent, [*ticket.tags, f"theirs-{number}"], at=T0 + timedelta(hours=number)
                )
            return put(path, body)

        return changed

    monkeypatch.setattr(client, "put", meddle(client.put))
    writer.set_tags(str(ticket.id), add=["kcs_reuse"], remove=[])
    writer.set_field(str(ticket.id), str(FIELD), "kcs_reuse")
    assert sorted(ticket.tags) == ["audio", "kcs_reuse", "theirs-1", "theirs-2"]
    assert ticket.custom_fields == {FIELD: "kcs_reuse"}
    assert saves == []


def test_one_that_never_comes_to_rest_is_left_for_later(
    emulator: Emulator, writer: DeskWriter, ticket: Ticket
) -> None:
    emulator.faults.add(f"/tickets/{ticket.id}", method="PUT", status=409, times=99)
    with pytest.raises(RemoteError, match="changed by others") as failed:
        writer.set_field(str(ticket.id), str(FIELD), "kcs_reuse")
    assert not failed.value.permanent
    assert puts(emulator) == writing.TRIES


ACTS: dict[str, Callable[[DeskWriter, str], None]] = {
    "note": lambda writer, number: writer.add_note(number, NOTE),
    "tags": lambda writer, number: writer.set_tags(number, add=["x"], remove=[]),
    "field": lambda writer, number: writer.set_field(number, str(FIELD), "x"),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_closed_ticket_is_told_as_closed(
    emulator: Emulator, writer: DeskWriter, ticket: Ticket, agent: User, act: str
) -> None:
    emulator.set_status(ticket, agent, "closed")
    with pytest.raises(TicketClosed):
        ACTS[act](writer, str(ticket.id))
    assert (len(ticket.comments), ticket.tags, ticket.custom_fields) == (1, ["audio"], {})


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("number", ["999", "1/../2", "x"])
def test_a_ticket_that_is_not_there_is_told_as_missing(writer: DeskWriter, act: str, number: str) -> None:
    with pytest.raises(RemoteError) as failed:
        ACTS[act](writer, number)
    assert failed.value.missing


def test_a_field_that_does_not_exist_is_told(writer: DeskWriter, ticket: Ticket) -> None:
    with pytest.raises(RemoteError, match="did not keep 'kcs_reuse' in ticket field 9") as failed:
        writer.set_field(str(ticket.id), "9", "kcs_reuse")
    assert failed.value.permanent


def test_a_field_that_is_no_number_is_refused_in_words(writer: DeskWriter, ticket: Ticket) -> None:
    with pytest.raises(RemoteError, match="no Zendesk ticket field") as failed:
        writer.set_field(str(ticket.id), "state", "x")
    assert failed.value.permanent


@pytest.mark.parametrize("double", [409, 422])
@pytest.mark.parametrize("wrapped", [True, False])
def test_pins_are_set_once_and_taken_away_once(
    emulator: Emulator, writer: DeskWriter, ticket: Ticket, double: int, wrapped: bool
) -> None:
    emulator.pins.double, emulator.pins.wrapped = double, wrapped
    number = str(ticket.id)
    assert writer.pinned(number) == frozenset()
    for _ in range(2):
        writer.pin(number, "501", "en-US")
    writer.pin(number, "502", "de")
    assert writer.pinned(number) == frozenset({"501", "502"})
    assert [pin["locale"] for pin in emulator.pins.of(ticket.id)] == ["en-us", "de"]
    for _ in range(2):
        writer.unpin(number, "501")
    assert writer.pinned(number) == frozenset({"502"})


def test_a_pin_refused_because_another_is_being_made_is_tried_later(
    emulator: Emulator, writer: DeskWriter, ticket: Ticket
) -> None:
    emulator.faults.add("/ticket_content_pins", method="POST", status=409)
    with pytest.raises(RemoteError) as failed:
        writer.pin(str(ticket.id), "501", "en-us")
    assert not failed.value.permanent


def test_an_account_without_pins_says_so(emulator: Emulator, writer: DeskWriter, ticket: Ticket) -> None:
    emulator.account_has.content_pins = False
    assert writer.pinned(str(ticket.id)) is None
