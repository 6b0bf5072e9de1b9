"""The emulated account's webhooks are made, signed, delivered and listed as the real one's are."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.records import Ticket, User
from integrations.zendesk.provider import ZendeskProvider
from integrations.zendesk.signature import PUBLIC_TEST_KEY, sign
from kcs.errors import NotSignedIn
from tests.integrations.zendesk.conftest import Call

SOLVED = "zen:event-type:ticket.status_changed"
CONDITIONAL = "conditional_ticket_events"
WEBHOOK = {
    "name": "KCS",
    "status": "active",
    "endpoint": "http://127.0.0.1:9/hook",
    "http_method": "POST",
    "request_format": "json",
    "subscriptions": [SOLVED],
}
TEMPLATE = '{"ticket_id":"{{ticket.id}}","status":"{{ticket.status}}","by":"{{current_user.id}}{{no.such}}"}'


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(shapes=())


@pytest.fixture
def create(call: Call) -> Callable[..., dict[str, Any]]:
    """Return a function that creates a webhook over the API and returns it with its secret."""

    def make(**more: object) -> dict[str, Any]:
        reply = call("POST", "/webhooks", json={"webhook": {**WEBHOOK, **more}})
        assert reply.status_code == 201, reply.text
        made: dict[str, Any] = reply.json()["webhook"]
        secret = call("GET", f"/webhooks/{made['id']}/signing_secret").json()["signing_secret"]
        assert secret["algorithm"] == "SHA256"
        return {**made, "secret": secret["secret"]}

    return make


def test_replies_never_echo_what_signs_in(call: Call, create: Callable[..., dict[str, Any]]) -> None:
    data = {"type": "bearer_token", "data": {"token": "hush"}, "add_position": "header"}
    made = create(authentication=data)
    shown = call("GET", f"/webhooks/{made['id']}")
    assert shown.json()["webhook"]["authentication"] == {"type": "bearer_token", "add_position": "header"}
    assert "hush" not in shown.text + call("GET", "/webhooks").text
    assert made["secret"] not in shown.text
    assert (len(made["id"]), isinstance(made["created_by"], str)) == (26, True)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"subscriptions": [CONDITIONAL]}, 201),
        ({"subscriptions": [SOLVED, CONDITIONAL]}, 422),
        ({"subscriptions": []}, 422),
        ({"subscriptions": ["ticket.created"]}, 422),
        ({"endpoint": ""}, 422),
        ({"name": ""}, 422),
    ],
)
def test_a_webhook_is_for_events_or_for_triggers(call: Call, more: dict[str, Any], status: int) -> None:
    assert call("POST", "/webhooks", json={"webhook": {**WEBHOOK, **more}}).status_code == status


@pytest.mark.parametrize(
    ("switches", "events", "triggers"),
    [
        ({"events_allowed": False}, 422, 201),
        ({"events_allowed": False, "events_refusal": 403}, 403, 201),
        ({"allowed": False}, 403, 403),
        ({"max_webhooks": 0}, 403, 403),
        ({}, 201, 201),
    ],
)
def test_plans_may_lack_events_or_webhooks(
    call: Call, emulator: Emulator, switches: dict[str, Any], events: int, triggers: int
) -> None:
    vars(emulator.webhooks).update(switches)
    for subscriptions, status in ([SOLVED], events), ([CONDITIONAL], triggers):
        content = {**WEBHOOK, "subscriptions": subscriptions}
        assert call("POST", "/webhooks", json={"webhook": content}).status_code == status


def test_a_webhook_is_changed_without_an_answer_and_keeps_its_kind(
    call: Call, create: Callable[..., dict[str, Any]]
) -> None:
    path = f"/webhooks/{create()['id']}"
    reply = call("PATCH", path, json={"webhook": {"status": "inactive"}})
    assert (reply.status_code, reply.content) == (204, b"")
    assert call("GET", path).json()["webhook"]["status"] == "inactive"
    assert call("PATCH", path, json={"webhook": {"subscriptions": [CONDITIONAL]}}).status_code == 422
    assert [call("DELETE", path).status_code for _ in range(2)] == [204, 404]


def test_each_webhook_gets_its_types_at_its_own_address_with_its_own_signature(
    call: Call,
    create: Callable[..., dict[str, Any]],
    emulator: Emulator,
    ticket: Ticket,
    agent: User,
    make_vendor: Callable[..., Any],
) -> None:
    one, other = make_vendor(), make_vendor()
    tagged = create(endpoint=one.url, subscriptions=["zen:event-type:ticket.tags_changed"])
    solved = create(
        endpoint=other.url,
        authentication={"type": "basic_auth", "data": {"username": "u", "password": "p"}},
    )
    create(endpoint=one.url, status="inactive")
    emulator.set_status(ticket, agent, "solved")
    emulator.tag(ticket, agent, ["sound"])
    outcomes = emulator.deliver()
    assert [outcome.delivered for outcome in outcomes] == [True, True]
    assert (len(one.asked), len(other.asked)) == (1, 1)
    for asked, webhook in ((one.asked[0], tagged), (other.asked[0], solved)):
        ZendeskProvider().verify(asked.headers, asked.body, [webhook["secret"]], datetime.now(UTC), 300)
        assert asked.headers["X-Zendesk-Webhook-Id"] == webhook["id"]
    assert json.loads(one.asked[0].body)["event"] == {"tags_added": ["sound"], "tags_removed": []}
    assert other.asked[0].headers["Authorization"] == "Basic dTpw"
    rotated = call("POST", f"/webhooks/{solved['id']}/signing_secret")
    assert (rotated.status_code, rotated.json()["signing_secret"]["secret"] == solved["secret"]) == (
        201,
        False,
    )
    emulator.set_status(ticket, agent, "open")
    emulator.deliver()
    last = other.asked[-1]
    with pytest.raises(NotSignedIn):
        ZendeskProvider().verify(last.headers, last.body, [solved["secret"]], datetime.now(UTC), 300)


def test_a_trigger_calls_its_webhook_with_its_template(
    call: Call, create: Callable[..., dict[str, Any]], emulator: Emulator, ticket: Ticket, agent: User
) -> None:
    hook = create(subscriptions=[CONDITIONAL])
    trigger = {
        "title": "Tell KCS",
        "conditions": {"all": [{"field": "status", "operator": "is", "value": "solved"}], "any": []},
        "actions": [{"field": "notification_webhook", "value": [hook["id"], TEMPLATE]}],
    }
    made = call("POST", "/triggers", json={"trigger": trigger})
    path = f"/triggers/{made.json()['trigger']['id']}"
    emulator.set_status(ticket, agent, "pending")
    emulator.set_status(ticket, agent, "solved")
    (sent,) = emulator.take_deliveries()
    assert json.loads(sent.body) == {"ticket_id": str(ticket.id), "status": "Solved", "by": str(agent.id)}
    assert call("DELETE", f"/webhooks/{hook['id']}").status_code == 422
    assert call("PUT", path, json={"trigger": {"active": False}}).json()["trigger"]["active"] is False
    emulator.set_status(ticket, agent, "open")
    emulator.set_status(ticket, agent, "solved")
    assert emulator.take_deliveries() == []
    assert call("GET", "/triggers").json()["count"] == 1
    trigger["actions"] = [{"field": "notification_webhook", "value": ["01NOSUCH", "{}"]}]
    assert call("POST", "/triggers", json={"trigger": trigger}).status_code == 422
    assert [call("DELETE", path).status_code for _ in range(2)] == [204, 404]


def test_a_test_returns_what_the_endpoint_answered(
    call: Call, create: Callable[..., dict[str, Any]], make_vendor: Callable[..., Any]
) -> None:
    endpoint = make_vendor({"status": 202, "body": b"thanks"})
    hook = create(endpoint=endpoint.url)
    reply = call("POST", f"/webhooks/test?webhook_id={hook['id']}").json()["response"]
    assert (reply["status"], reply["payload"]) == (202, "thanks")
    asked = endpoint.asked[0]
    ZendeskProvider().verify(asked.headers, asked.body, [hook["secret"]], datetime.now(UTC), 300)
    assert json.loads(asked.body)["type"] == SOLVED
    unsaved = {"request": {"endpoint": endpoint.url, "payload": "{}"}}
    assert call("POST", "/webhooks/test", json=unsaved).json()["response"]["status"] == 202
    headers = endpoint.asked[1].headers
    timestamp = headers["X-Zendesk-Webhook-Signature-Timestamp"]
    assert headers["X-Zendesk-Webhook-Signature"] == sign(PUBLIC_TEST_KEY, timestamp, b"{}")
    away = create(endpoint="http://127.0.0.1:9/")
    assert call("POST", f"/webhooks/test?webhook_id={away['id']}").json()["response"]["status"] == 502


def test_the_account_lists_what_it_sent_with_headers_and_payload(
    call: Call,
    create: Callable[..., dict[str, Any]],
    emulator: Emulator,
    ticket: Ticket,
    agent: User,
    make_vendor: Callable[..., Any],
) -> None:
    endpoint = make_vendor({"status": 403}, {"status": 200})
    hook = create(endpoint=endpoint.url)
    for status in ("open", "solved"):
        emulator.set_status(ticket, agent, status)
    emulator.deliver()
    emulator.set_status(ticket, agent, "open")
    path = f"/webhooks/{hook['id']}/invocations"
    shown = call("GET", path).json()["invocations"]
    assert [one["status"] for one in shown] == ["accepted", "success", "terminated"]
    assert [one["attempts_count"] for one in shown] == [0, 1, 1]
    (attempt,) = call("GET", f"{path}/{shown[2]['id']}/attempts").json()["attempts"]
    assert attempt["status_code"] == 403
    assert json.loads(attempt["request"]["payload"])["detail"]["id"] == str(ticket.id)
    names = {pair["key"] for pair in attempt["request"]["headers"]}
    assert {"X-Zendesk-Webhook-Invocation-Id", "X-Zendesk-Webhook-Signature"} <= names
    assert len(call("GET", f"{path}?filter[status]=terminated").json()["invocations"]) == 1
    page = call("GET", f"{path}?page[size]=2").json()
    assert (len(page["invocations"]), page["meta"]["has_more"]) == (2, True)
    assert call("GET", f"{path}/01NOSUCH/attempts").status_code == 404
