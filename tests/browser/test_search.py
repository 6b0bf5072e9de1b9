"""Searching by keyboard alone: results while typing, arrows, choices, the way back; and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from kcs.database import db
from kcs.people.models import Agent
from kcs.search.models import Place, SearchLog
from tests.browser.conftest import PersonMaker
from tests.factories import PASSWORD, make_agent, make_article
from workflow.article import ArticleState
from workflow.permissions import Licence

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def agent(base: str) -> Agent:
    """Somebody who looks for one of two articles."""
    somebody = make_agent(Licence.CONTRIBUTOR, email="ola@example.com", password=PASSWORD)
    make_article(ArticleState.PUBLISHED, key="KB-1", title="Printer jams", author=somebody)
    make_article(ArticleState.WIP, key="KB-2", title="Printer offline in Windows", author=somebody)
    return somebody


def logged() -> list[tuple[Place, str, str | None, int | None]]:
    """Return what the log holds; it is written after the answer, so a test looks until it is there."""
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.query(SearchLog).order_by(SearchLog.id)
    found = [(row.place, row.words, row.opened_key, row.opened_rank) for row in rows]
    db.session.rollback()
    return found


def test_results_come_while_typing_and_arrows_lead_to_them(person: PersonMaker, agent: Agent) -> None:
    somebody = person(agent)
    somebody.open("/search")
    expect(somebody.focused).to_have_attribute("name", "q")
    somebody.page.keyboard.type("printer offl")
    somebody.hears("found")
    somebody.sees("Complete it: printer offline")
    expect(somebody.page.locator("mark").first).to_have_text("Printer")
    somebody.press("ArrowDown")
    expect(somebody.focused).to_contain_text("Printer offline in Windows")
    somebody.press("ArrowDown", "ArrowUp", "ArrowUp")
    expect(somebody.focused).to_have_attribute("name", "q")
    somebody.press("ArrowDown", "Escape")
    expect(somebody.focused).to_have_attribute("name", "q")
    somebody.press("ArrowDown")
    somebody.press_to_leave("Enter")
    assert somebody.page.url == f"{somebody.base}/articles/KB-2"
    somebody.go_back()
    expect(somebody.page.locator("#field-q")).to_have_value("printer offl")
    somebody.sees("Printer offline in Windows")
    assert (Place.PAGE, "printer offl", "KB-2", 1) in logged()


def test_a_choice_is_written_into_the_search_and_a_chip_takes_it_away(
    person: PersonMaker, agent: Agent
) -> None:
    somebody = person(agent)
    somebody.open("/tickets")
    somebody.press("/")
    somebody.write("printer")
    somebody.press_to_leave("Enter")
    somebody.sees("2 articles, best first")
    with somebody.page.expect_navigation():
        somebody.page.get_by_label("State").select_option(label="Work in progress")
    expect(somebody.page.locator("#field-q")).to_have_value("printer state:wip")
    somebody.sees("1 article, best first")
    somebody.tab_to("state: work in progress")
    somebody.press_to_leave("Enter")
    somebody.sees("2 articles, best first")
    somebody.press("/")
    expect(somebody.focused).to_have_attribute("id", "field-q")


def test_a_visitor_without_scripts_searches_and_opens(browser: Browser, base: str, agent: Agent) -> None:
    assert agent.id
    db.session.commit()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/help/?q=pritner")
    page.get_by_role("link", name="printer", exact=True).click()
    page.get_by_role("link", name="Printer jams").click()
    assert page.url == f"{base}/help/articles/KB-1"
    assert context.cookies() == []
    context.close()
    assert (Place.HELP_CENTRE, "printer", "KB-1", 1) in logged()
