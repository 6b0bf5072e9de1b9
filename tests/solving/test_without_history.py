"""Who solved, on a desk that keeps no history: told when it happened, else inferred and said to be so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from kcs import database
from kcs.activity.models import Activity
from kcs.cli import main
from kcs.database import db
from kcs.metrics.model import Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports.link_rate import REPORT
from kcs.metrics.services import Asked, Table, compute
from kcs.people.identities import known_identity
from kcs.people.models import Agent
from kcs.ports import AuthorKind, DeskStatus, DeskUser, HeardChange, TicketSnapshot
from kcs.solving.desk import follow_desk
from kcs.solving.measuring import MEASURED
from kcs.tickets.history import keep_heard, with_history
from kcs.tickets.models import Connection, StatusMark, Ticket
from kcs.tickets.queries import get_connection
from kcs.tickets.services import mirror_ticket
from tests.factories import make_agent, make_connection, sign_in
from tests.fakes import START, FakeDesk, desk_agent
from tests.forgetful import ForgetfulDesk
from workflow.permissions import Role

S = DeskStatus
ANN, BOB = desk_agent("7", "ann@example.com"), desk_agent("8", "bob@example.com")
CUSTOMER = DeskUser("u1", AuthorKind.REQUESTER, "Maria Lopez", "maria@example.com")
ROBOT = DeskUser("", AuthorKind.SYSTEM, "")
WHO = (ANN, BOB, CUSTOMER, ROBOT)


def keep(connection: Connection, heard: HeardChange, ticket_id: str = "1") -> bool:
    """A delivery brought it."""
    return keep_heard(connection.id, ticket_id, heard, told_at=database.now())


def take_in(connection: Connection, snapshot: TicketSnapshot) -> Ticket:
    """Bring the mirror in step with a reading, as the inbox does."""
    whole = with_history(connection, snapshot, asked_at=database.now())
    ticket = mirror_ticket(connection, whole)
    follow_desk(connection, ticket, whole)
    db.session.flush()
    return ticket


def log(ticket: Ticket) -> list[tuple[str, str | None, dict[str, object]]]:
    """Return what was recorded of a ticket: the act, who did it, and the detail."""
    query = (
        select(Activity.kind, Agent.name, Activity.detail)
        .outerjoin(Agent, Agent.id == Activity.agent_id)
        .where(Activity.ticket_id == ticket.id, Activity.kind != MEASURED)
        .order_by(Activity.id)
    )
    return [(kind.removeprefix("ticket."), name, detail) for kind, name, detail in db.session.execute(query)]


def report(as_of: datetime | None = None) -> Table:
    """Return the link rate by agent, as of now or of a moment."""
    db.session.commit()
    window = Window(START - timedelta(days=1), START + timedelta(days=30), ZoneInfo("UTC"))
    return compute(REPORT, Asked(window, Segment.AGENT, EVERYBODY, as_of))


def rows(found: Table) -> dict[str, tuple[int, int]]:
    """Return solved and inferred by whose they are."""
    return {
        row.label: (int(row.figures["solved"] or 0), int(row.figures["inferred"] or 0)) for row in found.rows
    }


@pytest.fixture
def desk() -> ForgetfulDesk:
    """A desk with ticket 1, assigned to Bob."""
    desk = ForgetfulDesk()
    desk.open_ticket("1")
    desk.assign("1", BOB)
    return desk


@pytest.fixture
def connection(app: Flask) -> Connection:
    """It is connected; Ann and Bob are ours."""
    for name in ("ann", "bob"):
        make_agent(email=f"{name}@example.com")
    return make_connection()


def solver(ticket: Ticket) -> tuple[str | None, bool]:
    return (ticket.solver.name if ticket.solver else None, ticket.solver_inferred)


def test_a_change_told_is_credited_to_whoever_made_it(desk: ForgetfulDesk, connection: Connection) -> None:
    desk.set_status("1", S.SOLVED, ANN)
    assert keep(connection, desk.told("1"))
    ticket = take_in(connection, desk.read_ticket("1"))
    assert solver(ticket) == ("Ann", False)
    assert ticket.solved_at == desk.told("1").at
    assert log(ticket) == [("solve", "Ann", {})]


def test_what_nobody_told_is_the_assignees_and_says_so(desk: ForgetfulDesk, connection: Connection) -> None:
    desk.set_status("1", S.SOLVED, ANN)
    solved_at = desk.clock
    desk.reply("1", BOB, "By the way.")
    for _ in range(2):
        ticket = take_in(connection, desk.read_ticket("1"))
        assert (solver(ticket), ticket.solved_at) == (("Bob", True), solved_at)
        assert log(ticket) == [("solve", "Bob", {"inferred": True})]
    desk.assign("1", ANN)
    assert solver(take_in(connection, desk.read_ticket("1"))) == ("Bob", True)
    assert rows(report()) == {"Bob": (1, 1)}


def test_without_an_assignee_and_without_a_moment_it_is_nobodys(connection: Connection) -> None:
    desk = ForgetfulDesk(moments=False)
    desk.open_ticket("1")
    desk.set_status("1", S.CLOSED, ANN)
    ticket = take_in(connection, desk.read_ticket("1"))
    assert (solver(ticket), ticket.solved_at) == ((None, True), desk.clock)
    assert rows(report()) == {"Nobody of ours": (1, 1)}


def test_told_late_it_corrects_the_credit_and_no_earlier_report(
    desk: ForgetfulDesk, connection: Connection
) -> None:
    desk.set_status("1", S.SOLVED, ANN)
    take_in(connection, desk.read_ticket("1"))
    before = report()
    assert rows(before) == {"Bob": (1, 1)}
    for _ in range(2):
        keep(connection, desk.told("1"))
        ticket = take_in(connection, desk.read_ticket("1"))
        assert solver(ticket) == ("Ann", False)
        assert log(ticket) == [("solve", "Bob", {"inferred": True}), ("solve", "Ann", {"reason": "credited"})]
    assert rows(report()) == {"Ann": (1, 0)}
    assert rows(report(as_of=before.as_of)) == rows(before)


def test_pages_and_the_command_say_what_is_inferred(
    app: Flask, client: FlaskClient, desk: ForgetfulDesk, connection: Connection
) -> None:
    desk.clock = datetime.now(UTC) - timedelta(hours=1)
    desk.set_status("1", S.SOLVED, ANN)
    take_in(connection, desk.read_ticket("1"))
    sign_in(client, make_agent(email="mia@example.com", roles=[Role.MANAGER]))
    words = "Credited to Bob, inferred from who the ticket was assigned to."
    for inferred in (True, False):
        page = client.get("/tickets/acme/1").get_data(as_text=True)
        assert (words in page) is inferred
        report_page = client.get("/reports/link-rate?by=desk").get_data(as_text=True)
        assert (f"{int(inferred)} · Inferred · acme") in report_page
        ran = app.test_cli_runner().invoke(main, ["report", "link-rate", "--by", "desk"], obj=app)
        row = next(line.split() for line in ran.output.splitlines() if line.startswith("acme"))
        assert row[:6] == ["acme", "1", "0", "0", "1", str(int(inferred))]
        assert "inferred" in client.get("/reports/link-rate.csv?by=desk").get_data(as_text=True)
        connection = get_connection("acme")
        keep(connection, desk.told("1"))
        take_in(connection, desk.read_ticket("1"))
        db.session.commit()


def test_solved_a_second_time_unseen_it_was_reopened_in_between(
    desk: ForgetfulDesk, connection: Connection
) -> None:
    desk.set_status("1", S.SOLVED, ANN)
    keep(connection, desk.told("1"))
    take_in(connection, desk.read_ticket("1"))
    desk.tick()
    desk.set_status("1", S.OPEN, CUSTOMER)
    desk.tick()
    desk.set_status("1", S.SOLVED, ANN)
    ticket = take_in(connection, desk.read_ticket("1"))
    assert solver(ticket) == ("Bob", True)
    assert [act for act, *_ in log(ticket)] == ["solve", "reopen", "solve"]
    for number in (-1, -2):
        keep(connection, desk.told("1", number))
        ticket = take_in(connection, desk.read_ticket("1"))
    assert solver(ticket) == ("Ann", False)
    assert [act for act, *_ in log(ticket)] == ["solve", "reopen", "solve", "solve"]


@pytest.mark.parametrize("later", [timedelta(seconds=20), timedelta(hours=1)])
def test_what_is_told_and_not_read_has_no_effect(
    desk: ForgetfulDesk, connection: Connection, later: timedelta
) -> None:
    """A body may say anything, and a reading may lag behind: whether a ticket is solved says its reading."""
    never = HeardChange(desk.clock + later, ANN, S.OPEN, S.SOLVED)
    keep(connection, never)
    ticket = take_in(connection, desk.read_ticket("1"))
    assert (ticket.solved_at, log(ticket)) == (None, [])
    for strange in (S.DELETED, None):
        told = replace(never, before=strange, after=S.DELETED)
        assert not keep(connection, told)


def test_a_reading_older_than_the_mirror_tells_nothing(desk: ForgetfulDesk, connection: Connection) -> None:
    stale = desk.read_ticket("1")
    desk.set_status("1", S.SOLVED, ANN)
    keep(connection, desk.told("1"))
    take_in(connection, desk.read_ticket("1"))
    ticket = take_in(connection, stale)
    assert (solver(ticket), len(log(ticket))) == (("Ann", False), 1)


def test_names_are_kept_of_agents_alone(desk: ForgetfulDesk, connection: Connection) -> None:
    desk.set_status("1", S.SOLVED, ANN)
    keep(connection, desk.told("1"))
    desk.set_status("1", S.OPEN, CUSTOMER)
    keep(connection, desk.told("1"))
    kept = db.session.execute(select(StatusMark).order_by(StatusMark.id)).scalars().all()
    assert [(row.author_name, row.author_email) for row in kept] == [("Ann", "ann@example.com"), ("", None)]
    take_in(connection, desk.read_ticket("1"))
    identity = known_identity(connection.id, "7")
    assert identity is not None
    assert identity.agent_id is not None, "who was heard of is mapped like anybody read"


def test_a_desk_with_a_history_costs_nothing(connection: Connection) -> None:
    snapshot = FakeDesk().open_ticket("1")
    asked: list[str] = []

    def keep_statement(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", keep_statement)
    assert with_history(connection, snapshot, asked_at=START) is snapshot
    event.remove(db.engine, "before_cursor_execute", keep_statement)
    assert asked == []


# The property: any life of a ticket, told in any order, doubled, or not at all.
numbers = st.integers(0, 30)
steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("move"), st.sampled_from((S.OPEN, S.PENDING, S.SOLVED, S.CLOSED)), st.integers(0, 3)
        ),
        st.tuples(st.just("assign"), st.none(), st.integers(0, 1)),
        st.tuples(st.just("talk"), st.none(), st.integers(0, 1)),
        st.tuples(st.just("hear"), st.none(), numbers),
        st.tuples(st.just("read"), st.none(), st.just(0)),
    ),
    min_size=3,
    max_size=24,
)


@dataclass
class Life:
    """One ticket, and a plain model of what can be known of it."""

    desk: ForgetfulDesk
    connection: Connection
    ticket_id: str
    heard: set[int] = field(default_factory=set)
    guess: DeskUser | None = None

    def go(self, step: tuple[str, DeskStatus | None, int]) -> None:
        act, status, number = step
        self.desk.clock += timedelta(minutes=5)
        whole = self.desk.tickets[self.ticket_id]
        if act == "move" and status not in (None, whole.status):
            self.desk.set_status(self.ticket_id, status, WHO[number])
        elif act == "assign":
            self.desk.assign(self.ticket_id, WHO[number])
        elif act == "talk":
            self.desk.reply(self.ticket_id, WHO[number], "Words.")
        elif act == "hear" and whole.changes:
            self.hear(number % len(whole.changes))
        elif act == "read":
            self.read()

    def hear(self, number: int) -> None:
        keep(self.connection, self.desk.told(self.ticket_id, number), self.ticket_id)
        self.heard.add(number)
        self.read()

    def read(self) -> Ticket:
        ticket = take_in(self.connection, self.desk.read_ticket(self.ticket_id))
        assert (ticket.solved_at is not None) == ticket.status.is_solved
        number = self.last_solving()
        if number is not None and self.desk.moments:
            told = self.desk.told(self.ticket_id, number)
            was_told = number in self.heard
            assert ticket.solver_inferred is not was_told
            assert ticket.solved_at == (told.at if was_told else told.at.replace(microsecond=0))
            if was_told:
                assert ticket.solver_remote_id == told.author.id
        return ticket

    def last_solving(self) -> int | None:
        whole = self.desk.tickets[self.ticket_id]
        solvings = [
            number
            for number, change in enumerate(whole.changes)
            if change.after.is_solved and not (change.before and change.before.is_solved)
        ]
        return solvings[-1] if whole.status.is_solved else None


@pytest.mark.parametrize("moments", [True, False], ids=["with moments", "without"])
def test_whatever_comes_when_the_end_is_right(connection: Connection, moments: bool) -> None:
    desk = ForgetfulDesk(moments=moments, clock=START + timedelta(microseconds=700))
    tried = 0

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps, st.data())
    def live(happened: list[tuple[str, DeskStatus | None, int]], data: st.DataObject) -> None:
        nonlocal tried
        tried += 1
        life = Life(desk, connection, str(tried))
        desk.open_ticket(life.ticket_id)
        for step in happened:
            life.go(step)
        changes = range(len(desk.tickets[life.ticket_id].changes))
        told = data.draw(st.lists(st.sampled_from(changes), max_size=30) if changes else st.just([]))
        for number in told:
            life.hear(number)
        ticket = life.read()
        last = life.last_solving()
        if last is not None and last in life.heard:
            heard = desk.told(life.ticket_id, last)
            assert (ticket.solver_remote_id, ticket.solved_at) == (heard.author.id, heard.at)
            assert not ticket.solver_inferred
        count = select(func.count()).select_from(Activity)
        before = db.session.execute(count).scalar_one()
        life.read()
        assert db.session.execute(count).scalar_one() == before, "the same again changes nothing"

    live()
