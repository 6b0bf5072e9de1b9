"""Every page an agent works on, in every look: no flaw for axe, nothing wider than a phone, both directions.

KCS_TEST_SCREENSHOTS names a folder that gets a picture of each.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page

from kcs.articles.flags import flag_article
from kcs.database import db
from kcs.experts import services as experts
from kcs.experts.whom import person_named
from kcs.people.models import Agent
from kcs.people.services import hash_password
from kcs.reviews.models import Asks
from kcs.reviews.services import ask_review
from kcs.solving import services as solving
from kcs.solving.models import ExemptionReason
from tests.browser.person import Person
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

pytestmark = [pytest.mark.browser, pytest.mark.long]

AXE = Axe().axe_script
SCREENSHOTS = os.environ.get("KCS_TEST_SCREENSHOTS")
DIRECTIONS = {"en": "ltr", "he": "rtl"}
WIDTHS = (1280, 320)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHT = 900
# What depends on neither the width nor the language is looked for once: contrast at both widths all the same.
CHECKS: dict[tuple[int, str], dict[str, object]] = {
    (1280, "light"): {"resultTypes": ["violations"]},
    (320, "dark"): {"resultTypes": ["violations"]},
    (1280, "dark"): {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
    (320, "light"): {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
}
TICKETS = ("fresh", "captured", "drafted", "linked", "exempt", "unanswered", "asked")
PAGES = (
    "/my-work",
    "/account",
    "/panel",
    "/panel?connection=acme&ticket=none",
    "/tickets?list=unfinished",
    "/tickets?list=mine",
    "/tickets?list=all",
    "/articles",
    "/articles?due=1",
    "/articles/validated",
    "/articles/published",
    "/articles/wip",
    "/articles/validated/edit",
    "/articles/new",
    "/articles/validated/versions",
    "/articles/validated/versions/1",
    "/articles/merge?left=validated&right=published",
    "/articles/duplicates",
    "/reviews",
    "/reviews/1",
    "/flags?list=open",
    "/flags?list=mine",
    "/feedback?list=open",
    "/search",
    "/search?q=export",
    "/search?q=exprot+state:odd",
    "/questions",
    "/questions/1",
    "/reports/link-rate",
    "/reports/experts",
    "/reports/experts/questions",
    "/gaps",
    "/articles/nowhere",
)
BUSY = "#suggestions[aria-busy]"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def seen(app: Flask, base: str, desk: FakeDesk) -> tuple[Agent, list[str]]:
    """An agent, and the addresses of all their pages in an office where something of everything happened."""
    pia = make_agent(
        Licence.PUBLISHER, [Role.COACH], email="pia@example.com", team="Support", password=PASSWORD
    )
    bob = make_agent(Licence.CONTRIBUTOR, email="bob@example.com", team="Support")
    articles = {
        state: make_article(state, key=state.value, author=pia)
        for state in ArticleState
        if state is not ArticleState.DELETED
    }
    tickets = {name: make_ticket(desk, None, **_words(name)) for name in TICKETS}
    tickets["unanswered"] = make_ticket(desk, solved_by=pia.email)
    origin = make_ticket(desk, None, **_words("captured"))
    solving.draft_article(origin, by=bob)
    solving.draft_article(tickets["drafted"], by=pia)
    solving.link_article(tickets["linked"], articles[ArticleState.VALIDATED], by=pia)
    solving.exempt(tickets["exempt"], ExemptionReason.OTHER, by=pia, note="They found it themselves")
    flag_article(articles[ArticleState.VALIDATED], "Step 2 is gone", by=bob)
    ask_review(make_article(ArticleState.NOT_VALIDATED, key="theirs", author=bob), Asks.VALIDATE, by=bob)
    terms = app.extensions["kcs.experts"]
    to = person_named(bob.email, terms)
    experts.ask(tickets["asked"], "Why is it grey?", by=pia, to=to, terms=terms)
    addresses = [f"/tickets/acme/{ticket.remote_id}" for ticket in tickets.values()]
    addresses += [f"/panel?connection=acme&ticket={ticket.remote_id}" for ticket in tickets.values()]
    addresses += [f"/tickets/acme/{tickets['asked'].remote_id}/ask"]
    pia.password_hash = hash_password(PASSWORD)
    db.session.commit()
    return pia, [*addresses, *PAGES]


def _words(name: str) -> dict[str, str]:
    if name == "captured":
        return {"subject": "Calendar shows the wrong week", "body": "Our calendar begins on the wrong day."}
    return {}


@pytest.mark.parametrize("language", DIRECTIONS)
def test_every_page_of_an_agent_is_accessible_and_fits(
    browser: Browser, base: str, seen: tuple[Agent, list[str]], language: str
) -> None:
    agent, addresses = seen
    context = browser.new_context(
        viewport={"width": WIDTHS[0], "height": HEIGHT}, locale=language, reduced_motion="reduce"
    )
    context.add_init_script(AXE)
    somebody = Person(context.new_page(), base)
    somebody.sign_in(agent.email)
    found = [flaw for address in addresses for flaw in _flaws(somebody, address, language)]
    context.close()
    assert found == []


def _flaws(somebody: Person, address: str, language: str) -> Iterator[str]:
    page = somebody.page
    if somebody.open(address) >= 500:
        yield f"{address}: an error of ours"
        return
    if page.locator(BUSY).is_visible():
        page.locator("#suggestions [data-offers]").wait_for(state="attached")
    yield from somebody.problems
    if page.evaluate("document.documentElement.dir") != DIRECTIONS[language]:
        yield f"{address} in {language}: the wrong direction"
    for (width, theme), checks in CHECKS.items():
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        _keep(page, f"{address} {language} {width} {theme}")
        where = f"{address} in {language} at {width} px, {theme}"
        if (wider := page.evaluate(WIDER)) > 0:
            yield f"{where}: {wider} px too wide"
        for violation in page.evaluate("checks => axe.run(document, checks)", checks)["violations"]:
            yield f"{where}: {violation['id']} {[node['target'] for node in violation['nodes']]}"
    somebody.problems.clear()  # axe tries inline styles, which the policy refuses


def _keep(page: Page, name: str) -> None:
    if not SCREENSHOTS:
        return
    folder = Path(SCREENSHOTS)
    folder.mkdir(parents=True, exist_ok=True)
    file = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    page.screenshot(path=folder / f"{file}.png", full_page=True)
