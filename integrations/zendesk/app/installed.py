"""Our app in a Zendesk account: where it stands, how it is installed, and who opens it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from integrations.reading import remote_id
from integrations.zendesk.app.build import build
from integrations.zendesk.client import STAFF, ZendeskClient
from integrations.zendesk.visits import key_of
from kcs.errors import InvalidInput, NotSignedIn, RemoteError
from kcs.ports import AppPackage, Credentials, DeskAgent, InstalledApp
from kcs.sentences import Sentence

INSTALLATION = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
LONGEST_KEY = 4000
NAME = "kcs-engine"


class VisitorIn(Schema):
    """A user as `GET users/{id}` gives them: what says whether they work there now."""

    class Meta:
        unknown = EXCLUDE

    id = fields.Function(deserialize=remote_id, required=True)
    name = fields.String(load_default="", allow_none=True)
    email = fields.String(load_default=None, allow_none=True)
    role = fields.String(load_default="", allow_none=True)
    verified = fields.Boolean(load_default=False, allow_none=True)
    active = fields.Boolean(load_default=False, allow_none=True)
    suspended = fields.Boolean(load_default=False, allow_none=True)


class ZendeskApp:
    """Implements `kcs.ports.SigningApp`. Raises ConfigError for an account that cannot be one."""

    script = "zaf.js"

    def __init__(self, credentials: Credentials) -> None:
        self._client = ZendeskClient(credentials)
        # The agents' pages are always on the account's own host, whatever the help centre is called.
        self.origins: tuple[str, ...] = ("/".join(self._client.site.split("/")[:3]),)

    def audience(self, installation: str) -> str:
        """Return the address of an installation, from its number or that address. Raises InvalidInput."""
        before, after = f"{self._client.site}/api/v2/apps/installations/", ".json"
        number = installation.strip().removeprefix(before).removesuffix(after)
        if not INSTALLATION.fullmatch(number):
            raise InvalidInput(
                "'%(given)s' is no installation: give its number, or the address %(address)s.",
                given=installation[:100],
                address=f"{before}NUMBER{after}",
                errors={"installation": [Sentence("a number")]},
            )
        return f"{before}{number}{after}"

    def check_key(self, key: str) -> str:
        """Return the app's public key, tidied. Raises InvalidInput."""
        tidy = "\n".join(line.strip() for line in key[:LONGEST_KEY].strip().splitlines()) + "\n"
        try:
            key_of(tidy)
        except NotSignedIn as error:
            raise InvalidInput(
                "That is no public RSA key: paste all of it, with its lines BEGIN PUBLIC KEY and END PUBLIC "
                "KEY.",
                errors={"key": [Sentence("a public key in PEM form")]},
            ) from error
        return tidy

    def installed(self) -> InstalledApp:
        """Look the app up by its name among what the account has installed. Raises RemoteError."""
        found = [each for each in self._installations() if _is_ours(each)]
        if not found:
            raise RemoteError(
                f"Zendesk has no app called {NAME} installed that we may see: upload and install it first.",
                permanent=True,
                missing=True,
            )
        newest = max(found, key=lambda each: int(each["id"]))
        key = self._client.text(f"/apps/{int(newest['app_id'])}/public_key.pem")
        return InstalledApp(self.audience(str(newest["id"])), key)

    def visitor(self, user_id: str) -> DeskAgent:
        """Return a user as Zendesk knows them now. Raises RemoteError; `missing` for nobody of the staff."""
        user = VisitorIn().load(self._client.get(f"/users/{int(user_id)}").get("user") or {})
        if user["role"] not in STAFF:
            raise RemoteError(f"Zendesk's user {user['id']} is no agent.", permanent=True, missing=True)
        return DeskAgent(
            id=user["id"],
            name=user["name"] or "",
            email=user["email"],
            email_verified=bool(user["verified"]),
            active=bool(user["active"]) and not user["suspended"],
        )

    def package(self, address: str) -> AppPackage:
        """Return the app that opens `address`. Raises InvalidInput where Zendesk allows no such address."""
        return AppPackage("kcs-engine-zendesk.zip", build(address))

    def _installations(self) -> list[Mapping[str, Any]]:
        listed = self._client.get("/apps/installations").get("installations")
        return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []


def _is_ours(installation: Mapping[str, Any]) -> bool:
    settings = installation.get("settings")
    named = settings.get("name") if isinstance(settings, Mapping) else None
    numbered = all(isinstance(installation.get(name), int) for name in ("id", "app_id"))
    return numbered and NAME in (named, installation.get("name"))
