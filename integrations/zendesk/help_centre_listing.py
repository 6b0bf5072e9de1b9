"""The articles of a whole Help Center, or those changed since a moment, page by page.

A list of everything turns its pages by cursor. Changes come from the incremental export
(developer.zendesk.com/documentation/help_center/help-center-api/understanding-incremental-article-exports),
whose pages begin at a second; whether that second belongs to them is not written anywhere, so we ask from
the second before and may see an article twice rather than not at all.

A position in either is text: "all MARK AFTER" or "since START", times in seconds since 1970. MARK is the
newest change before the first page was read: what changes while we turn pages is no older than that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.help_centre_schemas import ListedArticleIn, readers_of, text_in
from integrations.zendesk.schemas import read
from kcs.errors import RemoteError
from kcs.ports import ListingPage, RemoteListing, RemoteText

PIECE = 100
WITH_TEXTS = {"include": "translations"}


def listing_page(client: ZendeskClient, since: datetime | None, cursor: str | None) -> ListingPage:
    """Return the page that begins at `since`, or follows the cursor. Raises RemoteError."""
    if cursor is None:
        return _everything(client, None, "") if since is None else _changed(client, _second(since) - 1)
    kind, _, rest = cursor.partition(" ")
    number, _, after = rest.partition(" ")
    if kind not in ("all", "since") or not (number.isascii() and number.isdigit()):
        raise RemoteError(f"{cursor!r} is no position in the list of articles: begin anew.", permanent=True)
    return _everything(client, int(number), after) if kind == "all" else _changed(client, int(number))


def _everything(client: ZendeskClient, mark: int | None, after: str) -> ListingPage:
    if mark is None:
        mark = _newest_change(client)
    position = {"page[after]": after} if after else {}
    answer = _asked(client, "/help_center/articles", {"page[size]": str(PIECE), **position})
    rows = _rows(answer)
    follows = _following(answer)
    if follows is None:
        return ListingPage(_listed(client, rows), f"since {max(0, mark - 1)}", at_end=True)
    return ListingPage(_listed(client, rows), f"all {mark} {follows}", at_end=False)


def _newest_change(client: ZendeskClient) -> int:
    """Return when the article changed last that did so; by Zendesk's clock, which is not ours."""
    newest = {"sort_by": "updated_at", "sort_order": "desc", "per_page": "1"}
    rows = _rows(client.get("/help_center/articles", newest))
    return max((_second(row["updated_at"]) for row in rows), default=0)


def _changed(client: ZendeskClient, start: int) -> ListingPage:
    params = {"sort_by": "updated_at", "sort_order": "asc", "start_time": str(max(0, start))}
    answer = _asked(client, "/help_center/incremental/articles", params)
    rows = sorted(_rows(answer), key=lambda row: row["updated_at"])
    piece = _piece(rows, start)
    at_end = len(piece) == len(rows) and answer.get("next_page") is None
    reached = max(start, _second(piece[-1]["updated_at"]) - 1) if piece else start
    if not at_end:
        reached = max(reached, start + 1)
    return ListingPage(_listed(client, piece), f"since {max(0, reached)}", at_end)


def _asked(client: ZendeskClient, path: str, params: Mapping[str, str]) -> dict[str, Any]:
    """Return the answer with every text inside, or without when that is more than fits into one answer."""
    try:
        return client.get(path, {**params, **WITH_TEXTS})
    except RemoteError as exc:
        if exc.answered is not None or not exc.permanent:
            raise
        return client.get(path, params)


def _piece(rows: list[dict[str, Any]], start: int) -> list[dict[str, Any]]:
    """Return the first hundred, and more where so many changed at once that we would begin here again."""
    size = min(PIECE, len(rows))
    while 0 < size < len(rows) and _second(rows[size - 1]["updated_at"]) - 1 <= start:
        size += 1
    return rows[:size]


def _rows(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = answer.get("articles")
    if not isinstance(items, list):
        raise RemoteError("Zendesk's list of articles holds no articles.", permanent=False)
    return [read(ListedArticleIn, item, "an article") for item in items]


def _following(answer: Mapping[str, Any]) -> str | None:
    """Return the cursor of the next page; the end is `meta.has_more`, never an absent link."""
    meta = answer.get("meta")
    if not isinstance(meta, Mapping) or not meta.get("has_more"):
        return None
    after = meta.get("after_cursor")
    if not isinstance(after, str) or not after:
        raise RemoteError("Zendesk announces more articles and does not say where.", permanent=False)
    return after


def _listed(client: ZendeskClient, rows: list[dict[str, Any]]) -> tuple[RemoteListing, ...]:
    found = [(row, _texts(client, row)) for row in rows]
    return tuple(_listing(row, texts) for row, texts in found if texts is not None)


def _texts(client: ZendeskClient, row: Mapping[str, Any]) -> tuple[RemoteText, ...] | None:
    """Return the article in every language; None when it was archived meanwhile.

    Where the account does not give the texts inside the list they are asked for by article.
    """
    items = row["translations"]
    if items is None:
        path = f"/help_center/articles/{row['id']}/translations"
        try:
            items = list(client.pages(path, "translations"))
        except RemoteError as exc:
            if not exc.missing:
                raise
            return None
    return tuple(text_in(item, f"a text of article {row['id']}") for item in items)


def _listing(row: Mapping[str, Any], texts: tuple[RemoteText, ...]) -> RemoteListing:
    count, total = row["vote_count"] or 0, row["vote_sum"] or 0
    return RemoteListing(
        id=row["id"],
        url=row["html_url"] or "",
        place=_place(row),
        source_locale=row["source_locale"] or row["locale"] or "",
        labels=tuple(row["label_names"] or ()),
        votes=((count + total) // 2, (count - total) // 2),
        texts=texts,
        author_id=row["author_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _place(row: Mapping[str, Any]) -> dict[str, str]:
    """Return where the article is, by our settings' names."""
    return {
        "section_id": row["section_id"] or "",
        "permission_group_id": row["permission_group_id"] or "",
        "user_segment_id": readers_of(row),
    }


def _second(moment: datetime) -> int:
    return int(moment.timestamp())
