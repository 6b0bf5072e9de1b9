"""Two colleagues, three tickets (two of one issue), and a server that has room for streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.articles.models import Article
from kcs.database import db
from kcs.live.hub import Hub
from kcs.people.models import Agent
from kcs.tickets.models import Ticket
from tests.factories import make_agent, make_article, make_ticket, sign_in
from tests.fakes import FakeDesk

SAME = {
    "subject": "Export stays grey after the update",
    "body": "Since then the export button is grey.",
}
OTHER = {"subject": "Calendar shows the wrong week", "body": "Our calendar begins on the wrong day."}


@dataclass
class Office:
    """Ana works, Bea watches; `first` and `second` are of one issue, `third` is of another."""

    app: Flask
    desk: FakeDesk
    ana: Agent
    bea: Agent
    first: Ticket
    second: Ticket
    third: Ticket
    known: Article
    browser: FlaskClient

    @property
    def hub(self) -> Hub:
        """Who listens over streams."""
        hub: Hub = self.app.extensions["kcs.live"]
        return hub

    def address(self, path: str = "", ticket: Ticket | None = None) -> str:
        """Where Bea hears about a ticket, the second unless another is named."""
        return f"/live/acme/{(ticket or self.second).remote_id}{path}"

    def poll(self, after: str, *, shown: str = "", ticket: Ticket | None = None) -> dict[str, object]:
        """Ask as Bea's page does."""
        asked = {"after": after, "shown": shown}
        answer = self.browser.get(self.address("/poll", ticket), query_string=asked)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def told(self, act: Callable[[], object], **asked: object) -> list[dict[str, str | None]]:
        """Return the events Bea's page is told of one act."""
        after = str(self.poll("")["after"])
        act()
        db.session.commit()
        events: list[dict[str, str | None]] = self.poll(after, **asked)["events"]  # type: ignore[arg-type, assignment]
        return events


@pytest.fixture
def office(app: Flask, desk: FakeDesk) -> Iterator[Office]:
    """Everybody at work."""
    ana, bea = (make_agent(email=f"{name}@example.com") for name in ("ana", "bea"))
    known = make_article(
        title="Invoices arrive twice", parts={"issue": "Two", "resolution": "Merge."}, key="KB-7"
    )
    first, second, third = (make_ticket(desk, None, **words) for words in (SAME, SAME, OTHER))
    browser = sign_in(app.test_client(), bea)
    at_work = Office(app, desk, ana, bea, first, second, third, known, browser)
    at_work.hub.open(4)
    yield at_work
    at_work.hub.close()
