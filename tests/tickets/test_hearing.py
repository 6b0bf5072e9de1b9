"""Which secret a desk came with last: noted now and then, and handed on when the secret is changed."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from kcs.database import db
from kcs.tickets.breaker import locked
from kcs.tickets.hearing import SELDOM, heard_from, note_heard, worth_noting
from kcs.tickets.services import end_former_secret, rotate_webhook_secret
from tests.factories import make_connection


def test_a_delivery_is_noted_unless_one_just_was(app: Flask) -> None:
    connection = make_connection()
    assert worth_noting(connection.id, with_former=False)
    note_heard(connection.id, kind="a\nchange", with_former=False)
    db.session.flush()
    heard = heard_from(connection.id)
    assert (heard.kind, heard.former_at) == ("a change", None)
    assert not worth_noting(connection.id, with_former=False)
    assert worth_noting(connection.id, with_former=True), "of each secret by itself"
    health = locked(db.session(), connection.id)
    assert health.heard_at is not None
    health.heard_at -= SELDOM + timedelta(seconds=1)
    db.session.flush()
    assert worth_noting(connection.id, with_former=False)


def test_at_a_change_the_present_secret_becomes_the_former_one(app: Flask) -> None:
    connection = make_connection()
    note_heard(connection.id, kind="change", with_former=False)
    before = heard_from(connection.id).at
    first = connection.webhook_secret
    rotate_webhook_secret(connection, "second")
    db.session.flush()
    assert (heard_from(connection.id).at, heard_from(connection.id).former_at) == (None, before)
    assert connection.previous_webhook_secret == first
    end_former_secret(connection)
    assert connection.previous_webhook_secret is None
