"""Calls to the emulated account, and people and a ticket in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.emulator.guide import Section
from integrations.zendesk.emulator.records import Ticket, User
from integrations.zendesk.provider import ZendeskProvider
from kcs.ports import Credentials, Document, HelpCentre
from tests.processes import PATIENCE

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

MARKER = "kcs-7f3a91"
DOCUMENT = Document(MARKER, "No sound", "<p>Turn it on.</p>", "en-us", ("audio",))

Call = Callable[..., requests.Response]


@pytest.fixture
def agent(emulator: Emulator) -> User:
    return emulator.add_user("Ann Agent", "ann@acme.example", "agent")


@pytest.fixture
def customer(emulator: Emulator) -> User:
    return emulator.add_user("Carl Client", "carl@home.example", "end-user")


@pytest.fixture
def ticket(emulator: Emulator, customer: User) -> Ticket:
    return emulator.create_ticket(customer, "No sound", "My speaker is mute.", at=T0)


@pytest.fixture
def call(emulator: Emulator, server: EmulatorServer) -> Call:
    """Return a function that calls the API: with the bearer token, another `token`, or `as_` somebody.

    A path that begins with the site's address is taken whole.
    """

    def send(
        method: str, path: str, *, token: str | None = None, as_: User | None = None, **more: Any
    ) -> requests.Response:
        url = path if path.startswith("http") else server.api_base + path
        signed: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token or emulator.token}"}}
        if as_ is not None:
            signed = {"headers": {}, "auth": (f"{as_.email}/token", emulator.token)}
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, url, timeout=PATIENCE, allow_redirects=False, **{**signed, **more})

    return send


@pytest.fixture
def section(emulator: Emulator) -> Section:
    return emulator.add_section("Speakers")


@pytest.fixture
def help_centre(credentials: Credentials, section: Section) -> HelpCentre:
    settings = {"section_id": str(section.id), "permission_group_id": "77", "user_segment_id": ""}
    return ZendeskProvider().help_centre(credentials, settings)
