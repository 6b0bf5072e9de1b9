"""A desk that keeps no history, no webhook heard: `kcs backfill` and `kcs reconcile` tell the mirror all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from integrations.freshdesk.emulator import Emulator, EmulatorServer
from integrations.freshdesk.emulator.records import Ticket as Truth
from integrations.freshdesk.provider import FreshdeskProvider
from kcs.cli import main
from kcs.database import db
from kcs.ports import DeskStatus
from kcs.syncing.models import SyncKind
from kcs.syncing.queries import latest_run
from kcs.syncing.services import EVERYTHING, begin, look_at_a_page
from kcs.tickets.queries import get_connection
from kcs.tickets.services import add_connection
from tests.conftest import AppMaker
from tests.factories import make_agent
from tests.syncing.conftest import hinted, mirror, work

S = DeskStatus
LONG_AGO = timedelta(days=90)


@dataclass
class Account:
    """A desk whose clock began three months ago; Ann and Bob work there."""

    desk: Emulator

    def __post_init__(self) -> None:
        self.ann = self.desk.add_agent("Ann", "ann@example.com")
        self.bob = self.desk.add_agent("Bob", "bob@example.com")
        self.customer = self.desk.add_contact("Maria", "maria@customer.example")

    def ticket(self, subject: str) -> Truth:
        made = self.desk.create_ticket(self.customer, subject, "Words.")
        self.desk.assign(made, self.ann, self.ann)
        self.pass_by()
        return made

    def status(self, ticket: Truth, number: int) -> Truth:
        self.desk.set_status(ticket, self.bob, number)
        self.pass_by()
        return ticket

    def pass_by(self, time: timedelta = timedelta(minutes=5)) -> None:
        self.desk.advance(time)


@pytest.fixture
def account() -> Account:
    desk = Emulator(start=datetime.now(UTC) - LONG_AGO)
    desk.limits.on(plan="enterprise")  # an account that tells us more than the smallest plan's calls
    return Account(desk)


@pytest.fixture
def app(make_app: AppMaker, account: Account) -> Iterator[Flask]:
    """An app with the desk on a port; Ann is ours."""
    app = make_app({"freshdesk": FreshdeskProvider()})
    with EmulatorServer(account.desk) as server, app.app_context():
        made = add_connection(
            "acme",
            provider="freshdesk",
            subdomain="acme",
            token=account.desk.key,
            api_base=server.api_base,
        )
        made.created_at = account.desk.clock()
        make_agent(email="ann@example.com")
        db.session.commit()
        yield app


def run(app: Flask, *arguments: str) -> dict[str, Any]:
    """Run a command that answers in JSON."""
    db.session.remove()
    ran = app.test_cli_runner().invoke(main, [*arguments, "--json"], obj=app)
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    only: dict[str, Any] = found[0] if isinstance(found, list) else found
    return only


def seen() -> dict[str, tuple[DeskStatus, str | None, bool]]:
    """Return status, solver, and whether that is inferred, of each ticket."""
    return {
        number: (each.status, each.solver.name if each.solver else None, each.solver_inferred)
        for number, each in mirror().items()
    }


def test_the_past_is_taken_in_and_what_changed_since_is_found(app: Flask, account: Account) -> None:
    desk = account.desk
    first, second, third = (account.ticket(name) for name in ("One", "Two", "Three"))
    account.status(first, 4)
    account.status(account.status(second, 4), 5)
    thrown = account.ticket("Thrown away")
    desk.delete(thrown, account.ann)
    account.pass_by(timedelta(days=50))
    recent = account.ticket("Recent")
    taken = run(app, "backfill", "acme")
    assert taken["looked_at"] >= 4
    work(app)
    assert seen() == {
        str(first.id): (S.SOLVED, "Ann", True),
        str(second.id): (S.CLOSED, "Ann", True),
        str(third.id): (S.OPEN, None, False),
        str(recent.id): (S.OPEN, None, False),
    }
    solved_at = {number: each.solved_at for number, each in mirror().items()}

    account.status(recent, 4)
    desk.reopen(first, account.customer)
    desk.delete(third, account.ann)
    account.pass_by()
    late = account.ticket("Late")
    run(app, "reconcile", "acme")
    work(app)
    expected = {
        str(first.id): (S.OPEN, None, False),
        str(second.id): (S.CLOSED, "Ann", True),
        str(third.id): (S.DELETED, None, False),
        str(recent.id): (S.SOLVED, "Ann", True),
        str(late.id): (S.OPEN, None, False),
    }
    assert seen() == expected
    assert mirror()[str(second.id)].solved_at == solved_at[str(second.id)]

    desk.restore(third, account.ann)
    account.pass_by()
    account.status(first, 4)
    run(app, "reconcile", "acme")
    work(app)
    restored = {str(third.id): (S.OPEN, None, False), str(first.id): (S.SOLVED, "Ann", True)}
    assert seen() == expected | restored


def test_an_archived_ticket_is_not_taken_for_deleted(app: Flask, account: Account) -> None:
    old = account.status(account.ticket("Old"), 4)
    run(app, "backfill", "acme")
    work(app)
    account.desk.archive(old)
    account.pass_by()
    run(app, "reconcile", "acme")
    work(app)
    assert seen()[str(old.id)][1:] == ("Ann", True)
    assert seen()[str(old.id)][0] in (S.SOLVED, S.CLOSED)


def test_a_backfill_that_was_cut_short_goes_on(app: Flask, account: Account) -> None:
    tickets = [account.ticket(f"Number {number}") for number in range(120)]
    connection = get_connection("acme")
    begun = begin(connection, SyncKind.BACKFILL, EVERYTHING)
    begun_id = begun.id
    db.session.commit()
    db.session.remove()
    assert not look_at_a_page(app.extensions["kcs.desks"], begun_id)
    assert len(hinted()) == 100
    run(app, "backfill", "acme")
    assert {ticket_id for ticket_id, _ in hinted()} == {str(each.id) for each in tickets}
    assert latest_run(get_connection("acme"), SyncKind.BACKFILL, whole=True) is not None
