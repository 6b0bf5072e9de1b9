"""A desk whose tickets the mirror has not seen, and the inbox that reads them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from kcs import worklist
from kcs.database import db
from kcs.syncing.hints import Desks
from kcs.tickets.models import Connection, Ticket
from tests.factories import make_connection
from webhooks.models import Delivery


@pytest.fixture
def desks(app: Flask) -> Desks:
    """What the chores are given."""
    found: Desks = app.extensions["kcs.desks"]
    return found


@pytest.fixture
def connection(app: Flask) -> Connection:
    """A connected desk."""
    made = make_connection()
    db.session.commit()
    return made


def inbox() -> list[Delivery]:
    """Return the inbox, oldest first, as the database has it."""
    db.session.remove()
    return list(db.session.execute(select(Delivery).order_by(Delivery.id)).scalars())


def hinted() -> list[tuple[str | None, str]]:
    """Return ticket and kind of each row."""
    return [(row.remote_ticket_id, row.kind) for row in inbox()]


def work(app: Flask) -> int:
    """Work through the inbox."""
    db.session.remove()
    return worklist.drain(app.extensions["kcs.worklists"]["inbox"], limit=1000)


def mirror() -> dict[str, Ticket]:
    """Return the mirror by the desk's ids."""
    db.session.remove()
    return {each.remote_id: each for each in db.session.execute(select(Ticket)).scalars()}
