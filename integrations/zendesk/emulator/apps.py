"""The emulated account's apps: what is installed, the key each signs with, and the token of a visit.

A name in brackets is the part of developer.zendesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Blueprint, Response, g

from integrations.emulation.serving import answer
from integrations.zendesk.emulator.http import not_found

VISIT_LASTS = timedelta(minutes=5)
FIRST = 360_000_000_001

api = Blueprint("apps", __name__, url_prefix="/api/v2")


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Installation:
    """An app as it is installed; the key belongs to the app [Apps: Get App Public Key]."""

    id: int
    app_id: int
    name: str
    key: rsa.RSAPrivateKey = field(default_factory=_new_key, repr=False)

    @property
    def pem(self) -> str:
        """The public key."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def as_json(self) -> dict[str, Any]:
        """Return what a list of installations shows [Apps: List App Installations]."""
        settings = {"name": self.name, "title": self.name}
        return {
            "id": self.id,
            "app_id": self.app_id,
            "product": "support",
            "settings": settings,
            "enabled": True,
        }

    def visit(self, user_id: int, *, site: str, now: datetime) -> str:
        """Return the token of a visit [Apps: Authenticating Zendesk in your server-side app].

        Whether it holds `jti` is unsure: here it does.
        """
        claims = {
            "iss": site.partition("//")[2],
            "aud": f"{site}/api/v2/apps/installations/{self.id}.json",
            "sub": f"{site}/api/v2/users/{user_id}.json",
            "iat": now,
            "nbf": now,
            "exp": now + VISIT_LASTS,
            "jti": secrets.token_hex(8),
            "qsh": secrets.token_hex(16),
            "context": {"product": "support", "location": "ticket_sidebar"},
        }
        return jwt.encode(claims, self.key, algorithm="RS256")


class Apps:
    """What is installed."""

    def __init__(self) -> None:
        self.installed: list[Installation] = []

    def install(self, name: str = "kcs-engine") -> Installation:
        """Upload and install an app."""
        number = FIRST + 2 * len(self.installed)
        made = Installation(number, number + 1, name)
        self.installed.append(made)
        return made


@api.get("/apps/installations")
@api.get("/apps/installations.json")
def list_installations() -> Response:
    return answer({"installations": [each.as_json() for each in g.emulator.apps.installed]})


@api.get("/apps/<int:app_id>/public_key.pem")
def show_key(app_id: int) -> Response:
    found = next((each for each in g.emulator.apps.installed if each.app_id == app_id), None)
    if found is None:
        raise not_found()
    return Response(found.pem, content_type="application/x-pem-file")
