"""The emulated account lists its changes and its people as the real one does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.records import Ticket, User
from tests.integrations.zendesk.conftest import T0, Call

START = int(T0.timestamp())
TICKETS = "/incremental/tickets/cursor"


def _pages(call: Call, path: str, key: str) -> Iterator[dict[str, Any]]:
    """Yield pages until the end of the stream."""
    while True:
        page = call("GET", path).json()
        yield page
        if page["end_of_stream"]:
            return
        assert page[key], "a page before the end has rows"
        path = page["after_url"]


def test_everything_changed_comes_once_with_what_was_deleted(
    call: Call, emulator: Emulator, customer: User
) -> None:
    tickets = [emulator.create_ticket(customer, f"T{n}", "B", at=T0) for n in range(25)]
    emulator.delete_ticket(tickets[3], at=T0)
    emulator.archive(tickets[4], at=T0)
    emulator.delete_ticket(tickets[5], at=T0)
    emulator.delete_forever(tickets[5], at=T0)
    pages = list(_pages(call, f"{TICKETS}?start_time={START}&per_page=10", "tickets"))
    rows = [row for page in pages for row in page["tickets"]]
    assert [len(page["tickets"]) for page in pages] == [10, 10, 5]
    assert sorted(row["id"] for row in rows) == [ticket.id for ticket in tickets]
    states = {row["id"]: row["status"] for row in rows}
    assert [states[ticket.id] for ticket in tickets[2:6]] == ["new", "deleted", "closed", "deleted"]
    assert [row["generated_timestamp"] for row in rows] == [START] * 25


def test_a_row_changed_meanwhile_comes_again_and_a_cursor_can_be_read_again(
    call: Call, emulator: Emulator, customer: User, agent: User
) -> None:
    first, *_ = [emulator.create_ticket(customer, f"T{n}", "B", at=T0) for n in range(3)]
    page = call("GET", f"{TICKETS}?start_time={START}&per_page=2").json()
    emulator.set_status(first, agent, "solved", at=T0)
    for _ in range(2):
        rest = call("GET", f"{TICKETS}?cursor={page['after_cursor']}").json()
        assert [row["id"] for row in rest["tickets"]] == [3, first.id]
    quiet = call("GET", rest["after_url"]).json()
    assert (quiet["tickets"], quiet["end_of_stream"]) == ([], True)
    emulator.touch(first)
    touched = call("GET", quiet["after_url"]).json()["tickets"][0]
    assert touched["updated_at"] == "2026-03-01T09:00:00Z"
    assert touched["generated_timestamp"] > START


def test_who_begins_later_sees_later_changes_only(call: Call, emulator: Emulator, customer: User) -> None:
    for hours in range(3):
        emulator.create_ticket(customer, f"T{hours}", "B", at=T0 + timedelta(hours=hours))
    page = call("GET", f"{TICKETS}?start_time={START + 3600}").json()
    assert [row["subject"] for row in page["tickets"]] == ["T1", "T2"]


def test_the_export_may_stay_a_minute_behind(call: Call, emulator: Emulator, customer: User) -> None:
    emulator.desk.export_lag = timedelta(minutes=1)
    old = emulator.create_ticket(customer, "Old", "B", at=T0)
    young = emulator.create_ticket(customer, "Young", "B")
    page = call("GET", f"{TICKETS}?start_time={START}").json()
    assert [row["id"] for row in page["tickets"]] == [old.id]
    emulator.desk.export_lag = timedelta()
    assert [row["id"] for row in call("GET", page["after_url"]).json()["tickets"]] == [young.id]


def test_people_and_groups_come_along_when_asked(
    call: Call, emulator: Emulator, ticket: Ticket, agent: User, customer: User
) -> None:
    group = emulator.add_group("Sound", [agent])
    emulator.assign(ticket, agent, agent)
    emulator.assign_group(ticket, agent, group)
    page = call("GET", f"{TICKETS}?start_time=0&include=users,groups").json()
    assert {user["id"] for user in page["users"]} == {agent.id, customer.id}
    assert [one["name"] for one in page["groups"]] == ["Sound"]
    assert "users" not in call("GET", f"{TICKETS}?start_time=0").json()
    assert "include=users%2Cgroups" in page["after_url"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("start_time=soon", 400), ("", 400), ("cursor=!", 400), ("start_time=9999999999", 422)],
)
def test_a_wrong_beginning_is_refused(call: Call, query: str, status: int) -> None:
    assert call("GET", f"{TICKETS}?{query}").status_code == status


def test_people_are_exported_anew_when_they_change_or_leave(
    call: Call, emulator: Emulator, agent: User
) -> None:
    pages = list(_pages(call, "/incremental/users/cursor?start_time=0&per_page=1", "users"))
    assert [page["users"][0]["name"] for page in pages] == ["Desk Admin", "Ann Agent"]
    emulator.deactivate(agent)
    (left,) = call("GET", pages[-1]["after_url"]).json()["users"]
    assert (left["id"], left["active"], left["role"]) == (agent.id, False, "end-user")


def test_staff_are_listed_by_role_until_they_leave(
    call: Call, emulator: Emulator, agent: User, customer: User
) -> None:
    path = "/users?role[]=agent&role[]=admin&page[size]=1"
    names = []
    while True:
        page = call("GET", path).json()
        names += [user["name"] for user in page["users"]]
        if not page["meta"]["has_more"]:
            break
        path = page["links"]["next"]
    assert names == ["Desk Admin", "Ann Agent"]
    assert call("GET", "/users?role=end-user").json()["count"] == 1
    assert call("DELETE", f"/users/{agent.id}").json()["user"]["active"] is False
    assert call("GET", "/users?role=agent").json()["count"] == 0
    assert call("GET", f"/users/{agent.id}").json()["user"]["active"] is False
    change = {"user": {"suspended": True, "email": "new@home.example"}}
    reply = call("PUT", f"/users/{customer.id}", json=change)
    assert (reply.json()["user"]["suspended"], customer.email) == (True, "carl@home.example")
    assert "user.email" in reply.headers["x-zendesk-api-warn"]


def test_who_leaves_is_in_no_group_and_has_no_unsolved_ticket(
    call: Call, emulator: Emulator, agent: User, customer: User
) -> None:
    group = emulator.add_group("Sound", [agent, emulator.admin])
    members = call("GET", "/group_memberships").json()["group_memberships"]
    assert [(one["user_id"], one["group_id"], one["default"]) for one in members] == [
        (agent.id, group.id, True),
        (emulator.admin.id, group.id, True),
    ]
    open_one, solved_one = [emulator.create_ticket(customer, f"T{n}", "B") for n in range(2)]
    for ticket in (open_one, solved_one):
        emulator.assign(ticket, agent, agent)
    emulator.set_status(solved_one, agent, "solved")
    emulator.deactivate(agent)
    assert (open_one.assignee_id, solved_one.assignee_id) == (None, agent.id)
    assert open_one.audits[-1].author_id == -1
    assert call("GET", f"/groups/{group.id}/memberships").json()["count"] == 1
    assert call("GET", f"/users/{agent.id}/group_memberships").json()["count"] == 0
    assert call("GET", "/groups").json()["groups"][0]["name"] == "Sound"
