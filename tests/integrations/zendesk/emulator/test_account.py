"""The emulated account keeps to what is known of the real one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.desk import Ticket, User
from integrations.zendesk.provider import ZendeskProvider
from kcs.errors import NotSignedIn
from tests.integrations.zendesk.conftest import T0, Call


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"headers": {"Authorization": "Bearer emulator-token"}}, 200),
        ({"headers": {}, "auth": ("ann@acme.example/token", "emulator-token")}, 200),
        ({"headers": {"Authorization": "Bearer wrong"}}, 401),
        ({"headers": {}, "auth": ("ann@acme.example/token", "wrong")}, 401),
        ({"headers": {}, "auth": ("ann@acme.example", "emulator-token")}, 401),
        ({"headers": {}, "auth": ("nobody@acme.example/token", "emulator-token")}, 401),
        ({"headers": {"Authorization": "Basic !"}}, 401),
        ({"headers": {}}, 401),
    ],
)
def test_every_call_is_signed_in(call: Call, agent: User, more: dict[str, Any], status: int) -> None:
    assert call("GET", "/users/me", **more).status_code == status


def test_a_change_by_api_answers_with_ticket_and_audit_in_the_callers_name(
    call: Call, ticket: Ticket, agent: User
) -> None:
    body = {"ticket": {"status": "solved", "comment": {"body": "Done.", "public": False}}}
    auth = ("ann@acme.example/token", "emulator-token")
    reply = call("PUT", f"/tickets/{ticket.id}", json=body, headers={}, auth=auth).json()
    assert (reply["ticket"]["status"], reply["audit"]["author_id"]) == ("solved", agent.id)
    kinds = [
        (event["type"], event.get("value"), event.get("previous_value")) for event in reply["audit"]["events"]
    ]
    assert kinds == [("Comment", None, None), ("Change", "solved", "new")]
    assert (ticket.comments[-1].body, ticket.comments[-1].public) == ("Done.", False)


def test_a_ticket_may_be_opened_by_api_for_somebody_new(call: Call, emulator: Emulator) -> None:
    wanted = {
        "subject": "Hi",
        "comment": {"body": "Help"},
        "requester": {"name": "Eve", "email": "eve@x.example"},
    }
    reply = call("POST", "/tickets", json={"ticket": wanted})
    created = emulator.desk.tickets[reply.json()["ticket"]["id"]]
    assert (reply.status_code, emulator.desk.users[created.requester_id].email) == (201, "eve@x.example")


@pytest.mark.parametrize(
    ("request_line", "body", "answer"),
    [
        ("GET /tickets/999", None, (404, "RecordNotFound")),
        ("GET /users/999", None, (404, "RecordNotFound")),
        ("GET /nowhere", None, (404, "InvalidEndpoint")),
        ("GET /users/show_many?ids=" + ",".join(["1"] * 101), None, (400, "TooManyValues")),
        ("PUT /tickets/1", {"ticket": {"status": "done"}}, (422, "RecordInvalid")),
        ("PUT /tickets/1", {}, (400, "InvalidRequest")),
        ("PUT /tickets/1", {"ticket": {"safe_update": True, "updated_stamp": "x"}}, (409, "UpdateConflict")),
        ("GET /help_center/sections/999", None, (404, "RecordNotFound")),
        ("GET /help_center/articles/search", None, (400, "BadRequest")),
    ],
)
def test_wrong_calls_are_refused_as_zendesk_refuses_them(
    call: Call, ticket: Ticket, request_line: str, body: object, answer: tuple[int, str]
) -> None:
    reply = call(*request_line.split(" "), json=body)
    assert (reply.status_code, reply.json()["error"]) == answer


def test_a_closed_ticket_is_read_only(call: Call, emulator: Emulator, ticket: Ticket, agent: User) -> None:
    emulator.set_status(ticket, agent, "closed")
    assert call("PUT", f"/tickets/{ticket.id}", json={"ticket": {"status": "open"}}).status_code == 422


def test_a_deleted_ticket_is_gone_and_says_so_by_webhook(
    call: Call, emulator: Emulator, ticket: Ticket
) -> None:
    emulator.take_deliveries()
    assert call("DELETE", f"/tickets/{ticket.id}").status_code == 204
    assert call("GET", f"/tickets/{ticket.id}").status_code == 404
    assert [delivery.kind for delivery in emulator.take_deliveries()] == ["ticket.soft_deleted"]


def test_lists_of_tickets_keep_a_next_link_on_their_last_page(call: Call, ticket: Ticket) -> None:
    page = call("GET", f"/tickets/{ticket.id}/comments?page[size]=100").json()
    assert page["meta"]["has_more"] is False
    assert call("GET", page["links"]["next"].partition("/api/v2")[2]).json()["comments"] == []


def test_lists_of_the_help_center_end_without_a_link(call: Call, emulator: Emulator) -> None:
    emulator.add_section("One")
    page = call("GET", "/help_center/sections?page[size]=100").json()
    assert (page["meta"]["has_more"], "next" in page["links"]) == (False, False)


def test_the_help_center_counts_pages_when_not_asked_for_cursors(call: Call, emulator: Emulator) -> None:
    for n in range(31):
        emulator.add_section(f"Section {n}")
    page = call("GET", "/help_center/sections").json()
    assert (page["count"], page["page_count"], len(page["sections"])) == (31, 2, 30)
    assert "page=2" in page["next_page"]


def test_comments_come_newest_first_when_asked(
    call: Call, emulator: Emulator, ticket: Ticket, agent: User
) -> None:
    emulator.reply(ticket, agent, "Second")
    path = f"/tickets/{ticket.id}/comments?sort=-created_at"
    assert [c["body"] for c in call("GET", path).json()["comments"]] == ["Second", "My speaker is mute."]


def test_an_articles_draft_flag_is_writable_only_at_its_creation(call: Call, emulator: Emulator) -> None:
    section = emulator.add_section("One")
    article = {"title": "T", "body": "B", "locale": "en-us", "draft": True, "permission_group_id": 1}
    created = call("POST", f"/help_center/sections/{section.id}/articles", json={"article": article})
    path = f"/help_center/articles/{created.json()['article']['id']}"
    call("PUT", path, json={"article": {"draft": False, "title": "X", "label_names": ["a"]}})
    shown = call("GET", path).json()["article"]
    assert (shown["draft"], shown["title"], shown["label_names"]) == (True, "T", ["a"])
    assert emulator.guide.notified == 1


def test_the_search_shows_live_articles_only_and_runs_behind(call: Call, emulator: Emulator) -> None:
    section = emulator.add_section("One")
    article = {"title": "T", "locale": "en-us", "label_names": ["m"], "permission_group_id": 1}

    def found() -> int:
        return int(call("GET", "/help_center/articles/search?label_names=m").json()["count"])

    path = f"/help_center/sections/{section.id}/articles"
    call("POST", path, json={"article": {**article, "draft": True}})
    assert found() == 0
    call("POST", path, json={"article": article})
    assert found() == 1
    emulator.guide.search_lag = 60
    assert found() == 0


@pytest.mark.parametrize(
    ("act", "kinds"),
    [
        (lambda e, t, a: e.reply(t, a, "Hi"), ["ticket.comment_added"]),
        (lambda e, t, a: e.set_status(t, a, "solved"), ["ticket.status_changed"]),
        (lambda e, t, a: e.set_status(t, a, "new"), []),
        (lambda e, t, a: e.assign(t, a, a), ["ticket.agent_assignment_changed"]),
        (lambda e, t, a: e.tag(t, a, ["x"]), []),
        (lambda e, _, a: e.create_ticket(a, "S", "B"), ["ticket.created", "ticket.comment_added"]),
    ],
)
def test_each_change_sends_its_events(
    emulator: Emulator, ticket: Ticket, agent: User, act: Callable[..., object], kinds: list[str]
) -> None:
    emulator.take_deliveries()
    act(emulator, ticket, agent)
    assert [delivery.kind for delivery in emulator.take_deliveries()] == kinds


def test_an_event_writes_ids_as_strings_and_the_status_in_capitals(
    emulator: Emulator, ticket: Ticket, agent: User
) -> None:
    emulator.take_deliveries()
    emulator.set_status(ticket, agent, "solved", at=T0)
    body = json.loads(emulator.take_deliveries()[0].body)
    assert body["detail"]["id"] == str(ticket.id)
    assert (body["detail"]["status"], body["event"]) == ("SOLVED", {"current": "SOLVED", "previous": "NEW"})
    assert (body["subject"], body["time"]) == (f"zen:ticket:{ticket.id}", "2026-03-01T09:00:00.000000000Z")


def test_an_account_may_have_either_webhook_or_both() -> None:
    for shapes, count in ((("event",), 2), (("trigger",), 1), (("event", "trigger"), 3), ((), 0)):
        emulator = Emulator(shapes=shapes)
        emulator.create_ticket(emulator.admin, "S", "B")
        assert len(emulator.take_deliveries()) == count
    with pytest.raises(ValueError, match="shape"):
        Emulator(shapes=("pigeon",))


@pytest.mark.parametrize("shape", ["event", "trigger"])
def test_the_provider_verifies_and_reads_what_the_emulator_signs(shape: str) -> None:
    emulator = Emulator(secret="sssh", shapes=(shape,))
    ticket = emulator.create_ticket(emulator.admin, "S", "B")
    provider, now = ZendeskProvider(), datetime.now(UTC)
    for delivery in emulator.pending_deliveries():
        headers, body = emulator.sign(delivery)
        provider.verify(headers, body, ["sssh"], now, 300)
        seen = provider.read_delivery(headers, json.loads(body))
        assert (seen.delivery_id, seen.ticket_id) == (delivery.invocation_id, str(ticket.id))
        assert seen.event_key is not None
        with pytest.raises(NotSignedIn):
            provider.verify(headers, body, ["other"], now, 300)
        late, _ = emulator.sign(delivery, at=now - timedelta(hours=1))
        with pytest.raises(NotSignedIn):
            provider.verify(late, body, ["sssh"], now, 300)
    assert emulator.take_deliveries() != emulator.take_deliveries() == []


@pytest.mark.parametrize(
    ("answers", "statuses"),
    [
        ([{"status": 200}], [200]),
        ([{"status": 202}], [202]),
        ([{"status": 500}], [500]),
        ([{"status": 401}], [401]),
        ([{"status": 302, "headers": {"Location": "/"}}], [302]),
        ([{"status": 409}], [409] * 4),
        ([{"status": 409}, {"status": 202}], [409, 202]),
        ([{"status": 503}], [503]),
        ([{"status": 503, "headers": {"Retry-After": "30"}}, {"status": 202}], [503, 202]),
        ([{"status": 429, "headers": {"Retry-After": "59"}}, {"status": 202}], [429, 202]),
        ([{"status": 429, "headers": {"Retry-After": "60"}}], [429]),
        ([{"status": 503, "headers": {"Retry-After": "1"}}], [503] * 6),
        ([{"cut": 0}], [0]),
    ],
)
def test_a_delivery_is_sent_again_only_when_zendesk_would(
    emulator: Emulator,
    ticket: Ticket,
    make_vendor: Callable[..., Any],
    answers: list[dict[str, Any]],
    statuses: list[int],
) -> None:
    endpoint = make_vendor(*answers)
    one = emulator.take_deliveries()[:1]
    outcome = emulator.deliver(endpoint.url, one, sleep=lambda _: None)[0]
    assert (outcome.statuses, outcome.delivered) == (statuses, statuses[-1] in (200, 202))
    assert {asked.headers["X-Zendesk-Webhook-Invocation-Id"] for asked in endpoint.asked} == {
        one[0].invocation_id
    }


def test_everything_waiting_is_delivered_in_order(
    emulator: Emulator, ticket: Ticket, make_vendor: Callable[..., Any]
) -> None:
    endpoint = make_vendor()
    waiting = emulator.pending_deliveries()
    outcomes = emulator.deliver(endpoint.url)
    assert [outcome.delivery for outcome in outcomes] == waiting
    assert [asked.body for asked in endpoint.asked] == [delivery.body for delivery in waiting]
    assert emulator.pending_deliveries() == []


def test_a_fault_hits_the_calls_it_names_and_no_more(call: Call, emulator: Emulator, ticket: Ticket) -> None:
    emulator.faults.add("/tickets/", method="GET", times=2, status=500)
    path = f"/tickets/{ticket.id}"
    assert call("GET", "/users/me").status_code == 200
    assert [call("GET", path).status_code for _ in range(3)] == [500, 500, 200]
    assert (emulator.calls.total("/tickets/"), emulator.calls.total(method="POST")) == (3, 0)


@pytest.mark.parametrize(("after_effect", "status"), [(True, "solved"), (False, "new")])
def test_a_fault_comes_before_the_work_or_after_it(
    call: Call, emulator: Emulator, ticket: Ticket, after_effect: bool, status: str
) -> None:
    emulator.faults.add("/tickets/", status=502, after_effect=after_effect)
    reply = call("PUT", f"/tickets/{ticket.id}", json={"ticket": {"status": "solved"}})
    assert (reply.status_code, ticket.status) == (502, status)


def test_a_dropped_call_has_no_answer(call: Call, emulator: Emulator) -> None:
    emulator.faults.add(drop=True)
    with pytest.raises(requests.ConnectionError):
        call("GET", "/users/me")
    assert call("GET", "/users/me").status_code == 200


def test_a_full_account_says_when_to_come_back(call: Call, emulator: Emulator) -> None:
    emulator.faults.add(status=429, retry_after="30", times=100)
    reply = call("GET", "/users/me")
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "30")
    emulator.faults.clear()
    assert call("GET", "/users/me").status_code == 200


def test_thousands_of_tickets_are_held_and_paged_through(
    call: Call, emulator: Emulator, customer: User
) -> None:
    for n in range(2000):
        emulator.create_ticket(customer, f"Ticket {n}", "Help")
    seen, path = 0, "/tickets?page[size]=100"
    while True:
        page = call("GET", path).json()
        seen += len(page["tickets"])
        if not page["meta"]["has_more"]:
            break
        path = page["links"]["next"].partition("/api/v2")[2]
    assert seen == 2000
    assert len(emulator.take_deliveries()) == 4000
