"""A coach judges by one key a question, from sample to sample; the pages are accessible and fit a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from kcs import database
from kcs.database import db
from kcs.people.models import Agent
from tests.browser.conftest import PersonMaker
from tests.browser.person import Person
from tests.browser.test_everywhere import VIEWS, _flaws
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def coach(base: str, desk: FakeDesk) -> Agent:
    """Cleo, whose team solved a ticket and wrote an article."""
    cleo = make_agent(
        None, [Role.COACH, Role.ADMIN], email="cleo@example.com", team="North", password=PASSWORD
    )
    ana = make_agent(Licence.CANDIDATE, email="ana@example.com", team="North", password=PASSWORD)
    make_agent(Licence.PUBLISHER, email="dan@example.com", team="North")
    make_article(ArticleState.VALIDATED, key="KB-1", author=ana)
    make_ticket(desk, solved_by=ana.email).solved_at = database.now()
    db.session.commit()
    return cleo


def test_a_sample_is_judged_by_keyboard(person: PersonMaker, coach: Agent) -> None:
    cleo = person(coach)
    cleo.press_to_leave("q")
    cleo.press_to_leave("s")
    cleo.sees("2 samples are left to judge.")
    cleo.press_to_leave("n")
    first = cleo.page.locator("fieldset.question").first.locator("input").first
    expect(first).to_be_focused()
    cleo.press("y", "n", "-", "y", "y", "y")
    expect(cleo.page.locator("fieldset.question").last.locator("input").first).to_be_focused()
    cleo.press("y")
    expect(cleo.focused).to_have_attribute("name", "comment")
    cleo.write("Say which version it is about: n and y are letters here.")
    cleo.press_to_leave("Control+Enter")
    cleo.sees("5 of 6")
    cleo.sees("n and y are letters here.")
    cleo.press_to_leave("e")
    expect(cleo.page.locator("fieldset.question").nth(1).locator("input:checked")).to_have_value("no")
    cleo.page.go_back()
    cleo.press_to_leave("n")
    cleo.sees("How did the knowledge fare in this ticket?")

    ana = person(db.session.execute(db.select(Agent).where(Agent.email == "ana@example.com")).scalar_one())
    ana.open("/samples/mine")
    ana.sees("5 of 6")


PAGES = (
    "/samples/",
    "/samples/mine",
    "/samples/of/2",
    "/samples/article/1",
    "/samples/ticket/1",
    "/samples/1",
    "/admin/samples/",
)


def test_the_pages_are_accessible_and_fit(person: PersonMaker, coach: Agent) -> None:
    cleo, found = person(coach), []
    judge_first(cleo)
    cleo.page.add_init_script(Axe().axe_script)
    for path in PAGES:
        assert cleo.open(path) == 200
        for (width, height), theme, checks in VIEWS:
            cleo.page.set_viewport_size({"width": width, "height": height})
            cleo.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found += [f"{path} at {width} px, {theme}: {flaw}" for flaw in _flaws(cleo, checks)]
        cleo.problems.clear()  # axe tries inline styles, which the policy refuses
    assert found == []


def judge_first(cleo: Person) -> None:
    """Judge the first text there is."""
    cleo.open("/samples/article/1")
    cleo.press("y", "n", "-", "y", "y", "y", "y")
    cleo.press_to_leave("Control+Enter")
