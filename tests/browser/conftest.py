"""A live server with CSRF on, on SQLite, and people who use it in Chromium by keyboard alone.

Chromium is the one KCS_TEST_CHROMIUM names, or `chromium` on the path. Without one the tests skip and say so;
with CI set that is a failure instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect, sync_playwright

from kcs.database import db
from kcs.demo.serving import listening
from kcs.people.models import Agent
from tests.browser.person import Person
from tests.conftest import AppMaker, empty_sqlite
from tests.fakes import FakeDesk

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = (1280, 800)
PATIENCE_MS = 60_000
PersonMaker = Callable[..., Person]


def program() -> str:
    """Return the program of Chromium, or skip the test and say what is missing."""
    found = os.environ.get("KCS_TEST_CHROMIUM") or shutil.which("chromium")
    if found is not None:
        return found
    message = "Chromium is not there: install it, or set KCS_TEST_CHROMIUM to its program"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    chromium_path = program()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def database_url(sqlite_template: Path, shared_folder: Path) -> str:
    """SQLite is enough: what the database does is tested on both elsewhere."""
    return empty_sqlite(sqlite_template, shared_folder)


@pytest.fixture
def desk() -> FakeDesk:
    """A help desk whose tickets are of yesterday, so that the report's usual period has them."""
    return FakeDesk(clock=datetime.now(UTC) - timedelta(days=1))


@pytest.fixture
def app(make_app: AppMaker) -> Iterator[Flask]:
    """An app that asks for the CSRF token, as in real use."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context():
        yield app


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """The address of a live server."""
    with listening(app) as address:
        yield address


@pytest.fixture
def person(browser: Browser, base: str) -> Iterator[PersonMaker]:
    """Sit somebody down at a browser, signed in as `agent` or a visitor. Errors in a page fail the test."""
    people: list[Person] = []

    def sit_down(agent: Agent | None = None) -> Person:
        email = agent.email if agent else ""
        db.session.commit()  # SQLite has one writer: what the test began must not stand in the server's way
        width, height = WIDE
        context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        somebody = Person(context.new_page(), base)
        people.append(somebody)
        if email:
            somebody.sign_in(email)
        return somebody

    yield sit_down
    for each in people:
        each.page.context.close()
    assert [problem for each in people for problem in each.problems] == []
