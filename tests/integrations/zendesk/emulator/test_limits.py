"""The emulated account counts calls, refuses too many, and spoils some on demand or by chance."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import requests

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.records import Ticket, User
from tests.integrations.zendesk.conftest import T0, Call


@pytest.fixture
def passed(emulator: Emulator) -> list[float]:
    """Let the account's clock stand still but for the seconds added to the list."""
    seconds: list[float] = []
    emulator.clock = lambda: T0 + timedelta(seconds=sum(seconds))
    return seconds


@pytest.mark.parametrize(
    ("name", "request_line", "other", "window"),
    [
        ("account", "GET /users/me", "GET /help_center/sections", 60),
        ("help_center", "GET /help_center/sections", "GET /users/me", 60),
        ("ticket_updates", "PUT /tickets/1", "GET /tickets/1", 60),
        ("ticket_updates", "PUT /tickets/1/tags", "GET /tickets/1/tags", 60),
        ("same_ticket", "PUT /tickets/1", "PUT /tickets/2", 600),
        ("incremental", "GET /incremental/tickets/cursor?start_time=0", "GET /tickets", 60),
        ("webhooks", "GET /webhooks", "GET /triggers", 60),
        ("webhook_tests", "POST /webhooks/test", "GET /webhooks", 60),
    ],
)
def test_each_limit_counts_its_calls_and_refuses_the_rest(
    call: Call,
    emulator: Emulator,
    ticket: Ticket,
    passed: list[float],
    name: str,
    request_line: str,
    other: str,
    window: int,
) -> None:
    emulator.create_ticket(emulator.admin, "Two", "B")
    numbers: dict[str, Any] = {name: 3}
    emulator.limits.on(**numbers)
    assert [call(*request_line.split(" ")).status_code == 429 for _ in range(4)] == [False] * 3 + [True]
    refused = call(*request_line.split(" "))
    assert refused.headers["Retry-After"] == str(window)
    assert call(*other.split(" ")).status_code != 429
    passed.append(window - 1)
    assert call(*request_line.split(" ")).headers["Retry-After"] == "1"
    passed.append(1)
    assert call(*request_line.split(" ")).status_code != 429
    assert (len(emulator.limits.refusals), emulator.limits.peaks[name]) == (3, 3)
    assert emulator.limits.refusals[0].limit == name
    assert emulator.limits.exceeded


def test_one_ticket_is_limited_for_each_user_apart(
    call: Call, emulator: Emulator, ticket: Ticket, agent: User
) -> None:
    emulator.limits.on(same_ticket=1)
    statuses = [call("PUT", "/tickets/1", as_=who, json={}).status_code for who in (agent, agent, None)]
    assert statuses == [400, 429, 400]


@pytest.mark.parametrize(("plan", "most"), [("team", 200), ("professional", 400), ("enterprise_plus", 2500)])
def test_plans_have_their_numbers(call: Call, emulator: Emulator, plan: str, most: int) -> None:
    emulator.limits.headers = "x-rate-limit"
    emulator.limits.on(plan)
    assert call("GET", "/users/me").headers["x-rate-limit"] == str(most)
    with pytest.raises(ValueError, match="none of the plans"):
        emulator.limits.on("free")
    with pytest.raises(ValueError, match="none of the limits"):
        emulator.limits.on(accounts=3)


@pytest.mark.parametrize(
    ("variety", "expected"),
    [
        ("x-rate-limit", {"x-rate-limit": "700", "x-rate-limit-remaining": "699"}),
        (
            "ratelimit",
            {"ratelimit-limit": "700", "ratelimit-remaining": "699", "ratelimit-reset": "60"},
        ),
        ("rate-limit", {"rate-limit": "700", "rate-limit-remaining": "699", "rate-limit-reset": "60"}),
    ],
)
def test_what_is_left_is_told_in_each_recorded_spelling(
    call: Call,
    emulator: Emulator,
    ticket: Ticket,
    passed: list[float],
    variety: str,
    expected: dict[str, str],
) -> None:
    assert "rate" not in str(call("GET", "/tickets").headers).lower()
    emulator.limits.headers = variety
    emulator.limits.on()
    told = {k.lower(): v for k, v in call("GET", "/tickets").headers.items() if "limit" in k.lower()}
    assert told == {**expected, "zendesk-ratelimit-tickets-index": "total=700; remaining=699; resets=60"}
    saved = call("PUT", "/tickets/1", json={"ticket": {"status": "open"}}).headers
    assert saved["zendesk-ratelimit-per-ticket-updates"] == "total=30; remaining=29; resets=600"


def test_spellings_take_turns_and_a_refusal_may_not_say_when(call: Call, emulator: Emulator) -> None:
    emulator.limits.on(account=3)
    headers = [call("GET", "/users/me").headers for _ in range(3)]
    assert ["x-rate-limit" in headers[0], "ratelimit-limit" in headers[1], "rate-limit" in headers[2]] == [
        True
    ] * 3
    emulator.limits.says_when = False
    refused = call("GET", "/users/me")
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, False)
    emulator.limits.off()
    assert call("GET", "/users/me").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "kind", "body"),
    [
        ({"status": 429, "retry_after": "3"}, 429, "application/json", None),
        ({"status": 429}, 429, "application/json", None),
        ({"status": 500, "body": "html"}, 500, "text/html; charset=utf-8", None),
        ({"status": 503, "body": "empty"}, 503, None, b""),
        ({"status": 200, "body": "html"}, 200, "text/html; charset=utf-8", None),
        ({"status": 200, "body": "empty", "after_effect": True}, 200, None, b""),
    ],
)
def test_a_fault_answers_as_it_is_told(
    call: Call, emulator: Emulator, fault: dict[str, Any], status: int, kind: str | None, body: bytes | None
) -> None:
    emulator.faults.add(**fault)
    reply = call("GET", "/users/me")
    assert (reply.status_code, reply.headers.get("Content-Type")) == (status, kind)
    assert reply.headers.get("Retry-After") == fault.get("retry_after")
    assert body is None or reply.content == body
    with pytest.raises(ValueError, match="none of"):
        emulator.faults.add(body="xml")


def test_half_an_answer_tells_the_length_of_the_whole_after_the_work_is_done(
    call: Call, emulator: Emulator, ticket: Ticket
) -> None:
    emulator.faults.add("/tickets/", cut=True)
    with pytest.raises(requests.exceptions.RequestException):
        call("PUT", f"/tickets/{ticket.id}", json={"ticket": {"status": "solved"}})
    assert ticket.status == "solved"


@pytest.mark.parametrize("rate", [0.0, 0.2, 1.0])
def test_by_chance_a_share_of_calls_is_spoilt_the_same_way_for_a_seed(rate: float) -> None:
    shown = []
    for _ in range(2):
        faults = Emulator().faults
        faults.chance(rate, seed=4)
        for n in range(1000):
            faults.next_for("GET", f"/api/v2/tickets/{n}")
            assert faults.next_for("POST", "/oauth/tokens") is None
        shown.append(dict(faults.shown))
    assert shown[0] == shown[1]
    assert abs(sum(shown[0].values()) - 1000 * rate) < 50
    assert len(shown[0]) == (0 if rate == 0.0 else 12)


def test_chance_ends_and_asks_for_no_longer_wait_than_told(call: Call, emulator: Emulator) -> None:
    emulator.faults.chance(1.0, mixture=[("busy", 1, {"status": 429, "retry_after": "60"})], retry_after="0")
    assert call("GET", "/users/me").headers["Retry-After"] == "0"
    emulator.faults.clear()
    assert json.loads(call("GET", "/users/me").content)["user"]["role"] == "admin"
