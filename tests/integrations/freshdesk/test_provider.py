"""Freshdesk as the application sees it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.records import Agent, Ticket
from integrations.freshdesk.provider import FreshdeskProvider
from kcs.errors import ConfigError, NotSignedIn
from kcs.ports import Credentials, SignsIn

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def provider() -> FreshdeskProvider:
    return FreshdeskProvider()


@pytest.mark.parametrize("part", ["ticket_source", "staff", "writer", "webhooks", "app", "lacking"])
def test_every_part_is_of_a_checked_account(provider: FreshdeskProvider, part: str) -> None:
    with pytest.raises(ConfigError):
        getattr(provider, part)(Credentials("acme.evil.example/", "", "key"))


def test_one_signs_in_with_a_key_and_by_nothing_else(provider: FreshdeskProvider) -> None:
    assert (provider.set_up.signs_in, provider.set_up.secret_is_ours) == (SignsIn.KEY, True)
    with pytest.raises(ConfigError, match="API key"):
        provider.authorisation("acme", None, client_id="x", client_secret="y")
    with pytest.raises(NotSignedIn):
        provider.read_visit("token", public_key="", audience="", now=NOW)


def test_all_readers_of_an_account_share_whom_they_asked_for(
    provider: FreshdeskProvider, credentials: Credentials, emulator: Emulator, ticket: Ticket, agent: Agent
) -> None:
    emulator.assign(ticket, agent, agent)
    for _ in range(3):
        provider.ticket_source(credentials).read_ticket("1")
    assert emulator.calls.total("/agents/") == 1
