"""What the emulated account sends: bodies as admins type them, late, again, lost, never twice the budget."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.records import Agent, Contact, Ticket
from integrations.freshdesk.emulator.rules import RECOMMENDED, WRAPPER
from integrations.freshdesk.emulator.server import create_app

Vendors = Callable[..., Any]
NOWHERE = "http://127.0.0.1:9/"
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            RECOMMENDED,
            {
                "source": "freshdesk-automation",
                "event": "{status:{from:2,to:6}}",
                "ticket_id": "1",
                "status": "Waiting on Customer",
            },
        ),
        (
            '{"id": {{ticket.id}}, "by": "{{ticket.agent.email}}{{no.such}}"}',
            {"id": 1, "by": "ana@acme.example"},
        ),
        ('{"s": "{{ticket.subject}}"}', {"s": 'Says "no" to\nme'}),
    ],
)
def test_a_rules_body_is_filled_in_with_strings_and_labels(
    desk: Emulator, ana: Agent, ticket: Ticket, body: str, expected: dict[str, object]
) -> None:
    waiting = desk.add_status("Waiting on Customer")
    ticket.subject = 'Says "no" to\nme'
    desk.add_rule(NOWHERE, body=body)
    desk.change(ticket, ana, priority=2, status=waiting)
    (delivery,) = desk.outbox.pending()
    assert json.loads(delivery.body) == expected


def test_the_wrapper_holds_nothing_but_strings(desk: Emulator, carl: Contact) -> None:
    desk.add_rule(NOWHERE, on="creation", body=WRAPPER)
    ticket = desk.create_ticket(carl, "S", "T")
    desk.tag(ticket, None, "x")
    (delivery,) = desk.outbox.pending()
    inner = json.loads(delivery.body)["freshdesk_webhook"]
    assert all(isinstance(value, str) for value in inner.values())
    assert (inner["triggered_event"], inner["ticket_status"]) == ("{ticket_action:created}", "Open")
    assert (inner["ticket_priority"], inner["requester_email"]) == ("Low", carl.email)


def test_a_secret_comes_as_a_header_or_as_basic_authentication(
    desk: Emulator, ana: Agent, ticket: Ticket, make_vendor: Vendors
) -> None:
    endpoint = make_vendor({"status": 202})
    desk.add_rules(endpoint.url, "our-secret")
    desk.add_rule(endpoint.url, user="any", password="our-secret", events=("note",))
    desk.note(ticket, ana, "Seen.")
    desk.set_status(ticket, ana, 4)
    assert len(desk.deliver()) == 3
    assert [one.headers.get("X-KCS-Secret") for one in endpoint.asked] == ["our-secret", None, "our-secret"]
    assert endpoint.asked[1].headers["Authorization"] == "Basic YW55Om91ci1zZWNyZXQ="


@pytest.mark.parametrize(("timestamps", "kind"), [("milliseconds", int), ("seconds", float), ("text", str)])
def test_the_app_tells_who_acted_and_what_changed(
    desk: Emulator, ana: Agent, carl: Contact, ticket: Ticket, timestamps: str, kind: type
) -> None:
    desk.install_app(NOWHERE, "s").timestamps = timestamps
    desk.set_status(ticket, ana, 4)
    desk.reopen(ticket, carl)
    desk.set_status(ticket, None, 5)
    told = [json.loads(delivery.body) for delivery in desk.outbox.pending()]
    rows = [(one["event"], one["changes"].get("status"), one["actor"]["type"]) for one in told]
    assert rows == [
        ("onTicketUpdate", [2, 4], "agent"),
        ("onConversationCreate", None, "contact"),
        ("onTicketUpdate", [4, 2], "contact"),
        ("onTicketUpdate", [2, 5], "system"),
    ]
    assert told[0]["actor"]["id"] == ana.id
    assert isinstance(told[0]["timestamp"], kind)


@pytest.mark.parametrize(
    ("statuses", "minutes", "end"),
    [
        ([202], [0], "delivered"),
        ([503, 202], [0, 5], "delivered"),
        ([500, 500, 500, 202], [0, 5, 30, 60], "delivered"),
        ([500], [0, 5, 30, 60], "given up"),
    ],
)
def test_a_failed_webhook_comes_again_after_5_30_and_60_minutes_and_no_more(
    desk: Emulator,
    ana: Agent,
    ticket: Ticket,
    make_vendor: Vendors,
    statuses: list[int],
    minutes: list[int],
    end: str,
) -> None:
    endpoint = make_vendor(*({"status": status} for status in statuses))
    desk.add_rules(endpoint.url, "s")
    desk.set_status(ticket, ana, 4)
    (sent,) = desk.outbox.all
    tries = []
    for pause in (0, 5, 30, 60, 600):
        desk.advance(timedelta(minutes=pause) - timedelta(seconds=5) if pause else timedelta())
        before = len(sent.statuses)
        if pause:
            desk.deliver()
            assert len(sent.statuses) == before or pause == 600
            desk.advance(timedelta(seconds=5))
        desk.deliver()
        if len(sent.statuses) > before:
            tries.append(pause)
    assert (tries, sent.end) == (minutes, end)


def test_what_exceeds_the_hours_budget_waits_for_the_next_and_is_dropped_after_a_day(
    desk: Emulator, ana: Agent, ticket: Ticket, make_vendor: Vendors
) -> None:
    endpoint = make_vendor({"status": 202})
    desk.limits.on(hour=2)
    desk.add_rule(endpoint.url)
    desk.install_app(endpoint.url, "s")
    for n in range(60):
        desk.change(ticket, ana, priority=1 + (n + 1) % 2)
    reached = [delivery.source for delivery in desk.deliver()]
    assert (reached.count("rule"), reached.count("app")) == (2, 60)
    desk.advance(HOUR)
    assert len(desk.deliver()) == 2
    desk.deliver_all()
    counts = desk.outbox.counts
    assert counts["delivered"] - 60 + counts["dropped"] == 60
    assert 48 <= counts["delivered"] - 60 <= 50
    assert max(desk.limits.spent_in.values()) <= 2


@pytest.mark.parametrize("which", ["chance", "app_chance"])
def test_webhooks_and_app_events_are_lost_repeated_and_mixed_each_by_its_own_chance(
    desk: Emulator, ana: Agent, ticket: Ticket, make_vendor: Vendors, which: str
) -> None:
    endpoint = make_vendor({"status": 202})
    desk.add_rule(endpoint.url)
    desk.install_app(endpoint.url, "s")
    getattr(desk.outbox, which)(lose=0.2, repeat=0.2, shuffle=True, seed=5)
    for n in range(60):
        desk.change(ticket, ana, priority=1 + (n + 1) % 2)
    spoilt, whole = ("rule", "app") if which == "chance" else ("app", "rule")
    reached = desk.deliver()
    numbers = {kind: [one.number for one in reached if one.source == kind] for kind in (spoilt, whole)}
    assert len(numbers[whole]) == 60
    assert numbers[whole] == sorted(numbers[whole])
    lost = desk.outbox.counts["lost"]
    assert len(set(numbers[spoilt])) == 60 - lost
    assert len(numbers[spoilt]) > len(set(numbers[spoilt])) > 0 < lost
    assert numbers[spoilt] != sorted(numbers[spoilt])


@pytest.mark.parametrize(
    ("happens", "rules", "app"),
    [
        (lambda on: on.desk.set_status(on.ticket, on.ana, 4), 1, 1),
        (lambda on: on.desk.set_status(on.ticket, None, 4), 1, 1),
        (lambda on: on.desk.reply(on.ticket, on.carl, "Thanks"), 1, 1),
        (lambda on: on.desk.note(on.ticket, on.ana, "Seen"), 1, 1),
        (lambda on: on.desk.assign(on.ticket, on.ana, on.desk.admin), 1, 1),
        (lambda on: on.desk.change(on.ticket, on.ana, priority=2), 0, 1),
        (lambda on: on.desk.tag(on.ticket, on.ana, "x"), 0, 0),
        (lambda on: on.desk.spam(on.ticket, on.ana), 0, 0),
        (lambda on: on.desk.delete(on.ticket, on.ana), 0, 1),
        (lambda on: on.desk.create_ticket(on.carl, "S", "T"), 1, 1),
    ],
)
def test_what_our_rules_and_our_app_hear_of(
    desk: Emulator, ana: Agent, carl: Contact, ticket: Ticket, happens: Any, rules: int, app: int
) -> None:
    desk.add_rules(NOWHERE, "s")
    desk.install_app(NOWHERE, "s")
    happens(SimpleNamespace(desk=desk, ticket=ticket, ana=ana, carl=carl))
    told = [delivery.source for delivery in desk.outbox.pending()]
    assert (told.count("rule"), told.count("app")) == (rules, app)


def test_the_app_loses_what_is_more_than_it_may_forward_in_a_minute(
    desk: Emulator, ana: Agent, ticket: Ticket, make_vendor: Vendors
) -> None:
    endpoint = make_vendor({"status": 202})
    desk.install_app(endpoint.url, "s")
    desk.outbox.app_per_minute = 2
    for minute in range(2):
        for n in range(3):
            desk.change(ticket, ana, priority=1 + (n + 1 + minute) % 2)
        desk.deliver()
        desk.advance(timedelta(minutes=1))
    assert (desk.outbox.counts["delivered"], desk.outbox.counts["lost"]) == (4, 2)


def test_a_stand_in_is_told_of_rules_by_a_call(desk: Emulator, ana: Agent, ticket: Ticket) -> None:
    client = create_app(desk).test_client()
    rule = {"url": NOWHERE, "headers": {"X-KCS-Secret": "s"}}
    assert client.post("/stand-in/rules", json=rule).status_code == 201
    assert client.post("/stand-in/rules", json={"url": "nowhere"}).status_code == 400
    assert client.post("/stand-in/app", json={"url": NOWHERE, "secret": "s"}).status_code == 201
    desk.set_status(ticket, ana, 4)
    sent = client.get("/stand-in/sent").get_json()["sent"]
    assert [one["kind"] for one in sent] == ["update", "onTicketUpdate"]
    before = desk.clock()
    client.post("/stand-in/advance", json={"minutes": 90})
    assert desk.clock() - before >= timedelta(minutes=90)


def test_the_clock_never_runs_backwards(desk: Emulator) -> None:
    with pytest.raises(ValueError, match="back"):
        desk.advance(-HOUR)
