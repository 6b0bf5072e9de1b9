"""Asking who knows, by keyboard: asked in two keys, answered without a seat, drafted in one action."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import expect

from kcs.articles.models import Article
from kcs.articles.policy import Domain
from kcs.database import db
from kcs.people.models import Agent
from kcs.tickets.models import Ticket
from tests.browser.conftest import PersonMaker
from tests.browser.person import Person
from tests.factories import PASSWORD, make_agent, make_ticket
from tests.fakes import FakeDesk
from workflow.permissions import Licence

pytestmark = [pytest.mark.browser, pytest.mark.long]

AXE = Axe().axe_script
ANSWER = "Pop-ups are blocked: allow them for this site."
PHONE = {"width": 320, "height": 640}


@pytest.fixture
def ana(base: str) -> Agent:
    """A contributor who does not know, while Ben is her domain's expert."""
    domain = Domain(key="reports", name="Reports", tags=["reports"])
    domain.experts = [make_agent(None, email="ben@example.com")]
    db.session.add(domain)
    return make_agent(Licence.CONTRIBUTOR, email="ana@example.com", password=PASSWORD)


@pytest.fixture
def ticket(ana: Agent, desk: FakeDesk) -> Ticket:
    """A ticket that no article answers."""
    return make_ticket(desk, tags=("reports",))  # type: ignore[arg-type]


def opened(somebody: Person, path: str) -> None:
    """Open a ticket; htmx has taken its forms over."""
    somebody.page.goto(somebody.base + path)
    expect(somebody.page.locator("[data-htmx-powered]").first).to_be_attached()


def fits(somebody: Person) -> None:
    """Nothing is wider than a phone, and everybody can use it."""
    page, before = somebody.page, somebody.page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {preload: false})")["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    page.set_viewport_size(before)  # type: ignore[arg-type]


def test_a_question_goes_out_comes_back_and_becomes_a_draft(
    app: Flask, person: PersonMaker, ana: Agent, ticket: Ticket
) -> None:
    path = f"/tickets/{ticket.connection.name}/{ticket.remote_id}"
    agent = person(ana)
    opened(agent, path)
    agent.press("k")
    expect(agent.focused).to_have_attribute("name", "to")
    fits(agent)
    agent.press("Control+Enter")
    agent.hears("Asked.")
    expect(agent.focused).to_contain_text("Asked.")
    link = urlsplit(agent.page.get_by_label("Link for Ben").input_value()).path

    ben = person()
    ben.open(link)
    ben.sees("I cannot export my report")
    fits(ben)
    ben.tab_to("Your answer")
    ben.write(ANSWER)
    ben.press("Tab", "Space")
    ben.tab_to("Send the answer")
    ben.press_to_leave("Enter")
    ben.sees("Thank you: your answer has arrived.")

    opened(agent, path)
    agent.sees(ANSWER)
    fits(agent)
    agent.tab_to("Make it a draft")
    agent.press("Enter")
    agent.sees("It became KB-")
    db.session.expire_all()
    article = db.session.query(Article).one()
    assert article.current_version.part("resolution") == ANSWER
    assert article.current_version.note == "asked by Ana, answered by Ben"

    assert ben.open(link) == 410
    ben.sees("Your answer has become an article")
    fits(ben)
