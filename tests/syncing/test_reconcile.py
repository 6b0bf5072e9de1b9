"""What webhooks lost is found again: by the list of changes and by the desk's list of failed deliveries."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from kcs import database
from kcs.cli import main
from kcs.database import db
from kcs.errors import RemoteError, WorkflowError
from kcs.ports import DeskStatus, MissedDelivery, TicketGlimpse
from kcs.syncing import chores, services, standing
from kcs.syncing.comparing import Mirrored, behind
from kcs.syncing.hints import Desks
from kcs.syncing.models import Reason, SyncFinding, SyncKind, SyncRun
from kcs.syncing.queries import findings_of, latest_run, latest_runs
from kcs.tickets.models import Connection, Ticket
from kcs.worklist import WorkState
from tests.factories import make_connection
from tests.fakes import START, FakeDesk, desk_agent
from tests.syncing.conftest import hinted, inbox, mirror, work
from webhooks.models import Delivery
from webhooks.services import hint

ANN = desk_agent("7", "ann@example.com")
LATER = START + timedelta(minutes=5)
SECOND = timedelta(seconds=1)
S = DeskStatus


@pytest.fixture
def connection(app: Flask) -> Connection:
    """A desk connected just before its first ticket."""
    made = make_connection("acme")
    made.created_at = START
    db.session.commit()
    return made


def found(connection: Connection) -> list[tuple[str, str, str]]:
    run = latest_run(connection, SyncKind.RECONCILE)
    assert run is not None
    return [(each.remote_ticket_id, each.reason.value, each.way.value) for each in findings_of(run)]


@pytest.mark.parametrize(
    ("status", "updated_at", "here", "reason"),
    [
        (S.OPEN, START, None, Reason.ABSENT),
        (S.DELETED, START, None, None),
        (S.OPEN, START, Mirrored(S.OPEN, START), None),
        (S.OPEN, LATER, Mirrored(S.OPEN, START), Reason.OLDER),
        (S.SOLVED, START, Mirrored(S.OPEN, START), Reason.STATUS),
        (S.SOLVED, START, Mirrored(S.OPEN, LATER), None),
        (S.OPEN, START, Mirrored(S.OPEN, LATER), None),
        (S.OPEN, START, Mirrored(S.OPEN, START, START + SECOND), None),
        (S.OPEN, START, Mirrored(S.OPEN, START, START + SECOND / 2), Reason.UNSURE),
        (S.DELETED, START, Mirrored(S.OPEN, LATER), Reason.DELETED),
        (S.DELETED, LATER, Mirrored(S.DELETED, START), None),
        (S.OPEN, START, Mirrored(S.DELETED, LATER), Reason.RESTORED),
    ],
)
def test_the_mirror_is_behind(
    status: DeskStatus, updated_at: datetime, here: Mirrored | None, reason: Reason | None
) -> None:
    assert behind(TicketGlimpse("1", status, updated_at), here) is reason


def test_everything_lost_is_found_read_and_told(
    app: Flask, desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    for number in ("1", "2", "3"):
        desk.open_ticket(number)
        hint(connection.id, number, "changed", number)
    db.session.commit()
    work(app)
    desk.open_ticket("4")
    desk.set_status("1", S.SOLVED, ANN)
    desk.delete_ticket("2")
    assert chores.reconcile_all(desks) == 3
    assert found(connection) == [
        ("4", "absent", "listed"),
        ("1", "older", "listed"),
        ("2", "deleted", "listed"),
    ]
    work(app)
    assert {key: ticket.status for key, ticket in mirror().items()} == {
        "1": S.SOLVED,
        "2": S.DELETED,
        "3": S.NEW,
        "4": S.NEW,
    }
    assert chores.reconcile_all(desks) == 0
    assert found(connection) == []
    desk.restore_ticket("2")
    chores.reconcile_all(desks)
    assert found(connection) == [("2", "restored", "listed")]
    work(app)
    assert mirror()["2"].status is S.NEW


def test_the_next_pass_begins_where_the_last_whole_one_ended_with_an_overlap(
    desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    chores.reconcile_all(desks)
    desk.open_ticket("1")
    chores.reconcile_all(desks)
    desk.problem = RemoteError("away", permanent=False)
    chores.reconcile_all(desks)
    desk.problem = None
    chores.reconcile_all(desks)
    chores.reconcile_all(desks)
    latest = latest_runs(connection, SyncKind.RECONCILE, limit=10)[::-1]
    reached = desk.tickets["1"].updated_at
    begins = [START, START, reached, reached]
    assert [run.since for run in latest] == [each - services.OVERLAP for each in begins]
    assert [run.looked_at for run in latest] == [0, 1, 1, 1]
    assert all(run.finished_at and not run.problem for run in latest)


def test_a_desk_that_is_away_is_told_of_and_holds_up_no_other(
    app: Flask, desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    make_connection("other")
    db.session.commit()
    desk.problem = RemoteError("The desk is away.", permanent=False)
    assert chores.reconcile_all(desks) == 0
    runs = db.session.query(SyncRun).order_by(SyncRun.id).all()
    assert [(run.problem, run.finished_at) for run in runs] == [("The desk is away.", None)] * 2
    ok, said = standing.reconcile_health(connection)
    assert not ok
    assert "The desk is away." in said
    db.session.remove()
    ran = app.test_cli_runner().invoke(main, ["reconcile", "acme", "--json"], obj=app)
    assert ran.exit_code == 1
    assert json.loads(ran.stdout)["problem"] == "The desk is away."
    db.session.remove()
    ran = app.test_cli_runner().invoke(main, ["reconcile", "acme"], obj=app)
    assert ran.output.count("The desk is away.") == 1
    desk.problem = None
    db.session.remove()
    ran = app.test_cli_runner().invoke(main, ["reconcile"], obj=app)
    assert (ran.exit_code, ran.output.count("nothing was missed")) == (0, 2)
    assert standing.reconcile_health(connection)[0]


def test_a_pass_over_many_pages_keeps_its_place(
    app: Flask, desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    desk.per_page = 2
    for number in range(1, 6):
        desk.open_ticket(str(number))
    run_id = services.begin_reconcile(connection).id
    db.session.commit()
    assert services.reconcile(desks, run_id, pages=1) is False
    assert [ticket for ticket, _ in hinted()] == ["1", "2"]
    assert services.begin_reconcile(connection).id == run_id
    db.session.commit()
    assert services.reconcile(desks, run_id) is True
    assert [ticket for ticket, _ in hinted()] == ["1", "2", "3", "4", "5"]
    assert latest_run(connection, SyncKind.RECONCILE).looked_at == 5  # type: ignore[union-attr]


def test_two_that_go_on_with_one_pass_do_not_both_count(
    desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    desk.per_page = 1
    desk.open_ticket("1")
    desk.open_ticket("2")
    run_id = services.begin_reconcile(connection).id
    db.session.commit()
    listed = desk.changed_tickets

    def meanwhile(since: datetime, cursor: str | None = None) -> object:
        desk.changed_tickets = listed  # type: ignore[method-assign]
        services.look_at_a_page(desks, run_id)
        return listed(since, cursor)

    desk.changed_tickets = meanwhile  # type: ignore[assignment,method-assign]
    with pytest.raises(WorkflowError, match="Another process"):
        services.look_at_a_page(desks, run_id)
    assert db.session.get_one(SyncRun, run_id).looked_at == 1


def test_what_still_waits_in_the_inbox_was_not_lost(
    desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    hint(connection.id, "1", "changed", "d1")
    db.session.commit()
    assert chores.reconcile_all(desks) == 0
    assert hinted() == [("1", "changed")]


@pytest.mark.parametrize("forbidden", [False, True])
def test_failed_deliveries_are_read_and_their_list_may_be_refused(
    app: Flask, desks: Desks, connection: Connection, desk: FakeDesk, forbidden: bool
) -> None:
    connection.webhook_id = "w1"
    db.session.commit()
    desk.open_ticket("1")
    chores.reconcile_all(desks)
    work(app)
    desk.missed = [MissedDelivery("i1", "1", desk.clock), MissedDelivery("i2", "1", desk.clock)]
    desk.missed_problem = RemoteError("Not in your plan.", permanent=True) if forbidden else None
    for _ in range(2):
        chores.reconcile_all(desks)
        work(app)
    first, second = latest_runs(connection, SyncKind.RECONCILE, limit=2)[::-1]
    assert all(run.finished_at for run in (first, second))
    if forbidden:
        assert "Not in your plan." in first.problem
        assert first.found == 0
    else:
        assert [(each.reason, each.way.value) for each in findings_of(first)] == [
            (Reason.UNDELIVERED, "undelivered")
        ]
        assert second.found == 0


def test_a_ticket_that_cannot_be_read_gets_no_new_row_each_hour(
    app: Flask, desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    chores.reconcile_all(desks)
    db.session.execute(update(Delivery).values(state=WorkState.PARKED))
    db.session.commit()
    assert chores.reconcile_all(desks) == 0
    assert hinted() == [("1", "reconcile")]
    assert hint(connection.id, "1", "changed", "d9"), "a webhook's word counts as ever"


def test_old_passes_are_forgotten_but_the_last_of_each_kind(
    desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    for _ in range(3):
        chores.reconcile_all(desks)
    old = database.now() - timedelta(days=91)
    db.session.execute(update(SyncRun).values(finished_at=old))
    db.session.commit()
    assert db.session.query(SyncFinding).count() == 1
    chores.forget_old()
    assert [run.kind for run in db.session.query(SyncRun)] == [SyncKind.RECONCILE]
    assert db.session.query(SyncFinding).count() == 0
    assert services.begin_reconcile(connection).since == desk.clock - services.OVERLAP


def test_a_hint_is_made_once_and_rings(app: Flask, connection: Connection) -> None:
    bell = app.extensions["kcs.bell"]
    assert hint(connection.id, "1", "reconcile", "k")
    assert not hint(connection.id, "1", "reconcile", "other key, same ticket waits")
    assert hint(connection.id, "2", "reconcile", "k2")
    db.session.commit()
    bell.wait("inbox", 0)
    work(app)
    assert not hint(connection.id, "1", "reconcile", "k")
    assert hint(connection.id, "1", "other", "k")
    db.session.commit()
    assert bell._event("inbox").is_set()
    assert [row.body for row in inbox()] == [b""] * 3


def test_a_desk_that_was_long_not_looked_through_is_overdue(connection: Connection, desks: Desks) -> None:
    assert standing.reconcile_health(connection)[0] is False  # added months ago, by the clock of these tests
    connection.created_at = database.now()
    assert standing.reconcile_health(connection) == (True, "soon")
    chores.reconcile_all(desks)
    run = latest_run(connection, SyncKind.RECONCILE)
    assert run is not None
    run.finished_at = database.now() - timedelta(hours=4)
    ok, said = standing.reconcile_health(connection)
    assert (ok, "Overdue" in said) == (False, True)


def test_what_was_read_in_the_second_of_its_change_is_read_once_more(
    app: Flask, desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    desk.clock = database.now() + timedelta(seconds=3)
    desk.open_ticket("1")
    chores.reconcile_all(desks)
    work(app)
    assert len(hinted()) == 1
    assert chores.reconcile_all(desks) == 0
    assert len(hinted()) == 2, "read again, not called missed"
    db.session.execute(update(Ticket).values(read_at=desk.clock + SECOND))
    db.session.execute(update(Delivery).values(state=WorkState.DONE))
    db.session.commit()
    chores.reconcile_all(desks)
    assert len(hinted()) == 2


def test_a_ticket_listed_twice_is_sent_once(desks: Desks, connection: Connection, desk: FakeDesk) -> None:
    first = desk.open_ticket("1")
    desk.per_page = 1
    run_id = services.begin_reconcile(connection).id
    db.session.commit()
    desk.tickets["2"] = replace(first, id="2", updated_at=first.updated_at + timedelta(minutes=1))
    services.look_at_a_page(desks, run_id)
    desk.set_status("1", S.OPEN, ANN)
    desk.tick()
    services.reconcile(desks, run_id)
    assert sorted(ticket or "" for ticket, _ in hinted()) == ["1", "2"]
