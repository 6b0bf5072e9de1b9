"""An administrator connects a real account: agrees, gets the webhook, and sees every check."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select, update
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.provider import ZendeskProvider
from kcs import database
from kcs.activity.models import Activity
from kcs.admin import connection_checks
from kcs.database import db
from kcs.i18n import translated
from kcs.publishing.models import Target
from kcs.tickets.models import AuthorisationRequest, ClosePolicy, Connection, ConnectionHealth
from kcs.tickets.queries import get_connection
from kcs.tickets.services import add_connection
from tests.conftest import AppMaker
from tests.factories import PASSWORD, make_agent
from tests.processes import PATIENCE
from workflow.permissions import Role

# What cannot be right when the authorisation has ended.
ENDED = ("Signing in", "Authorisation", "Webhook", "Answers", "Help centre 1")
BACK = "/admin/connections/oauth/callback"


@pytest.fixture
def zendesk() -> Iterator[tuple[Emulator, EmulatorServer]]:
    emulator = Emulator(shapes=())
    with EmulatorServer(emulator) as server:
        yield emulator, server


@pytest.fixture
def port() -> int:
    """A port of our own, which the emulated desk sends its webhooks to."""
    with make_server("127.0.0.1", 0, lambda *_: []) as probe:
        return int(probe.server_port)


@pytest.fixture
def site(make_app: AppMaker, port: int, zendesk: tuple[Emulator, EmulatorServer]) -> Iterator[Flask]:
    """An app that the desk can reach, with an account nobody has authorised yet."""
    emulator, server = zendesk
    app = make_app({"zendesk": ZendeskProvider()}, BASE_URL=f"http://127.0.0.1:{port}")
    serving = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    with app.app_context():
        make_agent(email="admin@example.com", password=PASSWORD, roles={Role.ADMIN})
        make_agent(email="other@example.com", password=PASSWORD, roles={Role.ADMIN})
        section = emulator.add_section("Answers")
        secret = emulator.oauth.add_client("kcs", None, [f"http://127.0.0.1:{port}{BACK}"]).secret
        made = add_connection(
            "acme",
            provider="zendesk",
            subdomain="acme",
            api_base=server.api_base,
            client_id="kcs",
            client_secret=secret,
        )
        db.session.add(Target(connection_id=made.id, settings={"section_id": str(section.id)}))
        db.session.commit()
        yield app
        db.session.remove()
    serving.shutdown()
    thread.join()


def signed_in(app: Flask, email: str = "admin@example.com") -> FlaskClient:
    client = app.test_client()
    assert client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 302
    return client


def sent_to_the_vendor(client: FlaskClient) -> str:
    """Press Authorise, agree, and return the path that the vendor sends back to."""
    answer = client.post("/admin/connections/acme/authorise")
    assert answer.status_code == 303
    page = requests.get(answer.headers["Location"], allow_redirects=False, timeout=PATIENCE)
    back = urlsplit(page.headers["Location"])
    return f"{back.path}?{back.query}"


def found() -> Connection:
    db.session.rollback()
    connection = get_connection("acme")
    db.session.refresh(connection)
    db.session.rollback()
    return connection


def rows_of(page: str) -> list[tuple[str, str]]:
    """Return each check as the page shows it: OK or Problem, and what was looked at."""
    return re.findall(r'<span class="badge tone-\w+">(OK|Problem)</span> <span><strong>\s*([^:]+):', page)


def test_from_the_form_to_a_proven_loop(site: Flask, zendesk: tuple[Emulator, EmulatorServer]) -> None:
    emulator, _ = zendesk
    client = signed_in(site)
    page = client.get("/admin/connections/acme").text
    assert "Not authorised yet" in page
    back = client.get(sent_to_the_vendor(client), follow_redirects=True).text
    assert "acme is authorised." in back
    assert "The webhook is set up." in back
    connection = found()
    (hook,) = emulator.webhooks.all.values()
    assert (connection.active, connection.webhook_id, connection.webhook_secret) == (
        True,
        hook.id,
        hook.secret,
    )
    assert connection.scopes == ["read", "write"]
    assert 'hx-trigger="submit, load"' in back, "the check begins by itself, once"
    assert "submit, load" not in client.get("/admin/connections/acme").text

    seen: list[tuple[str, str]] = []
    for step in range(6):
        answer = client.post(
            "/admin/connections/acme/check", data={"step": step}, headers={"HX-Request": "true"}
        )
        seen += rows_of(answer.text)
        assert (f'"step": {step + 1}' in answer.text) is (step < 5)
        assert (step == 2) is bool(re.search(r"came back, signed, in [0-9.]+ s", answer.text))
    names = ["Signing in", "Authorisation", "Webhook", "Reconcile", "Answers", "Help centre 1"]
    assert seen == [("OK", name) for name in names]
    shown = client.get("/admin/connections/acme").text
    assert rows_of(shown) == seen
    assert ">Works<" in shown
    assert ">Works<" in client.get("/admin/connections/").text
    kinds = set(db.session.execute(select(Activity.kind)).scalars())
    assert {"connection.authorised", "connection.webhook_installed", "connection.secret_rotated"} <= kinds
    for secret in (connection.token, connection.refresh_token, connection.client_secret, hook.secret):
        assert secret
        assert secret not in shown + back


TRICKS = ("no session", "other admin", "other state", "old", "refused", "used")


def tricked(site: Flask, emulator: Emulator, trick: str) -> TestResponse:
    """Come back from the vendor's page in a way that nobody should."""
    client = signed_in(site)
    emulator.oauth.refuse = trick == "refused"
    back = sent_to_the_vendor(client)
    if trick == "no session":
        client = signed_in(site)
    elif trick == "other admin":
        client = signed_in(site, "other@example.com")
        with client.session_transaction() as stolen:
            stolen["authorising"] = parse_qs(urlsplit(back).query)["state"][0]
    elif trick == "other state":
        back = back.replace("state=", "state=x")
    elif trick == "used":
        assert client.get(back).status_code == 302
        db.session.execute(update(Connection).values(token="kept"))
        db.session.commit()
    elif trick == "old":
        quarter = database.now() - timedelta(minutes=16)
        db.session.execute(update(AuthorisationRequest).values(created_at=quarter))
        db.session.commit()
    return client.get(back, follow_redirects=True)


def test_who_did_not_ask_gets_nothing(site: Flask, zendesk: tuple[Emulator, EmulatorServer]) -> None:
    for trick in TRICKS:
        answer = tricked(site, zendesk[0], trick)
        if trick == "refused":
            assert "Nobody agreed" in answer.text
        else:
            assert answer.status_code == 403, trick
            assert "was not asked for here" in answer.text
        assert found().token == ("kept" if trick == "used" else ""), trick


def test_a_vendor_that_refuses_the_code_leaves_the_connection_as_it_was(
    site: Flask, zendesk: tuple[Emulator, EmulatorServer]
) -> None:
    client = signed_in(site)
    back = sent_to_the_vendor(client)
    zendesk[0].faults.add("/oauth/tokens", status=503)
    page = client.get(back, follow_redirects=True).text
    assert "answered 503" in page
    assert (found().token, found().active) == ("", False)


def test_missing_scopes_are_said_in_words(site: Flask, zendesk: tuple[Emulator, EmulatorServer]) -> None:
    zendesk[0].oauth.grants = "read"
    client = signed_in(site)
    page = client.get(sent_to_the_vendor(client), follow_redirects=True).text
    assert "The webhook cannot be made from here." in page
    page = client.post("/admin/connections/acme/check", follow_redirects=True).text
    assert ("Problem", "Authorisation") in rows_of(page)
    assert "making the webhook that tells us of changes" in page
    assert "publishing articles in the help centre" in page


def test_a_delivery_that_does_not_arrive_is_a_problem_with_what_to_do(
    site: Flask, zendesk: tuple[Emulator, EmulatorServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_checks, "ARRIVAL_SECONDS", 0.3)
    client = signed_in(site)
    client.get(sent_to_the_vendor(client))
    (hook,) = zendesk[0].webhooks.all.values()
    hook.secret = "rotated-by-somebody-there"
    page = client.post("/admin/connections/acme/check", follow_redirects=True).text
    assert ("Problem", "Webhook") in rows_of(page)
    assert "our address answered 401" in page
    client.post("/admin/connections/acme/webhook")
    assert found().webhook_secret == hook.secret
    page = client.post("/admin/connections/acme/check", follow_redirects=True).text
    assert ("OK", "Webhook") in rows_of(page)


def test_a_changed_secret_is_the_desks_and_the_one_before_stays_valid(
    site: Flask, zendesk: tuple[Emulator, EmulatorServer]
) -> None:
    client = signed_in(site)
    client.get(sent_to_the_vendor(client))
    before = found().webhook_secret
    client.post("/admin/connections/acme/secret")
    (hook,) = zendesk[0].webhooks.all.values()
    assert (found().webhook_secret, found().previous_webhook_secret) == (hook.secret, before)
    client.post("/admin/connections/acme/secret", data={"secret": "entered-by-hand"})
    assert (found().webhook_secret, found().previous_webhook_secret) == ("entered-by-hand", hook.secret)


def test_an_authorisation_that_was_taken_away_is_said_and_given_again(
    site: Flask, zendesk: tuple[Emulator, EmulatorServer]
) -> None:
    client = signed_in(site)
    client.get(sent_to_the_vendor(client))
    zendesk[0].oauth.revoke()
    page = client.post("/admin/connections/acme/check", follow_redirects=True).text
    assert "An administrator has to give it again" in page
    assert "It has ended, or was taken away." in page
    assert ">Needs you<" in page
    assert [ok for ok, name in rows_of(page) if name in ENDED] == ["Problem"] * len(ENDED)
    health = db.session.get_one(ConnectionHealth, found().id)
    with force_locale("es"):
        spanish = [translated(each.said) for each in connection_checks.kept(health.checks)]
    db.session.rollback()
    assert spanish[0].startswith("La autorización de «acme» ha terminado")
    client.get(sent_to_the_vendor(client))
    page = client.post("/admin/connections/acme/check", follow_redirects=True).text
    assert all(ok == "OK" for ok, _ in rows_of(page))


def test_switches_hold_and_are_recorded(site: Flask) -> None:
    client = signed_in(site)
    client.post("/admin/connections/acme/closing", data={"closing": "require"})
    assert found().closing is ClosePolicy.REQUIRE
    assert client.post("/admin/connections/acme/closing", data={"closing": "always"}).status_code == 422
    client.post("/admin/connections/acme/product", data={"product_field": " 360001 "})
    assert found().product_field == "360001"
    assert client.post("/admin/connections/acme/active", data={"active": "1"}).status_code == 422
    client.get(sent_to_the_vendor(client))
    for value, active in (("0", False), ("1", True)):
        client.post("/admin/connections/acme/active", data={"active": value})
        assert found().active is active
    assert 'value="360001"' in client.get("/admin/connections/acme").text
    who = db.session.execute(
        select(Activity.agent_id, Activity.authority).where(Activity.kind == "connection.switched_off")
    ).one()
    assert who.agent_id is not None
    assert who.authority == "role:admin"


WRONG = [
    ({"subdomain": "acme.evil.example/"}, "subdomain"),
    ({"subdomain": "acme@evil"}, "subdomain"),
    ({"subdomain": ""}, "subdomain"),
    ({"name": "../acme"}, "name"),
    ({"name": "new"}, "name"),
    ({"name": "acme"}, "name"),
    ({"client_id": ""}, "client_id"),
    ({"client_secret": " "}, "client_secret"),
]


def test_a_new_desk_with_a_wrong_field_is_refused_and_the_rest_kept(site: Flask) -> None:
    given = {"name": "second", "subdomain": "second", "client_id": "kcs", "client_secret": "hidden-secret"}
    client = signed_in(site)
    for changed, field in WRONG:
        answer = client.post("/admin/connections/new", data={**given, **changed})
        assert answer.status_code == 422
        assert f'href="#field-{field}"' in answer.text, changed
        assert "hidden-secret" not in answer.text
    assert len(db.session.execute(select(Connection)).scalars().all()) == 1


def test_a_new_desk_leads_to_its_own_address_and_nowhere_else(site: Flask) -> None:
    client = signed_in(site)
    form = client.get("/admin/connections/new")
    assert f"{site.config['KCS'].base_url}{BACK}" in form.text
    assert "form-action 'self' https://*.zendesk.com;" in form.headers["Content-Security-Policy"] + ";"
    given = {"name": "second", "subdomain": " Second ", "client_id": "kcs", "client_secret": "hidden-secret"}
    answer = client.post("/admin/connections/new", data=given)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("https://second.zendesk.com/oauth/authorizations/new?")
    assert "hidden-secret" not in answer.headers["Location"]
    policy = client.get("/admin/connections/second").headers["Content-Security-Policy"]
    assert "form-action 'self' https://second.zendesk.com;" in policy + ";"
    assert "form-action 'self';" in client.get("/admin/connections/").headers["Content-Security-Policy"] + ";"


def test_without_a_desk_the_list_leads_to_the_first(make_app: AppMaker) -> None:
    app = make_app()
    with app.app_context():
        make_agent(email="admin@example.com", password=PASSWORD, roles={Role.ADMIN})
        db.session.commit()
        page = signed_in(app).get("/admin/connections/").text
    assert "No desk is connected" in page
    assert 'href="/admin/connections/new"' in page
