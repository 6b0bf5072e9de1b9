"""Following the desk: its status history moves the ticket's knowledge, in order, once, and never back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from kcs.activity.models import Activity
from kcs.database import db
from kcs.ports import AuthorKind, DeskStatus, DeskUser, TicketSnapshot
from kcs.solving import queries, services
from kcs.solving.desk import follow_desk
from kcs.solving.measuring import MEASURED
from kcs.tickets.models import Connection, Ticket
from kcs.tickets.services import mirror_ticket
from tests.factories import make_agent, make_article, make_connection
from tests.fakes import FakeDesk, desk_agent
from workflow.solve import KnowledgeState as S

ANN = desk_agent("7", "ann@example.com")
BOB = desk_agent("8", "bob@example.com")
STRANGER = desk_agent("9", "ann@example.com", verified=False)
ROBOT = DeskUser("-1", AuthorKind.SYSTEM, "A trigger")


@pytest.fixture
def connection(app: Flask) -> Connection:
    """A desk with ticket 1, whose agents Ann and Bob are ours."""
    for name in ("ann", "bob"):
        make_agent(email=f"{name}@example.com")
    return make_connection()


def read(connection: Connection, snapshot: TicketSnapshot) -> Ticket:
    ticket = mirror_ticket(connection, snapshot)
    follow_desk(connection, ticket, snapshot)
    return ticket


def acts() -> list[tuple[str, str | None, str | None]]:
    told = (Activity.kind.like("ticket.%"), Activity.kind != MEASURED)
    rows = db.session.query(Activity).filter(*told).order_by(Activity.id)
    return [(row.kind.removeprefix("ticket."), row.before, row.after) for row in rows]


def test_several_changes_in_one_reading_take_effect_in_order(connection: Connection, desk: FakeDesk) -> None:
    desk.open_ticket("1")
    for status, author in (
        ("solved", ANN),
        ("open", ROBOT),
        ("pending", ANN),
        ("solved", BOB),
        ("closed", ROBOT),
    ):
        desk.set_status("1", DeskStatus(status), author)
    ticket = read(connection, desk.tickets["1"])
    assert acts() == [
        ("solve", "capture", "unanswered"),
        ("reopen", "unanswered", "capture"),
        ("solve", "capture", "unanswered"),
    ]
    assert ticket.solver is not None
    assert (ticket.solver.email, ticket.solved_at) == ("bob@example.com", desk.tickets["1"].changes[3].at)
    assert ticket.status is DeskStatus.CLOSED


def test_each_record_bears_the_desks_time_and_the_desks_authority(
    connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    desk.set_status("1", DeskStatus.SOLVED, ANN)
    ticket = read(connection, desk.tickets["1"])
    row = db.session.query(Activity).filter_by(kind="ticket.solve").one()
    assert (row.happened_at, row.authority) == (desk.tickets["1"].changes[0].at, f"desk:{connection.id}")
    assert row.recorded_at > row.happened_at
    assert row.agent_id == ticket.solver_id


@pytest.mark.parametrize(
    ("author", "solver"),
    [(ANN, "ann@example.com"), (BOB, "bob@example.com"), (STRANGER, None), (ROBOT, None)],
    ids=["assignee", "somebody else", "address not verified", "machine"],
)
def test_who_solved_it_is_credited_not_the_assignee(
    connection: Connection, desk: FakeDesk, author: DeskUser, solver: str | None
) -> None:
    desk.open_ticket("1")
    desk.set_status("1", DeskStatus.SOLVED, author)
    users = {**desk.tickets["1"].users, ANN.id: ANN}
    ticket = read(connection, replace(desk.tickets["1"], assignee_id=ANN.id, users=users))
    assert ticket.assignee is not None
    assert ticket.assignee.email == "ann@example.com"
    assert (ticket.solver.email if ticket.solver else None) == solver


def test_a_solving_by_somebody_the_reading_does_not_name_has_no_solver(
    connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    desk.set_status("1", DeskStatus.SOLVED, ANN)
    ticket = read(connection, replace(desk.tickets["1"], users={}))
    assert (ticket.solver_id, ticket.knowledge_state) == (None, S.UNANSWERED)


def test_the_same_reading_again_has_no_effect(connection: Connection, desk: FakeDesk) -> None:
    desk.open_ticket("1")
    desk.set_status("1", DeskStatus.SOLVED, ANN)
    read(connection, desk.tickets["1"])
    count = db.session.query(Activity).count()
    ticket = read(connection, desk.tickets["1"])
    assert db.session.query(Activity).count() == count
    assert len(ticket.messages) == 1


def test_an_older_reading_never_moves_anything_back(connection: Connection, desk: FakeDesk) -> None:
    history = [desk.open_ticket("1", subject="First words")]
    for status in (DeskStatus.SOLVED, DeskStatus.OPEN, DeskStatus.SOLVED):
        desk.set_status("1", status, ANN)
        history.append(replace(desk.tickets["1"], subject=f"At {status}"))
    read(connection, history[-1])
    written = acts()
    for older in history:
        ticket = read(connection, older)
        assert (ticket.knowledge_state, ticket.status, ticket.subject) == (
            S.UNANSWERED,
            DeskStatus.SOLVED,
            "At solved",
        )
        assert acts() == written


def test_readings_in_any_order_end_where_the_desk_is(connection: Connection, desk: FakeDesk) -> None:
    history = [desk.open_ticket("1")]
    for status in (DeskStatus.SOLVED, DeskStatus.OPEN, DeskStatus.PENDING):
        desk.set_status("1", status, ANN)
        history.append(desk.tickets["1"])
    for number in (1, 0, 3, 2):
        ticket = read(connection, history[number])
    assert (ticket.knowledge_state, ticket.status, ticket.solved_at) == (S.CAPTURE, DeskStatus.PENDING, None)
    assert acts() == [("solve", "capture", "unanswered"), ("reopen", "unanswered", "capture")]


def test_closing_after_solving_is_no_second_solving_closing_at_once_is_one(
    connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    desk.set_status("1", DeskStatus.CLOSED, ANN)
    solved_at = read(connection, desk.tickets["1"]).solved_at
    desk.set_status("1", DeskStatus.SOLVED, BOB)
    ticket = read(connection, desk.tickets["1"])
    assert (ticket.solved_at, len(acts())) == (solved_at, 1)


def test_a_ticket_reopened_on_the_desk_comes_back_to_where_it_was(
    connection: Connection, desk: FakeDesk
) -> None:
    ann = make_agent()
    for number, state in enumerate((S.REUSE, S.IMPROVE, S.STRUCTURE)):
        ticket_id = str(number)
        ticket = read(connection, desk.open_ticket(ticket_id))
        if state is S.STRUCTURE:
            services.draft_article(ticket, by=ann)
        else:
            link = services.link_article(ticket, make_article(), by=ann)
        if state is S.IMPROVE:
            services.flag_in_ticket(ticket, link.article, "Old", by=ann)
        for status, expected in ((DeskStatus.SOLVED, S.ANSWERED), (DeskStatus.OPEN, state)):
            desk.set_status(ticket_id, status, ANN)
            assert read(connection, desk.tickets[ticket_id]).knowledge_state is expected


def test_unlinking_the_answer_of_a_solved_ticket_leaves_it_unanswered(
    connection: Connection, desk: FakeDesk
) -> None:
    ann = make_agent()
    ticket = read(connection, desk.open_ticket("1"))
    services.link_article(ticket, make_article(), by=ann)
    desk.set_status("1", DeskStatus.SOLVED, ANN)
    read(connection, desk.tickets["1"])
    services.unlink(queries.present_links(ticket)[0], by=ann)
    assert (ticket.knowledge_state, ticket.came_from) == (S.UNANSWERED, None)
