"""Setting the app up on the connection's page: download, installation and key, what passed unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs import database
from kcs.activity.models import Activity
from kcs.admin.connection_parts import parts_of
from kcs.database import db
from kcs.embedding.models import PassReason
from kcs.embedding.services import PassedReport, keep_passed
from kcs.people.models import Agent
from kcs.ports import InstalledApp
from kcs.tickets.models import Connection
from tests.embedding.visits import INSTALLATION
from tests.factories import make_agent, sign_in
from tests.fakes import FakeApp
from workflow.permissions import Role

AT = "/admin/connections/acme"


@pytest.fixture
def admin(app: Flask, connection: Connection) -> FlaskClient:
    """An administrator's browser."""
    connection.app_installation = connection.app_key = None
    return sign_in(app.test_client(), make_agent(roles=[Role.ADMIN]))


def again(connection: Connection) -> tuple[str | None, str | None]:
    db.session.rollback()
    db.session.refresh(connection)
    return connection.app_installation, connection.app_key


def test_the_app_is_downloaded_for_this_server_and_connection(app: Flask, admin: FlaskClient) -> None:
    answer = admin.get(f"{AT}/app.zip")
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="app.zip"'
    assert answer.data.decode() == f"{app.config['KCS'].base_url}/embed/acme"


def test_without_https_the_page_says_why_there_is_no_app(
    app: Flask, admin: FlaskClient, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, settings = f'href="{AT}/app.zip"', app.config["KCS"]
    for base_url, offered in (("https://kcs.example.com", True), ("http://kcs.example.com", False)):
        monkeypatch.setitem(app.config, "KCS", replace(settings, base_url=base_url))
        shown = admin.get(AT).text
        assert (link in shown, "The app cannot be made yet" in shown) == (offered, not offered)
        assert " download>" not in shown, "an error page would be saved as the app"


def test_installation_and_key_are_entered_together_and_taken_away_together(
    admin: FlaskClient, connection: Connection
) -> None:
    both = {"installation": "https://desk.example.com/1", "key": "a key"}
    admin.post(f"{AT}/app", data=both)
    assert again(connection) == ("https://desk.example.com/1", "a key")
    for wrong in ({**both, "key": ""}, {**both, "installation": ""}, {**both, "key": "no key"}):
        assert admin.post(f"{AT}/app", data=wrong).status_code == 303
        assert again(connection)[1] == "a key"
    admin.post(f"{AT}/app", data={"installation": "", "key": ""})
    assert again(connection) == (None, None)
    kinds = db.session.execute(select(Activity.after).where(Activity.kind == "connection.app_set")).scalars()
    assert list(kinds) == ["https://desk.example.com/1", None]


def test_both_are_looked_up_where_the_desk_tells(
    admin: FlaskClient, connection: Connection, desk_app: FakeApp
) -> None:
    admin.post(f"{AT}/app/look-up")
    assert again(connection) == (None, None)
    desk_app.found = InstalledApp(INSTALLATION, "the key")
    admin.post(f"{AT}/app/look-up")
    assert again(connection) == (INSTALLATION, "the key")


def test_the_part_shows_what_passed_unasked(app: Flask, connection: Connection, ana: Agent) -> None:
    with app.test_request_context():
        g.agent = ana
        assert "without asking this server" not in "".join(parts_of(app, connection))
        keep_passed(connection, [PassedReport("4711", PassReason.TIMEOUT, database.now())], by=ana)
        shown = "".join(parts_of(app, connection))
    assert "1 ticket was saved as solved within a week without asking this server" in shown
    assert "Ticket 4711" in shown
    assert "longer than two seconds" in shown
