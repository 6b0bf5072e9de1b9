"""Opening the app's page: whom it lets in, what the others are told, and what the answer carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kcs import database
from kcs.database import db
from kcs.embedding.models import UsedVisit
from kcs.errors import RemoteError
from kcs.people.models import Agent, Decision, Identity, SignIn, SignInKind
from kcs.people.services import deactivate
from kcs.ports import DeskAgent
from kcs.tickets.models import Connection
from tests.embedding.visits import Signer, new_key, token_in
from tests.factories import make_connection
from tests.fakes import FakeApp

OPEN = "/embed/acme?origin=https%3A%2F%2Fevil.example&app_guid=x"


def count(model: type[SignIn] | type[UsedVisit]) -> int:
    db.session.rollback()
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def written_otherwise(token: str) -> str:
    """Return the token with the same signature in other letters: its last has bits that count for nothing."""
    return token[:-1] + {"A": "B", "Q": "R", "g": "h", "w": "x"}[token[-1]]


def test_a_visit_opens_the_page_for_who_it_names(
    browser: FlaskClient, connection: Connection, signer: Signer, ana: Agent
) -> None:
    answer = browser.post(OPEN, data={"token": signer.token()})
    assert answer.status_code == 200, answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "csrf" not in answer.text
    db.session.rollback()
    (row,) = db.session.execute(select(SignIn)).scalars()
    assert (row.agent_id, row.kind, row.connection_id) == (ana.id, SignInKind.EMBEDDED, connection.id)
    assert token_in(answer) not in row.token_hash
    assert row.expires_at <= database.now() + timedelta(hours=1)


def test_only_the_desks_own_pages_may_hold_it(
    browser: FlaskClient, connection: Connection, signer: Signer
) -> None:
    """Also a refusal: it must be readable in the frame. The origin is the account's, not the address's."""
    for token in (signer.token(), "none"):
        headers = browser.post(OPEN, data={"token": token}).headers
        policy = headers["Content-Security-Policy"]
        assert policy.partition("frame-ancestors ")[2].partition(";")[0] == "https://desk.example.com"
        assert "X-Frame-Options" not in headers
        assert "default-src 'self'" in policy
    other = browser.get("/sign-in").headers
    assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
    assert other["X-Frame-Options"] == "DENY"


def test_a_token_is_good_once_and_for_one_connection(
    browser: FlaskClient, connection: Connection, signer: Signer
) -> None:
    second = make_connection("second")
    second.app_installation, second.app_key = signer.audience.replace("/17", "/18"), signer.pem
    db.session.commit()
    token = signer.token()
    assert browser.post("/embed/second", data={"token": token}).status_code == 401
    assert browser.post(OPEN, data={"token": token}).status_code == 200
    assert browser.post(OPEN, data={"token": token}).status_code == 401
    assert browser.post(OPEN, data={"token": written_otherwise(token)}).status_code == 401
    assert count(SignIn) == 1
    assert count(UsedVisit) == 1


def test_a_token_without_a_name_is_good_once_too(
    browser: FlaskClient, connection: Connection, signer: Signer
) -> None:
    token = signer.token(jti=None)
    tried = (token, token, written_otherwise(token), token + "==", f" {token} ")
    statuses = [browser.post(OPEN, data={"token": each}).status_code for each in tried]
    assert statuses == [200, 401, 401, 401, 401]


def test_used_tokens_are_forgotten_once_they_are_too_old_to_be_used_again(
    browser: FlaskClient, connection: Connection, signer: Signer
) -> None:
    browser.post(OPEN, data={"token": signer.token()})
    old = db.session.execute(select(UsedVisit)).scalar_one()
    old.expires_at = database.now() - timedelta(hours=2)
    db.session.commit()
    browser.post(OPEN, data={"token": signer.token()})
    assert count(UsedVisit) == 1


@dataclass(frozen=True)
class Refusal:
    """Something that is not as it should be, and what whoever opens the app is told then."""

    spoil: Callable[[Connection, FakeApp, Agent, Signer], None]
    status: int
    words: str


def _staff(**other: Any) -> Callable[[Connection, FakeApp, Agent, Signer], None]:
    def spoil(_connection: Connection, app: FakeApp, _ana: Agent, _signer: Signer) -> None:
        app.staff["7"] = replace(app.staff["7"], **other)

    return spoil


def _problem(error: RemoteError) -> Callable[[Connection, FakeApp, Agent, Signer], None]:
    return lambda _connection, app, _ana, _signer: setattr(app, "problem", error)


def _decided(decision: Decision) -> Callable[[Connection, FakeApp, Agent, Signer], None]:
    def spoil(connection: Connection, _app: FakeApp, ana: Agent, _signer: Signer) -> None:
        row = Identity(
            connection_id=connection.id, remote_id="7", name="Ana", agent_id=ana.id, decision=decision
        )
        db.session.add(row)

    return spoil


UNKNOWN = "You are not known here yet"
UNPROVEN = "The desk did not prove"
REFUSALS = {
    "no installation": Refusal(lambda c, *_: setattr(c, "app_installation", None), 404, "not set up"),
    "no key": Refusal(lambda c, *_: setattr(c, "app_key", None), 404, "not set up"),
    "an empty key": Refusal(lambda c, *_: setattr(c, "app_key", ""), 404, "not set up"),
    "another key": Refusal(lambda _c, _a, _ana, signer: setattr(signer, "key", new_key()), 401, UNPROVEN),
    "another installation": Refusal(
        lambda _c, _a, _ana, signer: setattr(signer, "audience", signer.audience.replace("17", "71")),
        401,
        UNPROVEN,
    ),
    "nobody of the desk": Refusal(lambda _c, app, *_: app.staff.clear(), 403, UNKNOWN),
    "who left the desk": Refusal(_staff(active=False), 403, UNKNOWN),
    "a machine": Refusal(_staff(machine=True), 403, UNKNOWN),
    "an unverified address": Refusal(_staff(email_verified=False), 403, UNKNOWN),
    "an address nobody has": Refusal(_staff(email="bo@example.com"), 403, UNKNOWN),
    "who left us": Refusal(lambda _c, _a, ana, _s: deactivate(ana), 403, UNKNOWN),
    "said to be nobody": Refusal(_decided(Decision.NOBODY), 403, UNKNOWN),
    "said to be a machine": Refusal(_decided(Decision.MACHINE), 403, UNKNOWN),
    "the desk is away": Refusal(
        _problem(RemoteError("away", permanent=False)), 502, "does not answer right now"
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_whoever_cannot_be_let_in_is_told_why_and_what_to_do(
    name: str, browser: FlaskClient, connection: Connection, desk_app: FakeApp, ana: Agent, signer: Signer
) -> None:
    refusal = REFUSALS[name]
    refusal.spoil(connection, desk_app, ana, signer)
    db.session.commit()
    answer = browser.post(OPEN, data={"token": signer.token()})
    assert answer.status_code == refusal.status
    assert refusal.words in answer.text
    assert "kcs-token" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert count(SignIn) == 0


def test_without_a_token_and_for_no_connection_nothing_opens(
    browser: FlaskClient, connection: Connection, signer: Signer
) -> None:
    assert browser.get(OPEN).status_code == 401
    assert browser.post(OPEN).status_code == 401
    assert browser.get("/embed/none").status_code == 404
    connection.active = False
    db.session.commit()
    assert browser.post(OPEN, data={"token": signer.token()}).status_code == 404


def test_a_desk_user_known_to_us_stays_known_when_the_address_changes(
    browser: FlaskClient, connection: Connection, desk_app: FakeApp, signer: Signer
) -> None:
    assert browser.post(OPEN, data={"token": signer.token()}).status_code == 200
    desk_app.staff["7"] = DeskAgent("7", "Ana", "new@example.com", email_verified=False, active=True)
    assert browser.post(OPEN, data={"token": signer.token()}).status_code == 200


def test_the_page_follows_the_desks_colours(
    browser: FlaskClient, connection: Connection, signer: Signer
) -> None:
    for given, shown in (("dark", 'data-theme="dark"'), ("light", 'data-theme="light"'), ('"><b>', "<html")):
        answer = browser.post(
            "/embed/acme", query_string={"colorScheme": given}, data={"token": signer.token()}
        )
        assert shown in answer.text
        assert "<b>" not in answer.text
