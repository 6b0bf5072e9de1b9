"""What is not worth waiting for: done at once or not at all, and nobody is less patient afterwards."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from kcs import database
from kcs.database import db
from kcs.tickets.models import Connection
from tests.factories import make_connection
from tests.locks import held, waiting_for_the_lock
from tests.processes import PATIENCE

NOTED = update(Connection).values(username="noted")
# How long a connection waits for a lock: SQLite in milliseconds, PostgreSQL without end.
PATIENT = {"sqlite": ("PRAGMA busy_timeout", 15000), "postgresql": ("SHOW lock_timeout", "0")}


@pytest.fixture(autouse=True)
def connection(app: Flask) -> None:
    """A row to write to, and one connection that everybody gets in turn."""
    make_connection()
    db.session.commit()
    db.session.remove()
    db.engine.dispose()


def note() -> None:
    with database.at_once() as connection:
        connection.execute(NOTED)


def break_off() -> None:
    with database.at_once() as connection:
        connection.execute(NOTED)
        raise ZeroDivisionError


def noted() -> bool:
    with database.reading():
        return db.session.execute(select(Connection.username)).scalar_one() == "noted"


def test_what_nobody_stands_in_the_way_of_is_committed() -> None:
    note()
    assert noted()


def test_it_gives_up_where_another_transaction_holds_the_lock(app: Flask) -> None:
    came: list[str] = []

    def try_it() -> None:
        with app.app_context():
            try:
                note()
            except OperationalError:
                came.append("gave up")

    trying = threading.Thread(target=try_it, daemon=True)
    with waiting_for_the_lock(5 * PATIENCE), held("connections"):
        trying.start()
        trying.join(PATIENCE)
        came_meanwhile = list(came)
    trying.join(PATIENCE)
    assert came_meanwhile == ["gave up"]
    assert not noted()


def test_what_fails_midway_leaves_nothing() -> None:
    with pytest.raises(ZeroDivisionError):
        break_off()
    assert not noted()


@pytest.mark.parametrize("outcome", ["done", "given up", "failed"])
def test_afterwards_the_connection_waits_as_patiently_as_ever(outcome: str) -> None:
    if outcome == "done":
        note()
    elif outcome == "given up":
        with held("connections"), suppress(OperationalError):
            note()
    else:
        with suppress(ZeroDivisionError):
            break_off()
    asked, answer = PATIENT[db.engine.dialect.name]
    with database.reading():
        assert db.session.execute(text(asked)).scalar_one() == answer


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_holds_sqlites_lock_is_told_not_to_wait_for_itself() -> None:
    db.session.execute(NOTED)
    with pytest.raises(RuntimeError, match="commit or roll back first"):
        note()
