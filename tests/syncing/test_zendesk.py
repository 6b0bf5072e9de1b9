"""Every life story on an emulated Zendesk, no webhook heard: the list of changes alone tells the mirror."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.emulator.desk import Ticket as Truth
from integrations.zendesk.emulator.desk import User
from integrations.zendesk.provider import ZendeskProvider
from kcs.database import db
from kcs.people.identities import known_identity
from kcs.people.models import Identity
from kcs.ports import Credentials, DeskStatus
from kcs.syncing import chores
from kcs.syncing.hints import Desks
from kcs.syncing.models import SyncKind
from kcs.syncing.people import sync_people
from kcs.syncing.queries import findings_of, latest_run
from kcs.tickets.models import Connection, Ticket
from kcs.tickets.services import add_connection
from tests.conftest import AppMaker
from tests.factories import make_agent
from tests.syncing.conftest import mirror, work

HOUR = timedelta(hours=1)


class Day:
    """A desk's day, told by its own clock, some hours ago."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0) - 6 * HOUR
        self.desk = Emulator(shapes=(), clock=self.clock)
        self.ann = self.desk.add_user("Ann", "ann@example.com", "agent")
        self.bob = self.desk.add_user("Bob", "bob@example.com", "agent")
        self.robot = self.desk.add_bot("Robot", "robot@example.com")
        self.light = self.desk.add_light_agent("Lea", "lea@example.com")
        self.customer = self.desk.add_user("Maria", "maria@customer.example", "end-user")

    def clock(self) -> datetime:
        self.now += timedelta(seconds=20)
        return self.now

    def ticket(self, subject: str) -> Truth:
        return self.desk.create_ticket(self.customer, subject, f"{subject}: my card is 4111 1111.")

    def solved(self, subject: str, by: User | None) -> Truth:
        ticket = self.ticket(subject)
        self.desk.set_status(ticket, by, "solved")
        return ticket


@pytest.fixture
def day() -> Day:
    """The desk."""
    return Day()


@pytest.fixture
def app(make_app: AppMaker, day: Day) -> Iterator[Flask]:
    """An app with the desk on a port; Ann and Bob are ours."""
    made_app = make_app({"zendesk": ZendeskProvider()})
    with EmulatorServer(day.desk) as server, made_app.app_context():
        made = add_connection(
            "acme", provider="zendesk", subdomain="acme", token=day.desk.token, api_base=server.api_base
        )
        made.created_at = day.now
        for name in ("ann", "bob", "robot"):
            make_agent(email=f"{name}@example.com")
        db.session.commit()
        yield made_app


def expected(day: Day, truth: Truth) -> tuple[str, str | None, bool]:
    """Return status, solver and whether merged, as the account has it."""
    status = "deleted" if truth.deleted or truth.gone else truth.status
    names = {day.ann.id: "Ann", day.bob.id: "Bob"}
    return status, names.get(truth.solver_id or 0), truth.merged_into is not None


def held(ticket: Ticket) -> tuple[str, str | None, bool]:
    """Return the same as the mirror has it."""
    return ticket.status.value, ticket.solver.name if ticket.solver else None, ticket.merged


def agree(day: Day) -> dict[str, Ticket]:
    """Compare every ticket with the account's, which of those deleted for good knows no more; return all."""
    found = mirror()
    told = {key: truth for key, truth in day.desk.desk.tickets.items() if not truth.gone}
    assert {int(key): held(each) for key, each in found.items() if int(key) in told} == {
        key: expected(day, truth) for key, truth in told.items()
    }
    return found


def step(app: Flask, desks: Desks) -> None:
    chores.reconcile_all(desks)
    work(app)


def test_every_story_is_told_by_the_list_of_changes(app: Flask, desks: Desks, day: Day) -> None:
    desk, connection_id = day.desk, db.session.query(Connection.id).scalar()
    sync_people(desks, connection_id)
    waits = desk.add_custom_status("Waits for the engineer", "hold")
    fixed = desk.add_custom_status("Fixed for now", "solved")
    by_ann, by_bob = day.solved("Solved by Ann", day.ann), day.solved("By Bob, who leaves", day.bob)
    by_rule, by_robot = day.solved("By an automation", None), day.solved("By a bot", day.robot)
    assigned = day.ticket("Assigned to Ann, solved by Bob")
    desk.assign(assigned, day.ann, day.ann)
    desk.set_status(assigned, day.bob, "solved")
    custom = day.ticket("A custom status")
    desk.set_custom_status(custom, day.ann, waits)
    redacted, private = day.ticket("To be redacted"), day.ticket("To be private")
    reply = desk.reply(private, day.ann, "Our discount is 40 %.")
    desk.reply(redacted, day.light, "Seen.", public=False)
    loser, winner = day.ticket("Merged"), day.ticket("Goes on")
    solved_loser = day.solved("Solved, then merged", day.ann)
    deleted, gone, back = (day.solved(name, day.ann) for name in ("Deleted", "Gone", "Back"))
    day.now += HOUR
    step(app, desks)
    agree(day)
    desk.deactivate(day.bob)
    desk.reopen(by_ann, day.customer)
    desk.set_status(by_ann, day.bob, "solved")
    desk.run_rule(by_bob, status="closed")
    desk.archive(assigned)
    desk.set_custom_status(custom, day.ann, fixed)
    desk.redact(redacted, redacted.comments[0], "4111 1111")
    desk.make_private(private, next(each for each in private.comments if each.audit_id == reply.id))
    desk.merge(loser, winner, day.ann)
    desk.merge(solved_loser, winner, day.bob)
    for each in (deleted, back):
        desk.delete_ticket(each)
    desk.delete_forever(gone)
    followed = desk.follow_up(by_bob, day.customer)
    day.now += HOUR
    step(app, desks)
    tickets = agree(day)
    assert tickets[str(gone.id)].status is DeskStatus.DELETED
    assert tickets[str(by_ann.id)].solver_remote_id == str(day.bob.id)
    assert tickets[str(by_rule.id)].solver_remote_id == "-1"
    assert tickets[str(by_robot.id)].solver_remote_id == str(day.robot.id)
    assert "4111" not in tickets[str(redacted.id)].messages[0].body
    assert [each.public for each in tickets[str(private.id)].messages] == [True, False]
    assert tickets[str(followed.id)].follows == str(by_bob.id)
    assert tickets[str(by_bob.id)].url.endswith(f"/agent/tickets/{by_bob.id}")
    desk.undelete(back)
    desk.touch(winner)
    day.now += HOUR
    chores.reconcile_all(desks)
    run = latest_run(db.session.query(Connection).one(), SyncKind.RECONCILE)
    assert run is not None
    assert [(each.remote_ticket_id, each.reason.value) for each in findings_of(run)] == [
        (str(back.id), "restored")
    ]
    work(app)
    agree(day)


def test_a_past_solved_by_people_who_have_left_is_theirs(app: Flask, desks: Desks, day: Day) -> None:
    """They are customers on the desk by the time we come; their verified address is a colleague's."""
    ticket = day.solved("Long ago", day.bob)
    day.desk.deactivate(day.bob)
    day.now += HOUR
    step(app, desks)
    agree(day)
    identity = known_identity(db.session.query(Connection.id).scalar(), str(day.bob.id))
    assert identity is not None
    assert (identity.active, mirror()[str(ticket.id)].solver_remote_id) == (False, str(day.bob.id))


def test_the_desks_people_are_read_with_groups_roles_and_leavers(app: Flask, desks: Desks, day: Day) -> None:
    day.desk.add_group("Billing", [day.ann, day.light])
    day.desk.suspend(day.bob)
    day.desk.desk.change_user(day.ann, verified=False)
    for number in range(150):
        day.desk.add_user(f"Agent {number}", f"a{number}@example.com", "agent")
    connection_id = db.session.query(Connection.id).scalar()
    assert sync_people(desks, connection_id).looked_at == 155  # with the account's own administrator
    rows = {row.name: row for row in db.session.query(Identity)}
    assert "Maria" not in rows
    told = {
        name: (row.active, row.light, row.machine, row.email_verified, row.group_names, bool(row.agent_id))
        for name, row in rows.items()
        if name in ("Ann", "Bob", "Robot", "Lea")
    }
    assert told == {
        "Ann": (True, False, False, False, ["Billing"], False),
        "Bob": (False, False, False, True, [], True),
        "Robot": (True, False, True, True, [], False),
        "Lea": (True, True, False, True, ["Billing"], False),
    }


@pytest.mark.parametrize(
    ("closed_by", "tags_at", "merged"),
    [
        ("agent", "closing", True),
        ("rule", "closing", True),
        ("rule", "before", False),
        ("agent", "before", True),
    ],
)
def test_a_merge_is_told_from_a_tag_that_somebody_set(
    app: Flask, day: Day, closed_by: str, tags_at: str, merged: bool
) -> None:
    ticket, desk = day.ticket("Tagged"), day.desk
    author = day.ann if closed_by == "agent" else None
    closing: dict[str, object] = {"status": "closed"}
    if tags_at == "before":
        desk.tag(ticket, day.ann, ["closed_by_merge"])
        desk.set_status(ticket, day.ann, "solved")
    else:
        closing["tags"] = ["closed_by_merge"]
    desk.change(ticket, author, closing)
    made = db.session.query(Connection).one()
    credentials = Credentials("acme", "", desk.token, made.api_base)
    db.session.remove()
    source = ZendeskProvider().ticket_source(credentials)
    assert source.read_ticket(str(ticket.id)).merged is merged
