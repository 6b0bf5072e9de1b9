"""What people say of articles, to the one who answers and back, by keyboard alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kcs import database
from kcs.articles.flags import flag_article
from kcs.database import db
from kcs.solving.services import link_article
from tests.browser.conftest import PersonMaker
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState
from workflow.permissions import Licence

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_flag_is_answered_and_whoever_raised_it_sees_why(person: PersonMaker) -> None:
    owner = make_agent(Licence.CONTRIBUTOR, email="ola@example.com", password=PASSWORD)
    candidate = make_agent(Licence.CANDIDATE, email="cem@example.com", password=PASSWORD)
    article = make_article(key="KB-7", author=owner)
    flag_article(article, "Step 2 is gone", by=candidate)

    somebody = person(owner)
    somebody.press_to_leave("i")
    somebody.sees("Step 2 is gone")
    somebody.sees("with Ola (owner) until")
    somebody.press("x")
    expect(somebody.focused).to_have_attribute("name", "answer")
    somebody.write("It is there since May: reload.")
    somebody.press_to_leave("Enter")
    somebody.sees("No flag waits for you")

    other = person(candidate)
    other.open("/articles/KB-7")
    other.sees("Nothing to change, says Ola: It is there since May: reload.")


def test_a_visitor_says_something_and_reads_the_answer(person: PersonMaker) -> None:
    owner = make_agent(Licence.PUBLISHER, email="ola@example.com", password=PASSWORD)
    make_article(ArticleState.PUBLISHED, key="KB-7", author=owner)
    visitor = person()
    visitor.open("/help/articles/KB-7")
    visitor.tab_to("What could be better?")
    visitor.write("Which menu is it?")
    visitor.tab_to("No, it did not")
    visitor.press_to_leave("Enter")
    visitor.sees("Waits for a reader of ours")
    assert visitor.page.context.cookies() == []
    place = visitor.page.url.removeprefix(visitor.base)

    somebody = person(owner)
    somebody.press_to_leave("i")
    somebody.press_to_leave("b")
    somebody.sees("Which menu is it?")
    somebody.press("x")
    somebody.write("The second one from the left.")
    somebody.press_to_leave("Control+Enter")
    somebody.sees("No feedback waits for you")

    visitor.open(place)
    visitor.sees("The second one from the left.")


def test_still_right_is_one_key_in_the_ticket(person: PersonMaker, desk: FakeDesk) -> None:
    agent = make_agent(Licence.CONTRIBUTOR, email="ana@example.com", password=PASSWORD)
    article, ticket = make_article(key="KB-7"), make_ticket(desk)
    article.created_at = article.last_checked_at = database.now() - timedelta(days=500)
    db.session.commit()
    somebody = person(agent)
    somebody.open(f"/tickets/acme/{ticket.remote_id}")
    somebody.press("1")
    somebody.hears("Linked KB-7")
    somebody.sees("Still right?")
    somebody.press("y")
    somebody.hears("KB-7 is still right")
    expect(somebody.page.get_by_text("Still right?")).to_have_count(0)
    somebody.sees("by Ana")


def test_two_articles_are_merged_by_keyboard(person: PersonMaker, desk: FakeDesk) -> None:
    publisher = make_agent(Licence.PUBLISHER, email="pia@example.com", password=PASSWORD)
    older = make_article(key="KB-OLD")
    newer = make_article(key="KB-NEW", parts={"issue": "Export dead", "resolution": "Reload."})
    older.created_at = newer.created_at - timedelta(days=3)
    ticket = make_ticket(desk)
    link_article(ticket, newer, by=publisher)
    somebody = person(publisher)
    somebody.open("/articles/KB-OLD")
    somebody.press_to_leave("j")
    somebody.write("KB-NEW")
    somebody.press_to_leave("Enter")
    somebody.sees("Merge KB-NEW into KB-OLD")
    somebody.tab_to("Append KB-NEW: Resolution")
    somebody.press("Enter")
    expect(somebody.focused).to_have_value("Allow pop-ups.\n\nReload.")
    somebody.press("Control+Enter")
    expect(somebody.page.get_by_role("dialog")).to_contain_text("Merge KB-NEW into KB-OLD?")
    somebody.press("Shift+Tab")
    somebody.press_to_leave("Enter")
    somebody.sees("KB-OLD has taken the other's place")
    somebody.open("/articles/KB-NEW")
    assert somebody.page.url.endswith("/articles/KB-OLD")
    somebody.open(f"/tickets/acme/{ticket.remote_id}")
    somebody.sees("KB-OLD · answers it")
