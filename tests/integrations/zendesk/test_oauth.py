"""Authorising an account: codes, tokens and their renewal, against the emulated account."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.emulator.oauth import OAuthClient
from integrations.zendesk.oauth import ZendeskAuthorisation
from kcs.errors import ConfigError, RemoteError
from kcs.ports import Credentials
from tests.processes import PATIENCE

BACK = "https://kcs.example.com/admin/connections/oauth/callback"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-in-all"


@pytest.fixture
def registered(emulator: Emulator) -> OAuthClient:
    return emulator.oauth.add_client("kcs", "client-secret", [BACK])


@pytest.fixture
def authorisation(registered: OAuthClient, server: EmulatorServer) -> ZendeskAuthorisation:
    return ZendeskAuthorisation("acme", server.api_base, client_id="kcs", client_secret=registered.secret)


def agreed(authorisation: ZendeskAuthorisation) -> dict[str, str]:
    """Open the page that asks, and return what it comes back with."""
    address = authorisation.address(redirect_uri=BACK, state="the-state", verifier=VERIFIER)
    answer = requests.get(address, allow_redirects=False, timeout=PATIENCE)
    assert answer.headers["Location"].startswith(f"{BACK}?")
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def test_the_address_is_the_accounts_own_and_gives_the_verifier_away_to_nobody() -> None:
    asking = ZendeskAuthorisation("acme", None, client_id="kcs", client_secret="s")
    address = urlsplit(asking.address(redirect_uri=BACK, state="the-state", verifier=VERIFIER))
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    assert (address.scheme, address.netloc, address.path) == (
        "https",
        "acme.zendesk.com",
        "/oauth/authorizations/new",
    )
    assert {key: values[0] for key, values in parse_qs(address.query).items()} == {
        "response_type": "code",
        "client_id": "kcs",
        "redirect_uri": BACK,
        "scope": "read write",
        "state": "the-state",
        "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }


@pytest.mark.parametrize(
    "subdomain", ["acme.evil", "acme/x", "acme@evil", "acme#", "ACME", "-acme", "acme-", "", "a" * 64, "é"]
)
def test_a_subdomain_that_could_lead_elsewhere_is_refused(subdomain: str) -> None:
    with pytest.raises(ConfigError, match="not a subdomain"):
        ZendeskAuthorisation(subdomain, None, client_id="kcs", client_secret="s")


def test_without_a_client_there_is_nobody_to_agree_with() -> None:
    asking = ZendeskAuthorisation("acme", None, client_id="", client_secret="")
    with pytest.raises(ConfigError, match="OAuth client"):
        asking.address(redirect_uri=BACK, state="s", verifier=VERIFIER)


def test_a_code_gives_tokens_that_work(authorisation: ZendeskAuthorisation, server: EmulatorServer) -> None:
    back = agreed(authorisation)
    assert back["state"] == "the-state"
    tokens = authorisation.tokens_for(back["code"], redirect_uri=BACK, verifier=VERIFIER)
    assert tokens.scopes == {"read", "write"}
    assert tokens.expires_at is not None
    assert abs(tokens.expires_at - datetime.now(UTC) - timedelta(minutes=30)) < timedelta(seconds=10)
    assert "Desk Admin" in ZendeskClient(Credentials("acme", "", tokens.access, server.api_base)).whoami()


@pytest.mark.parametrize(
    ("code", "verifier", "back"),
    [
        ("made-up", VERIFIER, BACK),
        (None, "another-verifier", BACK),
        (None, VERIFIER, "https://kcs.example.com/elsewhere"),
    ],
)
def test_a_code_alone_is_not_enough(
    authorisation: ZendeskAuthorisation, code: str | None, verifier: str, back: str
) -> None:
    given = agreed(authorisation)["code"]
    with pytest.raises(RemoteError, match="authorise the connection again") as caught:
        authorisation.tokens_for(code or given, redirect_uri=back, verifier=verifier)
    assert caught.value.permanent


def test_a_code_is_good_once(authorisation: ZendeskAuthorisation) -> None:
    code = agreed(authorisation)["code"]
    authorisation.tokens_for(code, redirect_uri=BACK, verifier=VERIFIER)
    with pytest.raises(RemoteError):
        authorisation.tokens_for(code, redirect_uri=BACK, verifier=VERIFIER)


def test_a_refresh_gives_two_new_tokens_and_ends_both_old_ones(
    authorisation: ZendeskAuthorisation, emulator: Emulator, server: EmulatorServer
) -> None:
    old = emulator.oauth.issue()
    new = authorisation.refreshed(old.refresh_token)
    assert new.refresh not in (None, old.refresh_token)
    with pytest.raises(RemoteError):
        ZendeskClient(Credentials("acme", "", old.access_token, server.api_base)).whoami()
    with pytest.raises(RemoteError) as caught:
        authorisation.refreshed(old.refresh_token)
    assert caught.value.permanent
    assert old.refresh_token not in caught.value.message


def test_a_wrong_secret_says_so_and_is_not_repeated(server: EmulatorServer, registered: OAuthClient) -> None:
    asking = ZendeskAuthorisation("acme", server.api_base, client_id="kcs", client_secret="wrong-secret")
    with pytest.raises(RemoteError, match="check the identifier and the secret") as caught:
        asking.refreshed("x")
    assert "user name" not in caught.value.message
    assert "wrong-secret" not in caught.value.message


@pytest.mark.parametrize(
    "fault",
    [{"status": 503}, {"status": 503, "after_effect": True}, {"drop": True}, {"body": "html", "status": 500}],
)
def test_a_lost_answer_is_a_passing_error_and_never_sent_again(
    authorisation: ZendeskAuthorisation, emulator: Emulator, fault: dict[str, Any]
) -> None:
    emulator.faults.add("/oauth/tokens", **fault)
    pair = emulator.oauth.issue()
    with pytest.raises(RemoteError) as caught:
        authorisation.refreshed(pair.refresh_token)
    assert not caught.value.permanent
    assert emulator.oauth.refreshes == (1 if fault.get("after_effect") else 0)


@pytest.mark.parametrize(
    ("scopes", "lacking"),
    [
        ({"read", "write"}, []),
        ({"read"}, ["webhooks:write", "tickets:write", "hc:write"]),
        ({"write"}, ["reading tickets"]),
        ({"read", "tickets:write", "webhooks:write"}, ["hc:write"]),
        ({"tickets:read", "write"}, ["(scope read)"]),
    ],
)
def test_what_scopes_lack_is_said_in_words(scopes: set[str], lacking: list[str]) -> None:
    said = ZendeskAuthorisation("acme", None, client_id="k", client_secret="s").lacking(scopes)
    assert len(said) == len(lacking)
    for words, part in zip(said, lacking, strict=True):
        assert part in words
