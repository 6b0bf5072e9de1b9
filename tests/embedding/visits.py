"""Tokens as a desk makes them, and a browser that keeps the one it was given."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SITE = "https://acme.zendesk.com"
INSTALLATION = f"{SITE}/api/v2/apps/installations/17.json"


def new_key() -> rsa.RSAPrivateKey:
    """Return a key that visits may be signed with."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: rsa.RSAPrivateKey) -> str:
    """Return what an administrator is given of a key."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


KEY = new_key()


@dataclass
class Signer:
    """The desk, as far as it signs visits."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: KEY)
    audience: str = INSTALLATION
    site: str = SITE

    @property
    def pem(self) -> str:
        """The public key."""
        return public_pem(self.key)

    def claims(self, user_id: str = "7", *, now: datetime | None = None) -> dict[str, object]:
        """Return what such a token has been seen to hold."""
        at = int((now or datetime.now(UTC)).timestamp())
        return {
            "iss": self.site.partition("//")[2],
            "aud": self.audience,
            "sub": f"{self.site}/api/v2/users/{user_id}.json",
            "iat": at,
            "nbf": at,
            "exp": at + 300,
            "jti": secrets.token_hex(8),
            "qsh": secrets.token_hex(8),
            "context": {"product": "support", "location": "ticket_sidebar"},
        }

    def token(self, user_id: str = "7", *, now: datetime | None = None, **other: object) -> str:
        """Sign a visit. What is given as None is left out."""
        claims = {**self.claims(user_id, now=now), **other}
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.api_jws.encode(json.dumps(kept).encode(), self.key, "RS256")


@dataclass
class Embedded:
    """A page of the app, with the token in its memory."""

    client: FlaskClient
    token: str

    def get(self, path: str, **given: object) -> TestResponse:
        """Ask with the token, as the panel's scripts do."""
        return self._call("GET", path, **given)

    def post(self, path: str, **given: object) -> TestResponse:
        """Change something with the token."""
        return self._call("POST", path, **given)

    def _call(self, method: str, path: str, **given: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", "HX-Request": "true"}
        return self.client.open(path, method=method, headers=headers, **given)  # type: ignore[arg-type]


def token_in(answer: TestResponse) -> str:
    """Return the token of a page that opened."""
    found = re.search(r'<meta name="kcs-token" content="([^"]{20,})">', answer.text)
    assert found is not None, (answer.status_code, answer.text)
    return found[1]
