"""An administrator connects a desk that signs nothing: its key is proved, its rules are made by hand."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.serving import make_server

from integrations.freshdesk.emulator import KEY, Emulator, EmulatorServer
from integrations.freshdesk.provider import FreshdeskProvider
from integrations.freshdesk.webhook_admin import BODY
from integrations.zendesk.provider import ZendeskProvider
from kcs.activity.models import Activity
from kcs.cli import main
from kcs.database import db
from kcs.ports import Provider
from kcs.tickets.hearing import note_heard
from kcs.tickets.models import Connection
from kcs.tickets.queries import get_connection
from tests.admin.test_connecting import rows_of, signed_in
from tests.conftest import AppMaker
from tests.factories import PASSWORD, make_agent, make_connection
from workflow.permissions import Role

NEW, PAGE = "/admin/connections/new", "/admin/connections/acme"
SECRET = re.compile(r'<input id="secret"[^>]* value="([^"]+)"')
DESKS: dict[str, Provider] = {"zendesk": ZendeskProvider(), "freshdesk": FreshdeskProvider()}


@dataclass
class Site:
    """An app that the stand-in can reach, an administrator's browser, and the desk's side of it."""

    app: Flask
    admin: FlaskClient
    desk: Emulator
    base: str
    typed: dict[str, str]

    def connect(self, **typed: str) -> str:
        """Send the form, and return the page it leads to."""
        return self.admin.post(NEW, data={**self.typed, **typed}, follow_redirects=True).text

    def change_a_ticket(self) -> None:
        """Somebody writes in; the rules there run. What the test has read so far is old then."""
        db.session.rollback()
        customer = self.desk.add_contact("Carla", "carla@example.org")
        self.desk.create_ticket(customer, "No export", "The button is grey.")
        self.desk.deliver()

    def make_rules(self, secret: str) -> None:
        """Make the rules at the desk as the page says."""
        self.desk.add_rules(f"{self.base}/webhooks/acme", secret)


@pytest.fixture
def site(make_app: AppMaker) -> Iterator[Site]:
    desk = Emulator()
    with make_server("127.0.0.1", 0, lambda *_: []) as probe:
        base = f"http://127.0.0.1:{probe.server_port}"
    app = make_app(DESKS, BASE_URL=base)
    serving = make_server("127.0.0.1", int(base.rpartition(":")[2]), app, threaded=True)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    with EmulatorServer(desk) as server, app.app_context():
        make_agent(email="admin@example.com", password=PASSWORD, roles={Role.ADMIN})
        db.session.commit()
        typed = {"provider": "freshdesk", "name": "acme", "subdomain": "acme", "token": KEY}
        yield Site(app, signed_in(app), desk, base, {**typed, "api_base": server.api_base})
        db.session.remove()
    serving.shutdown()
    thread.join()


def found() -> Connection:
    db.session.rollback()
    connection = get_connection("acme")
    db.session.refresh(connection)
    db.session.rollback()
    return connection


def shown_secret(page: str) -> str:
    match = SECRET.search(page)
    assert match, "the page shows no secret"
    return match[1]


def checked(site: Site) -> dict[str, str]:
    """Check everything; return OK or Problem by what was looked at."""
    page = site.admin.post(f"{PAGE}/check", follow_redirects=True).text
    return {name.strip(): ok for ok, name in rows_of(page)}


def test_from_a_pasted_address_to_every_check_green(site: Site) -> None:
    page = site.connect(subdomain="https://acme.freshdesk.com/a/tickets/filters/all?x=1")
    connection, secret = found(), shown_secret(page)
    assert "acme is connected: signed in as" in page
    assert (connection.subdomain, connection.token, connection.webhook_secret) == ("acme", KEY, secret)
    assert 'hx-trigger="submit, load, kcs:delivered from:body"' in page, "the check begins by itself"
    for part in (f"{site.base}/webhooks/acme", "X-KCS-Secret", "Trigger webhook"):
        assert part in page
    assert BODY.replace('"', "&#34;") in page
    assert "Authorise" not in page
    again = site.admin.get(PAGE).text
    assert secret not in again, "it is shown once"
    assert KEY not in page + again

    assert checked(site) == {
        **dict.fromkeys(("Signing in", "Rights", "Reconcile", "Answers"), "OK"),
        "Webhook": "Problem",
    }
    waiting = site.admin.get(f"{PAGE}/delivery")
    assert "Waiting for the first delivery" in waiting.text
    assert 'hx-trigger="every 3s"' in waiting.text
    site.make_rules(secret)
    site.change_a_ticket()
    came = site.admin.get(f"{PAGE}/delivery")
    assert "It works:" in came.text
    assert "{ticket_action:created}" in came.text
    assert "every 3s" not in came.text
    assert (waiting.headers.get("HX-Trigger"), came.headers["HX-Trigger"]) == (None, "kcs:delivered")
    assert set(checked(site).values()) == {"OK"}
    assert ">Works<" in site.admin.get(PAGE).text


WRONG = [
    ({"name": "../acme"}, "name", "letters, digits and hyphens"),
    ({"subdomain": "https://support.acme.example/", "api_base": ""}, "subdomain", "is not a subdomain"),
    ({"subdomain": "https://acme.freshdesk.com@evil.example/", "api_base": ""}, "subdomain", "is not a"),
    ({"token": ""}, "token", "needed"),
    ({"token": "hush-wrong-key"}, "token", "does not take our API key"),
    ({"token": "hush key"}, "token", "characters no key has"),
    ({"api_base": "http://198.51.100.7/api/v2"}, "api_base", "on this machine"),
    ({"api_base": "http://127.0.0.1:9/api/v2"}, "subdomain", "Freshdesk"),
]


def test_what_does_not_work_is_said_at_its_field_and_not_kept(site: Site) -> None:
    for changed, field, said in WRONG:
        answer = site.admin.post(NEW, data={**site.typed, **changed})
        assert answer.status_code == 422, changed
        assert f'href="#field-{field}"' in answer.text, changed
        assert said in answer.text, changed
        assert "hush" not in answer.text, changed
    assert db.session.execute(select(Connection)).first() is None


def test_rights_that_are_missing_are_named(site: Site) -> None:
    agent = site.desk.add_agent("Ben", "ben@example.org", ticket_scope=2, denied=[r"/solutions/"])
    site.connect(token=agent.key)
    page = site.admin.post(f"{PAGE}/check", follow_redirects=True).text
    assert ("Problem", "Rights") in rows_of(page)
    assert "seeing the tickets of other groups" in page
    assert "reading and publishing solution articles" in page
    assert "reading tickets" not in page.replace("seeing the tickets", "")


def test_a_rotation_tells_which_secret_the_rules_still_bring_along(site: Site) -> None:
    first = shown_secret(site.connect())
    site.make_rules(first)
    site.change_a_ticket()
    page = site.admin.post(f"{PAGE}/secret", follow_redirects=True).text
    second = shown_secret(page)
    assert (found().webhook_secret, found().previous_webhook_secret) == (second, first)
    assert "Waiting for the new secret" in page
    site.change_a_ticket()
    assert "It still comes" in site.admin.get(PAGE).text
    assert checked(site)["Webhook"] == "Problem"

    site.make_rules(second)
    site.change_a_ticket()
    assert "It works:" in site.admin.get(f"{PAGE}/delivery").text
    assert checked(site)["Webhook"] == "OK"
    assert (
        "Only the present secret is valid now."
        in site.admin.post(f"{PAGE}/secret/former", follow_redirects=True).text
    )
    assert found().previous_webhook_secret is None
    site.change_a_ticket()
    assert {401, 202} == {status for sent in site.desk.outbox.all[-2:] for status in sent.statuses}
    kinds = set(db.session.execute(select(Activity.kind)).scalars())
    assert {"connection.secret_rotated", "connection.former_secret_ended"} <= kinds


def test_what_came_with_another_secret_is_said_on_the_page(site: Site) -> None:
    site.connect()
    assert "with another secret than this one" not in site.admin.get(PAGE).text
    site.make_rules("not-the-one-that-was-shown")
    site.change_a_ticket()
    assert {status for sent in site.desk.outbox.all for status in sent.statuses} == {401}
    assert "with another secret than this one" in site.admin.get(PAGE).text
    assert "with another secret than this one" in site.admin.get(f"{PAGE}/delivery").text


def test_a_desk_with_a_key_is_never_led_to_authorise(site: Site) -> None:
    site.connect()
    assert "There is nothing to authorise" in site.admin.post(f"{PAGE}/authorise").text
    refused = site.admin.post(f"{PAGE}/key", data={"token": "wrong-key"}, follow_redirects=True).text
    assert "does not take our API key" in refused
    assert found().token == KEY
    other = site.desk.add_agent("Ana", "ana@example.org", admin=True)
    taken = site.admin.post(f"{PAGE}/key", data={"token": other.key}, follow_redirects=True).text
    assert "The new key works: signed in as" in taken
    assert found().token == other.key
    make_connection("other")
    db.session.commit()
    answer = site.admin.post("/admin/connections/other/key", data={"token": KEY})
    assert answer.status_code == 400
    assert ">Pins<" not in site.admin.get(f"{PAGE}/writes").text
    assert "Pins" in site.admin.get("/admin/connections/other/writes").text


def test_one_chooses_among_several_desks(site: Site) -> None:
    page = site.admin.get(NEW).text
    for name, label in (("zendesk", "Zendesk"), ("freshdesk", "Freshdesk")):
        assert f'href="/admin/connections/new?provider={name}"' in page
        form = site.admin.get(f"{NEW}?provider={name}").text
        assert f"Connect {label}" in form
        assert ('name="token"' in form, 'name="client_id"' in form) == (
            (True, False) if name == "freshdesk" else (False, True)
        )
    assert site.admin.get(f"{NEW}?provider=other").status_code == 404


def test_a_server_for_others_takes_no_stand_in(make_app: AppMaker) -> None:
    app = make_app(DESKS, BASE_URL="https://kcs.example.org")
    with app.app_context():
        make_agent(email="admin@example.com", password=PASSWORD, roles={Role.ADMIN})
        db.session.commit()
        client = app.test_client()
        https = {"base_url": "https://kcs.example.org"}
        client.post("/sign-in", data={"email": "admin@example.com", "password": PASSWORD}, **https)
        assert "api_base" not in client.get(f"{NEW}?provider=freshdesk", **https).text
        typed = {"provider": "freshdesk", "name": "acme", "subdomain": "acme", "token": KEY}
        answer = client.post(NEW, data={**typed, "api_base": "http://127.0.0.1:1/api/v2"}, **https)
        assert answer.status_code == 422
        assert "not on this server" in answer.text


def run(site: Site, *words: str, typed: str | None = None) -> Result:
    db.session.rollback()
    db.session.remove()
    return CliRunner().invoke(main, ["connection", *words], obj=site.app, input=typed)


def test_on_a_terminal_the_key_comes_from_a_file_and_a_delivery_is_awaited(site: Site) -> None:
    api_base = site.typed["api_base"]
    add = ("add", "freshdesk", "acme", "--domain", "acme.freshdesk.com", "--api-base", api_base)
    wrong = run(site, *add, "--api-key-file", "-", typed="wrong-key\n")
    assert (wrong.exit_code, "does not take our API key" in wrong.stderr) == (1, True)
    said = run(site, *add, "--api-key-file", "-", typed=f"{KEY}\n").stdout
    secret = found().webhook_secret
    assert secret
    assert said.startswith("Added 'acme': signed in as ")
    for line in (f"{site.base}/webhooks/acme", BODY, "X-KCS-Secret", secret):
        assert f"       {line}\n" in said
    assert KEY not in said
    assert secret not in run(site, "webhook", "acme").stdout
    site.make_rules(secret)
    late = run(site, "check", "acme", "--wait", "0.2")
    assert (late.exit_code, "no delivery came within" in late.stdout) == (1, True)
    site.desk.create_ticket(site.desk.add_contact("Carla", "carla@example.org"), "Grey", "It is grey.")
    look = site.app.extensions["kcs.arrived"]

    def arrived(connection_id: int, since: datetime) -> bool:
        """The desk delivers once it is waited for."""
        site.desk.deliver()
        return bool(look(connection_id, since))

    site.app.extensions["kcs.arrived"] = arrived
    came = run(site, "check", "acme", "--wait", "20")
    assert "a delivery came with the right secret" in came.stdout
    assert came.exit_code == 0
    assert "There is nothing to authorise" in run(site, "authorise", "acme").stderr
    rotated = run(site, "rotate-secret", "acme").stdout
    assert found().webhook_secret in rotated.split()
    assert found().previous_webhook_secret == secret


def test_a_delivery_is_told_of_once_it_is_noted_with_which_secret_it_came(site: Site) -> None:
    site.connect()
    looks = iter(range(100))

    def arrived(connection_id: int, _since: datetime) -> bool:
        """The row is there at once; the note of it follows."""
        if next(looks) == 2:
            note_heard(connection_id, kind="a changed ticket", with_former=False)
        return True

    site.app.extensions["kcs.arrived"] = arrived
    came = run(site, "check", "acme", "--wait", "20")
    assert "a delivery came with the right secret" in came.stdout
    assert next(looks) > 2
