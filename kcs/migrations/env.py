"""Alembic's environment: migrations run inside the app, in one transaction each, on both databases."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Enum, text
from sqlalchemy.engine import Connection

from kcs.database import Base, Encrypted, UtcDateTime, db

LOCK_TIMEOUT = "10s"
MIGRATION_LOCK = 7400


def _render(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our column types as plain ones, so that an old migration never depends on today's code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Encrypted):
        return "sa.Text()"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SELECT pg_advisory_lock({MIGRATION_LOCK})"))
        connection.commit()
    else:
        # A table that is written anew goes for a moment, and with it what others refer to.
        _driver(connection).execute("PRAGMA foreign_keys = OFF")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=_render,
        render_as_batch=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite":
        _refuse_loose_ends(connection)


def _driver(connection: Connection) -> Any:
    """Return the driver's connection: SQLite takes this setting outside of transactions only."""
    return connection.connection.dbapi_connection


def _refuse_loose_ends(connection: Connection) -> None:
    loose = _driver(connection).execute("PRAGMA foreign_key_check").fetchmany(5)
    _driver(connection).execute("PRAGMA foreign_keys = ON")
    if loose:
        raise RuntimeError(f"rows refer to rows that are not there: {loose}")


with db.engine.connect() as opened:
    _run(opened)
