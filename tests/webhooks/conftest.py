"""A desk account that signs its deliveries, and an app that takes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.deliveries import Delivery as Sent
from integrations.zendesk.provider import ZendeskProvider
from kcs.database import db
from kcs.tickets.services import add_connection
from tests.conftest import AppMaker
from webhooks.models import Delivery

CONNECTION = "acme"
ENDPOINT = f"/webhooks/{CONNECTION}"


@pytest.fixture
def zendesk() -> Emulator:
    """A Zendesk account; what it wants to send is taken and signed by the test."""
    return Emulator(shapes=("event", "trigger"))


@pytest.fixture
def api_base() -> str | None:
    """Where the account is asked, its own address unless a module serves it elsewhere."""
    return None


@pytest.fixture
def app(make_app: AppMaker, zendesk: Emulator, api_base: str | None) -> Iterator[Flask]:
    """An app with the real provider and one connection."""
    app = make_app({"zendesk": ZendeskProvider()})
    with app.app_context():
        add_connection(
            CONNECTION,
            provider="zendesk",
            subdomain="acme",
            token=zendesk.token,
            webhook_secret=zendesk.outbox.secret,
            api_base=api_base,
        )
        db.session.commit()
        yield app


def post(client: FlaskClient, signed: tuple[dict[str, str], bytes], endpoint: str = ENDPOINT) -> TestResponse:
    """Send a signed request."""
    headers, body = signed
    return client.post(endpoint, data=body, headers=headers)


def rows() -> list[Delivery]:
    """Return the inbox, oldest first, as the database has it now."""
    db.session.remove()
    found = list(db.session.execute(select(Delivery).order_by(Delivery.id)).scalars())
    db.session.remove()
    return found


def count() -> int:
    """Return how many rows the inbox has."""
    db.session.remove()
    found = db.session.execute(select(func.count()).select_from(Delivery)).scalar_one()
    db.session.remove()
    return found


def new_ticket(zendesk: Emulator, subject: str = "Card not arrived") -> list[Sent]:
    """A customer writes; return what the desk wants to send, oldest first."""
    customer = zendesk.desk.user_by_email("maria@customer.example") or zendesk.add_user(
        "Maria", "maria@customer.example", "end-user"
    )
    zendesk.create_ticket(customer, subject, "Where is it?")
    return zendesk.take_deliveries()
