"""Connecting a desk that signs nothing, at the keyboard: from nothing to every check green."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import expect

from integrations.freshdesk.emulator import KEY, Emulator, EmulatorServer
from integrations.freshdesk.provider import FreshdeskProvider
from integrations.zendesk.provider import ZendeskProvider
from kcs.database import db
from kcs.people.models import Agent
from tests.browser.conftest import PersonMaker
from tests.browser.person import Person
from tests.browser.reached import free_address, reached_at
from tests.browser.test_everywhere import AXE
from tests.conftest import AppMaker
from tests.factories import PASSWORD, make_agent
from workflow.permissions import Role

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def freshdesk() -> Iterator[tuple[Emulator, EmulatorServer]]:
    emulator = Emulator()
    with EmulatorServer(emulator) as server:
        yield emulator, server


@pytest.fixture
def base() -> str:
    """An address that the emulated desk's rules can send to."""
    return free_address()


@pytest.fixture
def app(make_app: AppMaker, base: str) -> Iterator[Flask]:
    """An app at that address, for either desk."""
    with reached_at(
        base, make_app({"zendesk": ZendeskProvider(), "freshdesk": FreshdeskProvider()}, BASE_URL=base)
    ) as app:
        yield app


@pytest.fixture
def admin(app: Flask) -> Agent:
    return make_agent(email="admin@example.com", password=PASSWORD, roles={Role.ADMIN})


def test_from_nothing_to_every_check_green_at_the_keyboard(
    admin: Agent, base: str, person: PersonMaker, freshdesk: tuple[Emulator, EmulatorServer]
) -> None:
    desk, server = freshdesk
    somebody = person(admin)
    somebody.page.add_init_script(AXE)
    somebody.open("/admin/connections/")
    somebody.tab_to("Connect a desk")
    somebody.press_to_leave("Enter")
    somebody.press_to_leave("2")
    somebody.tab_to("Subdomain")
    somebody.write("https://acme.freshdesk.com/a/dashboard/default")
    somebody.press("Tab")
    somebody.write("acme")
    somebody.tab_to("A stand-in on this machine")
    somebody.press("Enter", "Tab")
    somebody.write(server.api_base)
    assert flaws(somebody) == []
    somebody.tab_to("API key")
    somebody.write(KEY)
    somebody.press_to_leave("Enter")

    somebody.sees("acme is connected: signed in as")
    somebody.sees("Waiting for the first delivery")
    somebody.sees("Done just now.")
    somebody.sees_badge("Needs you")
    assert flaws(somebody) == []
    secret = somebody.page.locator("#secret").input_value()
    desk.add_rules(f"{base}/webhooks/acme", secret)
    desk.create_ticket(desk.add_contact("Carla", "carla@example.org"), "No export", "The button is grey.")
    desk.deliver()
    somebody.hears("A delivery came.")
    somebody.sees("It works:")
    somebody.sees_badge("Works")
    assert flaws(somebody) == []
    somebody.open("/admin/connections/acme")
    expect(somebody.page.locator("#secret")).to_have_count(0)
    db.session.rollback()


def flaws(somebody: Person) -> list[object]:
    """Return what axe finds, and what is wider than a phone."""
    page, found = somebody.page, list[object](somebody.problems)
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        found += page.evaluate("axe.run(document, {preload: false})")["violations"]
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{wider} px too wide at {width}"] if wider > 0 else []
    page.set_viewport_size({"width": 1280, "height": 800})
    somebody.problems.clear()  # axe tries inline styles, which the policy refuses
    return found
