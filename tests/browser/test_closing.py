"""Finishing at the keyboard: two keys a ticket at most, and the next one opens by itself."""

from __future__ import annotations

import pytest
from flask import current_app
from playwright.sync_api import expect

from kcs.database import db
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.tickets.models import ClosePolicy, Connection
from kcs.tickets.services import set_closing
from tests.browser.conftest import PersonMaker
from tests.factories import PASSWORD, make_agent, make_article, make_connection, read_again
from tests.fakes import FakeDesk, desk_agent
from workflow.permissions import Licence

pytestmark = [pytest.mark.browser, pytest.mark.long]

EMAIL = "ana@example.com"
ANA = desk_agent("7", EMAIL)


@pytest.fixture
def ana(base: str) -> Agent:
    """A contributor."""
    return make_agent(Licence.CONTRIBUTOR, email=EMAIL, password=PASSWORD)


@pytest.fixture
def connection(ana: Agent) -> Connection:
    """A desk that prepares drafts, and an article that answers most."""
    make_article(title="Export button is grey, Reports 4.2", key="KB-1")
    made = make_connection()
    set_closing(made, ClosePolicy.DRAFT)
    return made


def solve(
    desk: FakeDesk, connection: Connection, ticket_id: str, reply: str, *, reply_late: str = ""
) -> None:
    desk.open_ticket(ticket_id, subject=f"Export button is grey ({ticket_id})")
    desk.reply(ticket_id, ANA, reply)
    desk.set_status(ticket_id, DeskStatus.SOLVED, ANA)
    read_again(desk, connection, ticket_id)
    db.session.commit()


def test_the_unfinished_are_finished_one_after_the_other(
    person: PersonMaker, ana: Agent, desk: FakeDesk, connection: Connection
) -> None:
    for number in ("1", "2", "3"):
        solve(desk, connection, number, "Allow pop-ups for the site.")
    agent = person(ana)
    agent.open("/tickets?list=unfinished")
    agent.press_to_leave("n")
    agent.sees("Export button is grey (3)")
    agent.sees("what you do now counts as late")
    agent.sees("Link")
    agent.press("1")
    agent.sees_badge("Answered")
    agent.sees("counted as late")
    agent.press_to_leave("n")
    agent.sees("Export button is grey (2)")
    agent.press("x", "Enter")
    agent.sees_badge("No article needed")
    agent.press_to_leave("n")
    agent.sees("A draft is ready")
    agent.press_to_leave("d")
    expect(agent.page.get_by_label("Resolution", exact=False).first).to_have_value(
        "Allow pop-ups for the site."
    )
    agent.open("/tickets/next")
    agent.sees("Nothing unfinished")


def test_what_was_detected_in_a_reply_is_confirmed_with_one_press(
    person: PersonMaker, ana: Agent, desk: FakeDesk, connection: Connection, base: str
) -> None:
    address = f"{current_app.config['KCS'].base_url}/articles/KB-1"
    solve(desk, connection, "1", f"See {address}")
    agent = person(ana)
    agent.open("/tickets/acme/1")
    agent.sees_badge("Answered")
    agent.sees("detected")
    agent.tab_to("Right")
    agent.press("Enter")
    agent.hears("KB-1 is confirmed")
    expect(agent.page.get_by_text("detected", exact=True)).to_have_count(0)
