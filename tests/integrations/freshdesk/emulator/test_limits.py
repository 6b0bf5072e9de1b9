"""The emulated account counts calls and refuses what is too much; webhooks spend the same budget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.records import Agent, Ticket
from tests.integrations.freshdesk.emulator.conftest import Call


@pytest.mark.parametrize(
    ("method", "path", "sent", "cost"),
    [
        ("GET", "/tickets/1", None, 1),
        ("GET", "/tickets/1?include=stats,requester", None, 3),
        ("GET", "/tickets?include=stats", None, 3),
        ("GET", "/agents", None, 1),
        ("PUT", "/tickets/1", {"priority": 9, "x": 1}, 1),
    ],
)
def test_every_answer_tells_what_it_cost_and_what_is_left(
    desk: Emulator, ticket: Ticket, call: Call, method: str, path: str, sent: Any, cost: int
) -> None:
    desk.limits.on("growth")
    told = call(method, path, json=sent).headers
    names = ("X-RateLimit-Total", "X-RateLimit-Remaining", "X-RateLimit-Used-CurrentRequest")
    assert [int(told[name]) for name in names] == [200, 200 - cost, cost]


@pytest.mark.parametrize(
    ("limits", "method", "path"),
    [
        ({"account": 3}, "GET", "/agents/me"),
        ({"list": 3}, "GET", "/tickets"),
        ({"update": 3}, "PUT", "/tickets/1"),
        ({"create": 3}, "POST", "/tickets"),
        ({"contacts": 3}, "GET", "/contacts"),
    ],
)
def test_what_is_too_much_in_a_minute_is_refused_until_it_is_over(
    desk: Emulator, ticket: Ticket, call: Call, limits: dict[str, int], method: str, path: str
) -> None:
    desk.limits.on("growth", **limits)
    answers = [call(method, path, json={}) for _ in range(4)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, False, True]
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert len(desk.limits.ours) == len(desk.limits.windows.refusals) == 1
    desk.advance(timedelta(minutes=1))
    assert call(method, path, json={}).status_code != 429


def test_webhooks_fill_the_minute_too_and_what_they_cause_is_not_ours(
    desk: Emulator, ana: Agent, ticket: Ticket, call: Call
) -> None:
    desk.limits.on(account=3)
    desk.add_rules("http://127.0.0.1:9/", "s")
    desk.set_status(ticket, ana, 4)
    desk.set_status(ticket, ana, 2)
    assert call("GET", "/agents/me").headers["X-RateLimit-Remaining"] == "2"
    desk.deliver()
    assert call("GET", "/agents/me").status_code == 429
    assert (len(desk.limits.windows.refusals), desk.limits.ours) == (1, [])


def test_a_limit_nobody_knows_is_refused(desk: Emulator) -> None:
    with pytest.raises(ValueError, match="articles"):
        desk.limits.on(articles=5)
