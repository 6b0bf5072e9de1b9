"""Finding the article that carries our marker: by listing a folder, and by search, which runs behind."""

from __future__ import annotations

from collections.abc import Iterable

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.help_centre_articles import Row, is_laid_aside
from integrations.freshdesk.help_centre_schemas import article_in
from kcs.errors import RemoteError
from kcs.sentences import Sentence

PAGE_SIZE = "100"
MOST_PAGES = 30  # of a folder looked through for our marker


def marked(client: FreshdeskClient, marker: str, folder_id: str) -> Row | None:
    """Return the oldest article of a folder tagged with our marker, drafts too.

    Raises RemoteError, permanent where the folder is too large to be looked through.
    """
    path, found = f"/solutions/folders/{folder_id}/articles", list[Row]()
    for page in range(1, MOST_PAGES + 1):
        rows, more = client.page(path, {"per_page": PAGE_SIZE, "page": str(page)})
        found += _with(marker, rows)
        if not more:
            return _oldest(found)
    if found:
        return _oldest(found)
    raise RemoteError(
        Sentence(
            "The Freshdesk folder %(folder)s has too many articles to look through: choose another one.",
            folder=folder_id,
        ),
        permanent=True,
    )


def searched(client: FreshdeskClient, marker: str) -> Row | None:
    """Return the oldest article that search finds with our marker. Raises RemoteError."""
    return _oldest(_with(marker, client.rows("/search/solutions", {"term": marker})))


def _with(marker: str, rows: Iterable[object]) -> list[Row]:
    articles = [article_in(row, "an article") for row in rows]
    return [each for each in articles if marker in each["tags"] and not is_laid_aside(each)]


def _oldest(articles: Iterable[Row]) -> Row | None:
    return min(articles, key=lambda each: int(each["id"]), default=None)
