"""Speaks Freshdesk's REST API v2: where the account is, how to sign in, how to turn pages.

[REST v2] at developers.freshdesk.com: basic authentication with an agent's API key as the user name, and a
`link` header while more pages follow.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from integrations.addresses import api_base
from integrations.freshdesk import limits
from integrations.freshdesk.refusals import BY_STATUS, reason_of
from integrations.freshdesk.schemas import AgentIn, read
from integrations.http import VendorSession
from integrations.replies import Reply
from integrations.terms import SignIn
from kcs.errors import ConfigError, RemoteError
from kcs.ports import Credentials

DOMAIN = "freshdesk.com"
PATH = "/api/v2"
PAGE_SIZE = "100"
MAX_PAGES = 300  # the most a list of tickets has; others are shorter
KEY = re.compile(r"[\x21-\x39\x3b-\x7e]+", re.ASCII)  # a colon would end the user name
NEXT = re.compile(r"<\s*([^<>\s]+)\s*>\s*;\s*rel\s*=\s*\"?next\"?", re.IGNORECASE)


class FreshdeskClient:
    """One account, as the agent whose API key is the token. Raises ConfigError for what cannot be one."""

    def __init__(self, credentials: Credentials) -> None:
        base = api_base(credentials, domain=DOMAIN, path=PATH)
        self._budget = credentials.budget
        self._session = VendorSession(
            vendor="Freshdesk",
            base_url=base,
            sign_in=SignIn(credentials.token, _authorization),
            terms=limits.TERMS,
            budget=credentials.budget,
            refusals=BY_STATUS,
            reason=reason_of,
        )
        self.site = base.removesuffix(PATH)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the JSON object at a path. Raises RemoteError."""
        return self._read(path, params).document()

    def rows(self, path: str, params: Mapping[str, str] | None = None) -> list[Any]:
        """Return the JSON list at a path, of one page. Raises RemoteError."""
        return self._read(path, params).rows()

    def page(self, path: str, params: Mapping[str, str]) -> tuple[list[Any], bool]:
        """Return one page of a list, and whether more follows. Raises RemoteError."""
        reply = self._read(path, params)
        return reply.rows(), _next_link(reply) is not None

    def pages(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Yield every row of a list, whatever its number of pages. Raises RemoteError."""
        reply = self._read(path, {"per_page": PAGE_SIZE, **(params or {})})
        for _ in range(MAX_PAGES):
            yield from reply.rows()
            link = _next_link(reply)
            if link is None:
                return
            reply = self._follow(link)
        raise RemoteError(f"{reply.what}: over {MAX_PAGES} pages; the list never ends.", permanent=True)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Create, and return what Freshdesk made of it. Raises RemoteError."""
        return self._heeded(self._session.post(path, body)).document()

    def put(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Change, and return what Freshdesk made of it. Raises RemoteError."""
        return self._heeded(self._session.put(path, body)).document()

    def delete(self, path: str) -> None:
        """Delete. Raises RemoteError; `missing` when there is nothing there any more."""
        self._heeded(self._session.delete(path))

    def whoami(self) -> str:
        """Return the name and address of the agent we act as. Raises RemoteError."""
        contact = read(AgentIn, self.get("/agents/me"), "our own agent")["contact"]
        return f"{contact['name']} <{contact['email']}>" if contact["email"] else str(contact["name"])

    def _read(self, path: str, params: Mapping[str, str] | None) -> Reply:
        self._count(path, (params or {}).get("include", ""))
        return self._heeded(self._session.get(path, params))

    def _follow(self, link: str) -> Reply:
        parts = urlsplit(link)
        self._count(parts.path.removeprefix(PATH), ",".join(parse_qs(parts.query).get("include", ())))
        return self._heeded(self._session.follow(link))

    def _count(self, path: str, include: str) -> None:
        """Count what is included, which costs calls of its own."""
        for _ in range(limits.surcharge(path, include)):
            self._budget.take((limits.ACCOUNT,))

    def _heeded(self, reply: Reply) -> Reply:
        """Stop for a while when the account itself runs low, whoever spent its calls."""
        if limits.runs_low(reply.headers):
            self._budget.pause(limits.ACCOUNT.name, limits.RESERVE_PAUSE)
        return reply


def _authorization(key: str) -> str:
    if not key:
        raise ConfigError("This connection has no API key yet: enter the one of the agent we act as.")
    if not KEY.fullmatch(key):
        raise ConfigError("The Freshdesk API key has characters no key has: copy it again, without spaces.")
    return "Basic " + base64.b64encode(f"{key}:X".encode()).decode()


def _next_link(reply: Reply) -> str | None:
    """Return the address of the next page; the documentation's example has a space after the `<`."""
    found = NEXT.search(reply.headers.get("link", ""))
    return found[1] if found else None
