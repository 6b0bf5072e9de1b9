"""What Freshdesk sends over HTTP: kept or refused, never a fault, and never a wrong effect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.records import Agent, Contact
from integrations.freshdesk.emulator.rules import WRAPPER
from integrations.freshdesk.provider import FreshdeskProvider
from kcs.database import db
from kcs.tickets.services import add_connection
from kcs.worklist import WorkState
from tests.conftest import AppMaker
from tests.integrations.freshdesk.bodies import TICKET, spoilt
from webhooks.models import Delivery

SECRET = "our-secret-4711"


@pytest.fixture
def app(make_app: AppMaker) -> Iterator[Flask]:
    app = make_app({"freshdesk": FreshdeskProvider()})
    with app.app_context():
        add_connection("acme", provider="freshdesk", subdomain="acme", token="key", webhook_secret=SECRET)
        db.session.commit()
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def send(client: FlaskClient, body: bytes) -> int:
    """Post a body with our secret; return the status of the answer."""
    headers = {"X-KCS-Secret": SECRET, "Content-Type": "application/json"}
    return client.post("/webhooks/acme", data=body, headers=headers).status_code


def tickets() -> set[str | None]:
    db.session.remove()
    return set(db.session.execute(select(Delivery.remote_ticket_id)).scalars())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(spoilt(), st.sampled_from(["whole", "cut", "twice", "a key twice"]), st.integers(0, 400))
def test_no_body_is_ever_answered_with_5xx_or_has_a_wrong_effect(
    client: FlaskClient, body: dict[str, Any], how: str, place: int
) -> None:
    whole = json.dumps(body).encode()
    sent = {
        "whole": whole,
        "cut": whole[: place % max(1, len(whole))],
        "twice": whole * 2,
        "a key twice": whole[:-1] + b',"ticket_id":"1","ticket_id":"2"}',
    }[how]
    assert send(client, sent) in ({202} if how == "whole" else {400})
    assert tickets() <= {None, TICKET}


def test_the_same_words_are_news_once_what_waited_was_read_and_an_event_of_the_app_never(
    client: FlaskClient, emulator: Emulator
) -> None:
    agent: Agent = emulator.add_agent("Ann Agent", "ann@acme.example")
    customer: Contact = emulator.add_contact("Carl Client", "carl@home.example")
    url = "http://kcs.example/webhooks/acme"
    emulator.add_rules(url, SECRET)
    emulator.add_rules(url, SECRET, body=WRAPPER)
    emulator.add_rule(url, password=SECRET, user="anybody", events=["status"])
    emulator.install_app(url, SECRET).timestamps = "mixed"
    ticket = emulator.create_ticket(customer, 'The "mute" light', "x")
    for status in (4, 2, 4):
        emulator.set_status(ticket, agent, status)
    sent = emulator.outbox.pending()
    assert len(sent) == 2 + 3 * 3 + 4  # two rules on each act, a third on each status, the app on all

    def answers() -> list[tuple[bytes, str]]:
        posted = (client.post("/webhooks/acme", data=each.body, headers=each.headers) for each in sent)
        return [(each.body, (answer.json or {})["status"]) for each, answer in zip(sent, posted, strict=True)]

    kept = [body for body, status in answers() if status == "kept"]
    assert sorted(kept) == sorted({each.body for each in sent})  # what waits covers the same words again
    assert tickets() == {str(ticket.id)}
    db.session.execute(update(Delivery).values(state=WorkState.DONE))
    db.session.commit()
    again = {(b"freshdesk-app" in body, status) for body, status in answers()}
    assert again == {(True, "known"), (False, "kept")}


def test_receiving_asks_for_the_secret(client: FlaskClient) -> None:
    for headers in ({}, {"X-KCS-Secret": "another"}):
        assert client.post("/webhooks/acme", data=b"{}", headers=headers).status_code == 401
    assert tickets() == set()
