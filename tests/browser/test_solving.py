"""What an agent does with a ticket's knowledge: a key or two, seen at once, spoken, and counted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kcs.people.models import Agent
from kcs.tickets.models import Ticket
from tests.browser.conftest import PersonMaker
from tests.browser.person import Person
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.permissions import Licence

pytestmark = pytest.mark.browser

EMAIL = "ana@example.com"


@pytest.fixture
def ana(base: str) -> Agent:
    """A contributor."""
    return make_agent(Licence.CONTRIBUTOR, email=EMAIL, password=PASSWORD)


@pytest.fixture
def ticket(ana: Agent, desk: FakeDesk) -> Ticket:
    """A ticket that Ana solved without an article, though there is one that answers it."""
    make_article(title="Export button is grey, Reports 4.2")
    make_article(
        title="Calendar shows the wrong week", parts={"issue": "Wrong week", "resolution": "Set it."}
    )
    return make_ticket(desk, solved_by=EMAIL)


@pytest.fixture
def agent(person: PersonMaker, ana: Agent, ticket: Ticket) -> Person:
    """Ana, with the unfinished ticket open before her."""
    somebody = person(ana)
    somebody.sees("Export button is grey")
    somebody.press_to_leave("1")
    somebody.sees_badge("Unanswered")
    return somebody


def link_rate(somebody: Person) -> str:
    """Read the person's figure from the report, and come back."""
    somebody.press_to_leave("r")
    somebody.page.get_by_role("link", name="Link rate", exact=True).click()
    figure = somebody.page.get_by_role("row", name="Ana").locator("td.num").last.inner_text()
    somebody.go_back()
    somebody.go_back()
    return figure


def test_one_key_links_the_top_suggestion_and_the_report_follows(agent: Person) -> None:
    assert link_rate(agent) == "0.0 %"
    agent.press("1")
    agent.sees_badge("Answered")
    agent.hears("Linked KB-")
    agent.sees("Export button is grey, Reports 4.2")
    expect(agent.focused).to_contain_text("Knowledge")
    assert link_rate(agent) == "100.0 %"


def test_after_linking_the_same_key_links_nothing_more(agent: Person) -> None:
    agent.press("1")
    agent.sees_badge("Answered")
    agent.press("1")
    expect(agent.page.locator(".linked")).to_have_count(1)
    expect(agent.page.get_by_text("Done: Linked")).to_be_visible()


def test_the_ways_to_finish_are_seen_without_scrolling(agent: Person) -> None:
    for name in ("Link Export button is grey, Reports 4.2", "Draft an article"):
        box = agent.page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 800, name
    expect(agent.page.get_by_text("No article needed").first).to_be_in_viewport()


def test_no_article_needed_takes_two_keys(agent: Person) -> None:
    agent.press("x")
    expect(agent.focused).to_have_attribute("name", "reason")
    agent.press("Enter")
    agent.sees_badge("No article needed")
    agent.hears("no article needed")
    expect(agent.focused).to_contain_text("Knowledge")


def test_a_reason_without_its_words_is_asked_for_and_nothing_is_lost(agent: Person) -> None:
    agent.press("x", "End", "Enter")
    agent.hears("Say in a few words")
    expect(agent.page.locator("#exempt-reason")).to_have_value("other")
    expect(agent.focused).to_have_attribute("name", "note")
    agent.write("They found it themselves")
    agent.press("Enter")
    agent.sees_badge("No article needed")
    agent.sees("They found it themselves")


def test_a_link_is_taken_away_with_one_key(agent: Person) -> None:
    agent.press("1")
    agent.sees_badge("Answered")
    agent.press("u")
    agent.sees_badge("Unanswered")
    agent.hears("Link removed")
    expect(agent.focused).to_contain_text("Knowledge")


def test_another_article_is_found_by_typing_and_linked(agent: Person) -> None:
    agent.press("s")
    agent.write("calendar wrong week")
    agent.hears("1 found")
    expect(agent.focused).to_have_attribute("id", "ticket-search")
    agent.tab_to("Link Calendar shows the wrong week")
    agent.press("Enter")
    agent.sees_badge("Answered")
    agent.sees("Calendar shows the wrong week")


def test_a_linked_article_is_flagged_from_the_ticket(agent: Person) -> None:
    agent.press("1")
    agent.sees_badge("Answered")
    agent.press("g")
    agent.write("Step 2 is gone since 4.3")
    agent.press("Enter")
    agent.hears("Flagged KB-")


def test_what_is_listed_as_a_shortcut_can_be_switched_off(agent: Person) -> None:
    agent.press("?")
    dialog = agent.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("No article needed")
    agent.tab_to("Single-key shortcuts are on")
    agent.press("Space", "Escape")
    agent.press("1")
    expect(dialog).to_be_hidden()
    agent.sees_badge("Unanswered")


def test_a_wrong_password_is_said_and_the_address_kept(person: PersonMaker, ana: Agent) -> None:
    somebody = person()
    somebody.sign_in(EMAIL, "not this one")
    expect(somebody.page.get_by_role("alert")).to_contain_text("password")
    expect(somebody.page.get_by_label("E-mail address")).to_have_value(EMAIL)
    expect(somebody.focused).to_have_attribute("name", "password")
    somebody.write(PASSWORD)
    somebody.press_to_leave("Enter")
    somebody.sees("Nothing waits for you")
