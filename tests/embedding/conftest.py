"""A desk with our app installed, one of its tickets, and an agent whom the desk and we know."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.database import db
from kcs.people.models import Agent
from kcs.ports import DeskAgent
from kcs.tickets.models import Connection, Ticket
from tests.embedding.visits import Embedded, Signer, token_in
from tests.factories import make_agent, make_connection, make_ticket
from tests.fakes import FakeApp, FakeDesk

EMAIL = "ana@example.com"


@pytest.fixture
def signer() -> Signer:
    """What signs visits."""
    return Signer()


@pytest.fixture
def desk_app(app: Flask) -> FakeApp:
    """The app on the desk, which knows Ana as number 7."""
    found: FakeApp = app.extensions["kcs.providers"]["zendesk"].embedded
    found.staff["7"] = DeskAgent("7", "Ana", EMAIL, email_verified=True, active=True)
    return found


@pytest.fixture
def ana(desk_app: FakeApp) -> Agent:
    """A contributor."""
    return make_agent(email=EMAIL)


@pytest.fixture
def connection(ana: Agent, signer: Signer) -> Connection:
    """The account with the app set up."""
    made = make_connection()
    made.app_installation, made.app_key = signer.audience, signer.pem
    db.session.commit()
    return made


@pytest.fixture
def ticket(connection: Connection, desk: FakeDesk) -> Ticket:
    """One of its tickets."""
    made = make_ticket(desk, connection)
    db.session.commit()
    return made


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


@pytest.fixture
def embedded(browser: FlaskClient, connection: Connection, signer: Signer) -> Embedded:
    """Ana's page within the desk."""
    answer = browser.post("/embed/acme?app_guid=x", data={"token": signer.token()})
    return Embedded(browser, token_in(answer))
