"""Two agents on two tickets of one issue: what the one does, the other sees without a reload."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from kcs.database import db
from kcs.people.models import Agent
from kcs.solving import services as solving
from kcs.tickets.models import Ticket
from tests.browser.conftest import PersonMaker
from tests.browser.person import Person
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from tests.processes import until

pytestmark = [pytest.mark.browser, pytest.mark.long]

SAME = {
    "subject": "Export stays grey after the update",
    "body": "Since then the export button is grey.",
}
OTHER = {"subject": "Calendar shows the wrong week", "body": "Our calendar begins on the wrong day."}


@pytest.fixture
def ana(base: str) -> Agent:
    """The first to capture the issue."""
    return make_agent(email="ana@example.com", password=PASSWORD)


@pytest.fixture
def bea(base: str) -> Agent:
    """A colleague with a ticket of the same issue."""
    return make_agent(email="bea@example.com", password=PASSWORD)


@pytest.fixture
def tickets(ana: Agent, bea: Agent, desk: FakeDesk) -> list[Ticket]:
    """Two tickets of one issue and one of another."""
    make_article(title="Invoices arrive twice", parts={"issue": "Two invoices", "resolution": "Merge them."})
    return [make_ticket(desk, None, **words) for words in (SAME, SAME, OTHER)]


@pytest.fixture(params=["stream", "polling"])
def way(request: pytest.FixtureRequest, app: Flask, base: str) -> str:
    """How the browser hears: over a stream, or by asking where streams are refused."""
    if request.param == "polling":
        app.extensions["kcs.live"].open(0)
    return str(request.param)


def at(person: PersonMaker, agent: Agent, ticket: Ticket) -> Person:
    """Sit somebody down before a ticket."""
    somebody = person(agent)
    somebody.open(f"/tickets/acme/{ticket.remote_id}")
    return somebody


def listens(app: Flask, readers: int) -> None:
    """Wait until so many pages hear over a stream."""
    until(lambda: app.extensions["kcs.live"].taken == readers, what="listening")


def test_the_second_agent_sees_without_a_reload_who_is_capturing_the_issue(
    app: Flask, person: PersonMaker, ana: Agent, bea: Agent, tickets: list[Ticket], way: str
) -> None:
    first, second, third = tickets
    hers, elsewhere = at(person, bea, second), at(person, bea, third)
    someone = at(person, ana, first)
    listens(app, 3 if way == "stream" else 0)
    someone.press_to_leave("d")
    notice = hers.page.locator("#live")
    expect(notice).to_contain_text("Ana has been capturing this issue since")
    expect(notice.get_by_role("link")).to_contain_text("Export stays grey")
    # The advice beside the notice does not go on as if nobody wrote it.
    expect(hers.page.locator("#suggestions")).to_contain_text("Export stays grey")
    expect(elsewhere.page.locator("#live")).to_be_empty()
    expect(someone.page.locator("#live")).to_have_count(0)
    hers.page.reload()
    expect(notice).to_contain_text("Ana has been capturing")
    someone.open(f"/tickets/acme/{first.remote_id}")
    expect(someone.page.locator("#live")).to_be_empty()
    hers.press("c")
    hers.hears("Linked KB-")
    expect(hers.page.locator("[data-capture]")).to_have_count(0)


def test_what_a_colleague_does_in_the_ticket_appears(
    app: Flask, person: PersonMaker, ana: Agent, bea: Agent, tickets: list[Ticket]
) -> None:
    first, second, _ = tickets
    known = make_article(title="Export stays grey", key="KB-90")
    solving.draft_article(first, by=ana)
    hers = at(person, bea, second)
    listens(app, 1)
    expect(hers.page.locator("[data-capture]")).to_have_count(1)
    solving.discard_draft(first, by=ana)
    db.session.commit()
    expect(hers.page.locator("[data-capture]")).to_have_count(0)
    solving.link_article(second, known, by=ana)
    db.session.commit()
    expect(hers.page.locator(".linked")).to_contain_text("KB-90")
