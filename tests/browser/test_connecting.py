"""Connecting a desk at the keyboard: one key leads to the vendor and back, and everything is checked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.provider import ZendeskProvider
from kcs.database import db
from kcs.people.models import Agent
from kcs.tickets.services import add_connection
from tests.browser.conftest import PersonMaker
from tests.browser.reached import free_address, reached_at
from tests.conftest import AppMaker
from tests.factories import PASSWORD, make_agent
from workflow.permissions import Role

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def zendesk() -> Iterator[tuple[Emulator, EmulatorServer]]:
    emulator = Emulator(shapes=())
    with EmulatorServer(emulator) as server:
        yield emulator, server


@pytest.fixture
def base() -> str:
    """An address that the emulated desk can send people and webhooks back to."""
    return free_address()


@pytest.fixture
def app(make_app: AppMaker, base: str) -> Iterator[Flask]:
    """An app at that address, speaking with the emulated desk."""
    with reached_at(base, make_app({"zendesk": ZendeskProvider()}, BASE_URL=base)) as app:
        yield app


@pytest.fixture
def admin(app: Flask, base: str, zendesk: tuple[Emulator, EmulatorServer]) -> Agent:
    """An administrator, and an account nobody has authorised yet."""
    emulator, server = zendesk
    registered = emulator.oauth.add_client("kcs", None, [f"{base}/admin/connections/oauth/callback"])
    add_connection(
        "acme",
        provider="zendesk",
        subdomain="acme",
        api_base=server.api_base,
        client_id=registered.identifier,
        client_secret=registered.secret,
    )
    return make_agent(email="admin@example.com", password=PASSWORD, roles={Role.ADMIN})


def test_one_key_leads_to_the_desk_and_back_to_a_proven_connection(admin: Agent, person: PersonMaker) -> None:
    somebody = person(admin)
    somebody.open("/admin/connections/acme")
    somebody.sees_badge("Not authorised yet")
    somebody.press_to_leave("o")
    somebody.sees("acme is authorised.")
    somebody.sees("Done just now.")
    somebody.sees("a test delivery came back, signed")
    somebody.sees_badge("Works")
    db.session.rollback()
