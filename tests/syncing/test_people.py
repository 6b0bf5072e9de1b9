"""The people of a desk: mapped by a verified address alone, never merged silently, never lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.activity.models import Activity
from kcs.cli import main
from kcs.database import db
from kcs.errors import InvalidInput, RemoteError, WorkflowError
from kcs.people import identities
from kcs.people.identities import known_identity
from kcs.people.models import Agent, Decision, Identity
from kcs.people.queries import get_agent
from kcs.people.services import deactivate
from kcs.ports import DeskAgent, DeskStatus
from kcs.syncing import chores
from kcs.syncing.credit import settle_credit
from kcs.syncing.hints import Desks
from kcs.syncing.models import SyncKind
from kcs.syncing.people import sync_people
from kcs.syncing.people_queries import Standing, count_standings, page_of_people, people_named
from kcs.syncing.queries import latest_run
from kcs.tickets.models import Connection, Ticket
from tests.factories import make_agent, make_connection, read_again, sign_in
from tests.fakes import FakeDesk, desk_agent
from workflow.permissions import Role

S = Standing


def person(number: str, email: str | None, **more: object) -> DeskAgent:
    known = DeskAgent(number, f"User {number}", email, email_verified=True, active=True)
    return replace(known, **more)  # type: ignore[arg-type]


def standings(connection: Connection) -> dict[str, Standing]:
    page = page_of_people(connection, None, page=1)
    return {each.identity.remote_id: each.standing for each in people_named(list(page.items))}


@dataclass(frozen=True)
class Case:
    """Who works on the desk, and how each then stands to us; Ann and Bob are ours, Zoe has left us."""

    staff: list[DeskAgent]
    stands: dict[str, Standing]
    before: dict[str, str] = field(default_factory=dict)


CASES = {
    "by verified address, in whatever case": Case([person("1", "ANN@Example.com")], {"1": S.MAPPED}),
    "not verified": Case([person("1", "ann@example.com", email_verified=False)], {"1": S.UNMAPPED}),
    "a stranger, and one without an address": Case(
        [person("1", "new@example.com"), person("2", None)], {"1": S.UNMAPPED, "2": S.UNMAPPED}
    ),
    "two with one address": Case(
        [person("1", "ann@example.com"), person("2", "ann@example.com")], {"1": S.SHARED, "2": S.SHARED}
    ),
    "one with the address of a colleague who is another": Case(
        [person("1", "old@example.com"), person("2", "ann@example.com")],
        {"1": S.MAPPED, "2": S.SHARED},
        before={"1": "ann@example.com"},
    ),
    "an address that is another colleague's now": Case(
        [person("1", "bob@example.com")], {"1": S.MOVED}, before={"1": "ann@example.com"}
    ),
    "an address that is nobody's now": Case(
        [person("1", "other@example.com")], {"1": S.MAPPED}, before={"1": "ann@example.com"}
    ),
    "one who has left us": Case([person("1", "zoe@example.com")], {"1": S.INACTIVE}),
    "mapped to one who has left us": Case(
        [person("1", "zoe@example.com")], {"1": S.INACTIVE}, before={"1": "zoe@example.com"}
    ),
    "suspended there": Case([person("1", "ann@example.com", active=False)], {"1": S.LEFT}),
    "named no more": Case(
        [person("2", "bob@example.com")], {"1": S.LEFT, "2": S.MAPPED}, before={"1": "ann@example.com"}
    ),
    "gone from both": Case(
        [person("2", "bob@example.com")], {"1": S.GONE, "2": S.MAPPED}, before={"1": "zoe@example.com"}
    ),
    "a machine with a colleague's address": Case(
        [person("1", "ann@example.com", machine=True)], {"1": S.MACHINE}
    ),
}


@pytest.fixture
def ours(app: Flask) -> dict[str, Agent]:
    """Ann and Bob, and Zoe who has left."""
    agents = {name: make_agent(email=f"{name}@example.com") for name in ("ann", "bob", "zoe")}
    deactivate(agents["zoe"])
    db.session.commit()
    return agents


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize("name", CASES)
def test_nobody_is_mapped_by_a_guess(desks: Desks, connection: Connection, desk: FakeDesk, name: str) -> None:
    case = CASES[name]
    for remote_id, email in case.before.items():
        agent = get_agent(email)
        row = Identity(connection_id=connection.id, remote_id=remote_id, name="Before", agent_id=agent.id)
        db.session.add(row)
    db.session.commit()
    desk.staff = case.staff
    for _ in range(2):
        run = sync_people(desks, connection.id)
        assert standings(connection) == case.stands
    attention = {S.SHARED, S.MOVED, S.INACTIVE, S.LEFT}
    assert run.found == sum(stands in attention for stands in case.stands.values())
    for remote_id, email in case.before.items():
        kept = known_identity(connection.id, remote_id)
        assert kept is not None
        assert kept.agent_id == get_agent(email).id, "what was known stays until somebody says otherwise"


def test_groups_and_light_agents_are_kept(desks: Desks, connection: Connection, desk: FakeDesk) -> None:
    desk.staff = [person("1", None, light=True, group_ids=("g2", "g9", "g1"))]
    sync_people(desks, connection.id)
    row = known_identity(connection.id, "1")
    assert row is not None
    assert (row.light, row.group_names) == (True, ["Abroad", "Billing"])


def test_a_desk_that_names_nobody_or_does_not_answer_lets_nobody_go(
    desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    desk.staff = [person("1", "new@example.com")]
    sync_people(desks, connection.id)
    desk.staff = []
    sync_people(desks, connection.id)
    desk.problem = RemoteError("Our token may not see users.", permanent=True)
    assert chores.sync_all_people(desks) == 0
    row = known_identity(connection.id, "1")
    assert row is not None
    assert row.active
    run = latest_run(connection, SyncKind.PEOPLE)
    assert run is not None
    assert run.problem == "Our token may not see users."


def solved(connection: Connection, desk: FakeDesk, number: str, by: str) -> None:
    desk.open_ticket(number)
    desk.set_status(number, DeskStatus.SOLVED, desk_agent(by, f"{by}@nowhere.example", verified=False))
    read_again(desk, connection, number)


def credited() -> list[tuple[str, str | None, str | None]]:
    """Return for each ticket who solved it, by the mirror and by the latest row of the log."""
    db.session.expire_all()
    found: list[tuple[str, str | None, str | None]] = []
    for ticket in db.session.query(Ticket).order_by(Ticket.id):
        rows = db.session.query(Activity).filter_by(kind="ticket.solve", ticket_id=ticket.id)
        last = rows.order_by(Activity.id.desc()).first()
        logged = db.session.get(Agent, last.agent_id) if last and last.agent_id else None
        solver = ticket.solver.email if ticket.solver else None
        found.append((ticket.remote_id, solver, logged.email if logged else None))
    return found


def test_what_was_solved_before_somebody_was_known_is_theirs_afterwards(
    ours: dict[str, Agent], desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    for number, by in (("1", "7"), ("2", "8"), ("3", "7")):
        solved(connection, desk, number, by)
    times = [row.happened_at for row in db.session.query(Activity).filter_by(kind="ticket.solve")]
    db.session.commit()
    desk.staff = [person("7", "ann@example.com"), person("8", "someone@example.com")]
    sync_people(desks, connection.id)
    ann = "ann@example.com"
    assert credited() == [("1", ann, ann), ("2", None, None), ("3", ann, ann)]
    row = known_identity(connection.id, "8")
    assert row is not None
    said: list[tuple[Callable[[], object], str | None]] = [
        (partial(identities.map_to, row, ours["bob"], by=ours["ann"]), "bob@example.com"),
        (partial(identities.mark_machine, row, by=ours["ann"]), None),
        (partial(identities.undo_decision, row, by=ours["ann"]), "bob@example.com"),
    ]
    for act, solver in said:
        act()
        settle_credit(connection.id)
        assert credited()[1] == ("2", solver, solver)
    rows = db.session.query(Activity).filter_by(kind="ticket.solve")
    assert {each.happened_at for each in rows} == set(times)
    count = rows.count()
    assert settle_credit(connection.id) == 0
    assert rows.count() == count


def test_a_deleted_ticket_is_credited_and_stays_out_of_reports(
    ours: dict[str, Agent], desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    solved(connection, desk, "1", "7")
    ticket = db.session.query(Ticket).one()
    ticket.status = DeskStatus.DELETED
    db.session.commit()
    desk.staff = [person("7", "ann@example.com")]
    sync_people(desks, connection.id)
    assert credited() == [("1", "ann@example.com", None)]


def test_who_leaves_the_desk_loses_access_only_where_the_connection_says_so(
    ours: dict[str, Agent], app: Flask, desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    boss = make_agent(roles=[Role.ADMIN], email="boss@example.com")
    other = make_connection("other")
    db.session.add(Identity(connection_id=other.id, remote_id="9", name="Bob", agent_id=ours["bob"].id))
    db.session.commit()
    desk.staff = [person("1", "ann@example.com"), person("2", "bob@example.com"), person("3", boss.email)]
    sync_people(desks, connection.id)
    desk.staff = [replace(each, active=False) for each in desk.staff]
    sync_people(desks, connection.id)
    assert (ours["ann"].active, count_standings(connection.id)) == (True, {S.LEFT: 3})
    db.session.remove()
    ran = app.test_cli_runner().invoke(
        main, ["connection", "people", "acme", "--sync", "--deactivate-leavers", "--json"], obj=app
    )
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert (told["left"], told["gone"]) == (2, 1)
    assert [get_agent(f"{name}@example.com").active for name in ("ann", "bob", "boss")] == [False, True, True]


def test_every_word_is_recorded_and_can_be_taken_back(ours: dict[str, Agent], connection: Connection) -> None:
    ann, bob = ours["ann"], ours["bob"]
    row = Identity(connection_id=connection.id, remote_id="1", name="Eve", email="eve@example.com")
    db.session.add(row)
    db.session.flush()
    said: list[tuple[Callable[[], object], Decision, int | None]] = [
        (partial(identities.map_to, row, bob, by=ann), Decision.MAPPED, bob.id),
        (partial(identities.mark_nobody, row, by=ann), Decision.NOBODY, None),
        (partial(identities.mark_machine, row, by=ann), Decision.MACHINE, None),
    ]
    for say, decision, agent_id in said:
        before = (row.decision, row.agent_id)
        say()
        assert (row.decision, row.agent_id) == (decision, agent_id)
        identities.undo_decision(row, by=ann)
        assert (row.decision, row.agent_id) == before
        with pytest.raises(WorkflowError, match="nothing to take back"):
            identities.undo_decision(row, by=ann)
    eve = identities.create_agent(row, by=ann)
    assert (row.agent_id, eve.active, eve.licence) == (eve.id, True, None)
    identities.let_go(row, by=ann)
    assert get_agent("eve@example.com").active is False
    identities.undo_decision(row, by=ann)
    assert get_agent("eve@example.com").active is True
    identities.say_stays(row, by=ann)
    assert row.decision is Decision.STAYS
    kinds = [each.kind for each in db.session.query(Activity).filter(Activity.kind.like("identity.%"))]
    assert kinds == [
        *["identity.mapped", "identity.undone", "identity.nobody", "identity.undone"],
        *["identity.machine", "identity.undone", "identity.mapped", "identity.let_go"],
        *["identity.undone", "identity.stays"],
    ]
    twin = Identity(connection_id=connection.id, remote_id="2", name="Twin", email="eve@example.com")
    db.session.add(twin)
    db.session.flush()
    for agent, words in ((eve, "is Eve on this desk already"), (ours["zoe"], "has left")):
        with pytest.raises(InvalidInput, match=words):
            identities.map_to(twin, agent, by=ann)
    with pytest.raises(InvalidInput, match="already in use"):
        identities.create_agent(twin, by=ann)


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> Agent:
    """An administrator, signed in."""
    boss = make_agent(roles=[Role.ADMIN], email="boss@example.com")
    sign_in(client, boss)
    return boss


@pytest.mark.usefixtures("admin", "ours")
def test_the_page_lists_filters_and_takes_a_word(
    client: FlaskClient, desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    page = "/admin/connections/acme/people"
    assert "Nobody is known of this desk yet" in client.get(page).text
    desk.staff = [
        person("1", "ann@example.com", name="Ann <b>"),
        person("2", "ann@example.com", name="Second"),
        person("3", "new@example.com", name="Newcomer", group_ids=("g1",)),
    ]
    sync_people(desks, connection.id)
    shown = client.get(page).text
    assert shown.count("Two users of the desk seem to be one colleague") == 2
    assert ("Ann &lt;b&gt;" in shown, "Ann <b>" in shown, "Billing" in shown) == (True, False, True)
    assert "No colleague has this address." in shown
    row = db.session.query(Identity).filter_by(remote_id="3").one()
    address = row.email
    for email, said in ((address, "has not verified this address"), ("", "has no address of this user")):
        row.email, row.email_verified = email, False
        db.session.commit()
        shown = client.get(page).text
        assert (said in shown, "No colleague has this address." in shown) == (True, False)
    row.email, row.email_verified = address, True
    db.session.commit()
    only = client.get(page, query_string={"standing": "unmapped"}).text
    assert ("Newcomer" in only, "Second" in only) == (True, False)
    assert "Nobody stands so" in client.get(page, query_string={"standing": "gone"}).text
    ids = {row.remote_id: row.id for row in db.session.query(Identity)}
    db.session.remove()

    def say(remote_id: str, **form: str) -> tuple[int, str]:
        answer = client.post(f"{page}/{ids[remote_id]}", data=form)
        return answer.status_code, answer.text

    assert say("2", act="nobody", standing="shared", page="1")[0] == 303
    assert say("1", act="map", agent="ann@example.com")[0] == 303
    assert say("3", act="map", agent="ann@example.com")[0] == 422
    assert say("3", act="map", agent="nobody@example.com")[0] == 404
    assert "There is nobody with the address" in say("3", act="map", agent="nobody@example.com")[1]
    assert say("3", act="create")[0] == 303
    assert say("3", act="shout")[0] == 400
    assert client.post(f"{page}/99", data={"act": "nobody"}).status_code == 404
    assert get_agent("new@example.com").active
    assert standings(db.session.get_one(Connection, connection.id)) == {
        "1": S.MAPPED,
        "2": S.NOBODY,
        "3": S.MAPPED,
    }
    assert say("3", act="undo")[0] == 303
    assert not get_agent("new@example.com").active
    assert client.get("/admin/connections/nowhere/people").status_code == 404
