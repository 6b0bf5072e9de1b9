"""A desk that proves nothing: the page opens empty, and our own sign-in beside it hands it a session."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs import database
from kcs.activity.models import Activity
from kcs.admin.connection_parts import parts_of
from kcs.database import db
from kcs.extensions import limiter
from kcs.people import services as people
from kcs.people.models import Agent, SignIn, SignInKind
from kcs.tickets.models import Connection, Ticket
from tests.embedding.visits import Embedded, Signer
from tests.factories import make_agent, make_connection, sign_in
from tests.fakes import FakeApp, FakeOwnApp
from workflow.permissions import Licence, Role

PAGE, WINDOW = "/embed/acme", "/embed/acme/sign-in"
ELSEWHERE = "/admin/connections/acme"


@pytest.fixture(autouse=True)
def own_app(app: Flask, connection: Connection) -> FakeOwnApp:
    """The desk's app, which signs no visits."""
    made = app.extensions["kcs.providers"]["zendesk"].embedded = FakeOwnApp()
    connection.app_installation = connection.app_key = None
    db.session.commit()
    return made


@pytest.fixture
def anas(app: Flask, ana: Agent) -> FlaskClient:
    """Ana's browser, where she is signed in."""
    return sign_in(app.test_client(), ana)


@pytest.fixture
def embedded(app: Flask, anas: FlaskClient) -> Embedded:
    """Ana's page within the desk, which has no cookie."""
    return Embedded(app.test_client(), anas.post(WINDOW).get_json()["token"])


def sessions(kind: SignInKind) -> list[SignIn]:
    db.session.rollback()
    return list(db.session.execute(select(SignIn).filter_by(kind=kind).order_by(SignIn.id)).scalars())


def test_the_page_opens_empty_for_anybody_and_sets_nothing(browser: FlaskClient, anas: FlaskClient) -> None:
    for visitor in (browser, anas):
        for answer in (visitor.get(f"{PAGE}?ticket=1"), visitor.post(PAGE, data={"token": Signer().token()})):
            assert answer.status_code == 200
            assert "Set-Cookie" not in answer.headers
            assert "kcs-token" not in answer.text
            assert "csrf" not in answer.text
            assert f'data-sign-in="{WINDOW}"' in answer.text
            assert answer.headers["Cache-Control"] == "no-store"
    assert sessions(SignInKind.EMBEDDED) == []


def test_only_the_apps_hosts_and_those_entered_may_hold_it(
    browser: FlaskClient, connection: Connection
) -> None:
    connection.app_hosts = ["https://support.example.com"]
    db.session.commit()
    headers = browser.get(PAGE).headers
    holders = headers["Content-Security-Policy"].partition("frame-ancestors ")[2].partition(";")[0]
    assert holders.split() == [
        "https://desk.example.com",
        "https://apps.example.com",
        "https://support.example.com",
    ]
    assert "X-Frame-Options" not in headers


def test_the_window_is_a_page_of_ours_that_nobody_holds_and_that_keeps_its_opener(anas: FlaskClient) -> None:
    answer = anas.get(WINDOW)
    assert answer.status_code == 200
    assert "You are signed in as Ana." in answer.text
    assert answer.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "noopener" not in answer.text


# Who asks for the window, and what they get: asked for with GET, sent with POST.
WHO: dict[str, tuple[Callable[[Agent], object] | None, int, int]] = {
    "a contributor": (lambda _ana: None, 200, 200),
    "a candidate": (lambda ana: people.grant_licence(ana, Licence.CANDIDATE), 200, 200),
    "a reader without a licence": (lambda ana: people.grant_licence(ana, None), 200, 200),
    "who left": (people.deactivate, 302, 302),
    "nobody": (None, 302, 302),
}


@pytest.mark.parametrize("who", WHO)
def test_who_gets_a_session(who: str, app: Flask, ana: Agent) -> None:
    spoil, asked, sent = WHO[who]
    client = app.test_client()
    if spoil is people.deactivate:
        sign_in(client, ana)
    if spoil is not None:
        spoil(ana)
        db.session.commit()
    if asked == 200:
        sign_in(client, ana)
    g.pop("_login_user", None)  # requests of one test share a context, and with it who was signed in before
    answer = client.get(WINDOW)
    assert answer.status_code == asked
    if asked == 302:
        assert answer.location == "/sign-in?next=/embed/acme/sign-in"
    given = client.post(WINDOW)
    assert given.status_code == sent
    rows = sessions(SignInKind.EMBEDDED)
    assert len(rows) == (1 if sent == 200 else 0)
    assert all(row.agent_id == ana.id and row.opened_by_id is not None for row in rows)


def test_the_token_opens_the_panel_of_this_connection_alone(
    embedded: Embedded, ticket: Ticket, anas: FlaskClient
) -> None:
    make_connection("second")
    db.session.commit()
    assert embedded.get(f"/tickets/acme/{ticket.remote_id}/knowledge").status_code == 200
    assert embedded.get(f"/tickets/second/{ticket.remote_id}/knowledge").status_code == 401
    assert embedded.get(WINDOW).status_code == 401
    assert embedded.post(WINDOW).status_code == 401
    assert embedded.get("/my-work").status_code == 401


def test_the_token_is_in_no_address_no_log_and_kept_as_a_hash(
    anas: FlaskClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = anas.post(WINDOW)
    token = answer.get_json()["token"]
    assert len(token) > 40
    assert answer.headers["Cache-Control"] == "no-store"
    (row,) = sessions(SignInKind.EMBEDDED)
    assert row.token_hash == people.digest(token)
    told = caplog.text + "".join(capsys.readouterr())
    assert token not in told + json.dumps(dict(answer.headers))


def test_a_form_of_another_site_gets_no_token(app: Flask, anas: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    forged: tuple[dict[str, Any], ...] = (
        {},
        {"data": {"csrf_token": "made up"}},
        {"headers": {"X-CSRFToken": "made up", "Origin": "https://evil.example"}},
    )
    for given in forged:
        assert anas.post(WINDOW, **given).status_code == 400
    assert sessions(SignInKind.EMBEDDED) == []
    found = re.search(r'name="csrf_token" value="([^"]+)"', anas.get(WINDOW).text)
    assert found is not None
    assert anas.post(WINDOW, data={"csrf_token": found[1]}).status_code == 200


def test_a_desk_that_signs_visits_has_no_such_window(app: Flask, anas: FlaskClient) -> None:
    app.extensions["kcs.providers"]["zendesk"].embedded = FakeApp()
    assert anas.get(WINDOW).status_code == 404
    assert anas.post(WINDOW).status_code == 404
    assert sessions(SignInKind.EMBEDDED) == []


def test_no_connection_and_one_that_is_off_have_none_either(
    anas: FlaskClient, browser: FlaskClient, connection: Connection
) -> None:
    connection.active = False
    db.session.commit()
    for path in (WINDOW, "/embed/none/sign-in"):
        assert anas.get(path).status_code == 404
        assert anas.post(path).status_code == 404
    assert browser.get(PAGE).status_code == 404


ENDS: dict[str, Callable[[Agent, FlaskClient, Connection], object]] = {
    "signed out": lambda _, anas, __: anas.post("/sign-out"),
    "signed out everywhere": lambda ana, *_: people.end_sign_ins(ana),
    "another licence": lambda ana, *_: people.grant_licence(ana, None),
    "another password": lambda ana, *_: people.set_password(ana, "correct horse battery"),
    "left": lambda ana, *_: people.deactivate(ana),
    "the connection is off": lambda _, __, connection: setattr(connection, "active", False),
}


@pytest.mark.parametrize("how", ENDS)
def test_it_ends_at_once(
    how: str, embedded: Embedded, anas: FlaskClient, ana: Agent, connection: Connection, ticket: Ticket
) -> None:
    address = f"/tickets/acme/{ticket.remote_id}/knowledge"
    assert embedded.get(address).status_code == 200
    ENDS[how](ana, anas, connection)
    db.session.commit()
    assert embedded.get(address).status_code == 401
    assert embedded.post("/embed/acme/renewals").status_code == 401


def test_signing_out_elsewhere_leaves_it(app: Flask, embedded: Embedded, ana: Agent, ticket: Ticket) -> None:
    sign_in(app.test_client(), ana).post("/sign-out")
    assert embedded.get(f"/tickets/acme/{ticket.remote_id}/knowledge").status_code == 200


def test_it_never_outlasts_the_browsers_session(embedded: Embedded) -> None:
    (browsers,) = sessions(SignInKind.BROWSER)
    browsers.expires_at = until = database.now() + timedelta(minutes=10)
    db.session.commit()
    assert embedded.post("/embed/acme/renewals").status_code == 204
    (row,) = sessions(SignInKind.EMBEDDED)
    assert row.expires_at == until


def test_how_often_a_session_is_handed_over_is_limited(anas: FlaskClient) -> None:
    limiter.enabled = True
    limiter.reset()
    statuses = [anas.post(WINDOW).status_code for _ in range(61)]
    assert set(statuses[:-1]) == {200}
    assert statuses[-1] == 429


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """An administrator's browser."""
    return sign_in(app.test_client(), make_agent(roles=[Role.ADMIN]))


def test_the_connections_page_asks_for_no_installation(app: Flask, admin: FlaskClient) -> None:
    shown = admin.get(ELSEWHERE).text
    assert "signs in there once a day" in shown
    assert "https://desk.example.com, https://apps.example.com" in shown
    assert 'name="installation"' not in shown
    for path in ("app", "app/look-up"):
        assert admin.post(f"{ELSEWHERE}/{path}", data={"installation": "1", "key": "k"}).status_code == 404
    assert admin.get(f"{ELSEWHERE}/app.zip").data.decode().endswith("/embed/acme")


HOSTS = {
    "": [],
    "https://support.example.com": ["https://support.example.com"],
    " https://Support.example.com/ \n\nhttps://b.example:8443\nhttps://b.example:8443": [
        "https://support.example.com",
        "https://b.example:8443",
    ],
}
NO_HOSTS = (
    "http://support.example.com",
    "support.example.com",
    "https://support.example.com/path",
    "https://*.example.com",
    "https://example.com;script-src",
    "https://example.com,https://b.example",
    "https://localhost",
    "https://user@example.com",
    "https://-x.example",
    "'self'",
    "*",
    "\n".join(f"https://h{number}.example" for number in range(6)),
)


@pytest.mark.parametrize("given", HOSTS)
def test_other_hosts_may_be_entered(given: str, admin: FlaskClient, connection: Connection) -> None:
    assert admin.post(f"{ELSEWHERE}/app/hosts", data={"hosts": given}).status_code == 303
    db.session.rollback()
    db.session.refresh(connection)
    assert connection.app_hosts == HOSTS[given]
    (row,) = db.session.execute(select(Activity).where(Activity.kind == "connection.app_set")).scalars()
    assert row.after == (" ".join(HOSTS[given]) or None)


@pytest.mark.parametrize("given", NO_HOSTS)
def test_what_is_no_host_is_refused(given: str, admin: FlaskClient, connection: Connection) -> None:
    connection.app_hosts = ["https://kept.example"]
    db.session.commit()
    assert admin.post(f"{ELSEWHERE}/app/hosts", data={"hosts": given}).status_code == 303
    db.session.rollback()
    db.session.refresh(connection)
    assert connection.app_hosts == ["https://kept.example"]
    assert "flash-error" in admin.get(ELSEWHERE).text


def test_the_part_is_shown_where_the_account_is_wrong(app: Flask, connection: Connection, ana: Agent) -> None:
    connection.provider = "gone"
    with app.test_request_context():
        assert "The app at the desk" in "".join(parts_of(app, connection))
