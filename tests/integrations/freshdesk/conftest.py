"""An emulated Freshdesk account on a real port, with people and a ticket in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.emulator import Emulator, EmulatorServer
from integrations.freshdesk.emulator.records import Agent, Contact, Ticket
from integrations.freshdesk.source import FreshdeskTickets
from kcs.ports import Credentials

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(start=T0)


@pytest.fixture
def server(emulator: Emulator) -> Iterator[EmulatorServer]:
    with EmulatorServer(emulator) as running:
        yield running


@pytest.fixture
def credentials(emulator: Emulator, server: EmulatorServer) -> Credentials:
    return Credentials(subdomain="acme", username="", token=emulator.key, api_base=server.api_base)


@pytest.fixture
def client(credentials: Credentials) -> FreshdeskClient:
    return FreshdeskClient(credentials)


@pytest.fixture
def agent(emulator: Emulator) -> Agent:
    return emulator.add_agent("Ann Agent", "ann@acme.example")


@pytest.fixture
def customer(emulator: Emulator) -> Contact:
    return emulator.add_contact("Carl Client", "carl@home.example", phone="+1 555 0100", active=True)


@pytest.fixture
def ticket(emulator: Emulator, customer: Contact) -> Ticket:
    return emulator.create_ticket(customer, "No sound", "My speaker is mute.", at=T0)


@pytest.fixture
def told(make_vendor: Callable[..., Any]) -> Callable[..., FreshdeskTickets]:
    """Return a function that makes a source of a server giving these answers, then empty lists."""

    def make(*answers: object) -> FreshdeskTickets:
        vendor = make_vendor(*({"body": json.dumps(each).encode()} for each in (*answers, [])))
        return FreshdeskTickets(
            FreshdeskClient(Credentials("acme", "", "key", api_base=f"{vendor.url}/api/v2"))
        )

    return make
