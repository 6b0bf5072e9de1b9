"""Shows articles to readers of Zendesk's Help Center.

An article is created as a draft with our marker among its labels; text and draft state live in its
translations (developer.zendesk.com/api-reference/help_center/help-center-api/translations), so publishing
and withdrawing write a translation. Nobody is notified by e-mail of what we write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.schemas import ArticleIn, SectionIn, TranslationIn, number_in, read
from kcs.errors import ConfigError, RemoteError
from kcs.ports import Document, RemoteArticle

NEWEST_PAGES = 3
PAGE_SIZE = 100
LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII)


class ZendeskHelpCentre:
    """Implements `kcs.ports.HelpCentre` for one section.

    Settings: `section_id` (required), `permission_group_id` (who may edit; Zendesk demands it of a new
    article), `user_segment_id` (who may read; empty for everyone). Raises ConfigError for one that is not
    a number.
    """

    def __init__(self, client: ZendeskClient, settings: Mapping[str, str]) -> None:
        self._client = client
        section = _number(settings, "section_id")
        if section is None:
            raise ConfigError("The Zendesk target needs section_id: the number in the section's address.")
        self._section = section
        self._permission_group = _number(settings, "permission_group_id")
        self._user_segment = _number(settings, "user_segment_id")

    def find(self, marker: str) -> RemoteArticle | None:
        """Return the article labelled with our marker, the oldest if there are several, or None.

        The search reaches live articles in every section but runs behind and hides drafts, so the newest
        articles of our section are looked through as well. Raises RemoteError.
        """
        found = [
            _remote(article)
            for article in self._candidates(marker)
            if marker in (article["label_names"] or ())
        ]
        return min(found, key=lambda article: int(article.id), default=None)

    def create_draft(self, document: Document) -> RemoteArticle:
        """Create the article unpublished, labelled with the marker. Raises RemoteError."""
        if self._permission_group is None:
            raise RemoteError(
                "The Zendesk target has no permission_group_id: set it to the management permission that "
                "new articles get, then try again.",
                permanent=True,
            )
        article = {
            **_text(document),
            "locale": _locale(document.locale),
            "draft": True,
            "label_names": [document.marker, *document.labels],
            "permission_group_id": int(self._permission_group),
            "user_segment_id": int(self._user_segment) if self._user_segment else None,
        }
        try:
            answer = self._client.post(
                f"/help_center/sections/{self._section}/articles",
                {"article": article, "notify_subscribers": False},
            )
        except RemoteError as exc:
            raise self._without_section(exc) from exc
        return _remote(read(ArticleIn, answer.get("article"), "the new article"))

    def publish(self, remote_id: str, document: Document) -> RemoteArticle:
        """Write the text in the document's locale and make it live.

        Raises RemoteError, with `missing=True` when the article was archived or deleted.
        """
        locale = _locale(document.locale)
        text = {**_text(document), "draft": False}
        translations = f"{_article_path(remote_id)}/translations"
        try:
            answer = self._client.put(f"{translations}/{locale}", {"translation": text})
        except RemoteError as exc:
            if not exc.missing:
                raise
            answer = self._client.post(translations, {"translation": {**text, "locale": locale}})
        translation = read(TranslationIn, answer.get("translation"), f"the text of article {remote_id}")
        return RemoteArticle(
            id=remote_id,
            url=translation["html_url"] or "",
            locale=translation["locale"] or locale,
            draft=translation["draft"],
        )

    def withdraw(self, remote_id: str, locale: str) -> None:
        """Turn the text back into a draft; one already gone is no error. Raises RemoteError."""
        path = f"{_article_path(remote_id)}/translations/{_locale(locale)}"
        try:
            self._client.put(path, {"translation": {"draft": True}})
        except RemoteError as exc:
            if not exc.missing:
                raise

    def check(self) -> str:
        """Prove that we are an agent and that the section is there; return its name. Raises RemoteError."""
        self._client.whoami()
        try:
            answer = self._client.get(f"/help_center/sections/{self._section}")
        except RemoteError as exc:
            raise self._without_section(exc) from exc
        section = read(SectionIn, answer.get("section"), f"section {self._section}")
        return section["name"] or f"section {self._section}"

    def _without_section(self, exc: RemoteError) -> RemoteError:
        """Say that the place is missing, so that nobody takes it for a missing article."""
        if not exc.missing:
            return exc
        return RemoteError(
            f"Zendesk has no section {self._section}, or our account may not see it: check section_id.",
            permanent=True,
        )

    def _candidates(self, marker: str) -> Iterator[dict[str, Any]]:
        everywhere = {"label_names": marker, "locale": "*", "per_page": str(PAGE_SIZE)}
        yield from self._articles("/help_center/articles/search", "results", everywhere)
        for page in range(1, NEWEST_PAGES + 1):
            newest = {"sort_by": "created_at", "sort_order": "desc", "per_page": str(PAGE_SIZE)}
            path = f"/help_center/sections/{self._section}/articles"
            articles = self._articles(path, "articles", {**newest, "page": str(page)})
            yield from articles
            if len(articles) < PAGE_SIZE:
                return

    def _articles(self, path: str, key: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        items = self._client.get(path, params).get(key)
        if not isinstance(items, list):
            raise RemoteError(f"Zendesk's answer at {path} holds no list of {key}.", permanent=False)
        return [read(ArticleIn, item, "an article") for item in items]


def _text(document: Document) -> dict[str, object]:
    return {"title": document.title, "body": document.html}


def _remote(article: Mapping[str, Any]) -> RemoteArticle:
    return RemoteArticle(
        id=article["id"],
        url=article["html_url"] or "",
        locale=article["locale"] or "",
        draft=article["draft"],
    )


def _number(settings: Mapping[str, str], key: str) -> str | None:
    """Return a setting as digits, None when it is empty. Raises ConfigError for anything else."""
    value = settings.get(key, "").strip()
    if not value:
        return None
    number = number_in(value)
    if number is None:
        raise ConfigError(f"{key} of the Zendesk target must be a number, not {value!r}.")
    return number


def _article_path(remote_id: str) -> str:
    if number_in(remote_id) != remote_id:
        raise RemoteError(f"{remote_id!r} is no Zendesk article id.", permanent=True, missing=True)
    return f"/help_center/articles/{remote_id}"


def _locale(locale: str) -> str:
    """Return the locale as Zendesk writes it, such as en-us; it becomes part of a path."""
    written = locale.replace("_", "-").lower()
    if not LOCALE.fullmatch(written):
        raise RemoteError(f"{locale!r} is no locale such as en-us.", permanent=True)
    return written
