"""What Zendesk measures of a ticket, in whatever shape it comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.records import Ticket, User
from integrations.zendesk.measures import KEPT, TimeFields, measures_of
from integrations.zendesk.source import ZendeskTickets
from kcs.errors import RemoteError
from kcs.ports import Credentials, Measures
from tests.integrations.zendesk.conftest import T0

MINUTE = timedelta(minutes=1)
UNASKED = ZendeskClient(Credentials("acme", "", "token", api_base="http://127.0.0.1:9/api/v2"))


@pytest.fixture
def client(credentials: Credentials) -> ZendeskClient:
    return ZendeskClient(credentials)


RATINGS: dict[str, tuple[object, bool | None]] = {
    "good": ({"score": "good"}, True),
    "good with a comment": ({"score": "good_with_comment", "comment": "Thanks"}, True),
    "bad": ({"id": 1, "score": "bad", "reason": "slow"}, False),
    "in capitals": ({"score": "BAD"}, False),
    "asked": ({"score": "offered"}, None),
    "not asked": ({"score": "unoffered"}, None),
    "a score of another kind": ({"score": 5}, None),
    "no rating": (None, None),
    "no object": ("good", None),
}


@pytest.mark.parametrize("name", RATINGS)
def test_a_rating_is_good_or_bad_and_else_nothing(name: str) -> None:
    rating, satisfied = RATINGS[name]
    ticket: dict[str, Any] = {"satisfaction_rating": rating, "custom_fields": []}
    assert measures_of(UNASKED, {}, ticket, TimeFields()) == Measures(satisfied=satisfied)


def metrics(minutes: object, **more: object) -> dict[str, Any]:
    return {"ticket_id": 1, "reply_time_in_minutes": minutes, **more}


REPLIES: dict[str, tuple[dict[str, Any], int | None]] = {
    "within the ticket": ({"ticket": {"metric_set": metrics({"calendar": 2, "business": 1})}}, 120),
    "beside it": ({"ticket": {}, "metric_sets": [metrics({"calendar": 3, "business": 1})]}, 180),
    "beside it, alone": ({"metric_sets": metrics({"calendar": 3})}, 180),
    "in seconds": (
        {"metric_sets": [metrics({"calendar": 1}, reply_time_in_seconds={"calendar": 42})]},
        42,
    ),
    "at once": ({"metric_sets": [metrics({"calendar": 0})]}, 0),
    "no reply": ({"metric_sets": [metrics({"calendar": None, "business": None})]}, None),
    "no metrics": ({"ticket": {"metric_set": None}, "metric_sets": []}, None),
    "other shapes": ({"ticket": {"metric_set": [1]}, "metric_sets": ["x", metrics(7)]}, None),
    "below zero": ({"metric_sets": [metrics({"calendar": -5})]}, None),
}


@pytest.mark.parametrize("name", REPLIES)
def test_the_first_reply_is_by_the_calendar(name: str) -> None:
    answer, seconds = REPLIES[name]
    ticket: dict[str, Any] = {"satisfaction_rating": None, "custom_fields": []}
    assert measures_of(UNASKED, answer, ticket, TimeFields()) == Measures(first_reply_seconds=seconds)


def test_a_solved_ticket_is_measured_without_a_call_of_its_own(
    client: ZendeskClient, emulator: Emulator, ticket: Ticket, agent: User, customer: User
) -> None:
    emulator.reply(ticket, agent, "Hm.", public=False, at=T0 + MINUTE)
    emulator.reply(ticket, agent, "Turn it on.", at=T0 + 5 * MINUTE)
    source = ZendeskTickets(client)
    assert source.read_ticket("1").measures is None
    before = emulator.calls.total("")
    source.read_ticket("1")
    calls = emulator.calls.total("") - before
    emulator.set_status(ticket, agent, "solved", at=T0 + 6 * MINUTE)
    emulator.rate(ticket, customer, good=True, at=T0 + 7 * MINUTE)
    before = emulator.calls.total("")
    seen = source.read_ticket("1")
    assert seen.measures == Measures(first_reply_seconds=300, satisfied=True)
    assert seen.updated_at == T0 + 7 * MINUTE
    assert emulator.calls.total("") - before == calls


def test_tracked_time_is_in_the_field_of_the_apps_title_which_is_asked_once_in_a_while(
    client: ZendeskClient, emulator: Emulator, ticket: Ticket, agent: User
) -> None:
    number = emulator.desk.add_ticket_field({"type": "integer", "title": "Seats"})["id"]
    emulator.change(ticket, agent, custom_fields={int(str(number)): "12"})
    emulator.set_status(ticket, agent, "solved")
    now = [0.0]
    fields = TimeFields(lambda: now[0])

    def worked() -> int | None:
        measures = ZendeskTickets(client, fields).read_ticket("1").measures
        assert measures is not None
        return measures.worked_seconds

    assert worked() is None
    emulator.track_time(ticket, agent, 90)
    emulator.track_time(ticket, agent, 30)
    assert worked() is None
    assert emulator.calls.total("/ticket_fields") == 1
    now[0] = KEPT + 1
    assert (worked(), worked()) == (120, 120)
    assert emulator.calls.total("/ticket_fields") == 2


@pytest.mark.parametrize(("status", "refused"), [(403, True), (404, True), (503, False)])
def test_fields_that_are_not_for_us_are_no_error(
    client: ZendeskClient, emulator: Emulator, ticket: Ticket, agent: User, status: int, *, refused: bool
) -> None:
    emulator.track_time(ticket, agent, 90)
    emulator.set_status(ticket, agent, "solved")
    emulator.faults.add("/ticket_fields", status=status, times=9)
    if refused:
        assert ZendeskTickets(client).read_ticket("1").measures == Measures()
        return
    with pytest.raises(RemoteError) as busy:
        ZendeskTickets(client).read_ticket("1")
    assert not busy.value.permanent


def test_only_a_solved_ticket_can_be_rated(emulator: Emulator, ticket: Ticket, customer: User) -> None:
    with pytest.raises(ValueError, match="new"):
        emulator.rate(ticket, customer, good=True)
