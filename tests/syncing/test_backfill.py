"""A desk's past is taken in: resumable, behind the webhooks, with its own dates, and nobody is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from kcs import database
from kcs.activity.models import Activity
from kcs.chores import ChoreRow
from kcs.cli import main
from kcs.database import db
from kcs.errors import RemoteError
from kcs.people.models import Agent
from kcs.ports import DeskStatus, TicketPage
from kcs.solving.models import PreparedDraft
from kcs.solving.signals import left_unanswered
from kcs.syncing import services
from kcs.syncing.chores import go_on_with_backfills
from kcs.syncing.hints import Desks
from kcs.syncing.models import SyncKind, SyncRun
from kcs.syncing.waiting import patiently, until_worked_on
from kcs.tickets.models import ClosePolicy, Connection, Ticket
from kcs.tickets.queries import TicketList, count_tickets
from tests.factories import make_agent, sign_in
from tests.fakes import START, FakeDesk, desk_agent
from tests.syncing.conftest import hinted, inbox, mirror, work
from webhooks.services import hint
from workflow.permissions import Role
from workflow.solve import KnowledgeState

ANN = desk_agent("7", "ann@example.com")


def run(app: Flask, *arguments: str) -> Result:
    db.session.remove()
    return app.test_cli_runner().invoke(main, ["backfill", "acme", *arguments], obj=app)


@pytest.fixture
def past(desk: FakeDesk) -> FakeDesk:
    """Five tickets, two to a page; the first was solved by Ann."""
    desk.per_page = 2
    for number in range(1, 6):
        desk.open_ticket(str(number))
        if number == 1:
            desk.set_status("1", DeskStatus.SOLVED, ANN)
    return desk


def test_what_the_mirror_lacks_is_read_once(app: Flask, connection: Connection, past: FakeDesk) -> None:
    said = json.loads(run(app, "--json").stdout)
    assert (said["looked_at"], said["found"], said["left"], bool(said["finished_at"])) == (5, 5, 5, True)
    assert {(kind, row.background) for row in inbox() for kind in [row.kind]} == {("backfill", True)}
    assert work(app) == 5
    assert sorted(mirror()) == ["1", "2", "3", "4", "5"]
    again = json.loads(run(app, "--json").stdout)
    assert (again["looked_at"], again["found"], again["left"]) == (5, 0, 0)


def test_only_what_changed_since_a_day(app: Flask, connection: Connection, past: FakeDesk) -> None:
    past.clock += timedelta(days=2)
    past.open_ticket("6")
    run(app, "--since", f"{past.clock:%Y-%m-%d}")
    assert [ticket for ticket, _ in hinted()] == ["6"]


@pytest.mark.parametrize("dies_at", [1, 2, 3])
def test_killed_at_any_page_the_same_command_goes_on(
    app: Flask, connection: Connection, past: FakeDesk, dies_at: int
) -> None:
    """Each page with its rows is one transaction: after a kill all of it is there, or nothing."""
    listed, asked = past.changed_tickets, []

    def killed(since: datetime, cursor: str | None = None) -> TicketPage:
        asked.append(cursor)
        if len(asked) == dies_at:
            raise KeyboardInterrupt
        return listed(since, cursor)

    past.changed_tickets = killed  # type: ignore[method-assign]
    run(app)
    assert len(hinted()) == 2 * (dies_at - 1)
    past.changed_tickets = listed  # type: ignore[method-assign]
    said = json.loads(run(app, "--json").stdout)
    assert (said["looked_at"], said["found"]) == (5, 5)
    assert db.session.query(SyncRun).count() == 1
    assert sorted(ticket or "" for ticket, _ in hinted()) == ["1", "2", "3", "4", "5"]


def test_begun_anew_it_starts_at_the_beginning(app: Flask, connection: Connection, past: FakeDesk) -> None:
    first = services.begin(connection, SyncKind.BACKFILL, services.EVERYTHING)
    first.cursor = "elsewhere"
    db.session.commit()
    run(app, "--restart")
    runs = db.session.query(SyncRun).order_by(SyncRun.id).all()
    assert [(each.looked_at, each.problem) for each in runs] == [(0, "given up: begun anew"), (5, "")]


def test_webhooks_go_first(app: Flask, connection: Connection, past: FakeDesk) -> None:
    run(app)
    hint(connection.id, "9", "changed", "d1")
    past.open_ticket("9")
    db.session.commit()
    work(app)
    assert past.reads[0] == "9"


def test_past_solves_have_their_own_dates_and_ask_nobody(
    app: Flask, connection: Connection, past: FakeDesk
) -> None:
    ann = make_agent(email="ann@example.com")
    connection.created_at = past.clock
    connection.closing = ClosePolicy.DRAFT
    db.session.commit()
    for number in ("6", "7"):
        past.open_ticket(number)
        past.set_status(number, DeskStatus.SOLVED, ANN)
    asked: list[str] = []

    def heard(ticket: Ticket) -> None:
        asked.append(ticket.remote_id)

    run(app)
    with left_unanswered.connected_to(heard):
        work(app)
        connection = db.session.get_one(Connection, 1)
        connection.closing = ClosePolicy.REMIND
        db.session.commit()
        past.open_ticket("8")
        past.set_status("8", DeskStatus.SOLVED, ANN)
        run(app)
        work(app)
    tickets = mirror()
    solved = [key for key, each in tickets.items() if each.knowledge_state is KnowledgeState.UNANSWERED]
    assert sorted(solved) == ["1", "6", "7", "8"]
    assert tickets["1"].solved_at == past.tickets["1"].changes[0].at
    assert {each.solver_id for key, each in tickets.items() if key in solved} == {ann.id}
    rows = {row.ticket_id: row for row in db.session.query(Activity).filter_by(kind="ticket.solve")}
    first = rows[tickets["1"].id]
    assert first.happened_at == tickets["1"].solved_at
    assert first.recorded_at > first.happened_at
    assert count_tickets(TicketList.UNFINISHED, db.session.get_one(Agent, ann.id)) == 3
    prepared = {each.ticket_id for each in db.session.query(PreparedDraft)}
    assert prepared == {tickets["6"].id, tickets["7"].id}
    assert asked == ["8"]


def test_a_busy_desk_is_waited_for_as_long_as_it_asks(
    app: Flask, connection: Connection, desks: Desks
) -> None:
    run_id = services.begin(connection, SyncKind.BACKFILL, START).id
    db.session.commit()
    answers: list[Exception | bool] = [
        RemoteError("Slow down.", permanent=False, retry_after=40),
        RemoteError("Away.", permanent=False),
        True,
    ]
    said: list[str] = []
    slept: list[float] = []

    def step() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert patiently(step, run_id, said.append, slept.append)
    assert said[0] == "Slow down. Going on in 40 s."
    assert slept[0] == 40
    assert db.session.get_one(SyncRun, run_id).problem == "Away."
    refused: Callable[[], bool] = _raising(RemoteError("Refused.", permanent=True))
    with pytest.raises(RemoteError, match="Refused"):
        patiently(refused, run_id, said.append, slept.append)
    away = _raising(RemoteError("Away.", permanent=False))
    with pytest.raises(RemoteError, match="Away"):
        patiently(away, run_id, said.append, slept.append)
    assert len(slept) == 2 + 7


def _raising(error: Exception) -> Callable[[], bool]:
    def step() -> bool:
        raise error

    return step


def test_waiting_counts_what_was_read_and_says_when_nothing_moves() -> None:
    left = iter([5, 5, *[3] * 61, 0])
    counted: list[int] = []
    said: list[str] = []
    until_worked_on(lambda: next(left), counted.append, said.append, lambda _: None)
    assert sum(counted) == 5
    assert len(said) == 1
    assert "Nothing moves" in said[0]


def test_a_desk_that_refuses_is_said_to(app: Flask, connection: Connection, desk: FakeDesk) -> None:
    desk.problem = RemoteError("The export needs an administrator's token.", permanent=True)
    ran = run(app)
    assert (ran.exit_code, "needs an administrator's token" in ran.output) == (1, True)
    assert db.session.query(SyncRun).one().started_at.tzinfo is UTC


def test_a_page_asks_for_it_and_the_chore_goes_on_with_it_alone(
    app: Flask, client: FlaskClient, desks: Desks, connection: Connection, past: FakeDesk
) -> None:
    assert go_on_with_backfills(desks) == 0
    sign_in(client, make_agent(None, [Role.ADMIN]))
    assert client.post("/admin/connections/acme/sync", data={"what": "backfill"}).status_code == 303
    assert go_on_with_backfills(desks) == 5
    assert go_on_with_backfills(desks) == 0
    assert work(app) == 5
    assert sorted(mirror()) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("what", ["reconcile", "people"])
def test_a_page_brings_the_hourly_look_forward(
    app: Flask, client: FlaskClient, connection: Connection, what: str
) -> None:
    name = f"desks.{what}"
    db.session.add(ChoreRow(name=name, due_at=database.now() + timedelta(hours=5)))
    sign_in(client, make_agent(None, [Role.ADMIN]))
    client.post("/admin/connections/acme/sync", data={"what": what})
    db.session.expire_all()
    assert db.session.get_one(ChoreRow, name).due_at <= database.now()


def test_what_cannot_be_asked_for_is_refused(client: FlaskClient, connection: Connection) -> None:
    sign_in(client, make_agent(None, [Role.ADMIN]))
    assert client.post("/admin/connections/acme/sync", data={"what": "all"}).status_code == 400
