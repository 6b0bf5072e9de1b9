"""A ticket that stays deleted loses its words after thirty days; restored in time, it keeps them."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from kcs.activity.models import Activity
from kcs.database import db
from kcs.ports import AuthorKind, DeskStatus, DeskUser
from kcs.syncing import erasing
from kcs.syncing.hints import Desks
from kcs.tickets.models import Connection, Requester, Ticket
from tests.factories import make_agent, read_again, sign_in
from tests.fakes import FakeDesk, desk_agent
from tests.syncing.conftest import hinted, mirror, work
from webhooks.models import Delivery
from webhooks.services import hint


def test_the_words_go_and_the_counts_stay(
    app: Flask, desks: Desks, connection: Connection, desk: FakeDesk
) -> None:
    other = DeskUser("u2", AuthorKind.REQUESTER, "Eva", "eva@example.com")
    desk.open_ticket("1", tags=("vip",))
    desk.open_ticket("2")
    desk.open_ticket("3", requester=other)
    for number in "123":
        hint(connection.id, number, "changed", number)
    db.session.commit()
    work(app)
    for number in "13":
        desk.delete_ticket(number)
        hint(connection.id, number, "deleted", number)
    db.session.commit()
    work(app)
    db.session.execute(update(Delivery).values(body=b"words"))
    db.session.commit()
    assert erasing.erase_deleted() == 0
    for ticket in db.session.query(Ticket).filter(Ticket.status == DeskStatus.DELETED):
        assert ticket.deleted_at is not None
        ticket.deleted_at -= timedelta(days=31)
    db.session.commit()
    assert (erasing.erase_deleted(), erasing.erase_deleted()) == (2, 0)
    tickets = mirror()
    assert [(key, tickets[key].subject, tickets[key].tags) for key in ("1", "3")] == [
        ("1", "", []),
        ("3", "", []),
    ]
    assert [message.body for message in tickets["1"].messages] == [""]
    assert tickets["2"].messages[0].body
    people = {row.remote_id: row.name for row in db.session.query(Requester)}
    assert people == {"u1": "Maria Lopez", "u2": ""}, "one of them has another ticket"
    bodies = {row.remote_ticket_id: row.body for row in db.session.query(Delivery)}
    assert bodies == {"1": b"", "2": b"words", "3": b""}
    assert db.session.query(Activity).filter_by(kind="ticket.excluded").count() == 2
    desk.restore_ticket("1")
    hint(connection.id, "1", "restored", "r1")
    db.session.commit()
    work(app)
    back = mirror()["1"]
    assert (back.subject, back.tags, back.deleted_at, back.erased_at) == (
        "Export button is grey",
        ["vip"],
        None,
        None,
    )
    assert back.messages[0].body
    assert hinted()


def test_a_ticket_tells_what_it_takes_up_and_that_it_was_merged(
    client: FlaskClient, connection: Connection, desk: FakeDesk
) -> None:
    ann = make_agent()
    desk.open_ticket("1", subject="First <try>")
    for number, follows in (("2", "1"), ("3", "99"), ("4", None)):
        desk.open_ticket(number)
        desk.change(number, follows=follows)
    desk.merge("4", desk_agent("7", "ann@example.com"))
    for number in "1234":
        read_again(desk, connection, number)
    db.session.commit()
    sign_in(client, ann)
    shown = {number: client.get(f"/tickets/acme/{number}").text for number in "1234"}
    assert "Takes up a closed ticket again" in shown["2"]
    assert "#1 First &lt;try&gt;" in shown["2"]
    assert "Takes up ticket 99 again" in shown["3"]
    assert "Closed into another ticket" in shown["4"]
    assert not any(words in shown["1"] for words in ("Takes up", "Closed into"))
