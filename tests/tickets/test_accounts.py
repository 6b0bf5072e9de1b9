"""Signing in at a desk: tokens are renewed by one for all, and both are replaced together."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.provider import ZendeskProvider
from kcs import database
from kcs.database import db
from kcs.errors import RemoteError
from kcs.tickets import accounts, budget
from kcs.tickets.accounts import credentials_of, renew
from kcs.tickets.models import Connection
from tests.factories import make_connection
from tests.fakes import FakeAuthorisation, FakeDesk, FakeProvider
from tests.processes import PATIENCE


@pytest.fixture
def provider(desk: FakeDesk) -> FakeProvider:
    return FakeProvider(desk)


@pytest.fixture
def authorised(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setattr(accounts, "RENEWAL_PAUSE", 0.02)
    connection = make_connection("acme")
    connection.token = "access-0"
    connection.refresh_token, connection.client_id, connection.client_secret = "refresh-0", "kcs", "secret"
    db.session.commit()
    return connection


def tokens_of(connection: Connection) -> tuple[str, str | None]:
    with database.reading():
        db.session.refresh(connection)
        return connection.token, connection.refresh_token


def test_what_was_pasted_in_is_not_renewed_and_what_was_authorised_is(
    authorised: Connection, provider: FakeProvider
) -> None:
    assert credentials_of(make_connection("pasted"), provider).renew is None
    db.session.commit()
    credentials = credentials_of(authorised, provider)
    db.session.rollback()
    assert credentials.renew is not None
    assert credentials.renew(credentials.token) == "access-1"
    assert tokens_of(authorised) == ("access-1", "refresh-1")
    assert provider.agreement.client == ("kcs", "secret")
    stored = db.session.execute(text("SELECT token, refresh_token, client_secret FROM connections")).all()
    assert not [value for row in stored for value in row if value in ("access-1", "refresh-1", "secret")]


def test_whoever_comes_later_takes_what_another_got(authorised: Connection, provider: FakeProvider) -> None:
    assert renew(authorised.id, provider, "access-0") == "access-1"
    assert renew(authorised.id, provider, "access-0") == "access-1"
    assert provider.agreement.refreshes == ["refresh-0"]


def test_of_many_at_once_one_asks_and_all_get_the_same(
    app: Flask, authorised: Connection, provider: FakeProvider
) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def gate() -> None:
        entered.set()
        go_on.wait(PATIENCE)

    provider.agreement.gate = gate
    got: list[str] = []

    def work() -> None:
        with app.app_context():
            got.append(renew(connection_id, provider, "access-0"))

    connection_id = authorised.id
    db.session.commit()
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert entered.wait(PATIENCE)
    # While the vendor is asked nothing is locked: others read and write the connection.
    db.session.get_one(Connection, connection_id).closing = authorised.closing
    db.session.execute(text("UPDATE connections SET username = 'meanwhile'"))
    db.session.commit()
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert got == ["access-1"] * 4
    assert provider.agreement.refreshes == ["refresh-0"]


def test_after_a_passing_error_the_next_asks_again(authorised: Connection, provider: FakeProvider) -> None:
    provider.agreement.problem = RemoteError("away", permanent=False)
    with pytest.raises(RemoteError, match="away"):
        renew(authorised.id, provider, "access-0")
    provider.agreement.problem = None
    assert renew(authorised.id, provider, "access-0") == "access-1"


def test_a_refusal_says_who_has_to_do_what_and_is_not_asked_for_again(
    authorised: Connection, provider: FakeProvider
) -> None:
    provider.agreement.problem = RemoteError("used before", permanent=True)
    for _ in range(2):
        with pytest.raises(RemoteError, match="kcs connection authorise acme") as caught:
            renew(authorised.id, provider, "access-0")
        assert not caught.value.permanent, "work goes on when the authorisation was given again"
        provider.agreement = FakeAuthorisation()
    assert provider.agreement.refreshes == []
    assert tokens_of(authorised) == ("access-0", "")


@pytest.mark.parametrize(("left", "outcome"), [(-1, "access-1"), (60, None)])
def test_who_died_while_asking_blocks_the_others_for_a_while_only(
    authorised: Connection,
    provider: FakeProvider,
    monkeypatch: pytest.MonkeyPatch,
    left: int,
    outcome: str | None,
) -> None:
    monkeypatch.setattr(accounts, "RENEWAL_PATIENCE", 0.1)
    authorised.renewing_until = database.now() + timedelta(seconds=left)
    db.session.commit()
    if outcome is not None:
        assert renew(authorised.id, provider, "access-0") == outcome
        return
    with pytest.raises(RemoteError) as caught:
        renew(authorised.id, provider, "access-0")
    assert (caught.value.permanent, caught.value.retry_after) == (False, 90.0)
    assert provider.agreement.refreshes == []


def test_many_at_once_stay_inside_what_the_vendor_counts(app: Flask, authorised: Connection) -> None:
    emulator = Emulator()
    emulator.limits.on(account=60)
    budget.forget_everything()
    made: list[int] = []
    refused: list[str] = []

    def work(api_base: str) -> None:
        with app.app_context():
            with database.reading():
                found = db.session.get_one(Connection, connection_id)
                credentials = credentials_of(found, ZendeskProvider(), patience=0.0)
            client = ZendeskClient(replace(credentials, token=emulator.token, api_base=api_base, renew=None))
            try:
                for number in range(60):
                    client.whoami()
                    made.append(number)
            except RemoteError as error:
                refused.append(error.message)

    connection_id = authorised.id
    db.session.commit()
    with EmulatorServer(emulator) as server:
        threads = [threading.Thread(target=work, args=(server.api_base,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert emulator.limits.refusals == []
    assert all("used up for the moment" in said for said in refused)
    assert 30 <= len(made) <= 48, "a fifth is left to those whom somebody waits for"
