"""The emulated account gives, renews and checks OAuth tokens as the real one does."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.emulator.oauth import OAuthClient
from integrations.zendesk.emulator.records import Ticket, User
from tests.integrations.zendesk.conftest import T0, Call

BACK = "https://kcs.example/connect/zendesk"
VERIFIER = "a-verifier-of-forty-three-letters-or-more-00"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def client(emulator: Emulator) -> OAuthClient:
    return emulator.oauth.add_client(redirect_uris=(BACK,))


@pytest.fixture
def page(server: EmulatorServer, client: OAuthClient, call: Call) -> Any:
    """Return a function that visits the authorisation page and returns where it leads."""

    def visit(**more: str) -> dict[str, str]:
        asked = {"response_type": "code", "client_id": client.identifier, "redirect_uri": BACK, "state": "s"}
        reply = call("GET", f"{server.site}/oauth/authorizations/new", params={**asked, **more}, headers={})
        assert reply.headers["Location"].startswith(f"{BACK}?")
        return {key: one[0] for key, one in parse_qs(urlsplit(reply.headers["Location"]).query).items()}

    return visit


@pytest.fixture
def grant(server: EmulatorServer, client: OAuthClient, call: Call) -> Any:
    """Return a function that asks the token endpoint."""

    def ask(**sent: str) -> requests.Response:
        content = {"client_id": client.identifier, "client_secret": client.secret, **sent}
        return call("POST", f"{server.site}/oauth/tokens", json=content, headers={})

    return ask


def test_a_code_becomes_a_pair_that_calls_in_the_approvers_name(
    call: Call, page: Any, grant: Any, emulator: Emulator
) -> None:
    went = page(scope="read write")
    assert went["state"] == "s"
    given = grant(grant_type="authorization_code", code=went["code"], redirect_uri=BACK).json()
    assert {key: given[key] for key in ("token_type", "scope", "expires_in")} == {
        "token_type": "bearer",
        "scope": "read write",
        "expires_in": 1800,
    }
    me = call("GET", "/users/me", token=given["access_token"]).json()["user"]
    assert (me["id"], me["role"]) == (emulator.admin.id, "admin")
    current = call("GET", "/oauth/tokens/current", token=given["access_token"]).json()["token"]
    assert current["scopes"] == ["read", "write"]


def test_a_form_is_taken_like_json(
    call: Call, page: Any, client: OAuthClient, server: EmulatorServer
) -> None:
    sent = {"client_id": client.identifier, "client_secret": client.secret, "redirect_uri": BACK}
    form = {**sent, "grant_type": "authorization_code", "code": page()["code"]}
    reply = call("POST", f"{server.site}/oauth/tokens", data=form, headers={})
    assert (reply.status_code, reply.json()["scope"]) == (200, "read")


def test_refreshing_gives_both_tokens_anew_and_deletes_both(
    call: Call, grant: Any, emulator: Emulator
) -> None:
    old = emulator.oauth.issue()
    new = grant(grant_type="refresh_token", refresh_token=old.refresh_token).json()
    assert {new["access_token"], new["refresh_token"]}.isdisjoint({old.access_token, old.refresh_token})
    assert call("GET", "/users/me", token=old.access_token).status_code == 401
    assert call("GET", "/users/me", token=new["access_token"]).status_code == 200
    again = grant(grant_type="refresh_token", refresh_token=old.refresh_token)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (emulator.oauth.refreshes, len(emulator.oauth.pairs)) == (1, 1)


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ({"client_id": "stranger"}, (401, "invalid_client")),
        ({"client_secret": "wrong"}, (401, "invalid_client")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"code": "made-up"}, (400, "invalid_grant")),
        ({"redirect_uri": "https://elsewhere.example/"}, (400, "invalid_grant")),
        ({"code_verifier": "another"}, (400, "invalid_grant")),
        ({"grant_type": "refresh_token", "refresh_token": "made-up"}, (400, "invalid_grant")),
    ],
)
def test_what_does_not_fit_is_refused_as_an_oauth_error(
    page: Any, grant: Any, sent: dict[str, str], answer: tuple[int, str]
) -> None:
    code = page(code_challenge=CHALLENGE, code_challenge_method="S256")["code"]
    right = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }
    reply = grant(**{**right, **sent})
    assert (reply.status_code, reply.json()["error"]) == answer


def test_a_code_is_good_once(page: Any, grant: Any) -> None:
    sent = {"grant_type": "authorization_code", "code": page()["code"], "redirect_uri": BACK}
    assert [grant(**sent).status_code for _ in range(2)] == [200, 400]


def test_the_page_may_say_no_and_never_leads_to_strangers(
    call: Call, page: Any, emulator: Emulator, server: EmulatorServer
) -> None:
    emulator.oauth.refuse = True
    assert page()["error"] == "access_denied"
    for wrong in ({"client_id": "stranger"}, {"redirect_uri": "https://evil.example/"}):
        asked = {"response_type": "code", "client_id": "kcs", "redirect_uri": BACK, **wrong}
        reply = call("GET", f"{server.site}/oauth/authorizations/new", params=asked, headers={})
        assert (reply.status_code, "Location" in reply.headers) == (400, False)


@pytest.fixture
def still(emulator: Emulator) -> list[timedelta]:
    """Let the account's clock stand still but for what is added to the list."""
    passed: list[timedelta] = []
    emulator.clock = lambda: T0 + sum(passed, timedelta())
    return passed


def test_tokens_and_codes_grow_old(
    call: Call, page: Any, grant: Any, emulator: Emulator, still: list[timedelta]
) -> None:
    pair, code = emulator.oauth.issue(), page()["code"]
    still.append(timedelta(seconds=121))
    assert grant(grant_type="authorization_code", code=code, redirect_uri=BACK).status_code == 400
    assert call("GET", "/users/me", token=pair.access_token).status_code == 200
    still.append(timedelta(minutes=30))
    refused = call("GET", "/users/me", token=pair.access_token)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
    assert grant(grant_type="refresh_token", refresh_token=pair.refresh_token).status_code == 200


def test_tokens_expire_or_go_on_demand(call: Call, grant: Any, emulator: Emulator) -> None:
    one, other = emulator.oauth.issue(), emulator.oauth.issue()
    emulator.oauth.expire(one.access_token)
    statuses = [call("GET", "/users/me", token=pair.access_token).status_code for pair in (one, other)]
    assert statuses == [401, 200]
    assert grant(grant_type="refresh_token", refresh_token=one.refresh_token).status_code == 200
    emulator.oauth.revoke()
    assert call("GET", "/users/me", token=other.access_token).status_code == 401
    assert grant(grant_type="refresh_token", refresh_token=other.refresh_token).status_code == 400


@pytest.mark.parametrize(
    ("scope", "request_line", "status"),
    [
        ("read", "GET /tickets/1", 200),
        ("read", "PUT /tickets/1", 403),
        ("write", "GET /tickets/1", 403),
        ("write", "PUT /tickets/1", 400),
        ("tickets:read", "GET /tickets/1/comments", 200),
        ("tickets:read", "GET /tickets/1/audits", 403),
        ("tickets:read read", "GET /tickets/1/audits", 200),
        ("tickets:read", "GET /users/me", 403),
        ("users:read", "GET /users/me", 200),
        ("tickets:write", "PUT /tickets/1", 400),
        ("hc:read", "GET /help_center/sections", 200),
        ("tickets:read", "GET /help_center/sections", 403),
        ("webhooks:read", "GET /webhooks", 200),
        ("webhooks:read", "POST /webhooks", 403),
        ("tickets:read", "GET /groups", 403),
        ("tickets:read", "GET /oauth/tokens/current", 200),
    ],
)
def test_a_call_without_its_scope_is_forbidden(
    call: Call, emulator: Emulator, ticket: Ticket, scope: str, request_line: str, status: int
) -> None:
    reply = call(*request_line.split(" "), token=emulator.oauth.issue(scope).access_token)
    assert reply.status_code == status, reply.text
    if status == 403:
        assert "required scopes" in reply.json()["description"]


def test_an_account_may_grant_less_than_was_asked(page: Any, grant: Any, emulator: Emulator) -> None:
    emulator.oauth.grants = "tickets:read"
    code = page(scope="read write")["code"]
    given = grant(grant_type="authorization_code", code=code, redirect_uri=BACK).json()
    assert given["scope"] == "tickets:read"


@pytest.mark.parametrize(
    ("request_line", "agents", "customers"),
    [
        ("GET /users/me", 200, 200),
        ("GET /help_center/sections", 200, 200),
        ("GET /tickets", 200, 403),
        ("GET /incremental/tickets/cursor?start_time=0", 403, 403),
        ("GET /webhooks", 403, 403),
        ("GET /ticket_fields", 200, 403),
        ("POST /ticket_fields", 403, 403),
    ],
)
def test_roles_limit_what_may_be_asked(
    call: Call, agent: User, customer: User, request_line: str, agents: int, customers: int
) -> None:
    assert [call(*request_line.split(" "), as_=who).status_code for who in (agent, customer)] == [
        agents,
        customers,
    ]


def test_whoever_is_suspended_or_left_may_not_sign_in(call: Call, emulator: Emulator, agent: User) -> None:
    pair = emulator.oauth.issue(user=agent)
    emulator.suspend(agent)
    assert call("GET", "/users/me", token=pair.access_token).status_code == 401
    emulator.unsuspend(agent)
    assert call("GET", "/users/me", as_=agent).status_code == 200
    emulator.deactivate(agent)
    assert call("GET", "/users/me", as_=agent).status_code == 401
