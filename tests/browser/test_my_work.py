"""A day begins on My work: by keyboard alone, on a wide and on a narrow screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kcs import database
from kcs.articles.flags import flag_article
from kcs.database import db
from kcs.reviews import deciding, services
from kcs.reviews.comments import Passage
from kcs.reviews.models import Asks
from kcs.solving.services import link_article
from tests.browser.conftest import WIDE, PersonMaker
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

pytestmark = [pytest.mark.browser, pytest.mark.long]

NARROW = (320, 640)


def test_my_work_is_done_by_keyboard(person: PersonMaker, desk: FakeDesk) -> None:
    coach = make_agent(Licence.PUBLISHER, [Role.COACH], email="mia@example.com", password=PASSWORD)
    me = make_agent(Licence.CONTRIBUTOR, email="ana@example.com", password=PASSWORD)
    me.coach_id = coach.id
    make_ticket(desk, solved_by="ana@example.com", subject="Export stays empty")
    returned = make_article(ArticleState.NOT_VALIDATED, key="KB-2", author=me, title="Export as CSV")
    review = services.ask_review(returned, Asks.VALIDATE, by=me)
    said = (Passage("Name the browser.", "resolution", "pop-ups"),)
    deciding.return_with_comments(review, by=coach, comments=said)
    flag_article(make_article(key="KB-3", author=me), "Step 2 is gone", by=coach)
    make_article(ArticleState.WIP, key="KB-4", author=me, title="Grey buttons")
    due = make_article(key="KB-5", author=me, title="Print to PDF")
    due.created_at = due.last_checked_at = database.now() - timedelta(days=500)
    link_article(make_ticket(desk), due, by=coach)
    due.last_used_at = due.created_at
    cited = services.ask_review(make_article(key="KB-6", author=me), Asks.PUBLISH, by=me)
    deciding.return_with_comments(cited, by=coach, comments=(Passage("Who is it for?"),))
    db.session.commit()

    somebody = person(me)
    expect(somebody.page).to_have_url(somebody.base + "/my-work")
    for shown in (
        "Export stays empty",
        "Name the browser.",
        "Step 2 is gone",
        "Grey buttons",
        "Print to PDF",
    ):
        somebody.sees(shown)
    expect(somebody.page.locator(".nav a[aria-current]")).to_contain_text("My work 6")
    somebody.press_to_leave("1")
    expect(somebody.page.locator("h1")).to_contain_text("Export stays empty")
    somebody.press_to_leave("w")
    somebody.press_to_leave("y")
    somebody.sees("KB-5 is still right: thank you.")
    expect(somebody.page.locator("#checks")).to_contain_text("Everything you look after")
    somebody.press_to_leave("w")
    somebody.tab_to("Name the browser.")
    somebody.press_to_leave("Enter")
    somebody.sees("Name the browser.")

    somebody.press_to_leave("w")
    for width, height in (WIDE, NARROW):
        somebody.page.set_viewport_size({"width": width, "height": height})
        assert somebody.page.evaluate("document.documentElement.scrollWidth") <= width
