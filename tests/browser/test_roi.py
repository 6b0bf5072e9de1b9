"""The inputs of the return in a browser: typed into several, saved at once, mended where they are wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, expect

from kcs.database import db
from kcs.people.models import Agent
from kcs.people.services import hash_password
from tests.browser.person import Person
from tests.factories import PASSWORD
from tests.metrics import golden

pytestmark = [pytest.mark.browser, pytest.mark.long]

AXE = Axe().axe_script
SCREENSHOTS = os.environ.get("KCS_TEST_SCREENSHOTS")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PATH = "/reports/roi/inputs"
FIELDS = ("low", "likely", "high", "source")


@pytest.fixture
def manager(app: Flask, browser: Browser, base: str) -> Iterator[Person]:
    golden.people()
    mia = db.session.get_one(Agent, golden.MIA)
    mia.email, mia.password_hash = "mia@example.com", hash_password(PASSWORD)
    db.session.commit()
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en", reduced_motion="reduce"
    )
    context.add_init_script(AXE)
    person = Person(context.new_page(), base)
    person.sign_in("mia@example.com")
    yield person
    context.close()


def type_in(person: Person, name: str, *values: str) -> None:
    for field, value in zip(FIELDS, values, strict=True):
        person.page.locator(f"#field-{name}-{field}").fill(value)


def check_looks(person: Person, name: str) -> None:
    page = person.page
    for width, theme in ((1280, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        if SCREENSHOTS:
            page.screenshot(path=Path(SCREENSHOTS) / f"roi-{name}-{width}-{theme}.png", full_page=True)
        assert page.evaluate(WIDER) <= 0
        violations = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations] == []
    page.set_viewport_size({"width": 1280, "height": 900})


def test_two_inputs_are_saved_together_and_what_is_wrong_is_mended_in_place(manager: Person) -> None:
    page = manager.page
    manager.open(PATH)
    type_in(manager, "minutes_saved", "5", "10", "15", "a sample of 50 tickets")
    type_in(manager, "cost_per_ticket", "4", "eight", "10", "finance")
    page.get_by_role("button", name="Save what was changed").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Please mend 1 field")
    check_looks(manager, "wrong")
    summary.get_by_role("link").click()
    wrong = page.locator("#field-cost_per_ticket-likely")
    expect(wrong).to_be_focused()
    expect(page.locator("#field-minutes_saved-source")).to_have_value("a sample of 50 tickets")
    wrong.fill("8")
    wrong.press("Enter")
    expect(page.locator(".flash-success")).to_have_count(2)
    expect(page.locator("tbody tr")).to_have_count(2)
    check_looks(manager, "saved")
