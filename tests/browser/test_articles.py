"""An article from a ticket to the help centre, by five people at five keyboards, and two writers at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PersonMaker
from tests.browser.person import Person
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

pytestmark = [pytest.mark.browser, pytest.mark.long]

ANSWER = "Allow pop-ups for this site, then press Export again."


def test_a_draft_becomes_an_answer_that_customers_find(person: PersonMaker, desk: FakeDesk) -> None:
    candidate = make_agent(Licence.CANDIDATE, email="cem@example.com", password=PASSWORD)
    coach = make_agent(None, [Role.COACH], email="cleo@example.com", password=PASSWORD)
    publisher = make_agent(Licence.PUBLISHER, email="pia@example.com", password=PASSWORD)
    make_ticket(desk, solved_by=candidate.email, subject="Export stays grey", body="The export is grey.")

    author = person(candidate)
    author.press_to_leave("1")
    author.press_to_leave("d")
    author.hears("is drafted from this ticket")
    expect(author.focused).to_have_attribute("name", "title")
    author.tab_to("Resolution")
    author.write(ANSWER)
    author.press_to_leave("Control+Enter")
    author.sees_badge("Work in progress")
    author.press_to_leave("c")
    author.sees_badge("Not validated")
    author.sees("It waits for somebody who may validate it")

    reviewer = person(coach)
    _open_first_article(reviewer, "c")
    reviewer.press_to_leave("v")
    reviewer.sees_badge("Validated")
    reviewer.sees("A publisher can show it to readers outside")

    editor = person(publisher)
    _open_first_article(editor, "v")
    editor.press("p")
    expect(editor.page.get_by_role("dialog")).to_contain_text("Publish this text?")
    editor.press("Shift+Tab")
    editor.press_to_leave("Enter")
    editor.sees_badge("Published")

    visitor = person()
    visitor.open("/help/")
    visitor.tab_to("Search the help centre")
    visitor.write("my export is grey")
    visitor.press_to_leave("Enter")
    visitor.hears("1 result")
    visitor.tab_to("Export stays grey")
    visitor.press_to_leave("Enter")
    visitor.sees(ANSWER)


def _open_first_article(somebody: Person, list_key: str) -> None:
    somebody.press_to_leave("a")
    somebody.press_to_leave(list_key)
    somebody.press_to_leave("1")


def test_two_writers_see_each_others_text_and_lose_nothing(person: PersonMaker) -> None:
    ana = make_agent(Licence.CONTRIBUTOR, email="ana@example.com", password=PASSWORD)
    ben = make_agent(Licence.CONTRIBUTOR, email="ben@example.com", password=PASSWORD)
    article = make_article(ArticleState.VALIDATED, key="KB-7")
    address = f"/articles/{article.key}/edit"
    first, second = person(ana), person(ben)
    first.open(address)
    second.open(address)

    second.tab_to("Resolution")
    second.press("Control+End")
    second.write(" Ben's sentence.")
    second.press_to_leave("Control+Enter")
    second.sees("Saved")

    first.tab_to("Resolution")
    first.press("Control+End")
    first.write(" Ana's sentence.")
    first.tab_to("What did you change?")
    first.write("Ana's note")
    first.press_to_leave("Enter")
    expect(first.page.get_by_role("alert")).to_contain_text("you began from version 1, the present one is 2")
    first.sees("Ben's sentence.")
    expect(first.page.get_by_label("Result", exact=True)).to_have_value("Allow pop-ups. Ana's sentence.")
    expect(first.page.get_by_label("What did you change?")).to_have_value("Ana's note")

    first.press("3")
    first.press_to_leave("s")
    first.sees("Ana's sentence.")
    first.sees("Ben's sentence.")


def test_what_refuses_a_move_is_said_on_the_articles_page(person: PersonMaker) -> None:
    contributor = make_agent(Licence.CONTRIBUTOR, email="ana@example.com", password=PASSWORD)
    make_article(ArticleState.WIP, key="KB-8", parts={"issue": "Cannot export"})
    somebody = person(contributor)
    somebody.open("/articles/KB-8")
    somebody.press_to_leave("v")
    somebody.hears("very required field is needed")
    somebody.sees_badge("Work in progress")
