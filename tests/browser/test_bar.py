"""The bar above every page: one row on a laptop, and its search box says what it is for in every language."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from kcs.articles.flags import flag_article
from kcs.database import db
from kcs.i18n import LANGUAGES
from tests.browser.person import Person
from tests.factories import PASSWORD, make_agent, make_article
from workflow.permissions import Licence, Role

pytestmark = [pytest.mark.browser, pytest.mark.long]

# The room the words in the search box have beyond what they need.
ROOM = """(() => {
  const box = document.querySelector("[data-search]"), style = getComputedStyle(box);
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.font = style.font;
  const inside = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return inside - canvas.measureText(box.placeholder).width;
})()"""
ONE_ROW = 60
HEIGHT = "document.querySelector('.topbar').offsetHeight"


def test_the_bar_is_one_row_and_its_search_box_can_be_read(browser: Browser, base: str) -> None:
    admin = make_agent(
        Licence.PUBLISHER, [Role.COACH, Role.ADMIN], email="pia@example.com", password=PASSWORD
    )
    admin.name = "Pia Lindqvist"
    bob = make_agent(Licence.PUBLISHER, email="bob@example.com")
    for number in range(12):
        flag_article(make_article(title=f"Step {number}", author=admin), "Gone", by=bob)
    db.session.commit()
    for language in LANGUAGES:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale=language)
        somebody = Person(context.new_page(), base)
        somebody.sign_in(admin.email)
        somebody.open("/evolve")
        assert somebody.page.locator(".nav-count").count() > 0
        assert somebody.page.evaluate(HEIGHT) < ONE_ROW, language
        assert somebody.page.evaluate(ROOM) >= 0, language
        somebody.page.set_viewport_size({"width": 320, "height": 640})
        assert somebody.page.evaluate(ROOM) >= 0, language
        context.close()
        assert somebody.problems == []
