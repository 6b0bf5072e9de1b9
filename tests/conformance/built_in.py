"""The built-in help centre behind the port: our own API to write, the public pages to read."""

from __future__ import annotations

import html as entities
import re
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kcs.articles.formats.hypertext import to_markdown
from kcs.errors import RemoteError
from kcs.markup import to_html
from kcs.ports import Audience, Document, ListingPage, Places, RemoteArticle, RemoteText
from tests.conformance.faulty import Faults

API = "/api/v1/articles"
MORE_THAN_ENOUGH = 100
GONE = ("archived", "deleted")


class BuiltInHelpCentre(Faults):
    """Implements `kcs.ports.HelpCentre`; an article has one language, its translations are others."""

    def __init__(self, client: FlaskClient, publisher: dict[str, str]) -> None:
        super().__init__()
        self._client, self._publisher = client, publisher

    def find(self, marker: str) -> RemoteArticle | None:
        """Return the article with the marker among its tags."""
        found = [row for row in self._rows() if marker in row["tags"] and row["state"] not in GONE]
        return self._article(found[0]) if found else None

    def create_draft(self, document: Document) -> RemoteArticle:
        """Begin an article."""
        tags = [document.marker, *document.labels]
        made = self._write(
            "POST", API, {**_text(document), "template": "plain", "locale": document.locale, "tags": tags}
        )
        return self._article(made)

    def publish(self, remote_id: str, document: Document) -> RemoteArticle:
        """Write, validate, publish to everybody: the moves of a publisher."""
        present = self._present(remote_id)
        if present is None:
            raise RemoteError(f"{remote_id} is archived", permanent=True, missing=True)
        self._write("PATCH", f"{API}/{remote_id}", _text(document), f'"{present["version"]}"')
        if present["state"] in ("wip", "not_validated"):
            self._move(remote_id, "validate")
        return self._article(self._move(remote_id, "publish", audience="public"))

    def withdraw(self, remote_id: str, locale: str) -> None:
        """Make it internal."""
        present = self._present(remote_id)
        if present is not None and present["locale"] == locale and present["state"] == "published":
            self._move(remote_id, "withdraw", reason="taken away")

    def read(self, remote_id: str, locale: str) -> RemoteText | None:
        """Return what the public page shows, or the draft."""
        present = self._present(remote_id)
        if present is None or present["locale"] != locale:
            return None
        page = self.page(remote_id)
        if page is None:
            return RemoteText(locale, present["title"], to_html(present["parts"]["body"]), draft=True)
        shown = BeautifulSoup(page, "html.parser")
        title, body = shown.select_one("article h1"), shown.select_one("article .prose")
        assert title is not None
        assert body is not None
        return RemoteText(locale, title.get_text(), body.decode_contents(), draft=False)

    def archive(self, remote_id: str) -> None:
        """Archive."""
        if self._present(remote_id) is not None:
            self._move(remote_id, "archive")

    def keep_image(
        self, marker: str, content: bytes, media_type: str, *, remote_id: str | None = None
    ) -> str:
        """Refused: pictures come by the editor's page."""
        raise RemoteError("there is no call for pictures", permanent=True)

    def read_image(self, address: str) -> bytes | None:
        """Return what a visitor gets."""
        answer = self._client.get(address) if address.startswith("/") else None
        return answer.data if answer is not None and answer.status_code == 200 else None

    def refuse_wider(self, audience: Audience) -> None:
        """Find nothing wider: who may read is written with each article."""

    def places(self) -> Places:
        """There is one place, for every language."""
        return Places({}, ())

    def changed_articles(self, since: datetime | None, cursor: str | None = None) -> ListingPage:
        """Refused: what would be polled is our own."""
        raise RemoteError("these articles are our own", permanent=True)

    def check(self) -> str:
        """Return the site's name."""
        self._read(API)
        title = re.search(r"<title>(.*?)</title>", self._client.get("/help/").text, re.DOTALL)
        return entities.unescape(title[1]).strip() if title else ""

    def page(self, key: str) -> str | None:
        """Return the page a visitor is shown."""
        answer = self._client.get(f"/help/articles/{key}")
        return answer.text if answer.status_code == 200 else None

    def rows(self) -> list[dict[str, Any]]:
        """Return every article that is not archived."""
        return [row for row in self._rows() if row["state"] not in GONE]

    def _rows(self) -> list[dict[str, Any]]:
        first = self._read(API)
        pages = [self._read(f"{API}?page={number}") for number in range(2, first["pages"] + 1)]
        return [row for page in (first, *pages) for row in page["items"]]

    def _article(self, row: dict[str, Any]) -> RemoteArticle:
        url = f"/help/articles/{row['key']}"
        return RemoteArticle(row["key"], url, row["locale"], row["state"] != "published")

    def _present(self, key: str) -> dict[str, Any] | None:
        answer = self._client.get(f"{API}/{key}", headers=self._publisher)
        if answer.status_code == 404:
            return None
        found = _content(answer)
        return None if found["state"] in GONE else found

    def _move(self, key: str, name: str, **more: str) -> dict[str, Any]:
        return self._write("POST", f"{API}/{key}/transitions", {"name": name, **more})

    def _read(self, address: str) -> dict[str, Any]:
        return _content(self._client.get(address, headers=self._publisher))

    def _write(self, method: str, address: str, content: dict[str, Any], version: str = "") -> dict[str, Any]:
        headers = {**self._publisher, **({"If-Match": version} if version else {})}
        call = self.spoilt(lambda: self._client.open(address, method=method, json=content, headers=headers))
        return _content(call())


def _content(answer: TestResponse) -> dict[str, Any]:
    if answer.status_code >= 300:
        raise RemoteError(answer.text, permanent=True, missing=answer.status_code == 404)
    found: dict[str, Any] = answer.get_json()
    return found


def _text(document: Document) -> dict[str, Any]:
    body = to_markdown(document.html, picture=lambda _: None, link=lambda _: None).text
    return {"title": document.title, "parts": {"body": body}}
