"""What knowledge is missing: groups of tickets that were solved without an article."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from kcs import database
from kcs.database import db
from kcs.people.models import Agent
from kcs.ports import AuthorKind, DeskStatus, DeskUser
from kcs.solving import gaps as solving_gaps
from kcs.solving import services
from kcs.solving.gaps import Gap, GapFinder
from kcs.solving.models import ExemptionReason
from kcs.tickets.models import Connection, Ticket
from tests.factories import make_agent, make_article, make_connection, read_again, sign_in
from tests.fakes import START, FakeDesk, desk_agent
from workflow.permissions import Licence

ANA = "ana@example.com"
# Three customers write the name of one; another is named as a word is.
SAID = (
    ("Zuleika", "Export ends blank", "The export of my report ends with a blank page. Zuleika"),
    ("Bob Reports", "Blank page", "When exporting reports I get a blank page, Zuleika said to ask you."),
    ("Carl", "Report", "My report export shows a blank page, says Zuleika Quick."),
    ("Dora", "Shipping", "Do you ship to Norway?"),
)


@pytest.fixture
def agent(app: Flask) -> Agent:  # on its database
    return make_agent(Licence.CONTRIBUTOR, email=ANA)


@pytest.fixture
def connection(agent: Agent) -> Connection:  # whose agent is known
    return make_connection()


def solve(connection: Connection, number: int, customer: str, subject: str, body: str) -> Ticket:
    """Mirror a ticket of a customer that was solved on the desk."""
    desk = FakeDesk(clock=START + timedelta(hours=number))
    desk.open_ticket(
        str(number), subject, body, requester=DeskUser(f"u-{customer}", AuthorKind.REQUESTER, customer)
    )
    desk.set_status(str(number), DeskStatus.SOLVED, desk_agent("7", ANA))
    return read_again(desk, connection, str(number))


def found(since: datetime = START) -> list[Gap]:
    """Return the gaps, found anew."""
    return list(GapFinder().gaps(since, limit=10).shown)


def test_tickets_about_the_same_are_a_gap_named_without_customers(connection: Connection) -> None:
    for number, said in enumerate(SAID):
        solve(connection, number, *said)
    whole = GapFinder().gaps(START, limit=10)
    assert (whole.groups, whole.tickets, whole.alone, whole.cut) == (1, 4, 1, False)
    (gap,) = whole.shown
    assert (gap.count, {ticket.remote_id for ticket in gap.tickets}) == (3, {"0", "1", "2"})
    assert set(gap.words) == {"blank", "export", "page", "report"}
    assert gap.central in gap.tickets


def test_words_of_one_customer_name_no_gap(connection: Connection) -> None:
    for number, (_, subject, body) in enumerate(SAID[:3]):
        solve(connection, number, "Zoe", subject, body)
    assert [(gap.count, gap.words) for gap in found()] == [(3, ())]


def test_a_gap_shrinks_as_its_tickets_get_knowledge(connection: Connection, agent: Agent) -> None:
    tickets = [solve(connection, number, *said) for number, said in enumerate(SAID)]
    finder = GapFinder()
    assert [gap.count for gap in finder.gaps(START, limit=10).shown] == [3]
    services.link_article(tickets[0], make_article(author=agent), by=agent)
    db.session.flush()
    assert [gap.count for gap in finder.gaps(START, limit=10).shown] == [2]
    services.exempt(tickets[1], ExemptionReason.NO_KNOWLEDGE, by=agent)
    db.session.flush()
    assert finder.gaps(START, limit=10).shown == ()


def test_only_the_period_and_its_latest_tickets_are_looked_at(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, said in enumerate(SAID[:3]):
        solve(connection, number, *said)
    assert [gap.count for gap in found(START + timedelta(hours=1))] == [2]
    monkeypatch.setattr(solving_gaps, "LOOKED_AT", 2)
    cut = GapFinder().gaps(START, limit=10)
    assert (cut.cut, [gap.count for gap in cut.shown]) == (True, [2])


def test_the_page_leads_to_the_tickets_and_to_a_draft(
    app: Flask, connection: Connection, agent: Agent
) -> None:
    client = sign_in(app.test_client(), agent)
    assert "No ticket was solved without an article" in client.get("/gaps").text
    for number, said in enumerate(SAID):
        solve(connection, number, *said).solved_at = database.now() - timedelta(days=40)
    db.session.commit()
    assert "No ticket was solved" in client.get("/gaps?days=30").text
    shown = client.get("/gaps?days=90").text
    assert shown.count('href="/tickets/acme/') == 4
    assert "3 tickets" in shown
    assert "Draft an article" in shown
    central = found(database.now() - timedelta(days=90))[0].central
    assert client.post(f"/tickets/acme/{central.remote_id}/draft").status_code == 303
    assert "2 tickets" in client.get("/gaps").text
    assert client.get("/gaps?days=").status_code == 200
    for days in ("foo", "0", "31", "-30", "30.5", "9" * 30):
        refused = client.get("/gaps", query_string={"days": days})
        assert (refused.status_code, f"&#39;{days}&#39; is no period" in refused.text) == (422, True)
    manager = make_agent(None, email="mia@example.com")
    assert "Draft an article" not in sign_in(app.test_client(), manager).get("/gaps").text
