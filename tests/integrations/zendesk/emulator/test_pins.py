"""The emulated account pins articles to tickets, where it has pins."""

from __future__ import annotations

import pytest

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.records import Ticket, User
from tests.integrations.zendesk.conftest import Call

PIN = {"ticket_id": "1", "content_id": "360001", "content_type": "article", "locale": "en-us"}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 201),
        ({"ticket_id": 1}, 400),
        ({"content_id": None}, 400),
        ({"locale": None}, 422),
        ({"ticket_id": "99"}, 404),
    ],
)
def test_a_pin_is_checked(call: Call, ticket: Ticket, more: dict[str, object], status: int) -> None:
    assert (
        call("POST", "/ticket_content_pins", json={"ticket_content_pin": {**PIN, **more}}).status_code
        == status
    )


@pytest.mark.parametrize(
    ("double", "error"), [(422, "ContentAlreadyPinned"), (409, "ContentPinCreationConflict")]
)
def test_pins_belong_to_a_ticket_once(
    call: Call, emulator: Emulator, ticket: Ticket, agent: User, double: int, error: str
) -> None:
    emulator.pins.double, emulator.pins.wrapped = double, double == 422
    made = call("POST", "/ticket_content_pins", as_=agent, json={"ticket_content_pin": PIN}).json()
    pin = made["ticket_content_pin"] if double == 422 else made
    again = call("POST", "/ticket_content_pins", json={"ticket_content_pin": PIN})
    assert (again.status_code, again.json()["error"]) == (double, error)
    listed = call("GET", f"/ticket_content_pins?ticket_id={ticket.id}").json()
    assert (listed["count"], listed["ticket_content_pins"]) == (1, [pin])
    assert call("GET", "/ticket_content_pins?ticket_id=2").json()["count"] == 0
    path = f"/ticket_content_pins/{pin['id']}"
    assert [call("DELETE", path).status_code for _ in range(2)] == [200, 404]


def test_an_account_may_have_no_pins(call: Call, emulator: Emulator, ticket: Ticket) -> None:
    emulator.account_has.content_pins = False
    assert call("POST", "/ticket_content_pins", json={"ticket_content_pin": PIN}).status_code == 404
