"""What the token of the app's page opens: the panel's own routes, for its desk's tickets, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kcs import database
from kcs.database import db
from kcs.extensions import limiter
from kcs.people import services as people
from kcs.people.embedded import MOST_EACH, agent_of_embedded, open_embedded
from kcs.people.models import Agent, SignIn
from kcs.solving.queries import present_links
from kcs.tickets.models import Connection, Ticket
from tests.embedding.visits import Embedded
from tests.factories import make_article, make_connection, make_ticket, sign_in, token_for
from tests.fakes import FakeDesk
from workflow.permissions import Licence

# method, rule below a ticket's address where it begins with "./", status with what is sent
OPENED = """
GET  /embed/acme/tickets/{id}                    200
GET  /embed/acme/tickets/{id}/closing            200
POST /embed/acme/tickets/{id}/hints              204
POST /embed/acme/renewals                        204
POST /embed/acme/passed-saves                    415
GET  ./knowledge                                 200
GET  ./suggestions                               200
POST ./suggestions                               200
GET  ./search?q=x                                200
POST ./searches                                  204
GET  ./preview/KB-1                              200
POST ./send                                      200
POST ./links                                     200
POST ./links/1/remove                            200
GET  ./links/99/changes                          404
POST ./passed-over                               200
POST ./passed-over/undo                          200
POST ./draft                                     200
POST ./draft/discard                             200
POST ./exemption                                 200
POST ./flags                                     200
POST ./confirmations                             200
GET  ./ask                                       200
POST ./ask                                       200
GET  /live/acme/{id}/poll                        200
GET  /live/acme/{id}/notice                      200
"""


def rows() -> list[tuple[str, str, int]]:
    lines = [line.split() for line in OPENED.strip().splitlines()]
    return [
        (method, path.replace("./", "/tickets/acme/{id}/"), int(status)) for method, path, status in lines
    ]


@pytest.fixture(autouse=True)
def article(connection: Connection) -> None:
    """One article to act on."""
    make_article(key="KB-1")
    db.session.commit()


def called(embedded: Embedded, method: str, path: str, ticket: Ticket) -> int:
    sent = {"article": "KB-1", "reason": "other"} if method == "POST" else {}
    answer = embedded._call(method, path.format(id=ticket.remote_id), data=sent)
    assert "Set-Cookie" not in answer.headers
    assert 'name="csrf_token" value="' not in answer.text.replace('value=""', "")
    return answer.status_code


def test_the_panels_own_routes_are_open(app: Flask, embedded: Embedded, ticket: Ticket) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answered = [(method, path, called(embedded, method, path, ticket)) for method, path, _ in rows()]
    assert answered == rows()


def everywhere(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield every route with values that exist."""
    values = {"connection": "acme", "name": "acme", "ticket_id": "1", "key": "KB-1", "kind": "csv"}
    for rule in app.url_map.iter_rules():
        given = {name: values.get(name, 1) for name in rule.arguments}
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(rule.endpoint, given)
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            yield method, path


def test_no_other_route_takes_the_token(app: Flask, embedded: Embedded, ticket: Ticket) -> None:
    limiter.enabled = False
    opened = {(method, path.partition("?")[0].format(id="1")) for method, path, _ in rows()}
    wrong, tried = [], 0
    for method, path in everywhere(app):
        endpoint, _ = app.url_map.bind("localhost").match(path, method)
        public = getattr(app.view_functions[endpoint], "permission", None) == "public"
        if public or endpoint in app.extensions["kcs.embedded"]:
            continue
        tried += 1
        if (status := embedded._call(method, path).status_code) != 401:
            wrong.append((method, path, status))
    assert wrong == []
    assert tried > 100
    assert len(opened) == len(app.extensions["kcs.embedded"])


def test_other_connections_tickets_are_closed_to_it(
    embedded: Embedded, ticket: Ticket, desk: FakeDesk
) -> None:
    other = make_ticket(desk, make_connection("second"))
    db.session.commit()
    for path in (f"/tickets/second/{other.remote_id}/knowledge", f"/embed/second/tickets/{other.remote_id}"):
        assert embedded.get(path).status_code == 401


def test_no_other_token_opens_what_is_embedded_and_this_one_no_browser(
    app: Flask, browser: FlaskClient, embedded: Embedded, ticket: Ticket, ana: Agent
) -> None:
    address = f"/tickets/acme/{ticket.remote_id}/knowledge"
    assert browser.get(address, headers=token_for(ana)).status_code == 401
    assert (
        browser.get("/api/v1/articles", headers={"Authorization": f"Bearer {embedded.token}"}).status_code
        == 401
    )
    assert people.agent_of_sign_in(embedded.token) is None
    signed_in = sign_in(app.test_client(), ana)
    assert signed_in.get(address).status_code == 200
    # A cookie that comes along does not make up for a token that is not right.
    assert signed_in.get(address, headers={"Authorization": "Bearer none"}).status_code == 401


def test_a_forged_form_of_another_site_has_no_token_and_is_refused(
    app: Flask, ticket: Ticket, ana: Agent
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    signed_in = sign_in(app.test_client(), ana)
    app.config["WTF_CSRF_ENABLED"] = True
    address = f"/tickets/acme/{ticket.remote_id}/links"
    for headers in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer "}):
        assert signed_in.post(address, data={"article": "KB-1"}, headers=headers).status_code == 400
    assert (
        signed_in.post(address, data={"article": "KB-1"}, headers={"Authorization": "Bearer x"}).status_code
        == 401
    )
    assert present_links(ticket) == []


ENDS: dict[str, Callable[[Agent, Connection], object]] = {
    "signed out everywhere": lambda ana, _: people.end_sign_ins(ana),
    "another licence": lambda ana, _: people.grant_licence(ana, Licence.CANDIDATE),
    "another password": lambda ana, _: people.set_password(ana, "correct horse battery"),
    "left": lambda ana, _: people.deactivate(ana),
    "the connection is off": lambda _, connection: setattr(connection, "active", False),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_session_ends_at_once(
    how: str, embedded: Embedded, ticket: Ticket, ana: Agent, connection: Connection
) -> None:
    address = f"/tickets/acme/{ticket.remote_id}/knowledge"
    assert embedded.get(address).status_code == 200
    ENDS[how](ana, connection)
    db.session.commit()
    assert embedded.get(address).status_code == 401
    assert embedded.post("/embed/acme/renewals").status_code == 401


def test_a_session_lasts_an_hour_from_its_last_renewal_and_twelve_in_all(
    embedded: Embedded, ticket: Ticket
) -> None:
    def row() -> SignIn:
        db.session.rollback()
        return db.session.execute(select(SignIn)).scalar_one()

    made = row().created_at
    row().created_at = made - timedelta(hours=2)
    row().expires_at = database.now() + timedelta(minutes=1)
    db.session.commit()
    assert embedded.post("/embed/acme/renewals").status_code == 204
    assert row().expires_at > database.now() + timedelta(minutes=59)
    moved = row()
    moved.created_at = database.now() - timedelta(hours=11, minutes=50)
    db.session.commit()
    embedded.post("/embed/acme/renewals")
    assert row().expires_at <= row().created_at + timedelta(hours=12)
    over = row()
    over.expires_at = database.now() - timedelta(seconds=1)
    db.session.commit()
    assert embedded.get(f"/tickets/acme/{ticket.remote_id}/knowledge").status_code == 401
    assert embedded.post("/embed/acme/renewals").status_code == 401


def test_one_person_has_only_so_many_sessions(ana: Agent, connection: Connection) -> None:
    tokens = [open_embedded(ana, connection.id) for _ in range(MOST_EACH + 2)]
    assert db.session.execute(select(func.count(SignIn.id))).scalar_one() == MOST_EACH
    assert agent_of_embedded(tokens[0], "acme") is None
    assert agent_of_embedded(tokens[-1], "acme") == ana


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("POST", "/embed/acme/passed-saves", 30), ("POST", "/embed/acme/tickets/1/hints", 30)],
)
def test_what_a_page_may_do_often_is_limited(
    embedded: Embedded, method: str, path: str, allowed: int
) -> None:
    limiter.enabled = True
    limiter.reset()
    statuses = [embedded._call(method, path).status_code for _ in range(allowed + 1)]
    assert 429 not in statuses[:-1]
    assert statuses[-1] == 429
