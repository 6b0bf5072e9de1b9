"""An article's page names the tickets that use it, and those alone."""

from __future__ import annotations

from flask.testing import FlaskClient

from kcs.database import db
from kcs.solving.panels import SHOWN
from kcs.solving.queries import present_link
from kcs.solving.services import link_article, unlink
from tests.factories import make_agent, make_article, make_ticket, sign_in
from tests.fakes import FakeDesk


def test_an_article_names_the_latest_tickets_it_is_linked_to(client: FlaskClient, desk: FakeDesk) -> None:
    agent, article = make_agent(), make_article()
    sign_in(client, agent)
    address = f"/articles/{article.key}"
    assert "use it" not in client.get(address).text
    tickets = [make_ticket(desk, subject=f"Subject {number}") for number in range(SHOWN + 2)]
    for ticket in tickets:
        link_article(ticket, article, by=agent)
    gone = present_link(tickets[-1], article)
    assert gone is not None
    unlink(gone, by=agent)
    db.session.commit()
    shown = client.get(address).text
    assert f"{SHOWN + 1} tickets use it" in shown
    assert [f"Subject {number}" in shown for number in range(SHOWN + 2)] == [False] + [True] * SHOWN + [False]
