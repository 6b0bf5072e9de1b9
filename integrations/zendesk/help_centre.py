"""Shows articles to readers of Zendesk's Help Center.

An article is created as a draft with our marker among its labels; text and draft state live in its
translations (developer.zendesk.com/api-reference/help_center/help-center-api/translations), so publishing
and withdrawing write a translation. Nobody is notified by e-mail of what we write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from integrations.reading import number_in
from integrations.zendesk import help_centre_images as images
from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.help_centre_listing import listing_page
from integrations.zendesk.help_centre_places import places_of
from integrations.zendesk.help_centre_schemas import ArticleIn, ShelfIn, TranslationIn, readers_of, text_in
from integrations.zendesk.help_centre_words import article_path, labels_for, locale_of, text_of
from integrations.zendesk.schemas import read
from kcs.errors import ConfigError, RemoteError
from kcs.ports import STAYS, Audience, Document, ListingPage, Places, RemoteArticle, RemoteText

NEWEST_PAGES = 3
PAGE_SIZE = 100
NEEDED = {
    "section_id": "set it to the number in the address of the section that new articles go to.",
    "permission_group_id": "set it to the management permission that new articles get, then try again.",
}


class ZendeskHelpCentre:
    """Implements `kcs.ports.HelpCentre` for one account and place.

    Settings: `section_id` (where new articles go), `permission_group_id` (who may edit; Zendesk demands it of
    a new article), `user_segment_id` (who may read). Without the first two an existing article stays where it
    is, and so it does where it `stays`; without the third everyone reads it. Raises ConfigError for one that
    is not a number.
    """

    def __init__(self, client: ZendeskClient, settings: Mapping[str, str]) -> None:
        self._client = client
        place = {name: _number(settings, name) for name in ("section_id", "permission_group_id")}
        self._place = {name: value for name, value in place.items() if value is not None}
        self._segment = _number(settings, "user_segment_id")
        self._stays = bool(settings.get(STAYS))

    def find(self, marker: str) -> RemoteArticle | None:
        """Return the article labelled with our marker, the oldest if there are several, or None.

        The list by label shows drafts too, wherever they are. The search runs behind and hides drafts, and
        the newest articles of our section are looked through last, in case labels are not to be asked for.
        Raises RemoteError.
        """
        for articles in self._candidates(marker):
            found = [_remote(article) for article in articles if marker in (article["label_names"] or ())]
            if found:
                return min(found, key=lambda article: int(article.id))
        return None

    def create_draft(self, document: Document) -> RemoteArticle:
        """Create the article unpublished, labelled with the marker. Raises RemoteError."""
        section, group = self._needed("section_id"), self._needed("permission_group_id")
        article = {
            **text_of(document),
            "locale": locale_of(document.locale),
            "draft": True,
            "label_names": labels_for((), document),
            "permission_group_id": group,
            "user_segment_id": self._segment,
        }
        try:
            answer = self._client.post(
                f"/help_center/sections/{section}/articles",
                {"article": article, "notify_subscribers": False},
            )
        except RemoteError as exc:
            raise self._without_section(exc) from exc
        created = read(ArticleIn, answer.get("article"), "the new article")
        return _remote(created, self._written(created["id"], document, answer["article"]))

    def publish(self, remote_id: str, document: Document) -> RemoteArticle:
        """Write the text in the document's locale, make it live, and file it where it belongs.

        Readers are narrowed before the text is written and widened after it, so that no text is shown to
        more people than it is meant for. Raises RemoteError, with `missing=True` when the article was
        archived or deleted.
        """
        path, locale = article_path(remote_id), locale_of(document.locale)
        article = read(ArticleIn, self._client.get(path).get("article"), f"article {remote_id}")
        changes = self._changes(article, document)
        widens = changes.get("user_segment_id", ...) is None
        if changes and not widens:
            self._change(path, changes)
        images.give_to(self._client, path, document.html)
        answer = self._write(path, locale, {**text_of(document), "draft": False})
        if widens:
            self._change(path, changes)
        translation = read(TranslationIn, answer.get("translation"), f"the text of article {remote_id}")
        return RemoteArticle(
            id=remote_id,
            url=translation["html_url"] or "",
            locale=translation["locale"] or locale,
            draft=translation["draft"],
            text=self._written(remote_id, document, answer["translation"]),
        )

    def withdraw(self, remote_id: str, locale: str) -> None:
        """Turn the text back into a draft; one already gone is no error. Raises RemoteError."""
        text = self.read(remote_id, locale)
        if text is None or text.draft:
            return
        path = f"{article_path(remote_id)}/translations/{locale_of(locale)}"
        try:
            self._client.put(path, {"translation": {"title": text.title, "draft": True}})
        except RemoteError as exc:
            if not exc.missing:
                raise

    def read(self, remote_id: str, locale: str) -> RemoteText | None:
        """Return the text as it is there now, a draft too; None when there is none. Raises RemoteError."""
        written = locale_of(locale)
        try:
            answer = self._client.get(f"{article_path(remote_id)}/translations/{written}")
        except RemoteError as exc:
            if not exc.missing:
                raise
            return None
        return text_in(answer.get("translation"), f"the text of article {remote_id}")

    def archive(self, remote_id: str) -> None:
        """Archive the article in every language: an administrator alone can bring it back, in the browser.

        One already gone is no error. Raises RemoteError.
        """
        try:
            self._client.delete(article_path(remote_id))
        except RemoteError as exc:
            if not exc.missing:
                raise

    def keep_image(
        self, marker: str, content: bytes, media_type: str, *, remote_id: str | None = None
    ) -> str:
        """Upload a PNG, JPEG, GIF or WebP of up to 20 MB and return its address there.

        An article that has a picture of this name already keeps it. Raises RemoteError.
        """
        article = None if remote_id is None else article_path(remote_id)
        return images.keep(self._client, marker, content, media_type, article)

    def read_image(self, address: str) -> bytes | None:
        """Return a picture kept by this Help Center; None for one kept elsewhere, or gone.

        Raises RemoteError.
        """
        return images.fetch(self._client, address)

    def refuse_wider(self, audience: Audience) -> None:
        """Find nothing wider: who may read is written with each article."""

    def places(self) -> Places:
        """Return sections by their whole path, permission groups, user segments and languages.

        The default language comes first. Raises RemoteError.
        """
        return places_of(self._client)

    def changed_articles(self, since: datetime | None, cursor: str | None = None) -> ListingPage:
        """Return articles of the whole Help Center, drafts too; archived ones are not listed anywhere.

        Raises RemoteError.
        """
        return listing_page(self._client, since, cursor)

    def check(self) -> str:
        """Prove that we are an agent and that the section is there; return its name. Raises RemoteError."""
        self._client.whoami()
        section = self._needed("section_id")
        try:
            answer = self._client.get(f"/help_center/sections/{section}")
        except RemoteError as exc:
            raise self._without_section(exc) from exc
        return read(ShelfIn, answer.get("section"), f"section {section}")["name"] or f"section {section}"

    def _needed(self, setting: str) -> int:
        if setting not in self._place:
            raise RemoteError(f"The Zendesk target has no {setting}: {NEEDED[setting]}", permanent=True)
        return self._place[setting]

    def _changes(self, article: Mapping[str, Any], document: Document) -> dict[str, object]:
        """Return the metadata that is not as we want it."""
        place = {} if self._stays else self._place
        changes: dict[str, object] = {
            name: value for name, value in place.items() if article[name] != str(value)
        }
        if readers_of(article) != (str(self._segment) if self._segment else ""):
            changes["user_segment_id"] = self._segment
        there = article["label_names"] or ()
        labels = labels_for(there, document)
        return changes if len(labels) == len(there) else {**changes, "label_names": labels}

    def _change(self, path: str, changes: Mapping[str, object]) -> None:
        try:
            self._client.put(path, {"article": changes})
        except RemoteError as exc:
            raise (self._without_section(exc) if "section_id" in changes else exc) from exc

    def _write(self, path: str, locale: str, text: Mapping[str, object]) -> dict[str, Any]:
        """Write a text that is there already, or else a new one."""
        translations = f"{path}/translations"
        try:
            return self._client.put(f"{translations}/{locale}", {"translation": text})
        except RemoteError as exc:
            if not exc.missing:
                raise
        return self._client.post(translations, {"translation": {**text, "locale": locale}})

    def _written(self, remote_id: str, document: Document, answered: Mapping[str, Any]) -> RemoteText | None:
        """Return what Zendesk made of our text, asking again when the answer does not say."""
        if isinstance(answered.get("body"), str):
            return text_in(answered, f"the text of article {remote_id}")
        return self.read(remote_id, document.locale)

    def _without_section(self, exc: RemoteError) -> RemoteError:
        """Say that the place is missing, so that nobody takes it for a missing article."""
        if not exc.missing:
            return exc
        section = self._place.get("section_id")
        return RemoteError(
            f"Zendesk has no section {section}, or our account may not see it: check section_id.",
            permanent=True,
        )

    def _candidates(self, marker: str) -> Iterator[list[dict[str, Any]]]:
        labelled = {"label_names": marker, "per_page": str(PAGE_SIZE)}
        yield self._articles("/help_center/articles", "articles", labelled)
        yield self._articles("/help_center/articles/search", "results", {**labelled, "locale": "*"})
        for page in range(1, NEWEST_PAGES + 1 if "section_id" in self._place else 1):
            newest = {"sort_by": "created_at", "sort_order": "desc", "per_page": str(PAGE_SIZE)}
            path = f"/help_center/sections/{self._place['section_id']}/articles"
            articles = self._articles(path, "articles", {**newest, "page": str(page)})
            yield articles
            if len(articles) < PAGE_SIZE:
                return

    def _articles(self, path: str, key: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        items = self._client.get(path, params).get(key)
        if not isinstance(items, list):
            raise RemoteError(f"Zendesk's answer at {path} holds no list of {key}.", permanent=False)
        return [read(ArticleIn, item, "an article") for item in items]


def _remote(article: Mapping[str, Any], text: RemoteText | None = None) -> RemoteArticle:
    return RemoteArticle(
        id=article["id"],
        url=article["html_url"] or "",
        locale=article["locale"] or "",
        draft=article["draft"],
        text=text,
    )


def _number(settings: Mapping[str, str], key: str) -> int | None:
    """Return a setting as a number, None when it is empty. Raises ConfigError for anything else."""
    value = settings.get(key, "").strip()
    if not value:
        return None
    number = number_in(value)
    if number is None:
        raise ConfigError(f"{key} of the Zendesk target must be a number, not {value!r}.")
    return int(number)
