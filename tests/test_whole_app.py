"""The whole product once through, and as the process that people run."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.provider import ZendeskProvider
from kcs.cli import main
from kcs.database import db
from kcs.demo.serving import serving
from kcs.people.access import Permission, requires
from kcs.people.models import Agent
from kcs.people.services import issue_token
from kcs.publishing.models import Target
from kcs.tickets.services import add_connection
from tests.conftest import AppMaker
from tests.factories import make_agent
from tests.processes import PATIENCE, Product, free_port, until
from workflow.permissions import Licence, Role

pytestmark = pytest.mark.long


@pytest.fixture
def zendesk() -> Emulator:
    """The help desk."""
    return Emulator(shapes=("event",))


@pytest.fixture
def app(make_app: AppMaker, zendesk: Emulator) -> Iterator[Flask]:
    """An app connected to the desk and its help centre."""
    app = make_app({"zendesk": ZendeskProvider()})
    with EmulatorServer(zendesk) as server, app.app_context():
        connection = add_connection(
            "acme",
            provider="zendesk",
            subdomain="acme",
            token=zendesk.token,
            webhook_secret=zendesk.outbox.secret,
            api_base=server.api_base,
        )
        settings = {"section_id": str(zendesk.add_section("Answers").id), "permission_group_id": "1"}
        db.session.add(Target(connection_id=connection.id, locale="en-us", settings=settings))
        db.session.commit()
        yield app


class Api:
    """Calls the API as one person."""

    def __init__(self, base_url: str, agent: Agent) -> None:
        self._base = f"{base_url}/api/v1"
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["Authorization"] = f"Bearer {issue_token(agent, label='test', days=1)}"
        db.session.commit()

    def get(self, path: str) -> requests.Response:
        """Read."""
        return self._http.get(self._base + path, timeout=PATIENCE)

    def post(self, path: str, content: object) -> requests.Response:
        """Act."""
        return self._http.post(self._base + path, json=content, timeout=PATIENCE)


def test_from_a_customers_question_to_the_next_customers_answer(app: Flask, zendesk: Emulator) -> None:
    ada = make_agent(email="ada@acme.example", roles=[])
    coach = make_agent(Licence.PUBLISHER, [Role.COACH])
    db.session.commit()
    desk_ada = zendesk.add_user("Ada", "ada@acme.example", "agent")
    maria = zendesk.add_user("Maria Lopez", "maria@customer.example", "end-user")
    with serving(app) as base_url:
        by_ada, by_coach = Api(base_url, ada), Api(base_url, coach)
        db.session.remove()

        # A customer asks, the agent answers, nothing is known yet: the ticket becomes a draft.
        first = zendesk.create_ticket(maria, "Export button is grey", "The export button stays grey.")
        zendesk.reply(first, desk_ada, "Allow pop-ups for this site, then reload the page.")
        assert all(sent.delivered for sent in zendesk.deliver(f"{base_url}/webhooks/acme"))
        until(lambda: by_ada.get("/tickets/acme/1").ok, what="the mirror")
        draft = by_ada.post("/tickets/acme/1/draft", {}).json()
        assert draft["key"]

        # It is validated and published; the help centre follows.
        parts = {"issue": "The export button is grey.", "resolution": "Allow pop-ups, then reload."}
        version = by_ada.get(f"/articles/{draft['key']}")
        changed = by_ada._http.patch(
            f"{base_url}/api/v1/articles/{draft['key']}",
            json={"title": "Export button is grey", "parts": parts},
            headers={"If-Match": version.headers["ETag"]},
            timeout=PATIENCE,
        )
        assert changed.ok, changed.text
        for move in ({"name": "validate"}, {"name": "publish", "audience": "public"}):
            answer = by_coach.post(f"/articles/{draft['key']}/transitions", move)
            assert answer.ok, answer.text
        until(lambda: [a for a in zendesk.guide.articles.values() if a.live], what="the publication")
        assert len(zendesk.guide.articles) == 1

        # The next customer asks the same: the article is offered, linked, and the ticket is answered.
        zendesk.set_status(first, desk_ada, "solved")
        second = zendesk.create_ticket(maria, "Cannot export, button grey", "Why is the export button grey?")
        zendesk.deliver(f"{base_url}/webhooks/acme")
        until(lambda: by_ada.get("/tickets/acme/2").ok, what="the second mirror")
        offered = by_ada.get("/tickets/acme/2/suggestions").json()
        assert draft["key"] in json.dumps(offered)
        linked = by_ada.post("/tickets/acme/2/links", {"article": draft["key"], "role": "resolution"})
        assert linked.ok, linked.text
        zendesk.set_status(second, desk_ada, "solved")
        zendesk.deliver(f"{base_url}/webhooks/acme")
        until(
            lambda: by_ada.get("/tickets/acme/2").json()["knowledge_state"] == "answered",
            what="the second solve",
        )

    # Two solved, both with knowledge.
    db.session.remove()
    ran = app.test_cli_runner().invoke(main, ["report", "link-rate", "--json"], obj=app)
    assert ran.exit_code == 0
    total = json.loads(ran.output)["total"]
    assert (total["solved"], total["linked"]) == (2, 2)


def test_an_unexpected_error_is_logged_without_the_values_it_had(
    app: Flask, zendesk: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    @requires(Permission.PUBLIC)
    def broken() -> str:
        customers_words = "my-card-number"
        raise ZeroDivisionError(len(customers_words))

    app.view_functions["health.alive"] = broken
    assert app.test_client().get("/healthz").status_code == 500
    out, err = capsys.readouterr()
    assert "ZeroDivisionError" in err
    assert "my-card-number" not in err
    assert out == ""


# ---- as a process ------------------------------------------------------------------------------------------

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def product(app: Flask, database_url: str, tmp_path: Path) -> Iterator[Product]:
    """`kcs serve`, not yet started."""
    folder = tmp_path / "processes"
    folder.mkdir()
    made = Product(folder, database_url)
    yield made
    made.kill_all()


@ON_SQLITE
def test_a_port_in_use_is_said_in_one_sentence(product: Product) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", product.port))
        taken.listen()
        process = product.start("serve")
        assert process.wait(PATIENCE) == 1
    assert f"127.0.0.1:{product.port}" in product.output
    assert "Traceback" not in product.output


def test_the_database_can_be_upgraded_and_another_server_started_while_one_serves(product: Product) -> None:
    product.start("serve")
    product.wait_until_ready()
    assert product.start("db", "upgrade").wait(PATIENCE) == 0, product.output
    other = Product(product.folder, product.database_url, port=free_port())
    try:
        other.start("serve")
        other.wait_until_ready()
    finally:
        other.kill_all()


@ON_SQLITE
def test_a_flood_of_a_body_is_refused_before_it_is_taken_in_and_a_stop_ends_well(product: Product) -> None:
    process = product.start("serve")
    product.wait_until_ready()
    with socket.create_connection(("127.0.0.1", product.port), timeout=PATIENCE) as client:
        client.sendall(
            b"POST /webhooks/acme HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000000000\r\n\r\n{"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 413 ")
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert "Traceback" not in product.output
