"""What Freshdesk measures of a solved ticket, and what of it a plan may lack."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.emulator import Emulator, EmulatorServer
from integrations.freshdesk.emulator.records import Agent, Contact, Ticket
from integrations.freshdesk.measures import KEPT, Lacking
from integrations.freshdesk.people import People
from integrations.freshdesk.source import FreshdeskTickets
from kcs.errors import RemoteError
from kcs.ports import Measures
from tests.integrations.freshdesk.conftest import T0

MINUTE = timedelta(minutes=1)
RATINGS, TIMES = "/satisfaction_ratings", "/time_entries"
RESOLVED = 4


@pytest.fixture
def source(client: FreshdeskClient) -> FreshdeskTickets:
    return FreshdeskTickets(client)


@pytest.fixture
def solved(emulator: Emulator, ticket: Ticket, agent: Agent) -> Ticket:
    emulator.note(ticket, agent, "Hm.", at=T0 + MINUTE)
    emulator.reply(ticket, agent, "Turn it on.", at=T0 + 5 * MINUTE)
    emulator.set_status(ticket, agent, RESOLVED, at=T0 + 6 * MINUTE)
    return ticket


def test_only_a_solved_ticket_is_asked_for_more(
    source: FreshdeskTickets, emulator: Emulator, ticket: Ticket, agent: Agent
) -> None:
    emulator.reply(ticket, agent, "Turn it on.")
    assert source.read_ticket("1").measures is None
    assert emulator.calls.total(RATINGS) + emulator.calls.total(TIMES) == 0


def test_a_solved_ticket_is_measured(
    source: FreshdeskTickets, emulator: Emulator, solved: Ticket, agent: Agent
) -> None:
    assert source.read_ticket("1").measures == Measures(first_reply_seconds=300)
    emulator.track_time(solved, agent, 75)
    emulator.track_time(solved, agent, 1)
    emulator.rate(solved, good=True, at=T0 + 8 * MINUTE)
    before = source.read_ticket("1")
    assert before.measures == Measures(300, 76 * 60, True)
    emulator.rate(solved, good=False, at=T0 + 9 * MINUTE)
    after = source.read_ticket("1")
    assert (after.measures, after.updated_at) == (Measures(300, 76 * 60, False), before.updated_at)


VALUES = {103: True, 102: True, 101: True, 100: None, -101: False, -102: False, -103: False}


@pytest.mark.parametrize("value", VALUES)
def test_a_rating_is_good_bad_or_neither(
    source: FreshdeskTickets, emulator: Emulator, solved: Ticket, value: int
) -> None:
    emulator.desk.rate(solved, value, T0)
    assert source.read_ticket("1").measures == Measures(300, None, VALUES[value])


def test_what_a_plan_lacks_is_not_asked_for_again_within_the_hour(
    client: FreshdeskClient, emulator: Emulator, solved: Ticket, agent: Agent
) -> None:
    emulator.track_time(solved, agent, 5)
    emulator.rate(solved, good=True)
    emulator.desk.lacking = {"Surveys"}
    now = [0.0]
    people, lacking = People(), Lacking(lambda: now[0])
    for _ in range(3):
        seen = FreshdeskTickets(client, people, lacking).read_ticket("1")
        assert seen.measures == Measures(300, 300, None)
    assert (emulator.calls.total(RATINGS), emulator.calls.total(TIMES)) == (1, 3)
    emulator.desk.lacking.clear()
    now[0] = KEPT + 1
    assert FreshdeskTickets(client, people, lacking).read_ticket("1").measures == Measures(300, 300, True)


def test_where_the_archive_tells_neither_nothing_is_said_at_all(
    source: FreshdeskTickets, emulator: Emulator, solved: Ticket
) -> None:
    emulator.rate(solved, good=True)
    emulator.archive(solved)
    assert source.read_ticket("1").measures is None


@pytest.mark.parametrize("status", [400, 404, 405])
def test_a_refusal_of_this_ticket_says_nothing_of_others(
    source: FreshdeskTickets, emulator: Emulator, solved: Ticket, status: int
) -> None:
    emulator.rate(solved, good=True)
    emulator.faults.add(RATINGS, status=status, times=1)
    assert source.read_ticket("1").measures == Measures(300)
    assert source.read_ticket("1").measures == Measures(300, satisfied=True)


def test_a_fault_for_a_moment_fails_the_reading(
    source: FreshdeskTickets, emulator: Emulator, solved: Ticket
) -> None:
    emulator.faults.add(TIMES, status=503, times=9)
    with pytest.raises(RemoteError) as busy:
        source.read_ticket("1")
    assert not busy.value.permanent


def test_the_second_rule_of_our_steps_hears_of_a_rating_and_the_app_does_not(
    emulator: Emulator, solved: Ticket
) -> None:
    emulator.add_rules("http://127.0.0.1:9/webhooks/acme", "secret")
    emulator.install_app("http://127.0.0.1:9/webhooks/acme", "secret")
    emulator.rate(solved, good=True)
    assert len(emulator.outbox.pending()) == 1


def test_ratings_and_times_are_given_over_rest_too(
    emulator: Emulator, server: EmulatorServer, solved: Ticket, customer: Contact
) -> None:
    def call(method: str, path: str, content: object = None) -> requests.Response:
        address = f"{server.api_base}/tickets/1{path}"
        return requests.request(method, address, json=content, auth=(emulator.key, "X"), timeout=5)

    made = call("POST", RATINGS, {"ratings": {"default_question": 103}})
    assert (made.status_code, made.json()["user_id"]) == (201, customer.id)
    assert call("POST", TIMES, {"time_spent": "01:30"}).json()["time_spent"] == "01:30"
    assert [row["ratings"] for row in call("GET", RATINGS).json()] == [{"default_question": 103}]
    assert [row["time_spent"] for row in call("GET", TIMES).json()] == ["01:30"]
    assert call("POST", RATINGS, {"ratings": {"default_question": 7}}).status_code == 400
    assert call("POST", TIMES, {"time_spent": "soon"}).status_code == 400
    emulator.desk.lacking = {"Surveys", "Time Tracking"}
    assert [call("GET", path).json()["code"] for path in (RATINGS, TIMES)] == ["require_feature"] * 2
