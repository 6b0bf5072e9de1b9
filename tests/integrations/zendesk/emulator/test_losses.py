"""The emulated account's deliveries go wrong as they are told to, and the account's own list says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.deliveries import Delivery
from integrations.zendesk.emulator.records import Ticket, User
from integrations.zendesk.provider import ZendeskProvider
from kcs.errors import NotSignedIn
from tests.integrations.zendesk.conftest import Call

SOLVED = "zen:event-type:ticket.status_changed"


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(shapes=())


def _sent(emulator: Emulator, ticket: Ticket, agent: User, count: int) -> list[Delivery]:
    for n in range(count):
        emulator.set_status(ticket, agent, ("open", "pending")[n % 2])
    return emulator.pending_deliveries()


@pytest.mark.parametrize(
    ("chance", "fewer", "more", "in_order"),
    [
        ({"lose": 0.2}, True, False, True),
        ({"repeat": 0.2}, False, True, True),
        ({"shuffle": True}, False, False, False),
        ({"lose": 0.1, "repeat": 0.3, "shuffle": True, "replay": 0.1}, True, True, False),
        ({}, False, False, True),
    ],
)
def test_deliveries_go_wrong_by_chance_and_the_same_way_for_a_seed(
    ticket: Ticket, agent: User, chance: dict[str, Any], fewer: bool, more: bool, in_order: bool
) -> None:
    seen = []
    for _ in range(2):
        emulator = Emulator()
        waiting = _sent(emulator, emulator.create_ticket(agent, "S", "B"), agent, 200)
        emulator.outbox.chance(**chance, seed=5)
        taken = emulator.take_deliveries() + emulator.take_deliveries()
        places = [[one.invocation_id for one in waiting].index(one.invocation_id) for one in taken]
        seen.append(places)
        assert (len(set(places)) < len(waiting)) is fewer
        assert len(emulator.outbox.lost) == len(waiting) - len(set(places))
        assert (len(places) > len(set(places))) is more
        assert (places == sorted(places)) is in_order
    assert seen[0] == seen[1]


def test_what_was_lost_stands_in_the_list_unless_hidden(
    emulator: Emulator, ticket: Ticket, agent: User
) -> None:
    hook = emulator.webhooks.add("http://127.0.0.1:9/", [SOLVED])
    _sent(emulator, ticket, agent, 100)
    emulator.outbox.chance(lose=0.5, hide=0.5, seed=2)
    handed = len(emulator.take_deliveries())
    listed = emulator.webhooks.invocations_of(hook.id)
    broken = [one for one in listed if one.status == "circuit broken"]
    assert len(listed) - len(broken) == handed
    assert 0 < len(broken) < len(emulator.outbox.lost)


def test_a_replay_carries_its_old_signature_and_skew_moves_every_one(
    emulator: Emulator, ticket: Ticket, agent: User
) -> None:
    hook = emulator.webhooks.add("http://127.0.0.1:9/", [SOLVED])
    start = datetime.now(UTC)
    passed = [timedelta()]
    emulator.clock = lambda: start + passed[0]
    emulator.outbox.chance(replay=1.0, seed=1)
    _sent(emulator, ticket, agent, 1)
    (first,) = emulator.take_deliveries()
    headers, _ = emulator.sign(first)
    passed[0] = timedelta(hours=1)
    _sent(emulator, ticket, agent, 2)
    replays = [one for one in emulator.take_deliveries() if one.signed_at]
    assert replays
    assert [emulator.sign(one)[0] for one in replays] == [headers] * len(replays)
    emulator.outbox.skew = timedelta(minutes=-10)
    late, body = emulator.sign(first)
    with pytest.raises(NotSignedIn, match="check the clock"):
        ZendeskProvider().verify(late, body, [hook.secret], emulator.clock(), 300)


def test_the_circuit_breaks_for_five_seconds_when_most_deliveries_fail(
    emulator: Emulator, ticket: Ticket, agent: User, make_vendor: Callable[..., Any]
) -> None:
    endpoint = make_vendor({"status": 500})
    hook = emulator.webhooks.add(endpoint.url, [SOLVED])
    start, passed = datetime.now(UTC), [0.0]
    emulator.clock = lambda: start + timedelta(seconds=passed[0])
    emulator.outbox.breaker.on = True
    _sent(emulator, ticket, agent, 104)
    outcomes = emulator.deliver()
    assert [len(outcome.statuses) for outcome in outcomes[99:]] == [1, 0, 0, 0, 0]
    assert [one.status for one in emulator.webhooks.invocations_of(hook.id)[:5]] == [
        *["circuit broken"] * 4,
        "terminated",
    ]
    passed[0] = 5.0
    _sent(emulator, ticket, agent, 1)
    assert len(emulator.deliver()[0].statuses) == 1
    assert emulator.outbox.breaker.opened == 1


def test_what_is_throttled_is_sent_and_listed_twice(
    call: Call, emulator: Emulator, ticket: Ticket, agent: User, make_vendor: Callable[..., Any]
) -> None:
    endpoint = make_vendor()
    hook = emulator.webhooks.add(endpoint.url, [SOLVED])
    emulator.outbox.throttle.most = 2
    _sent(emulator, ticket, agent, 3)
    assert all(outcome.delivered for outcome in emulator.deliver())
    listed = call("GET", f"/webhooks/{hook.id}/invocations").json()["invocations"]
    assert [one["status"] for one in listed] == ["success", "throttled", "success", "success"]
    assert listed[0]["id"] == listed[1]["id"]


def test_a_webhook_without_an_address_cannot_be_delivered_to_nowhere() -> None:
    emulator = Emulator()
    emulator.create_ticket(emulator.admin, "S", "B")
    with pytest.raises(ValueError, match="endpoint"):
        emulator.deliver()
