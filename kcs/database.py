"""The database: base class, column types, transactions, locks and the clock, on SQLite and PostgreSQL."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    Text,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, registry

from kcs.errors import ConfigError
from kcs.sentences import Sentence, packed, unpacked

_reading: ContextVar[bool] = ContextVar("kcs_reading", default=False)
# The clock that another one was put in the place of, for every thread of this process; see `following`.
_clock: Callable[[], datetime] | None = None

Loaded = TypeVar("Loaded")

Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: always timezone-aware UTC outside, naive UTC inside SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: nobody knows which moment they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return UTC whatever the session's time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Encrypted(TypeDecorator[str]):
    """A secret kept encrypted at rest (Fernet); the newest key encrypts, every configured key decrypts."""

    impl = Text
    cache_ok = True
    keys: ClassVar[tuple[str, ...]] = ()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Encrypt with the newest key."""
        return None if value is None else self._fernet().encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Decrypt. Raises ConfigError when no configured key fits."""
        if value is None:
            return None
        try:
            return self._fernet().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ConfigError(
                "A stored credential cannot be decrypted: KCS_SECRET_KEY or KCS_ENCRYPTION_KEYS has changed. "
                "Put the old key back as the last of KCS_ENCRYPTION_KEYS, or enter the credential anew."
            ) from error

    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self.keys])


class Said(TypeDecorator[str]):
    """Words for people: a `Sentence` that is kept comes back as one, to be said in the reader's language."""

    impl = String
    cache_ok = True
    packing: ClassVar[str] = '{"said": '

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Keep what a sentence was made of; other words as they are."""
        if value is None or not (isinstance(value, Sentence) or value.startswith(self.packing)):
            return value
        return json.dumps(packed(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Make the sentence again."""
        if value is None or not value.startswith(self.packing):
            return value
        return unpacked(json.loads(value))


def _enum_values(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]


class Base(DeclarativeBase):
    """Base of every model."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UtcDateTime(),
            enum.Enum: Enum(enum.Enum, native_enum=False, length=40, values_callable=_enum_values),
            str: Text(),
            dict[str, str]: Json,
            dict[str, Any]: Json,
            list[str]: Json,
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


_PATIENT = "PRAGMA busy_timeout = 15000"
# How a transaction is told hardly to wait for a lock.
_IMPATIENT = {"sqlite": "PRAGMA busy_timeout = 0", "postgresql": "SET LOCAL lock_timeout = '50ms'"}


def prepare_engine(engine: Engine) -> None:
    """Give SQLite real transactions, durability and a patient lock; PostgreSQL needs nothing."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(_PATIENT)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start: a reader that later writes would fail at once, without waiting."""
    connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")


def begin_reading() -> None:
    """Let transactions of this context begin without the write lock, until `end_reading`."""
    _reading.set(True)


def end_reading() -> None:
    """Transactions of this context take the write lock again."""
    _reading.set(False)


@contextmanager
def reading() -> Iterator[None]:
    """Read, then let go of the database before anything slow happens."""
    token = _reading.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        _reading.reset(token)


@contextmanager
def apart() -> Iterator[Session]:
    """A short transaction of its own beside that of the caller, committed at the end.

    For what must stay whatever the caller does. Raises RuntimeError on SQLite when the caller holds the
    write lock: it would wait for itself.
    """
    refuse_own_lock()
    token = _reading.set(False)
    try:
        with Session(db.engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        _reading.reset(token)


@contextmanager
def at_once() -> Iterator[Connection]:
    """A transaction of its own for what is not worth waiting for, committed at the end.

    Raises OperationalError where another transaction holds the lock it needs.
    """
    refuse_own_lock()
    token = _reading.set(True)  # the first write takes the lock, not the beginning
    try:
        with db.engine.connect() as connection:
            connection.exec_driver_sql(_IMPATIENT[connection.dialect.name])
            try:
                yield connection
                connection.commit()
            finally:
                connection.rollback()
                if not is_postgresql():  # there it outlives the transaction
                    connection.exec_driver_sql(_PATIENT)
    finally:
        _reading.reset(token)


def refuse_own_lock() -> None:
    """Raise RuntimeError when what comes next would wait for the write lock that this very caller holds."""
    held = db.session.registry.has() and db.session().in_transaction()
    if held and not _reading.get() and not is_postgresql():
        raise RuntimeError("A desk is called within a transaction that writes: commit or roll back first.")


def once(name: str, load: Callable[[], Loaded]) -> Loaded:
    """Return what `load` gives, asked for once in a transaction: for settings that every act looks at."""
    kept: dict[str, Loaded] = db.session().info.setdefault("once", {})
    if name not in kept:
        kept[name] = load()
    return kept[name]


def forget_once(session: Session) -> None:
    """What `once` kept is old: a setting was changed, or the transaction is over."""
    session.info.pop("once", None)


def forget_after_transactions() -> None:
    """Let `once` forget at the end of every transaction."""
    event.listen(db.session, "after_transaction_end", _transaction_over)


def _transaction_over(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        forget_once(session)


def now(session: Session | None = None) -> datetime:
    """Return the time by the database's clock, so that leases agree between machines."""
    if db.engine.dialect.name == "sqlite":
        return _clock() if _clock else datetime.now(UTC)
    value: datetime = (session or db.session).execute(text("SELECT clock_timestamp()")).scalar_one()
    return value.astimezone(UTC)


@contextmanager
def following(clock: Callable[[], datetime]) -> Iterator[None]:
    """Let `now` follow another clock in every thread of this process, on SQLite alone.

    For a demo that plays weeks in minutes. The clock must never go back: leases and the log rely on that.
    """
    global _clock  # noqa: PLW0603 -- servers and workers run in threads that inherit no context
    _clock = clock
    try:
        yield
    finally:
        _clock = None


def is_postgresql() -> bool:
    """True when row locks and advisory locks exist; SQLite has one writer at a time instead."""
    return db.engine.dialect.name == "postgresql"


def insert(model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that may say what happens where the row is there already."""
    return postgresql.insert(model) if is_postgresql() else sqlite.insert(model)


def advisory_lock(key: int, *, shared: bool = False) -> None:
    """Hold a named lock until the end of the transaction; on SQLite the write lock is that lock."""
    db.session.connection()
    if is_postgresql():
        function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        db.session.execute(text(f"SELECT {function}(:key)"), {"key": key})
