"""What came of an act at the desk's pages, by our database."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Error, Frame, Page
from sqlalchemy import select

from kcs.database import db
from kcs.embedding.models import PassedSave, PassReason
from kcs.solving.queries import present_links
from kcs.tickets.models import Ticket
from tests.browser.conftest import PATIENCE_MS

LOOK_EVERY_MS = 100


def linked(ticket: Ticket) -> list[str]:
    """Return the keys of the articles linked to a ticket now."""
    db.session.rollback()
    db.session.expire_all()
    found = [link.article.key for link in present_links(ticket)]
    db.session.commit()
    return found


def passed_saves() -> list[tuple[str, PassReason]]:
    """Return which tickets were saved without our answer, and why, oldest first."""
    db.session.rollback()
    query = select(PassedSave.remote_ticket_id, PassedSave.reason).order_by(PassedSave.id)
    found = [(row[0], row[1]) for row in db.session.execute(query).all()]
    db.session.commit()
    return found


def holds(frame: Frame, script: str, argument: str | None = None) -> bool:
    """Return whether a script says so in a frame; not while the frame is on its way to another page."""
    try:
        return bool(frame.evaluate(script, argument))
    except Error as error:
        if "Execution context was destroyed" in error.message or "detached" in error.message:
            return False
        raise


def wait_for(condition: Callable[[], bool], page: Page) -> None:
    """Wait until it is so, while the page goes on."""
    for _ in range(PATIENCE_MS // LOOK_EVERY_MS):
        if condition():
            return
        page.wait_for_timeout(LOOK_EVERY_MS)
    raise AssertionError("it never happened")
