"""The articles of a whole account, or those changed since a moment, page by page.

There is no list of changes, so every folder is walked through, and what did not change is left out. A
position is five numbers: "SINCE BEFORE NEWEST FOLDER PAGE", times in seconds since 1970. NEWEST is the latest
change this walk saw, BEFORE the latest that the walk before it saw: what changes behind a walk's back is no
older than that, so the next walk asks from there. An article may be seen twice rather than not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.help_centre_articles import NO_FEATURE, Articles, Row, is_laid_aside, without_ours
from integrations.freshdesk.help_centre_folders import EVERYBODY, folders_of, languages_of
from integrations.freshdesk.help_centre_schemas import article_in, text_in
from kcs.errors import RemoteError
from kcs.ports import ListingPage, RemoteListing, RemoteText

PAGE_SIZE = 100
MOST_CALLS = 10  # pages of folders read for one page of ours
PIECE = 100
CURSOR = re.compile(r"([0-9]{1,12}) ([0-9]{1,12}) ([0-9]{1,12}) ([0-9]{1,19}) ([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True)
class _Position:
    since: int
    before: int
    newest: int
    folder: int = 0
    page: int = 1

    def __str__(self) -> str:
        return f"{self.since} {self.before} {self.newest} {self.folder} {self.page}"


@dataclass
class _Walk:
    """The folders as they were when the walk began here, and the languages of the one being read."""

    articles: Articles
    folders: dict[int, int]  # number: visibility
    folder: int = 0
    texts: dict[str, dict[str, Row] | None] | None = None


class Listing:
    """Walks through an account; `address` says where an article is shown."""

    def __init__(self, client: FreshdeskClient, address: Callable[[str], str]) -> None:
        self._client, self._address = client, address
        self._walk: _Walk | None = None

    def page(self, since: datetime | None, cursor: str | None) -> ListingPage:
        """Return the page that begins at `since`, or follows the cursor. Raises RemoteError."""
        at = _position(since, cursor)
        walk = self._begun(anew=at.folder == 0)
        listed: list[RemoteListing] = []
        for _ in range(MOST_CALLS):
            folder = min((each for each in walk.folders if each >= at.folder), default=None)
            if folder is None:
                return ListingPage(tuple(listed), str(_next_walk(at)), at_end=True)
            number = at.page if folder == at.folder else 1
            rows, more = self._rows(folder, number)
            found = [self._listing(walk, folder, row, at.since) for row in rows if not is_laid_aside(row)]
            listed += [each for each in found if each is not None]
            newest = max([at.newest, *(int(each.updated_at.timestamp()) for each in found if each)])
            step = (folder, number + 1) if more else (folder + 1, 1)
            at = replace(at, newest=newest, folder=step[0], page=step[1])
            if len(listed) >= PIECE:
                break
        ended = not any(each >= at.folder for each in walk.folders)
        return ListingPage(tuple(listed), str(_next_walk(at) if ended else at), ended)

    def _begun(self, *, anew: bool) -> _Walk:
        if self._walk is None or anew:
            articles = Articles(self._client, languages_of(self._client))
            found = {int(each["id"]): each["visibility"] for each, _ in folders_of(self._client)}
            self._walk = _Walk(articles, found)
        return self._walk

    def _rows(self, folder: int, number: int) -> tuple[list[Row], bool]:
        """Return a page of a folder; one deleted meanwhile is empty."""
        asked = {"per_page": str(PAGE_SIZE), "page": str(number)}
        try:
            rows, more = self._client.page(f"/solutions/folders/{folder}/articles", asked)
        except RemoteError as exc:
            if not exc.missing:
                raise
            return [], False
        return [article_in(row, "an article") for row in rows], more

    def _listing(self, walk: _Walk, folder: int, row: Row, since: int) -> RemoteListing | None:
        """Return an article with every language, None where it did not change, or went away meanwhile."""
        rows = {walk.articles.primary: row, **self._others(walk, folder, row["id"])}
        changed = max(each["updated_at"] for each in rows.values())
        if int(changed.timestamp()) < since:
            return None
        texts = [self._text(walk, language, each) for language, each in rows.items()]
        return RemoteListing(
            id=row["id"],
            url=self._address(row["id"]),
            place={"folder_id": row["folder_id"]},
            source_locale=walk.articles.primary,
            labels=tuple(without_ours(row["tags"])),
            votes=(row["thumbs_up"] or 0, row["thumbs_down"] or 0),
            texts=tuple(text for text in texts if text is not None),
            author_id=row["agent_id"],
            created_at=row["created_at"],
            updated_at=changed,
            for_all=walk.folders.get(folder) == EVERYBODY,
        )

    def _text(self, walk: _Walk, language: str, row: Row) -> RemoteText | None:
        """Return a text; where the list leaves it out, its article is asked."""
        if row["description"] is not None:
            return text_in(row, language)
        try:
            whole = walk.articles.get(row["id"]) if language == walk.articles.primary else row
            return walk.articles.text(whole, language)
        except RemoteError as exc:
            if not exc.missing:
                raise
            return None

    def _others(self, walk: _Walk, folder: int, number: str) -> dict[str, Row]:
        """Return the other languages of an article: listed by folder, or asked one by one."""
        if walk.folder != folder or walk.texts is None:
            walk.folder = folder
            walk.texts = {language: self._translated(folder, language) for language in walk.articles.others}
        found: dict[str, Row] = {}
        for language, rows in walk.texts.items():
            row = self._one(number, language) if rows is None else rows.get(number)
            if row is not None:
                found[language] = row
        return found

    def _translated(self, folder: int, language: str) -> dict[str, Row] | None:
        path = f"/solutions/folders/{folder}/articles/{language}"
        try:
            rows = [article_in(row, "an article") for row in self._client.pages(path)]
        except RemoteError as exc:
            if not exc.missing and exc.answered != NO_FEATURE:
                raise
            return None if exc.missing else {}
        return {row["id"]: row for row in rows}

    def _one(self, number: str, language: str) -> Row | None:
        try:
            found = self._client.get(f"/solutions/articles/{number}/{language}")
        except RemoteError as exc:
            if not exc.missing:
                raise
            return None
        return article_in(found, "an article")


def _next_walk(at: _Position) -> _Position:
    return _Position(since=at.before, before=at.newest, newest=at.newest)


def _position(since: datetime | None, cursor: str | None) -> _Position:
    if cursor is None:
        start = max(0, int(since.timestamp())) if since else 0
        return _Position(start, start, start)
    found = CURSOR.fullmatch(cursor)
    if found is None:
        raise RemoteError(f"{cursor!r} is no position in the list of articles: begin anew.", permanent=True)
    return _Position(*map(int, found.groups()))
