"""Which secret a desk came with last: noted now and then, and handed on when the secret is changed."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from kcs.database import db
from kcs.tickets.breaker import locked
from kcs.tickets.hearing import SELDOM, SELDOM_REFUSED, heard_from, note_heard, note_refused
from kcs.tickets.services import end_former_secret, rotate_webhook_secret
from tests.factories import make_connection


def test_a_delivery_is_noted_unless_one_just_was(app: Flask) -> None:
    connection_id = connected()
    note_heard(connection_id, kind="a\nchange", with_former=False)
    note_heard(connection_id, kind="just after", with_former=False)
    heard = heard_from(connection_id)
    assert (heard.kind, heard.former_at) == ("a change", None)
    note_heard(connection_id, kind="of each secret by itself", with_former=True)
    assert heard_from(connection_id).former_at is not None
    make_older(connection_id, "heard_at", SELDOM)
    note_heard(connection_id, kind="later", with_former=False)
    assert heard_from(connection_id).kind == "later"


def test_what_is_refused_is_noted_once_a_minute(app: Flask) -> None:
    connection_id = connected()
    note_refused(connection_id)
    first = heard_from(connection_id).refused_at
    note_refused(connection_id)
    assert first is not None
    assert heard_from(connection_id).refused_at == first
    make_older(connection_id, "refused_at", SELDOM_REFUSED)
    note_refused(connection_id)
    assert (heard_from(connection_id).refused_at or first) > first - SELDOM_REFUSED


def connected() -> int:
    """Return a connection's id."""
    connection_id = make_connection().id
    db.session.commit()
    return connection_id


def make_older(connection_id: int, name: str, span: timedelta) -> None:
    """Let something have been noted a little longer ago than that."""
    health = locked(db.session(), connection_id)
    setattr(health, name, getattr(health, name) - span - timedelta(seconds=1))
    db.session.commit()


def test_at_a_change_the_present_secret_becomes_the_former_one(app: Flask) -> None:
    connection = make_connection()
    db.session.commit()
    note_heard(connection.id, kind="change", with_former=False)
    before = heard_from(connection.id).at
    first = connection.webhook_secret
    rotate_webhook_secret(connection, "second")
    db.session.flush()
    assert (heard_from(connection.id).at, heard_from(connection.id).former_at) == (None, before)
    assert connection.previous_webhook_secret == first
    end_former_secret(connection)
    assert connection.previous_webhook_secret is None
