"""The mirror: a ticket as the desk last gave it, cleaned, with its people where names may stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from kcs.activity.models import Activity
from kcs.database import db
from kcs.errors import ConfigError, InvalidInput, NotFound
from kcs.people.models import Agent, Identity
from kcs.ports import AuthorKind, DeskMessage, DeskStatus, DeskUser
from kcs.tickets.models import Connection, Message, Requester, Ticket
from kcs.tickets.queries import TicketList, count_tickets, get_connection, get_ticket, page_of_tickets
from kcs.tickets.services import (
    add_connection,
    mark_deleted,
    mirror_ticket,
    rotate_webhook_secret,
)
from tests.conftest import AppMaker
from tests.factories import make_agent, make_connection, make_ticket
from tests.fakes import FakeDesk, desk_agent
from workflow.solve import KnowledgeState

ANN = desk_agent("7", "ann@example.com")


@pytest.fixture
def connection(app: Flask) -> Connection:
    make_agent(email="ann@example.com")
    return make_connection()


def test_a_ticket_is_kept_as_read(connection: Connection, desk: FakeDesk) -> None:
    maria = DeskUser(
        "u1", AuthorKind.REQUESTER, "Maria\tLopez", "maria@example.com", "612", "Calle 5\nMadrid"
    )
    desk.open_ticket("1", "Grey\nbutton\0", "It is\0 grey.", requester=maria, tags=("a\nb",))
    desk.reply("1", ANN, "Try this.")
    desk.reply("1", ANN, "A note.", public=False)
    snapshot = replace(
        desk.tickets["1"],
        assignee_id=ANN.id,
        fields={"Version": "4.2\n"},
        users={maria.id: maria, ANN.id: ANN},
    )
    ticket = mirror_ticket(connection, snapshot)
    assert (ticket.subject, ticket.tags, ticket.fields) == ("Grey button", ["a b"], {"Version": "4.2"})
    assert ticket.assignee is not None
    assert ticket.assignee.email == "ann@example.com"
    requester = db.session.query(Requester).one()
    assert (requester.name, requester.email, requester.phone, requester.address) == (
        "Maria Lopez",
        "maria@example.com",
        "612",
        "Calle 5\nMadrid",
    )
    db.session.refresh(ticket)
    assert [(m.author_kind, m.public, m.body, m.agent_id) for m in ticket.messages] == [
        ("requester", True, "It is grey.", None),
        ("agent", True, "Try this.", ticket.assignee_id),
        ("agent", False, "A note.", ticket.assignee_id),
    ]


def test_what_the_desk_redacts_or_hides_is_followed_and_what_it_renames_too(
    connection: Connection, desk: FakeDesk
) -> None:
    mirror_ticket(connection, desk.open_ticket("1"))
    first = desk.tickets["1"].messages[0]
    maria = DeskUser("u1", AuthorKind.REQUESTER, "Maria Gomez", None)
    snapshot = replace(
        desk.tickets["1"], messages=(replace(first, body="█████", public=False),), users={"u1": maria}
    )
    mirror_ticket(connection, snapshot)
    message, requester = db.session.query(Message).one(), db.session.query(Requester).one()
    assert (message.body, message.public) == ("█████", False)
    assert (requester.name, requester.email) == ("Maria Gomez", None)


def test_an_older_reading_adds_only_what_is_missing(connection: Connection, desk: FakeDesk) -> None:
    older = replace(
        desk.open_ticket("1", "Older"),
        messages=(DeskMessage("m0", "u1", "Lost before", True, desk.clock),),
    )
    desk.tick()
    newer = replace(older, subject="Newer", updated_at=desk.clock, messages=desk.tickets["1"].messages)
    mirror_ticket(connection, newer)
    ticket = mirror_ticket(connection, older)
    assert ticket.subject == "Newer"
    assert {message.remote_id for message in db.session.query(Message)} == {"1-1", "m0"}


def test_an_author_the_reading_does_not_name_is_the_desk_itself(
    connection: Connection, desk: FakeDesk
) -> None:
    ticket = mirror_ticket(connection, replace(desk.open_ticket("1"), users={}))
    assert ticket.requester is None
    assert db.session.query(Message).one().author_kind is AuthorKind.SYSTEM


def test_strangers_among_the_desks_agents_are_kept_for_mapping(
    connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    desk.reply("1", desk_agent("8", "new@example.com"), "Hello")
    mirror_ticket(connection, desk.tickets["1"])
    identity = db.session.query(Identity).one()
    assert (identity.remote_id, identity.agent_id) == ("8", None)


def test_the_same_number_on_two_desks_is_two_tickets(connection: Connection, desk: FakeDesk) -> None:
    south = make_connection("south")
    for each in (connection, south):
        mirror_ticket(each, desk.open_ticket("1", subject=each.name))
    assert [get_ticket(name, "1").subject for name in ("acme", "south")] == ["acme", "south"]
    assert db.session.query(Requester).count() == 2


def test_what_is_not_there_is_not_found(connection: Connection, desk: FakeDesk) -> None:
    mirror_ticket(connection, desk.open_ticket("1"))
    for name, ticket_id in (("acme", "2"), ("south", "1"), ("", ""), ("acme", "1\0x"), ("acme", "\ud800")):
        with pytest.raises(NotFound):
            get_ticket(name, ticket_id)


def test_a_deleted_ticket_leaves_the_lists_once_and_its_record_stays(
    connection: Connection, desk: FakeDesk
) -> None:
    ticket, ann = mirror_ticket(connection, desk.open_ticket("1")), make_agent()
    for _ in range(2):
        mark_deleted(ticket)
    assert [row.before for row in db.session.query(Activity).filter_by(kind="ticket.excluded")] == ["new"]
    assert [count_tickets(each, ann) for each in TicketList] == [0, 0, 0, 0]
    with pytest.raises(NotFound):
        get_ticket("acme", "1")
    assert db.session.query(Ticket).count() == 1


def test_each_list_holds_what_it_says(connection: Connection) -> None:
    ann, desk = db.session.query(Agent).one(), FakeDesk()
    for status, state, mine in (
        ("open", "capture", True),
        ("open", "structure", True),
        ("solved", "unanswered", True),
        ("closed", "answered", True),
        ("pending", "capture", False),
        ("solved", "unanswered", False),
    ):
        ticket = make_ticket(desk, connection)
        ticket.status, ticket.knowledge_state = DeskStatus(status), KnowledgeState(state)
        ticket.assignee_id = ann.id if mine else None
        ticket.solved_at = ticket.desk_updated_at if ticket.status.is_solved else None
    assert {each.value: count_tickets(each, ann) for each in TicketList} == {
        "mine": 2,
        "unfinished": 2,
        "open": 3,
        "all": 6,
    }
    for each in TicketList:
        page = page_of_tickets(each, ann, page=1)
        assert page.total == count_tickets(each, ann)
        times = [ticket.desk_updated_at for ticket in page.items]
        assert times == sorted(times, reverse=True)
    only = page_of_tickets(TicketList.ALL, ann, page=1, state=KnowledgeState.STRUCTURE)
    assert [ticket.knowledge_state for ticket in only.items] == [KnowledgeState.STRUCTURE]
    assert page_of_tickets(TicketList.ALL, ann, page=9).items == []


def test_a_connections_name_can_stand_in_an_address_and_is_its_own(connection: Connection) -> None:
    for name in ("", "a b", "a/b", "ä", "a_b", "-", "acme"):
        with pytest.raises(InvalidInput):
            add_connection(name, provider="zendesk", subdomain="x", token="t")


def test_secrets_are_encrypted_at_rest_and_two_are_valid_in_a_rotation(
    connection: Connection, make_app: AppMaker
) -> None:
    rotate_webhook_secret(connection, "new-secret")
    db.session.commit()
    assert (connection.webhook_secret, connection.previous_webhook_secret) == ("new-secret", "fake-secret")
    row = str(db.session.execute(text("SELECT * FROM connections")).mappings().one())
    for secret in ("new-secret", "fake-secret", "'token'"):
        assert secret not in row.replace("'token':", "")
    db.session.expire_all()
    assert get_connection("acme").token == "token"
    db.session.remove()
    with (
        make_app(SECRET_KEY="another-secret-that-is-long-enough-too").app_context(),
        pytest.raises(ConfigError, match="cannot be decrypted"),
    ):
        get_connection("acme")
