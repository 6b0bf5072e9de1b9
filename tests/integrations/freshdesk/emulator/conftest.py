"""An emulated Freshdesk account on a real port, and people and a ticket in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from integrations.freshdesk.emulator import Emulator, EmulatorServer
from integrations.freshdesk.emulator.records import Agent, Contact, Ticket
from tests.processes import PATIENCE

Call = Callable[..., requests.Response]


@pytest.fixture
def desk() -> Emulator:
    return Emulator(start=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def running(desk: Emulator) -> Iterator[EmulatorServer]:
    with EmulatorServer(desk) as server:
        yield server


@pytest.fixture
def ana(desk: Emulator) -> Agent:
    return desk.add_agent("Ana", "ana@acme.example")


@pytest.fixture
def carl(desk: Emulator) -> Contact:
    return desk.add_contact("Carl", "carl@home.example")


@pytest.fixture
def ticket(desk: Emulator, ana: Agent, carl: Contact) -> Ticket:
    made = desk.create_ticket(carl, "No sound", "My speaker is mute.")
    desk.assign(made, ana, ana)
    return made


@pytest.fixture
def call(desk: Emulator, running: EmulatorServer) -> Call:
    """Return a function that calls the API with the administrator's key, or another."""

    def send(method: str, path: str, *, key: str | None = None, **more: Any) -> requests.Response:
        url = path if path.startswith("http") else running.api_base + path
        with requests.Session() as session:
            session.trust_env = False
            signed = (desk.key if key is None else key, "X")
            return session.request(method, url, auth=signed, timeout=PATIENCE, **more)

    return send
