"""Articles of Freshdesk's solutions, call by call: the rules of their status and of our tags are kept here.

`status` 1 is sent alone: what it does beside other fields to a text that readers see is not documented
[Update a Solution Article]. Tags sent replace those there, so they are read before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.help_centre_schemas import DRAFT, PUBLISHED, article_in, text_in
from integrations.reading import number_in
from kcs.errors import RemoteError
from kcs.ports import Document, RemoteText

ARCHIVED = "kcs-archived"  # put away by us
ARRIVING = "kcs-arriving"  # made anew in this folder, and not all there yet
MOVED = re.compile(r"kcs-moved-([1-9][0-9]{0,18})", re.ASCII)  # made anew elsewhere: the number there
LONGEST_TAG = 32
NO_FEATURE = 403

Row = dict[str, Any]


class Articles:
    """Reads and writes articles; `languages` are the account's, the primary one first."""

    def __init__(self, client: FreshdeskClient, languages: tuple[str, ...]) -> None:
        self._client = client
        self.primary, self.others = languages[0], languages[1:]

    def get(self, number: str) -> Row:
        """Return an article in the primary language. Raises RemoteError, `missing` where it is gone."""
        return article_in(self._client.get(_path(number)), f"article {number}")

    def text(self, article: Row, language: str) -> RemoteText | None:
        """Return an article's text in a language, None where it has none. Raises RemoteError."""
        if language == self.primary:
            return text_in(article, language)
        try:
            found = self._client.get(f"{_path(article['id'])}/{language}")
        except RemoteError as exc:
            if not exc.missing and exc.answered != NO_FEATURE:
                raise
            return None
        return text_in(article_in(found, f"article {article['id']} in {language}"), language)

    def create(self, folder_id: str, text: Mapping[str, object], tags: list[str]) -> Row:
        """Create a draft in a folder. Raises RemoteError."""
        content = {**text, "status": DRAFT, "tags": tags}
        return article_in(
            self._client.post(f"/solutions/folders/{folder_id}/articles", content), "the new article"
        )

    def show(self, article: Row, language: str, text: Mapping[str, object], tags: list[str]) -> RemoteText:
        """Write a text, make it live, and return what became of it. Raises RemoteError."""
        path, content = _path(article["id"]), {**text, "status": PUBLISHED}
        if language == self.primary:
            written = self._client.put(
                path, {**content, "tags": tags} if tags != article["tags"] else content
            )
        else:
            written = self._put_or_post(f"{path}/{language}", content)
            self.tag(article, tags)
        row = article_in(written, f"article {article['id']}")
        if row["description"] is None:
            row = article_in(
                self._client.get(path if language == self.primary else f"{path}/{language}"), "it"
            )
        return text_in(row, language)

    def hide(self, article: Row, language: str) -> None:
        """Take a text from readers, as it is now: nothing but its status is sent. Raises RemoteError."""
        try:
            text = self.text(self.get(article["id"]) if language == self.primary else article, language)
        except RemoteError as exc:
            if not exc.missing:
                raise
            return
        if text is not None and not text.draft:
            path = _path(article["id"]) + ("" if language == self.primary else f"/{language}")
            self._client.put(path, {"status": DRAFT})

    def hide_all(self, article: Row) -> None:
        """Take every language from readers. Raises RemoteError."""
        for language in (*self.others, self.primary):
            self.hide(article, language)

    def tag(self, article: Row, tags: list[str]) -> None:
        """Set the tags, unless they are so already. Raises RemoteError."""
        if tags != article["tags"]:
            self._client.put(_path(article["id"]), {"tags": tags})
            article["tags"] = tags

    def copy(self, before: Row, after: Row, *, but: str) -> None:
        """Give an article the languages that readers see of another, `but` one; what it has stays."""
        for language in self.others:
            text = self.text(before, language) if language != but else None
            if text is not None and not text.draft and self.text(after, language) is None:
                content = {"title": text.title, "description": text.html, "status": PUBLISHED}
                self._client.post(f"{_path(after['id'])}/{language}", content)
        if but != self.primary and before["status"] == PUBLISHED != after["status"]:
            self._client.put(_path(after["id"]), {"status": PUBLISHED})

    def _put_or_post(self, path: str, content: Mapping[str, object]) -> dict[str, Any]:
        try:
            return self._client.put(path, content)
        except RemoteError as exc:
            if not exc.missing:
                raise
        return self._client.post(path, content)


def moved_to(article: Row) -> str | None:
    """Return the number of the article that took this one's place, None where it has its own."""
    found = (MOVED.fullmatch(tag) for tag in article["tags"])
    return next((each[1] for each in found if each), None)


def is_laid_aside(article: Row) -> bool:
    """Return whether we put an article away, or made it anew elsewhere."""
    return ARCHIVED in article["tags"] or moved_to(article) is not None


def without_ours(tags: Iterable[str], marker: str = "") -> list[str]:
    """Return tags without those that say where an article stands with us."""
    ours = {ARCHIVED, ARRIVING, *([marker] if marker else [])}
    return [tag for tag in tags if tag not in ours and not MOVED.fullmatch(tag)]


def tags_with(there: Iterable[str], document: Document) -> list[str]:
    """Return the tags that are there, and ours that are not: nobody's tag is taken away.

    What is no tag there (over 32 characters, or with a comma) is left out.
    """
    kept = without_ours(there)
    known = {tag.casefold() for tag in kept}
    ours = dict.fromkeys((document.marker, *document.labels))
    fitting = [tag for tag in ours if 0 < len(tag) <= LONGEST_TAG and "," not in tag]
    return [*kept, *(tag for tag in fitting if tag.casefold() not in known)]


def _path(number: str) -> str:
    if number_in(number) != number:
        raise RemoteError(f"{number!r} is no Freshdesk article id.", permanent=True, missing=True)
    return f"/solutions/articles/{number}"
