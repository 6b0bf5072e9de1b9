"""Duplicates and missing knowledge, by keyboard alone."""

from __future__ import annotations

import pytest

from kcs.search.duplicate_acts import keep_duplicates, look_for_duplicates
from tests.browser.conftest import PersonMaker
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.permissions import Licence

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_pairs_are_compared_called_different_and_put_back(person: PersonMaker) -> None:
    publisher = make_agent(Licence.PUBLISHER, email="pia@example.com", password=PASSWORD)
    make_article(key="KB-7", title="Blank page on export", author=publisher)
    make_article(key="KB-8", title="Export shows nothing", author=publisher)
    keep_duplicates(look_for_duplicates())

    somebody = person(publisher)
    somebody.press_to_leave("a")
    somebody.press_to_leave("u")
    somebody.sees("% alike")
    somebody.press_to_leave("1")
    somebody.sees("Blank page on export")
    somebody.go_back()
    somebody.press_to_leave("j")
    somebody.sees("Export shows nothing")
    somebody.go_back()
    somebody.press_to_leave("x")
    somebody.sees("No two articles say the same")
    somebody.press_to_leave("d")
    somebody.sees("not the same, said Pia")
    somebody.tab_to("Put back")
    somebody.press_to_leave("Enter")
    somebody.sees("The pair is in the queue again")


def test_a_gap_is_opened_and_filled(person: PersonMaker, desk: FakeDesk) -> None:
    agent = make_agent(Licence.CONTRIBUTOR, email="cy@example.com", password=PASSWORD)
    for _ in range(3):
        make_ticket(desk, solved_by=agent.email)
    somebody = person(agent)
    somebody.press_to_leave("r")
    somebody.press_to_leave("g")
    somebody.sees("3 tickets")
    somebody.press_to_leave("1")
    somebody.sees("I cannot export my report")
    somebody.go_back()
    somebody.press_to_leave("n")
    somebody.sees("Work in progress")
    somebody.open("/gaps")
    somebody.sees("2 tickets")
