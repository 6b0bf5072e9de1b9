"""From a delivery to the mirror and the knowledge state: once, whole, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.emulator.desk import Ticket as DeskTicket
from kcs import database, worklist
from kcs.activity.models import Activity
from kcs.cli import main
from kcs.database import db
from kcs.people.models import Agent
from kcs.ports import DeskStatus, TicketSnapshot
from kcs.solving import services as solving
from kcs.tickets.models import CallWindow, ConnectionHealth, Message, Ticket
from kcs.tickets.queries import TicketList, get_connection, page_of_tickets
from kcs.worklist import Worklist, WorkState
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, make_connection
from tests.fakes import FakeDesk, FakeProvider, desk_agent, fake_delivery
from tests.processes import PATIENCE
from tests.webhooks.conftest import CONNECTION, post, rows
from webhooks.models import Delivery
from workflow.solve import KnowledgeState


@pytest.fixture
def server(zendesk: Emulator) -> Iterator[EmulatorServer]:
    """The account on a port."""
    with EmulatorServer(zendesk) as running:
        yield running


@pytest.fixture
def api_base(server: EmulatorServer) -> str:
    """The account is asked on its port."""
    return server.api_base


@pytest.fixture
def agent(app: Flask) -> Agent:
    """An agent of ours who works on the desk."""
    found = make_agent(email="ada@acme.example")
    db.session.commit()
    return found


@pytest.fixture
def ticket(zendesk: Emulator) -> DeskTicket:
    """A customer's ticket on the desk."""
    customer = zendesk.add_user("Maria", "maria@customer.example", "end-user")
    return zendesk.create_ticket(customer, "Card not arrived", "Where is my card?")


def solve(zendesk: Emulator, ticket: DeskTicket) -> None:
    solver = zendesk.desk.user_by_email("ada@acme.example") or zendesk.add_user(
        "Ada", "ada@acme.example", "agent"
    )
    zendesk.set_status(ticket, solver, "solved")


def receive(app: Flask, zendesk: Emulator) -> None:
    """Take in everything the desk wants to send."""
    db.session.remove()
    for delivery in zendesk.take_deliveries():
        assert post(app.test_client(), zendesk.sign(delivery)).status_code == 202


def inbox(app: Flask) -> Worklist:
    found: Worklist = app.extensions["kcs.worklists"]["inbox"]
    return found


def work(app: Flask) -> int:
    db.session.remove()
    return worklist.drain(inbox(app))


def hurry() -> None:
    """Make every row due now."""
    db.session.execute(update(Delivery).values(not_before=database.now() - timedelta(minutes=1)))
    db.session.commit()


def let_time_pass() -> None:
    """Make every row due, and end the time in which nobody calls a desk that failed or asked for a pause."""
    db.session.execute(update(CallWindow).values(paused_until=None))
    db.session.execute(update(ConnectionHealth).values(closed_until=None, failures=0))
    hurry()


def mirrored() -> Ticket:
    db.session.remove()
    return db.session.execute(select(Ticket)).scalar_one()


def states() -> list[WorkState]:
    return [row.state for row in rows()]


def solved_in_log() -> int:
    query = select(func.count()).select_from(Activity).where(Activity.kind == "ticket.solve")
    return db.session.execute(query).scalar_one()


def test_a_delivery_becomes_mirror_and_state(
    app: Flask, zendesk: Emulator, ticket: DeskTicket, agent: Agent
) -> None:
    solve(zendesk, ticket)
    receive(app, zendesk)
    work(app)
    found = mirrored()
    assert (found.remote_id, found.subject, found.status) == ("1", "Card not arrived", DeskStatus.SOLVED)
    assert (found.knowledge_state, found.solver_id) == (KnowledgeState.UNANSWERED, agent.id)
    assert [message.body for message in found.messages] == ["Where is my card?"]
    assert solved_in_log() == 1
    assert set(states()) == {WorkState.DONE}


def test_one_reading_serves_all_that_waited_for_the_ticket(
    app: Flask, zendesk: Emulator, ticket: DeskTicket
) -> None:
    receive(app, zendesk)
    assert len(rows()) == 3
    assert work(app) == 1
    assert zendesk.calls.total(r"/tickets/1$", method="GET") == 1
    assert set(states()) == {WorkState.DONE}


def test_working_on_the_same_ticket_again_changes_nothing(
    app: Flask, zendesk: Emulator, ticket: DeskTicket, agent: Agent
) -> None:
    solve(zendesk, ticket)
    receive(app, zendesk)
    work(app)
    log = db.session.execute(select(func.count()).select_from(Activity)).scalar_one()
    db.session.execute(update(Delivery).values(state=WorkState.WAITING))
    db.session.commit()
    work(app)
    assert db.session.execute(select(func.count()).select_from(Activity)).scalar_one() == log
    assert mirrored().knowledge_state is KnowledgeState.UNANSWERED


def test_an_old_delivery_that_comes_late_moves_nothing_back(
    app: Flask, zendesk: Emulator, ticket: DeskTicket, agent: Agent
) -> None:
    late = zendesk.take_deliveries()
    solve(zendesk, ticket)
    receive(app, zendesk)
    work(app)
    for delivery in late:
        post(app.test_client(), zendesk.sign(delivery))
    work(app)
    assert mirrored().status is DeskStatus.SOLVED
    assert solved_in_log() == 1


def test_a_ticket_the_desk_has_no_more_leaves_the_lists_and_keeps_its_history(
    app: Flask, zendesk: Emulator, ticket: DeskTicket, agent: Agent
) -> None:
    receive(app, zendesk)
    work(app)
    assert page_of_tickets(TicketList.ALL, agent, page=1).total == 1
    zendesk.delete_ticket(ticket)
    receive(app, zendesk)
    work(app)
    assert mirrored().status is DeskStatus.DELETED
    assert page_of_tickets(TicketList.ALL, agent, page=1).total == 0
    assert db.session.execute(select(Message)).first() is not None
    assert rows()[-1].state is WorkState.DONE


def test_a_ticket_that_was_never_seen_and_is_gone_is_no_error(
    app: Flask, zendesk: Emulator, ticket: DeskTicket
) -> None:
    zendesk.delete_ticket(ticket)
    receive(app, zendesk)
    work(app)
    assert set(states()) == {WorkState.DONE}
    assert db.session.execute(select(Ticket)).first() is None


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503, "times": 20},
        {"status": 500, "times": 20},
        {"status": 429, "retry_after": "40", "times": 20},
        {"drop": True, "times": 20},
    ],
    ids=["503", "500", "429", "dropped"],
)
def test_while_the_desk_is_down_the_delivery_waits_and_is_worked_on_later(
    app: Flask, zendesk: Emulator, ticket: DeskTicket, fault: dict[str, object]
) -> None:
    receive(app, zendesk)
    zendesk.faults.add("/tickets/", **fault)  # type: ignore[arg-type]
    work(app)
    assert set(states()) == {WorkState.WAITING}
    tried = max(rows(), key=lambda row: row.attempts)
    assert tried.attempts >= 1  # the client's own tries may last so long that the next attempt is due
    assert tried.reason
    assert tried.not_before > database.now()
    assert db.session.execute(select(Ticket)).first() is None
    zendesk.faults.clear()
    let_time_pass()
    work(app)
    assert set(states()) == {WorkState.DONE}
    assert mirrored().subject == "Card not arrived"


def test_a_desk_that_asks_for_time_gets_it(app: Flask, zendesk: Emulator, ticket: DeskTicket) -> None:
    receive(app, zendesk)
    zendesk.faults.add("/tickets/", status=429, retry_after="600", times=20)
    before = database.now()
    work(app)
    tried = max(rows(), key=lambda row: row.attempts)
    assert tried.not_before >= before + timedelta(seconds=590)


def test_a_refused_token_parks_the_delivery_and_a_replay_brings_it_back(
    app: Flask, zendesk: Emulator, ticket: DeskTicket
) -> None:
    connection = get_connection(CONNECTION)
    good, connection.token = connection.token, "revoked"
    db.session.commit()
    receive(app, zendesk)
    for _ in range(3):
        work(app)
    parked = [row for row in rows() if row.state is WorkState.PARKED]
    assert len(parked) == 3
    assert all("401" in row.reason for row in parked)
    get_connection(CONNECTION).token = good
    db.session.commit()
    db.session.remove()
    ran = app.test_cli_runner().invoke(main, ["inbox", "replay", "--all"], obj=app)
    assert (ran.exit_code, ran.output) == (0, "3 put back to work.\n")
    work(app)
    assert set(states()) == {WorkState.DONE}
    assert mirrored().subject == "Card not arrived"


def test_one_tickets_poison_does_not_hold_up_another(make_app: AppMaker, desk: FakeDesk) -> None:
    class Poisoned(FakeDesk):
        def read_ticket(self, ticket_id: str) -> TicketSnapshot:
            if ticket_id == "1":
                raise ZeroDivisionError("poison")
            return super().read_ticket(ticket_id)

    poisoned = Poisoned()
    app = make_app({"zendesk": FakeProvider(poisoned)})
    with app.app_context():
        make_connection()
        db.session.commit()
        for number in ("1", "2"):
            poisoned.open_ticket(number)
            post(app.test_client(), fake_delivery(f"d{number}", number))
        work(app)
        assert states() == [WorkState.WAITING, WorkState.DONE]
        assert rows()[0].reason == "ZeroDivisionError: poison"


def test_a_crash_before_the_commit_leaves_no_half_state(
    app: Flask, zendesk: Emulator, ticket: DeskTicket, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mirror, state, log and "done" are one transaction: without the last, none of them is there."""

    def die(*_: object) -> int:
        raise SystemExit("killed")

    solve(zendesk, ticket)
    receive(app, zendesk)
    db.session.remove()
    with monkeypatch.context() as killed:
        killed.setattr(worklist, "finish_others", die)
        held = worklist.claim(inbox(app))
        assert held is not None
        with pytest.raises(SystemExit):
            worklist.run(inbox(app), held)
    db.session.remove()
    assert db.session.execute(select(Ticket)).first() is None
    assert db.session.execute(select(Message)).first() is None
    assert solved_in_log() == 0
    assert sorted(states()) == [WorkState.LEASED] + [WorkState.WAITING] * (len(rows()) - 1)
    db.session.execute(
        update(Delivery)
        .where(Delivery.state == WorkState.LEASED)
        .values(lease_until=database.now() - timedelta(minutes=1))
    )
    db.session.commit()
    work(app)
    assert set(states()) == {WorkState.DONE}
    assert solved_in_log() == 1


def test_a_worker_that_was_stopped_past_its_lease_takes_no_effect(
    app: Flask, zendesk: Emulator, ticket: DeskTicket, agent: Agent
) -> None:
    solve(zendesk, ticket)
    receive(app, zendesk)
    db.session.remove()
    slow = worklist.claim(inbox(app))
    assert slow is not None
    db.session.execute(
        update(Delivery)
        .where(Delivery.id == slow.id)
        .values(lease_until=database.now() - timedelta(minutes=1))
    )
    db.session.commit()
    work(app)
    worklist.run(inbox(app), slow)
    assert solved_in_log() == 1
    assert set(states()) == {WorkState.DONE}


def test_new_tickets_of_one_customer_worked_on_at_once_are_all_mirrored(
    app: Flask, zendesk: Emulator
) -> None:
    customer = zendesk.add_user("Maria", "maria@customer.example", "end-user")
    for number in range(8):
        zendesk.create_ticket(customer, f"Question {number}", "Where is my card?")
    receive(app, zendesk)
    gate = threading.Barrier(4)

    def drain() -> None:
        with app.app_context():
            gate.wait(PATIENCE)
            worklist.drain(inbox(app))

    threads = [threading.Thread(target=drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    hurry()
    work(app)
    assert set(states()) == {WorkState.DONE}
    db.session.remove()
    assert db.session.execute(select(func.count()).select_from(Ticket)).scalar_one() == 8


def test_a_link_made_while_the_desk_is_read_counts(make_app: AppMaker) -> None:
    class Busy(FakeDesk):
        """While the ticket is read, its agent links an article."""

        def read_ticket(self, ticket_id: str) -> TicketSnapshot:
            with served.app_context():
                ticket = db.session.execute(select(Ticket)).scalar_one_or_none()
                if ticket is not None:
                    solving.link_article(ticket, make_article(), by=db.session.get_one(Agent, 1))
                    db.session.commit()
            return super().read_ticket(ticket_id)

    busy = Busy()
    served = make_app({"zendesk": FakeProvider(busy)})
    with served.app_context():
        make_agent(email="ada@acme.example")
        make_connection()
        db.session.commit()
        busy.open_ticket("1")
        post(served.test_client(), fake_delivery("d1", "1"))
        work(served)
        assert mirrored().knowledge_state is KnowledgeState.CAPTURE
        busy.set_status("1", DeskStatus.SOLVED, desk_agent("a1", "ada@acme.example"))
        db.session.remove()
        post(served.test_client(), fake_delivery("d2", "1"))
        work(served)
        assert mirrored().knowledge_state is KnowledgeState.ANSWERED


def test_an_error_of_the_desk_says_nothing_about_the_ticket(
    app: Flask, zendesk: Emulator, ticket: DeskTicket
) -> None:
    """Only a 404 of the ticket itself means that it is gone."""
    receive(app, zendesk)
    work(app)
    zendesk.faults.add("/tickets/", status=403, times=20)
    zendesk.reply(ticket, zendesk.admin, "Still there?")
    receive(app, zendesk)
    work(app)
    assert mirrored().status is not DeskStatus.DELETED
