"""The client and the account's limits, against the emulated account."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.limits import allowances, allowed, exhausted
from kcs.errors import ConfigError, RemoteError
from kcs.ports import Allowance, Credentials


@dataclass
class Noted:
    """A budget that lets every call pass and notes what it is told."""

    patience: float = 0.5
    taken: list[list[str]] = field(default_factory=list)
    pauses: list[tuple[str, float]] = field(default_factory=list)
    learnt: dict[str, int] = field(default_factory=dict)
    reports: list[str | None] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def take(self, allowances: Sequence[Allowance]) -> None:
        """Note the names."""
        self.taken.append([each.name for each in allowances])

    def pause(self, name: str, seconds: float) -> None:
        """Note the pause."""
        self.pauses.append((name, seconds))

    def learn(self, name: str, calls: int) -> None:
        """Note the number."""
        self.learnt[name] = calls

    def report(self, problem: str | None) -> None:
        """Note it."""
        self.reports.append(problem)

    def warn(self, said: str) -> None:
        """Note it."""
        self.warnings.append(said)


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def client(credentials: Credentials, noted: Noted) -> ZendeskClient:
    return ZendeskClient(replace(credentials, budget=noted))


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        ("GET", "/tickets/5", ["api"]),
        ("GET", "/tickets/5/comments", ["api"]),
        ("PUT", "/tickets/5", ["api", "ticket_updates", "ticket_update:5"]),
        ("PUT", "/tickets/5/tags", ["api", "ticket_updates", "ticket_update:5"]),
        ("DELETE", "/tickets/5/tags", ["api", "ticket_updates", "ticket_update:5"]),
        ("GET", "/incremental/tickets/cursor", ["api", "incremental"]),
        ("GET", "/webhooks", ["api", "webhooks"]),
        ("POST", "/webhooks/test", ["api", "webhooks", "webhook_tests"]),
        ("PUT", "/help_center/articles/5/translations/en-us", ["help_center"]),
        ("GET", "/guide/content_tags", ["help_center"]),
    ],
)
def test_a_call_counts_under_the_account_and_what_is_narrower(
    method: str, path: str, names: list[str]
) -> None:
    assert [each.name for each in allowances(method, path)] == names


@pytest.mark.parametrize(
    ("headers", "number"),
    [
        ({"x-rate-limit": "700", "x-rate-limit-remaining": "12"}, 700),
        ({"ratelimit-limit": "400", "ratelimit-remaining": "1", "ratelimit-reset": "9"}, 400),
        ({"ratelimit-limit": "2500, 2500;w=60"}, 2500),
        ({"rate-limit": "200", "rate-limit-remaining": "3"}, 200),
        ({"x-rate-limit": "many"}, None),
        ({"x-rate-limit": "0"}, None),
        ({"x-rate-limit": "99999999999"}, None),
        ({"zendesk-ratelimit-tickets-index": "total=100; remaining=95; resets=17"}, None),
        ({}, None),
    ],
)
def test_the_plan_is_learnt_from_every_recorded_variety_of_headers(
    headers: dict[str, str], number: int | None
) -> None:
    assert allowed(headers) == number


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"x-rate-limit-remaining": "0"}, "api"),
        ({"ratelimit-remaining": "0"}, "api"),
        ({"x-rate-limit-remaining": "55"}, "ticket_update:5"),
        ({}, "ticket_update:5"),
    ],
)
def test_a_refusal_pauses_what_is_used_up(headers: dict[str, str], name: str) -> None:
    assert exhausted(headers, allowances("PUT", "/tickets/5")) == name


@pytest.mark.parametrize("method", ["get", "put"])
def test_a_429_is_obeyed_and_the_call_made_again_since_it_had_no_effect(
    client: ZendeskClient, emulator: Emulator, noted: Noted, method: str
) -> None:
    customer = emulator.add_user("Maria", "maria@example.com", "end-user")
    ticket = emulator.create_ticket(customer, "Subject", "…")
    emulator.faults.add("/tickets/", status=429, retry_after="0.2")
    begun = time.monotonic()
    if method == "get":
        client.get(f"/tickets/{ticket.id}")
    else:
        client.put(f"/tickets/{ticket.id}", {"ticket": {"comment": {"body": "Hello", "public": False}}})
        assert len(ticket.comments) == 2
    assert time.monotonic() - begun >= 0.2
    assert len(noted.taken) == 2
    assert noted.pauses == [("api" if method == "get" else f"ticket_update:{ticket.id}", 0.2)]
    assert noted.reports == [None, None]


@pytest.mark.parametrize(("retry_after", "expected"), [("30", 30.0), (None, None)])
def test_a_429_for_longer_than_we_wait_is_an_error_that_says_for_how_long(
    client: ZendeskClient, emulator: Emulator, noted: Noted, retry_after: str | None, expected: float | None
) -> None:
    emulator.faults.add("/users/me", status=429, retry_after=retry_after)
    with pytest.raises(RemoteError) as caught:
        client.whoami()
    assert (caught.value.permanent, caught.value.retry_after) == (False, expected)
    assert noted.pauses == [("api", expected or 5.0)]


def test_a_vendor_that_only_ever_says_429_is_not_asked_for_ever(
    client: ZendeskClient, emulator: Emulator, noted: Noted
) -> None:
    emulator.faults.add("/users/me", times=20, status=429, retry_after="0")
    with pytest.raises(RemoteError):
        client.whoami()
    assert len(noted.taken) == 3


def test_a_503_that_names_a_short_time_is_waited_for_when_reading(
    client: ZendeskClient, emulator: Emulator
) -> None:
    emulator.faults.add("/users/me", status=503, retry_after="0.1")
    assert "Desk Admin" in client.whoami()


@pytest.mark.parametrize("variety", ["x-rate-limit", "ratelimit", "rate-limit"])
def test_the_budget_learns_the_plan(
    client: ZendeskClient, emulator: Emulator, noted: Noted, variety: str
) -> None:
    emulator.limits.headers = variety
    emulator.limits.on("growth")
    client.whoami()
    client.get("/help_center/categories")
    assert noted.learnt == {"api": 400, "help_center": 400}


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        ({"status": 500}, True),
        ({"drop": True}, True),
        ({"status": 504, "body": "html"}, True),
        ({"status": 404}, False),
        ({"status": 422, "body": "empty"}, False),
    ],
)
def test_the_breaker_hears_of_a_vendor_that_is_away_and_of_nothing_else(
    client: ZendeskClient, emulator: Emulator, noted: Noted, fault: dict[str, Any], failed: bool
) -> None:
    emulator.faults.add("/users/me", times=9, **fault)
    with pytest.raises(RemoteError):
        client.whoami()
    assert noted.reports
    assert all(bool(report) is failed for report in noted.reports)


def test_keys_that_were_dropped_are_logged_and_kept_without_ids(
    client: ZendeskClient, emulator: Emulator, noted: Noted, caplog: pytest.LogCaptureFixture
) -> None:
    customer = emulator.add_user("Maria", "maria@example.com", "end-user")
    ticket = emulator.create_ticket(customer, "Subject", "…")
    with caplog.at_level(logging.WARNING):
        client.put(f"/tickets/{ticket.id}", {"ticket": {"no_such_key": "a value"}})
    assert len(noted.warnings) == 1
    assert noted.warnings[0].startswith("Zendesk, PUT /api/v2/tickets/…: ")
    assert "no_such_key" in noted.warnings[0]
    assert "no_such_key" in caplog.text
    assert "a value" not in caplog.text


# ---- tokens that end ---------------------------------------------------------------------------------------


@dataclass
class Renewal:
    """Renews against the emulated account and notes what was given up."""

    emulator: Emulator
    given_up: list[str] = field(default_factory=list)

    def __call__(self, old: str) -> str:
        """Return the next token."""
        self.given_up.append(old)
        return self.emulator.oauth.issue().access_token


@pytest.mark.parametrize("write", [False, True])
def test_a_token_that_ended_is_renewed_and_the_call_made_again_once(
    emulator: Emulator, server: EmulatorServer, write: bool
) -> None:
    old, renewal = emulator.oauth.issue(), Renewal(emulator)
    emulator.oauth.expire(old.access_token)
    client = ZendeskClient(Credentials("acme", "", old.access_token, server.api_base, renew=renewal))
    if write:
        customer = emulator.add_user("Maria", "maria@example.com", "end-user")
        ticket = emulator.create_ticket(customer, "Subject", "…")
        client.put(f"/tickets/{ticket.id}", {"ticket": {"comment": {"body": "Hello", "public": False}}})
        assert len(ticket.comments) == 2
    else:
        assert "Desk Admin" in client.whoami()
    assert renewal.given_up == [old.access_token]


def test_a_token_about_to_end_is_renewed_before_it_is_refused(
    emulator: Emulator, server: EmulatorServer
) -> None:
    old, renewal = emulator.oauth.issue(), Renewal(emulator)
    for ends_in, renewed in ((300, 0), (30, 1)):
        expires_at = datetime.now(UTC) + timedelta(seconds=ends_in)
        client = ZendeskClient(
            Credentials("acme", "", old.access_token, server.api_base, renew=renewal, expires_at=expires_at)
        )
        client.whoami()
        client.whoami()
        assert len(renewal.given_up) == renewed


def test_a_token_refused_although_it_is_new_is_an_error(emulator: Emulator, server: EmulatorServer) -> None:
    client = ZendeskClient(Credentials("acme", "", "refused-1", server.api_base, renew=lambda _: "refused-2"))
    with pytest.raises(RemoteError, match="Authorise this connection again") as caught:
        client.whoami()
    assert "refused" not in caught.value.message.removeprefix("Zendesk refused")


def test_without_a_token_nothing_is_sent() -> None:
    with pytest.raises(ConfigError, match="has to authorise it first"):
        ZendeskClient(Credentials("acme", "", ""))
