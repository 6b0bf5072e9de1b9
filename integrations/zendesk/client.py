"""Speaks Zendesk's REST API v2: where the account is, how to sign in, how to turn pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from integrations.addresses import api_base
from integrations.http import File, VendorSession
from integrations.replies import Reply
from integrations.terms import SignIn
from integrations.zendesk.limits import TERMS
from integrations.zendesk.schemas import UserIn, read
from kcs.errors import ConfigError, RemoteError
from kcs.ports import Credentials
from kcs.sentences import Sentence

PAGE_SIZE = "100"
MAX_PAGES = 200
STAFF = frozenset({"agent", "admin"})
TOKEN = re.compile(r"[\x21-\x7e]+", re.ASCII)


class ZendeskClient:
    """One signed-in account.

    With a username the token is an API token (basic `email/token:apitoken`), without one it is an OAuth
    access token (bearer). Raises ConfigError for a subdomain, address or token that cannot be one.
    """

    def __init__(self, credentials: Credentials) -> None:
        base = api_base(credentials, domain="zendesk.com", path="/api/v2")
        self._session = VendorSession(
            vendor="Zendesk",
            base_url=base,
            sign_in=SignIn(
                credentials.token,
                partial(_authorization, credentials.username),
                renew=credentials.renew,
                expires_at=credentials.expires_at,
            ),
            terms=TERMS,
            budget=credentials.budget,
        )
        self.site = base.removesuffix("/api/v2")

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the JSON object at a path. Raises RemoteError."""
        return self._session.get(path, params).document()

    def text(self, path: str) -> str:
        """Return the text at a path that holds no JSON. Raises RemoteError."""
        return self._session.get(path).body.decode("utf-8", "replace")

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Create, and return what Zendesk made of it. Raises RemoteError."""
        return self._session.post(path, body).document()

    def act(self, path: str, body: Mapping[str, object]) -> None:
        """Ask for something whose answer tells nothing we need, and may be empty. Raises RemoteError."""
        self._session.post(path, body)

    def put(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Change, and return what Zendesk made of it. Raises RemoteError."""
        return self._session.put(path, body).document()

    def patch(self, path: str, body: Mapping[str, object]) -> None:
        """Change, where Zendesk says nothing in return. Raises RemoteError."""
        self._session.patch(path, body)

    def delete(self, path: str, body: Mapping[str, object] | None = None) -> None:
        """Delete. Raises RemoteError; `missing` when there is nothing there any more."""
        self._session.delete(path, body)

    def upload(self, path: str, fields: Mapping[str, str], files: Mapping[str, File]) -> dict[str, Any]:
        """Send files with fields beside them, and return what Zendesk made of them. Raises RemoteError."""
        return self._session.upload(path, fields, files).document()

    def download(self, path: str) -> bytes:
        """Return the file at a path of the account's site. Raises RemoteError."""
        return self._session.follow(self.site + path).body

    def pages(self, path: str, key: str) -> Iterator[Any]:
        """Yield every item of a cursor-paged list. Raises RemoteError.

        The end is `meta.has_more`, never an absent link: tickets keep a next link on their last page.
        """
        reply = self._session.get(path, {"page[size]": PAGE_SIZE})
        for _ in range(MAX_PAGES):
            page = reply.document()
            yield from _items(page, key, reply)
            link = _next_link(page, reply)
            if link is None:
                return
            reply = self._session.follow(link)
        raise RemoteError(f"{reply.what}: over {MAX_PAGES} pages; the list never ends.", permanent=True)

    def whoami(self) -> str:
        """Return the name and address of the agent we act as.

        Raises RemoteError, also when Zendesk takes us for a visitor, as it does without valid credentials.
        """
        me = read(UserIn, self.get("/users/me").get("user"), "our own user")
        if me["id"] is None or me["role"] not in STAFF:
            raise RemoteError(
                Sentence(
                    "Zendesk does not know us as an agent: use the token of an agent or admin, and its "
                    "e-mail address as the user name when it is an API token."
                ),
                permanent=True,
            )
        return f"{me['name']} <{me['email']}>" if me["email"] else str(me["name"])


def _authorization(username: str, token: str) -> str:
    if not token:
        raise ConfigError("This connection has no token yet: an administrator has to authorise it first.")
    if not TOKEN.fullmatch(token):
        raise ConfigError("The Zendesk token has characters no token has: copy it again, without spaces.")
    if not username:
        return f"Bearer {token}"
    return "Basic " + base64.b64encode(f"{username}/token:{token}".encode("utf-8", "surrogatepass")).decode()


def _items(page: Mapping[str, Any], key: str, reply: Reply) -> list[Any]:
    items = page.get(key)
    if not isinstance(items, list):
        raise RemoteError(f"{reply.what}: the answer holds no list of {key}.", permanent=False)
    return items


def _next_link(page: Mapping[str, Any], reply: Reply) -> str | None:
    meta, links = page.get("meta"), page.get("links")
    if not isinstance(meta, Mapping) or not meta.get("has_more"):
        return None
    link = links.get("next") if isinstance(links, Mapping) else None
    if not isinstance(link, str):
        raise RemoteError(
            f"{reply.what}: more pages are announced, but no link leads there.", permanent=False
        )
    return link
