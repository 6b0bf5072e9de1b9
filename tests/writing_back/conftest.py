"""A desk with a writer, an app that writes to it, and the outbox at work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import inspect, select, update

from kcs import database, worklist
from kcs.articles.models import Article
from kcs.database import Base, db
from kcs.outbox.models import Effect
from kcs.people.models import Agent
from kcs.ports import DeskMessage, DeskStatus
from kcs.tickets.models import Connection, Ticket, WriteBack
from kcs.worklist import WorkState
from kcs.writing_back.switches import set_writes
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, make_connection, read_again
from tests.fakes import FakeDesk, FakeProvider, FakeWriter, desk_agent

FIELD = "360001"
Kept = TypeVar("Kept", bound=Base)


@dataclass
class Floor:
    """A support floor: things happen on the desk, the mirror follows, the outbox works."""

    app: Flask
    provider: FakeProvider
    connection_id: int
    agent_id: int

    @property
    def desk(self) -> FakeDesk:
        """The desk."""
        return self.provider.desk

    @property
    def pen(self) -> FakeWriter:
        """What writes to it."""
        return self.provider.pen

    @property
    def connection(self) -> Connection:
        """The connection, as the database has it now."""
        return db.session.get_one(Connection, self.connection_id)

    @property
    def agent(self) -> Agent:
        """Ann, who works here."""
        return db.session.get_one(Agent, self.agent_id)

    def write(self, *kinds: WriteBack, state_field: str | None = None, tag_prefix: str | None = None) -> None:
        """Switch on these, and nothing else."""
        set_writes(self.connection, kinds, state_field=state_field, tag_prefix=tag_prefix)
        db.session.commit()

    def opened(self, ticket_id: str = "7", **words: str) -> Ticket:
        """A customer writes."""
        self.desk.open_ticket(ticket_id, **words)  # type: ignore[arg-type]
        return self.read(ticket_id)

    def solved(self, ticket_id: str = "7", status: DeskStatus = DeskStatus.SOLVED) -> Ticket:
        """Ann solves it on the desk, or does what `status` says."""
        self.desk.set_status(ticket_id, status, desk_agent("a1", self.agent.email))
        return self.read(ticket_id)

    def read(self, ticket_id: str = "7") -> Ticket:
        """Bring the mirror in step, as the inbox does."""
        ticket = read_again(self.desk, self.connection, ticket_id)
        db.session.commit()
        return ticket

    def notes(self, ticket_id: str = "7") -> list[DeskMessage]:
        """Return the notes we wrote."""
        return [message for message in self.desk.tickets[ticket_id].messages if message.marker]

    def tags(self, ticket_id: str = "7") -> tuple[str, ...]:
        """Return the ticket's tags on the desk."""
        return self.desk.tickets[ticket_id].tags

    def work(self, times: int = 1) -> list[Effect]:
        """Bring about what is written, due or not; return the outbox as it then is, oldest first."""
        for _ in range(times):
            soon = database.now() - timedelta(minutes=1)
            waiting = Effect.state == WorkState.WAITING
            db.session.execute(update(Effect).where(waiting).values(not_before=soon))
            db.session.commit()
            worklist.drain(self.app.extensions["kcs.worklists"]["outbox"])
        return effects()

    def again(self) -> list[Effect]:
        """Bring everything about a second time, as after a crash between effect and commit."""
        db.session.execute(update(Effect).values(state=WorkState.WAITING, finished_at=None))
        db.session.commit()
        return self.work()


def effects() -> list[Effect]:
    """Return the outbox as the database has it now, oldest first."""
    db.session.expire_all()
    return list(db.session.execute(select(Effect).order_by(Effect.id)).scalars())


@pytest.fixture
def floor(make_app: AppMaker, desk: FakeDesk) -> Iterator[Floor]:
    """A floor at this very hour: tickets opened there are new."""
    desk.clock = datetime.now(UTC) - timedelta(minutes=30)
    app = make_app()
    provider = app.extensions["kcs.providers"]["zendesk"]
    with app.app_context():
        connection, agent = make_connection(), make_agent(email="ann@example.com")
        connection.created_at = desk.clock - timedelta(days=30)
        db.session.commit()
        yield Floor(app, provider, connection.id, agent.id)


@pytest.fixture
def article(floor: Floor) -> Article:
    """What answers the customer's question."""
    made = make_article()
    db.session.commit()
    return made


def here(row: Kept) -> Kept:
    """Return a row in the present session: the outbox closes the one it worked in."""
    return db.session.get_one(type(row), inspect(row).identity)
