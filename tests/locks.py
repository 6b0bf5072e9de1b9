"""Transactions of somebody else that stand in the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, event, text

from kcs.database import db


@contextmanager
def held(table: str) -> Iterator[None]:
    """Hold SQLite's lock, or all rows of a PostgreSQL table, in a transaction that is taken back."""
    engine = create_engine(db.engine.url)
    try:
        with engine.connect() as writer:
            writer.execute(text(f"UPDATE {table} SET id = id"))  # noqa: S608 -- named by a test
            yield
            writer.rollback()
    finally:
        engine.dispose()


@contextmanager
def waiting_for_the_lock(seconds: float) -> Iterator[None]:
    """Let whoever wants SQLite's lock wait so long for it."""

    def wait(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")

    if db.engine.dialect.name == "sqlite":
        event.listen(db.engine, "connect", wait)
    _forget_connections()
    try:
        yield
    finally:
        if db.engine.dialect.name == "sqlite":
            event.remove(db.engine, "connect", wait)
        _forget_connections()


def _forget_connections() -> None:
    db.session.remove()
    db.engine.dispose()
