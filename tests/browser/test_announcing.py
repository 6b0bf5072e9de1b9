"""What a screen reader is told: results that come at once are each said, and make room for later ones."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PersonMaker
from tests.factories import PASSWORD, make_agent

pytestmark = [pytest.mark.browser, pytest.mark.long]

SAY = "async (words) => words.forEach((await import('/static/announcing.js')).announce)"


def test_two_results_that_come_at_once_are_both_heard(person: PersonMaker) -> None:
    somebody = person(make_agent(email="alice@example.com", password=PASSWORD))
    somebody.page.clock.install()
    somebody.open("/my-work")
    lines = somebody.page.locator("#announcer p")
    somebody.page.evaluate(SAY, ["A delivery came.", "The check is done."])
    somebody.page.clock.run_for(1000)
    expect(lines).to_have_text(["A delivery came.", "The check is done."])

    somebody.page.evaluate(SAY, ["The check is done."])
    somebody.page.clock.run_for(1000)
    expect(lines).to_have_text(["A delivery came.", "The check is done.", "The check is done."])

    somebody.page.clock.run_for(6000)
    somebody.page.evaluate(SAY, ["Saved."])
    somebody.page.clock.run_for(1000)
    expect(lines).to_have_text(["Saved."])
