"""The emulated account's OAuth clients and tokens.

A name in brackets is the part of developer.zendesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.zendesk.emulator.records import User

CODE_LIFETIME = timedelta(seconds=120)  # [OAuth tokens for grant types]
REFRESH_LIFETIME = 30 * 24 * 3600  # [OAuth tokens for grant types] (unsure)


class OAuthError(Exception):
    """A refusal at the token endpoint: status, error code and sentence [RFC 6749, 5.2]."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error


@dataclass(frozen=True)
class OAuthClient:
    """An application registered in the account; without redirect addresses any is taken."""

    identifier: str
    secret: str
    redirect_uris: tuple[str, ...] = ()
    name: str = "KCS"


@dataclass(frozen=True)
class TokenPair:
    """An access token and what renews it."""

    access_token: str
    refresh_token: str
    scope: str
    user_id: int
    client: str
    expires_at: datetime
    refresh_expires_at: datetime

    @property
    def scopes(self) -> frozenset[str]:
        """What the token may do, such as "read" or "tickets:write"."""
        return frozenset(self.scope.split())


@dataclass(frozen=True)
class Grant:
    """An authorisation code: good once, for two minutes, for one client and redirect address."""

    client: str
    redirect_uri: str
    scope: str
    user_id: int
    until: datetime
    challenge: str


class OAuth:
    """Clients, codes and tokens, safe for several threads.

    `refuse` makes the authorisation page say no; `grants` is a scope to give instead of the one asked for;
    `approver` is who signs in there; `lifetime` is that of an access token in seconds. `refreshes` counts.
    """

    def __init__(self, clock: Callable[[], datetime], approver: User) -> None:
        self.lock = threading.RLock()
        self.refuse = False
        self.grants: str | None = None
        self.approver = approver
        self.lifetime = 1800
        self.refresh_lifetime = REFRESH_LIFETIME
        self.refreshes = 0
        self.clients: dict[str, OAuthClient] = {}
        self._clock = clock
        self._codes: dict[str, Grant] = {}
        self._pairs: dict[str, TokenPair] = {}

    @property
    def pairs(self) -> list[TokenPair]:
        """The tokens that live or have expired, oldest first; replaced and revoked ones are gone."""
        return list(self._pairs.values())

    def add_client(
        self,
        identifier: str = "kcs",
        secret: str | None = None,
        redirect_uris: Sequence[str] = (),
        name: str = "KCS",
    ) -> OAuthClient:
        """Register an application [OAuth clients]."""
        client = OAuthClient(identifier, secret or secrets.token_hex(32), tuple(redirect_uris), name)
        self.clients[identifier] = client
        return client

    def approve(self, client: OAuthClient, redirect_uri: str, scope: str, challenge: str) -> str:
        """Return an authorisation code for `approver`."""
        code = secrets.token_hex(16)
        until = self._clock() + CODE_LIFETIME
        granted = self.grants or scope or "read"
        with self.lock:
            self._codes[code] = Grant(
                client.identifier, redirect_uri, granted, self.approver.id, until, challenge
            )
        return code

    def issue(
        self, scope: str = "read write", user: User | None = None, client: OAuthClient | None = None
    ) -> TokenPair:
        """Give a pair of tokens without the detour over the page."""
        identifier = client.identifier if client else "kcs"
        return self._issue(scope, (user or self.approver).id, identifier)

    def exchange(self, client: OAuthClient, sent: Mapping[str, str]) -> TokenPair:
        """Return tokens for a code [OAuth tokens for grant types]. Raises OAuthError."""
        with self.lock:
            grant = self._codes.pop(sent.get("code", ""), None)
        now = self._clock()
        if grant is None or grant.client != client.identifier or now > grant.until:
            raise OAuthError(400, "invalid_grant", "The authorization code is invalid or has expired.")
        if grant.redirect_uri != sent.get("redirect_uri"):
            raise OAuthError(400, "invalid_grant", "The redirect_uri differs from the authorization's.")
        if grant.challenge and not _proves(sent.get("code_verifier", ""), grant.challenge):
            raise OAuthError(400, "invalid_grant", "The code_verifier does not fit the code_challenge.")
        return self._issue(grant.scope, grant.user_id, client.identifier)

    def refresh(self, client: OAuthClient, sent: Mapping[str, str]) -> TokenPair:
        """Return a new pair; both old tokens are deleted at once [Refresh tokens]. Raises OAuthError."""
        with self.lock:
            token = sent.get("refresh_token", "")
            old = next((pair for pair in self.pairs if pair.refresh_token == token), None)
            if old is None or old.client != client.identifier or self._clock() > old.refresh_expires_at:
                raise OAuthError(400, "invalid_grant", "The refresh token is invalid, used or expired.")
            del self._pairs[old.access_token]
            self.refreshes += 1
            return self._issue(sent.get("scope") or old.scope, old.user_id, client.identifier)

    def client(self, identifier: str, secret: str) -> OAuthClient:
        """Return the client these belong to. Raises OAuthError."""
        known = self.clients.get(identifier)
        if known is None or not hmac.compare_digest(known.secret.encode(), secret.encode()):
            raise OAuthError(401, "invalid_client", "Client authentication failed.")
        return known

    def pair(self, access_token: str) -> TokenPair | None:
        """Return the pair of a token that has not expired."""
        pair = self._pairs.get(access_token)
        return pair if pair and self._clock() < pair.expires_at else None

    def expire(self, access_token: str | None = None) -> None:
        """Let this access token expire now, or all; they can still be refreshed."""
        with self.lock:
            for token, pair in list(self._pairs.items()):
                if access_token in (None, token):
                    self._pairs[token] = TokenPair(**{**vars(pair), "expires_at": self._clock()})

    def revoke(self, access_token: str | None = None) -> None:
        """Delete this pair, or all, as an administrator may [OAuth tokens]."""
        with self.lock:
            for token in [t for t in self._pairs if access_token in (None, t)]:
                del self._pairs[token]

    def _issue(self, scope: str, user_id: int, client: str) -> TokenPair:
        now = self._clock()
        lives = now + timedelta(seconds=self.lifetime), now + timedelta(seconds=self.refresh_lifetime)
        pair = TokenPair(secrets.token_hex(32), secrets.token_hex(32), scope, user_id, client, *lives)
        with self.lock:
            self._pairs[pair.access_token] = pair
        return pair


def _proves(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge.rstrip("=")
