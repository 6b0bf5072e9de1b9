"""A text goes from its author to a coach, back, and on to a publisher and the readers: by keyboard alone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from kcs.database import db
from kcs.people.models import Agent
from kcs.reviews import services
from tests.browser.conftest import PersonMaker
from tests.browser.person import Person
from tests.browser.test_everywhere import VIEWS, _flaws
from tests.factories import PASSWORD, make_agent, make_article
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def coach(base: str) -> Agent:
    """Whom Cem's drafts go to."""
    return make_agent(None, [Role.COACH], email="cleo@example.com", password=PASSWORD)


@pytest.fixture
def author(coach: Agent) -> Agent:
    """A candidate."""
    agent = make_agent(Licence.CANDIDATE, email="cem@example.com", password=PASSWORD)
    agent.coach_id = coach.id
    return agent


@pytest.fixture
def publisher(base: str) -> Agent:
    """Somebody who shows texts to readers outside."""
    return make_agent(Licence.PUBLISHER, email="pia@example.com", password=PASSWORD)


def decide(somebody: Person, *keys: str) -> None:
    """Open the first review of one's queue and press keys, the last of which decides."""
    somebody.press_to_leave("q")
    somebody.press_to_leave("1")
    somebody.press_to_leave(*keys)


def test_a_review_from_asking_to_publishing_by_keyboard(
    person: PersonMaker, author: Agent, coach: Agent, publisher: Agent
) -> None:
    article = make_article(ArticleState.NOT_VALIDATED, key="KB-1", author=author)
    assert article.key == "KB-1"
    cem = person(author)
    cem.open("/articles/KB-1")
    cem.press("s")
    cem.write("Is the resolution clear?")
    cem.press_to_leave("Enter")
    cem.sees("Asked Cleo")

    cleo = person(coach)
    expect(cleo.page.locator(".nav-count")).to_contain_text("1")
    cleo.press_to_leave("q")
    cleo.press_to_leave("1")
    cleo.sees("Is the resolution clear?")
    cleo.tab_to("Allow pop-ups.")
    cleo.press("ArrowRight", "ArrowRight", "Shift+ArrowRight")
    cleo.press("m")
    expect(cleo.focused).to_have_attribute("name", "text")
    expect(cleo.page.get_by_label("About")).to_have_value("resolution")
    chosen = cleo.page.get_by_label("Passage").input_value()
    assert chosen
    assert chosen in "Allow pop-ups."
    cleo.write("For which site?")
    cleo.press_to_leave("Control+Enter")
    expect(cleo.page.locator("mark")).to_have_text(chosen)
    cleo.press_to_leave("b", "Control+Enter")
    cleo.sees("Sent back to Cem.")

    cem.press_to_leave("q")
    cem.press_to_leave("b")
    cem.press_to_leave("1")
    cem.sees("For which site?")
    expect(cem.page.locator("mark")).to_have_text(chosen)
    cem.press("m")
    cem.write("For reports.example.com: it is in the title.")
    cem.press_to_leave("Control+Enter")
    cem.press_to_leave("s")
    cem.sees("Resubmitted.")

    decide(cleo, "v")
    cleo.sees("KB-1 is validated.")

    cem.open("/articles/KB-1")
    cem.press("s")
    cem.press_to_leave("Enter")
    cem.sees("Asked Pia")
    pia = person(publisher)
    pia.press_to_leave("q")
    pia.press_to_leave("1")
    pia.press("p")
    expect(pia.page.get_by_role("dialog")).to_contain_text("Publish this text?")
    pia.press_to_leave("Shift+Tab", "Enter")
    pia.sees("KB-1 is published.")
    reader = person()
    assert reader.open("/help/articles/KB-1") == 200


def test_a_proposed_change_is_amended_and_accepted(
    person: PersonMaker, author: Agent, publisher: Agent
) -> None:
    article = make_article(ArticleState.PUBLISHED, key="KB-1")
    assert article.live_version_id is not None
    cem = person(author)
    cem.open("/articles/KB-1")
    cem.press_to_leave("u")
    cem.tab_to("Resolution")
    cem.press("Control+a")
    cem.write("Restart the browser.")
    cem.press_to_leave("Control+Enter")
    cem.sees("Restart the browser.")
    pia = person(publisher)
    pia.press_to_leave("q")
    pia.press_to_leave("1")
    pia.press("f")
    pia.tab_to("Resolution")
    pia.press("Control+a")
    pia.write("Restart the browser, then allow pop-ups.")
    pia.press_to_leave("Control+Enter")
    pia.sees("is the present text of KB-1 now")
    reader = person()
    reader.open("/help/articles/KB-1")
    reader.sees("Allow pop-ups.")
    expect(reader.page.locator("main")).not_to_contain_text("Restart")


def test_many_articles_change_at_once_and_a_move_is_planned(person: PersonMaker, publisher: Agent) -> None:
    make_article(ArticleState.VALIDATED, key="KB-1")
    make_article(ArticleState.NOT_VALIDATED, key="KB-2")
    pia = person(publisher)
    pia.open("/articles")
    for key in ("KB-2", "KB-1"):
        pia.tab_to(f"Choose {key}")
        pia.press("Space")
    pia.press("b")
    pia.press("A")
    expect(pia.focused).to_have_value("ask:validate")
    pia.press("Control+Enter")
    pia.hears("1 article is done. 1 refused.")
    pia.sees("KB-1 is validated: there is nothing to validate.")
    pia.open("/articles/KB-1")
    pia.press("l")
    pia.tab_to("When")
    pia.press("0", "4", "0", "4", "2", "0", "9", "9", "ArrowRight", "0", "8", "0", "0", "A", "Enter")
    pia.sees("Publish for everybody, 4 Apr 2099")
    expect(pia.page.get_by_text("4 Apr 2099, 08:00")).to_be_visible()


def test_the_pages_of_reviews_are_accessible_and_fit_a_phone(
    person: PersonMaker, author: Agent, coach: Agent
) -> None:
    """In both themes; with a comment on a passage and a difference to see."""
    coach.licence = Licence.PUBLISHER
    published = make_article(ArticleState.PUBLISHED, key="KB-1")
    text = {**published.current_version.parts, "resolution": "Restart the browser."}
    review = services.propose(published, published.title, text, by=author, base=1)
    db.session.commit()
    cleo, cem = person(coach), person(author)
    pages = (
        (cleo, "/reviews"),
        (cleo, "/reviews?list=mine"),
        (cleo, f"/reviews/{review.id}"),
        (cleo, "/articles"),
        (cleo, "/articles/KB-1"),
        (cem, "/articles/KB-1/propose"),
        (cem, f"/reviews/{review.id}"),
    )
    for somebody in (cleo, cem):
        somebody.page.add_init_script(Axe().axe_script)
    found = []
    for somebody, path in pages:
        somebody.open(path)
        somebody.page.evaluate(
            "document.querySelectorAll('main details').forEach((each) => (each.open = true))"
        )
        for (width, height), theme, checks in VIEWS:
            somebody.page.set_viewport_size({"width": width, "height": height})
            somebody.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found += [f"{path} at {width} px, {theme}: {flaw}" for flaw in _flaws(somebody, checks)]
        somebody.problems.clear()  # axe tries inline styles, which the policy refuses
    assert found == []
