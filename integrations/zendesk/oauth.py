"""Zendesk's OAuth 2.0: the authorisation code flow with PKCE, and its refresh.

[Authorization code grant flow; OAuth tokens for grant types; Using PKCE; Working with OAuth refresh tokens]
at developer.zendesk.com. A code is good for 120 seconds. A refresh gives a new pair and deletes the old one.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from integrations.addresses import api_base
from integrations.http import VendorSession
from integrations.terms import SignIn
from integrations.zendesk.client import TOKEN
from kcs.errors import ConfigError, RemoteError
from kcs.ports import Credentials, SetUp, Tokens
from kcs.sentences import Sentence

SET_UP = SetUp(
    label="Zendesk",
    domain="zendesk.com",
    steps=(
        Sentence(
            "In Zendesk's Admin Center open Apps and integrations > APIs > OAuth clients and add a client. "
            "Any name will do; its kind is 'confidential'."
        ),
        Sentence("As its redirect URL enter the address below, whole, and save."),
        Sentence("Copy its identifier and its secret; Zendesk shows the whole secret only once."),
    ),
    pasted_token=Sentence(
        "a token that was pasted in. Zendesk has made no new API tokens since 27 October 2026 and ends them "
        "all on 30 April 2027: authorise the connection before that day."
    ),
)
SCOPE = "read write"
# What we do, and a scope besides the global one of its kind that is enough for it (audits have none).
USES = (
    ("read", "", Sentence("reading tickets with their history, people and the help centre")),
    ("write", "webhooks:write", Sentence("making the webhook that tells us of changes")),
    ("write", "tickets:write", Sentence("notes, tags and fields on tickets")),
    ("write", "hc:write", Sentence("publishing articles in the help centre")),
)
REFUSED = {
    400: Sentence(
        "What Zendesk gave us is used up or too old (%(what)s: 400): authorise the connection again."
    ),
    401: Sentence(
        "Zendesk does not know this OAuth client (%(what)s: 401): check the identifier and the secret of the "
        "connection's OAuth client, then authorise again."
    ),
}


class ZendeskAuthorisation:
    """Implements `kcs.ports.Authorisation` for one account.

    Raises ConfigError for a subdomain or address that cannot be one.
    """

    def __init__(
        self, subdomain: str, api_base_url: str | None, *, client_id: str, client_secret: str
    ) -> None:
        base = api_base(Credentials(subdomain, "", "", api_base_url), domain="zendesk.com", path="/api/v2")
        self._site = base.removesuffix("/api/v2")
        self._client = {"client_id": client_id, "client_secret": client_secret}

    def address(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Return the page where an administrator of the account agrees. Raises ConfigError."""
        self._need_client()
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._client["client_id"],
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self._site}/oauth/authorizations/new?{urlencode(query)}"

    def tokens_for(self, code: str, *, redirect_uri: str, verifier: str) -> Tokens:
        """Return the tokens for a code. Raises RemoteError."""
        return self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
                "scope": SCOPE,
            }
        )

    def refreshed(self, refresh_token: str) -> Tokens:
        """Return new tokens; both old ones are dead afterwards. Raises RemoteError.

        A lost answer leaves it open whether they are: the next refresh with the old one tells.
        """
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def lacking(self, scopes: Collection[str]) -> tuple[str, ...]:
        """Return what these scopes do not allow us, in words."""
        return tuple(
            Sentence("%(purpose)s (scope %(scopes)s)", purpose=purpose, scopes=f"{verb} {narrow}".strip())
            for verb, narrow, purpose in USES
            if verb not in scopes and narrow not in scopes
        )

    def _need_client(self) -> None:
        if not all(self._client.values()):
            raise ConfigError(
                "Authorising needs an OAuth client: its identifier and secret from Zendesk's Admin Center."
            )

    def _tokens(self, asked: Mapping[str, str]) -> Tokens:
        self._need_client()
        session = VendorSession(vendor="Zendesk", base_url=self._site, sign_in=SignIn(""), refusals=REFUSED)
        return _read(session.post("/oauth/tokens", {**asked, **self._client}).document())


def _read(answer: Mapping[str, Any]) -> Tokens:
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if not isinstance(access, str) or not TOKEN.fullmatch(access):
        raise RemoteError("Zendesk, POST /oauth/tokens: the answer holds no access token.", permanent=False)
    lasts, scope = answer.get("expires_in"), answer.get("scope")
    known = isinstance(lasts, int) and not isinstance(lasts, bool) and 0 < lasts < 10**9
    return Tokens(
        access,
        refresh if isinstance(refresh, str) and refresh else None,
        datetime.now(UTC) + timedelta(seconds=lasts) if known and isinstance(lasts, int) else None,
        frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
    )
