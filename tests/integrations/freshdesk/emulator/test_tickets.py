"""The emulated account's REST API behaves as documented: tickets, conversations, people, refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.records import CLOSED, OPEN, RESOLVED, Agent, Contact, Ticket
from tests.integrations.freshdesk.emulator.conftest import Call

LONG_AGO = "updated_since=2020-01-01T00:00:00Z"


def _ids(call: Call, query: str) -> list[int]:
    return [row["id"] for row in call("GET", f"/tickets?{query}").json()]


@pytest.mark.parametrize(
    ("happens", "one", "archived", "listed", "deleted", "spam", "change"),
    [
        ((), 200, 404, True, False, False, 200),
        (("delete",), 200, 404, False, True, False, 405),
        (("spam",), 200, 404, False, False, True, 405),
        (("archive",), 404, 200, False, False, False, 404),
        (("delete_forever",), 404, 404, False, False, False, 404),
        (("delete", "restore"), 200, 404, True, False, False, 200),
        (("spam", "unspam"), 200, 404, True, False, False, 200),
    ],
)
def test_where_a_ticket_is_to_be_found(
    desk: Emulator,
    ana: Agent,
    ticket: Ticket,
    call: Call,
    happens: tuple[str, ...],
    one: int,
    archived: int,
    listed: bool,
    deleted: bool,
    spam: bool,
    change: int,
) -> None:
    for act in happens:
        getattr(desk, act)(ticket, *(() if act == "archive" else (ana,)))
    assert call("GET", "/tickets/1").status_code == one
    assert call("GET", "/tickets/archived/1?include=stats").status_code == archived
    lists = [_ids(call, f"{LONG_AGO}{more}") for more in ("", "&filter=deleted", "&filter=spam")]
    assert [1 in found for found in lists] == [listed, deleted, spam]
    assert call("PUT", "/tickets/1", json={"tags": ["x"]}).status_code == change
    assert call("POST", "/tickets/1/notes", json={"body": "x"}).status_code == (
        201 if change == 200 else change
    )


def test_lists_hold_what_was_created_lately_or_changed_since_in_the_order_asked_for(
    desk: Emulator, carl: Contact, ana: Agent, call: Call
) -> None:
    old, middle, new = (desk.create_ticket(carl, f"S{n}", "T") for n in range(3))
    old.created_at = middle.created_at = desk.clock() - timedelta(days=31)
    desk.advance(timedelta(minutes=5))
    desk.tag(old, ana, "late")
    since = f"updated_since={(desk.clock() - timedelta(minutes=1)):%Y-%m-%dT%H:%M:%SZ}"
    assert _ids(call, "") == [new.id]
    assert _ids(call, since) == [old.id]
    assert _ids(call, f"{LONG_AGO}&order_by=updated_at&order_type=asc")[-1] == old.id
    first = call("GET", f"/tickets?{LONG_AGO}&per_page=2&order_by=created_at")
    following = first.headers["link"]
    assert following.startswith("< http")
    assert following.endswith('>; rel="next"')
    last = call("GET", following.strip("<").partition(">")[0].strip())
    assert (len(first.json()), len(last.json()), "link" in last.headers) == (2, 1, False)
    assert "description" not in first.json()[0]


@pytest.mark.parametrize(
    ("method", "path", "sent", "field", "code"),
    [
        ("GET", "/tickets?per_page=101", None, "per_page", "invalid_value"),
        ("GET", "/tickets?page=301", None, "page", "invalid_value"),
        ("GET", "/tickets?order=asc", None, "order", "invalid_field"),
        ("GET", "/tickets?include=tags", None, "include", "invalid_value"),
        ("GET", "/tickets?updated_since=yesterday", None, "updated_since", "invalid_date"),
        ("PUT", "/tickets/1", {"custom_fields": {"cf_unknown": 1}}, "cf_unknown", "invalid_field"),
        ("PUT", "/tickets/1", {"assignee": 1}, "assignee", "invalid_field"),
        ("PUT", "/tickets/1", {"status": 9}, "status", "invalid_value"),
        ("PUT", "/tickets/1", {"responder_id": 9}, "responder_id", "invalid_value"),
        ("PUT", "/tickets/1", {"tags": "one"}, "tags", "datatype_mismatch"),
        ("PUT", "/tickets/1", {"status": RESOLVED}, "cf_cause", "missing_field"),
        ("POST", "/tickets/1/notes", {"private": True}, "body", "missing_field"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_field_by_field(
    desk: Emulator, ticket: Ticket, call: Call, method: str, path: str, sent: Any, field: str, code: str
) -> None:
    desk.add_field("cf_cause", required_for_closure=True)
    answer = call(method, path, json=sent)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"], bool(error["message"])) == (field, code, True)


def test_tags_sent_replace_what_was_there_and_custom_fields_are_added_to(
    desk: Emulator, ticket: Ticket, call: Call
) -> None:
    desk.add_field("cf_kcs")
    desk.tag(ticket, None, "old", "kept")
    changed = call("PUT", "/tickets/1", json={"tags": ["kept", "new"], "custom_fields": {"cf_kcs": "linked"}})
    assert (changed.json()["tags"], changed.json()["custom_fields"]) == (
        ["kept", "new"],
        {"cf_kcs": "linked"},
    )


def test_notes_are_private_unless_told_and_replies_never(
    desk: Emulator, ana: Agent, carl: Contact, ticket: Ticket, call: Call
) -> None:
    sent = [("notes", {}), ("notes", {"private": False}), ("reply", {})]
    made = [
        call("POST", f"/tickets/1/{kind}", key=ana.key, json={"body": "<b>x</b>", **more}).json()
        for kind, more in sent
    ]
    desk.reply(ticket, carl, "Thanks")
    said = call("GET", "/tickets/1/conversations").json()
    assert [one["private"] for one in made] == [True, False, False]
    assert {one["user_id"] for one in made} == {ana.id}
    assert [(one["body_text"], one["incoming"]) for one in said[-2:]] == [("x", False), ("Thanks", True)]
    shown = call("GET", "/tickets/1?include=conversations,requester").json()
    assert len(shown["conversations"]) == len(said)
    assert shown["requester"]["email"] == carl.email
    assert shown["description_text"] == "My speaker is mute."


def test_stats_tell_when_it_was_last_solved_closed_and_reopened(
    desk: Emulator, ana: Agent, carl: Contact, ticket: Ticket, call: Call
) -> None:
    def stats() -> tuple[bool, ...]:
        told = call("GET", "/tickets/1?include=stats").json()["stats"]
        return tuple(told[name] is not None for name in ("resolved_at", "closed_at", "reopened_at"))

    seen = [stats()]
    desk.set_status(ticket, ana, RESOLVED)
    seen.append(stats())
    desk.reply(ticket, carl, "Still mute.")
    assert ticket.status == OPEN
    seen.append(stats())
    desk.set_status(ticket, None, CLOSED)
    seen.append(stats())
    assert seen == [(False,) * 3, (True, False, False), (False, False, True), (True, True, True)]
    moves = [(act.actor_id, *act.changes["status"]) for act in ticket.acts if "status" in act.changes]
    assert moves == [(ana.id, 2, 4), (carl.id, 4, 2), (None, 2, 5)]


def test_keys_are_agents_with_their_rights(desk: Emulator, ana: Agent, ticket: Ticket, call: Call) -> None:
    ben = desk.add_agent("Ben", "ben@acme.example", ticket_scope=3)
    cid = desk.add_agent("Cid", "cid@acme.example", denied=[r"/solutions/"])
    gone = desk.add_agent("Gus", "gus@acme.example")
    desk.leave(gone)
    assert call("GET", "/agents/me", key=ana.key).json()["contact"]["email"] == ana.email
    expected = [
        ("", "/agents/me", 401),
        (gone.key, "/agents/me", 401),
        (ana.key, "/agents", 403),
        (desk.key, "/agents", 200),
        (ben.key, "/tickets/1", 403),
        (ana.key, "/tickets/1", 200),
        (cid.key, "/solutions/categories", 403),
        (desk.key, "/no/such/thing", 404),
    ]
    assert [(key, path, call("GET", path, key=key).status_code) for key, path, _ in expected] == expected
    assert call("GET", "/agents/me", key="").json()["code"] == "invalid_credentials"
    assert call("GET", "/tickets", key=ben.key).json() == []
    listed = {agent["contact"]["email"] for agent in call("GET", "/agents").json()}
    assert (ana.email in listed, gone.email in listed) == (True, False)


def test_statuses_are_in_the_fields_with_what_customers_see(desk: Emulator, call: Call) -> None:
    number = desk.add_status("Waiting on Customer", "Awaiting your Reply")
    fields = {one["name"]: one for one in call("GET", "/ticket_fields").json()}
    assert fields["status"]["choices"][str(number)] == ["Waiting on Customer", "Awaiting your Reply"]
    assert (number, fields["status"]["choices"]["4"][0]) == (6, "Resolved")


def test_a_merge_closes_one_and_notes_it_in_both(
    desk: Emulator, ana: Agent, carl: Contact, ticket: Ticket, call: Call
) -> None:
    winner = desk.create_ticket(carl, "The same", "Again.")
    desk.merge(ticket, winner, ana)
    assert call("GET", "/tickets/1").json()["status"] == CLOSED
    said = [call("GET", f"/tickets/{n}/conversations").json()[-1] for n in (1, winner.id)]
    assert [one["private"] for one in said] == [True, True]
    assert (str(winner.id) in said[0]["body_text"], "1" in said[1]["body_text"]) == (True, True)


@pytest.mark.parametrize(
    ("fault", "status", "done"),
    [
        ({"status": 503, "retry_after": "7"}, 503, False),
        ({"status": 502, "after_effect": True}, 502, True),
        ({"status": 502, "body": "html"}, 502, False),
    ],
)
def test_a_call_is_spoilt_on_demand_before_or_after_its_work(
    desk: Emulator, ticket: Ticket, call: Call, fault: dict[str, Any], status: int, done: bool
) -> None:
    desk.faults.add("/tickets/1$", method="PUT", **fault)
    answer = call("PUT", "/tickets/1", json={"tags": ["x"]})
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, fault.get("retry_after"))
    assert (ticket.tags == ["x"]) is done
    assert call("PUT", "/tickets/1", json={"tags": ["y"]}).status_code == 200
    assert desk.calls.total("/tickets/1$", method="PUT") == 2
