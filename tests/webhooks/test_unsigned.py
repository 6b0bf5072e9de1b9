"""A desk that signs nothing: our secret comes along, and what comes with it is a hint and no more."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from integrations.freshdesk.emulator import Emulator, EmulatorServer
from integrations.freshdesk.emulator.records import Ticket as DeskTicket
from integrations.freshdesk.provider import FreshdeskProvider
from kcs.activity.models import Activity
from kcs.database import db
from kcs.people.models import Identity
from kcs.tickets.hearing import heard_from
from kcs.tickets.models import StatusMark, Ticket
from kcs.tickets.queries import get_connection
from kcs.tickets.services import add_connection, rotate_webhook_secret
from kcs.worklist import WorkState, drain
from tests.conftest import AppMaker
from tests.factories import make_agent
from tests.webhooks.conftest import CONNECTION, ENDPOINT, count, rows
from workflow.solve import KnowledgeState

SECRET = "a-secret-of-ours-0123456789"
Body = dict[str, object]


@pytest.fixture
def freshdesk() -> Iterator[tuple[Emulator, str]]:
    """A Freshdesk account and where it is asked."""
    emulator = Emulator(start=datetime.now(UTC) - timedelta(days=1))
    with EmulatorServer(emulator) as server:
        yield emulator, server.api_base


@pytest.fixture
def account(freshdesk: tuple[Emulator, str]) -> Emulator:
    return freshdesk[0]


@pytest.fixture
def app(make_app: AppMaker, freshdesk: tuple[Emulator, str]) -> Iterator[Flask]:
    """An app with the real provider and one connection."""
    app = make_app({"freshdesk": FreshdeskProvider()})
    with app.app_context():
        make_agent(email="ann@acme.example")
        add_connection(
            CONNECTION,
            provider="freshdesk",
            subdomain="acme",
            token=freshdesk[0].key,
            webhook_secret=SECRET,
            api_base=freshdesk[1],
        )
        db.session.commit()
        yield app


@pytest.fixture
def ticket(account: Emulator) -> DeskTicket:
    """A customer has written, and Ann has it."""
    customer = account.add_contact("Carl", "carl@home.example")
    ann = account.add_agent("Ann", "ann@acme.example")
    made = account.create_ticket(customer, "No sound", "My speaker is mute.")
    account.assign(made, ann, ann)
    account.advance(timedelta(minutes=5))
    return made


def send(client: FlaskClient, body: object, secret: str = SECRET, **headers: str) -> int:
    """Post what a rule or the app sends; return the status."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", "X-KCS-Secret": secret, **headers}
    return client.post(ENDPOINT, data=raw, headers=sent).status_code


def work(app: Flask) -> None:
    drain(app.extensions["kcs.worklists"]["inbox"], limit=1000)
    db.session.remove()


def mirrored() -> Ticket:
    db.session.remove()
    return db.session.execute(select(Ticket)).scalar_one()


def logged() -> int:
    return db.session.execute(select(func.count()).select_from(Activity)).scalar_one()


def rule(ticket: DeskTicket, **more: object) -> Body:
    return {
        "source": "freshdesk-automation",
        "event": "{status:{from:2,to:4}}",
        "ticket_id": str(ticket.id),
        **more,
    }


def told(ticket: DeskTicket, who: object, at: datetime, status: tuple[int, int] = (2, 4)) -> Body:
    return {
        "source": "freshdesk-app",
        "event": "onTicketUpdate",
        "account_id": 7,
        "ticket_id": ticket.id,
        "changes": {"status": list(status)},
        "actor": {"id": who, "name": "Ann", "email": "ann@acme.example", "type": "agent"},
        "timestamp": int(at.timestamp() * 1000),
    }


def test_the_same_words_again_lead_to_a_reading_and_to_nothing_else(
    app: Flask, client: FlaskClient, account: Emulator, ticket: DeskTicket
) -> None:
    """A rule's delivery has no number: what was handled before is seen when the ticket is read."""
    for _ in range(2):
        assert send(client, rule(ticket)) == 202
    assert count() == 1, "one that waits covers the next"
    work(app)
    before, read_at = logged(), mirrored().desk_updated_at
    for _ in range(3):
        assert send(client, rule(ticket)) == 202
        work(app)
    assert (logged(), mirrored().desk_updated_at) == (before, read_at)
    assert {row.state for row in rows()} == {WorkState.DONE}
    account.set_status(ticket, account.desk.agents[ticket.responder_id or 0], 4)
    send(client, rule(ticket))
    work(app)
    assert mirrored().knowledge_state is KnowledgeState.UNANSWERED


def test_another_secret_is_refused_and_noted(app: Flask, client: FlaskClient, ticket: DeskTicket) -> None:
    connection_id = get_connection(CONNECTION).id
    db.session.rollback()
    assert send(client, rule(ticket), secret="another") == 401
    heard = heard_from(connection_id)
    assert (heard.at, heard.refused_at is not None) == (None, True)


@pytest.mark.parametrize(
    ("body", "is_heard"),
    [
        ({"source": "freshdesk-automation", "event": "a test"}, False),
        ({"source": "freshdesk-app", "event": "onAppInstall"}, False),
        ({"source": "freshdesk-automation", "event": "{status:{}}", "ticket_id": "1"}, True),
    ],
)
def test_a_delivery_that_names_no_ticket_proves_no_rule(
    app: Flask, client: FlaskClient, body: Body, is_heard: bool
) -> None:
    connection_id = get_connection(CONNECTION).id
    db.session.rollback()
    assert send(client, body) == 202
    assert (heard_from(connection_id).at is not None) == is_heard


def test_what_the_app_tells_is_kept_with_its_delivery_also_of_a_ticket_not_read_yet(
    app: Flask, client: FlaskClient, account: Emulator, ticket: DeskTicket
) -> None:
    bob = account.add_agent("Bob", "bob@acme.example")
    account.set_status(ticket, bob, 4)
    moment = account.clock()
    for _ in range(2):
        assert send(client, told(ticket, bob.id, moment)) == 202
    assert count() == 1
    assert db.session.execute(select(func.count()).select_from(StatusMark)).scalar_one() == 1
    assert db.session.execute(select(Ticket)).first() is None
    work(app)
    found = mirrored()
    assert (found.solver_remote_id, found.solver_inferred) == (str(bob.id), False)


def test_without_the_app_the_assignee_is_credited_until_somebody_tells(
    app: Flask, client: FlaskClient, account: Emulator, ticket: DeskTicket
) -> None:
    bob = account.add_agent("Bob", "bob@acme.example")
    account.set_status(ticket, bob, 4)
    moment = account.clock()
    send(client, rule(ticket))
    work(app)
    found = mirrored()
    assert (found.solver.name if found.solver else None, found.solver_inferred) == ("Ann", True)
    page = client.get(f"/tickets/{CONNECTION}/{ticket.id}")
    assert page.status_code == 302, "nobody is signed in"
    send(client, told(ticket, bob.id, moment))
    work(app)
    found = mirrored()
    assert (found.solver_remote_id, found.solver_inferred) == (str(bob.id), False)


@pytest.mark.parametrize(
    ("secret", "headers", "status"),
    [
        (SECRET, {}, 202),
        ("", {"Authorization": "Basic " + base64.b64encode(f"desk:{SECRET}".encode()).decode()}, 202),
        ("wrong", {}, 401),
        ("", {}, 401),
        ("", {"Authorization": "Basic " + base64.b64encode(b"desk:wrong").decode()}, 401),
        ("", {"Authorization": "Basic %%%"}, 401),
    ],
)
def test_our_secret_lets_in_and_nothing_else_does(
    client: FlaskClient, ticket: DeskTicket, secret: str, headers: dict[str, str], status: int
) -> None:
    assert send(client, rule(ticket), secret, **headers) == status
    assert count() == (status == 202)


def test_two_secrets_are_valid_during_a_rotation(client: FlaskClient, ticket: DeskTicket) -> None:
    rotate_webhook_secret(get_connection(CONNECTION), "the-next-secret-9876543210")
    db.session.commit()
    assert [send(client, rule(ticket), each) for each in (SECRET, "the-next-secret-9876543210")] == [202, 202]


texts = st.text(max_size=8) | st.sampled_from(
    ["1", "onTicketUpdate", "{status:{from:2,to:4}}", "4", "\ud800"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "source",
    "event",
    "ticket_id",
    "changes",
    "actor",
    "timestamp",
    "freshdesk_webhook",
    "ticket",
    "data",
)
bodies = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)
cut = st.integers(0, 400)


def test_no_body_with_our_secret_is_ever_an_error_of_ours_or_has_an_effect_of_its_own(
    app: Flask, client: FlaskClient, account: Emulator, ticket: DeskTicket
) -> None:
    send(client, rule(ticket))
    work(app)
    whole = told(ticket, 9, account.clock())
    state, log = mirrored().knowledge_state, logged()
    identities = db.session.execute(select(func.count()).select_from(Identity)).scalar_one()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(bodies, cut)
    @example({}, 3)
    def post(body: Body, at: int) -> None:
        for sent in (body, {**whole, **body}):
            raw = json.dumps(sent, allow_nan=True).encode("utf-8", "surrogatepass")
            for bytes_ in (raw, raw[:at], raw[at:] + raw[:at]):
                assert send(client, bytes_) in (202, 400)

    post()
    work(app)
    assert (mirrored().knowledge_state, logged()) == (state, log)
    assert db.session.execute(select(func.count()).select_from(Identity)).scalar_one() == identities
    assert {row.state for row in rows()} == {WorkState.DONE}
