"""The Evolve loop board, by keyboard alone, on a wide screen and a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kcs import database
from kcs.database import db
from kcs.evolving import patterns
from tests.browser.conftest import PersonMaker
from tests.evolving.test_board import PRINTER, Base, product_of, unlike_and_back
from tests.evolving.test_patterns import DRIVER, JAM, ROLLER, article
from tests.factories import PASSWORD, make_agent, make_article
from tests.fakes import FakeDesk
from workflow.permissions import Licence, Role

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_the_board_is_gone_through(person: PersonMaker, desk: FakeDesk) -> None:
    base = Base(desk)
    coach = make_agent(Licence.PUBLISHER, [Role.COACH], email="pia@example.com", password=PASSWORD)
    unlike_and_back(base, make_article(title="Restart and try again"))
    held = make_article(title="Duplex paper jams, Press 7")
    for link in base.uses(held, [PRINTER.format(tray) for tray in range(3)], base.ben):
        product_of(link.ticket, "Press 7")
    for number in range(3):
        base.ticket(f"Camera of room {number} shows nothing but black", base.ana)
    old = make_article(title="Fax numbers of 1998")
    old.created_at = database.now() - timedelta(400)
    article(JAM, ROLLER, "Model X2")
    article(f"{JAM} again", DRIVER, "Model X9")
    db.session.commit()
    patterns.work()

    somebody = person(coach)
    somebody.open("/evolve")
    somebody.sees("Not an answer")
    somebody.press_to_leave("2")
    somebody.sees("Camera of room")
    somebody.press_to_leave("3")
    somebody.sees("Fax numbers of 1998")
    somebody.press_to_leave("4")
    somebody.sees("solved by Ben alone")
    somebody.press_to_leave("5")
    somebody.sees("Press 7")
    somebody.press_to_leave("6")
    somebody.sees("Model X9")
