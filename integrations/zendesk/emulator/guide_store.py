"""The emulated Help Center's memory, and what its API does with it.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from integrations.emulation.hypertext import rewritten
from integrations.zendesk.emulator.guide_records import (
    Article,
    Attachment,
    Category,
    PermissionGroup,
    Refused,
    Section,
    Translation,
    UserSegment,
)

LOCALES = ("en-us", "en-gb", "de", "es", "fr", "id", "ja", "pt-br")
EVERYBODY_SIGNED_IN, STAFF = 88, 99
LARGEST_FILE = 20 * 1024 * 1024
TEXT_FIELDS = ("title", "body", "draft", "outdated")
METADATA = (
    *("label_names", "content_tag_ids", "permission_group_id", "user_segment_id", "section_id"),
    *("position", "promoted", "comments_disabled", "author_id"),
)


class GuideStore:
    """Everything there is, safe for several threads.

    `rewriting` says whether HTML is cleaned as the real one does, `sideloads` whether `?include=translations`
    is heeded, `start_included` whether the export begins with the second asked for; `search_lag` is how many
    seconds the search index runs behind. `notified` counts mails to subscribers, `uploads` the files taken.
    """

    def __init__(self, search_lag: float = 0.0, locales: Sequence[str] = LOCALES) -> None:
        self.lock = threading.RLock()
        self.search_lag = search_lag
        self.locales = tuple(locales)
        self.rewriting = True
        self.sideloads = True
        self.incremental_page = 1000
        self.start_included = True
        self.categories: dict[int, Category] = {}
        self.sections: dict[int, Section] = {}
        self.articles: dict[int, Article] = {}
        self.attachments: dict[int, Attachment] = {}
        self.permission_groups = {
            1: PermissionGroup(1, "Admins", (), ()),
            77: PermissionGroup(77, "Agents and admins", (STAFF,), (STAFF,)),
        }
        self.user_segments = {
            EVERYBODY_SIGNED_IN: UserSegment(
                EVERYBODY_SIGNED_IN, "Signed-in users", "signed_in_users", built_in=True
            ),
            STAFF: UserSegment(STAFF, "Agents and admins", "staff", built_in=True),
        }
        self.content_tags: dict[str, str] = {}
        self.notified = 0
        self.uploads = 0
        self._ids: Iterator[int] = itertools.count(360_000_000_001)

    def next_id(self) -> int:
        """Return an id nothing has yet."""
        with self.lock:
            return next(self._ids)

    def article(self, article_id: int) -> Article | None:
        """Return an article unless it is archived: the API does not show those [Articles: Archive]."""
        article = self.articles.get(article_id)
        return None if article is None or article.archived else article

    def create(
        self,
        section: Section,
        author_id: int,
        content: Mapping[str, Any],
        notify: bool,
        at: datetime,
    ) -> Article:
        """Create an article, the one time its `draft` is writable [Articles: Create]. Raises Refused."""
        with self.lock:
            if not isinstance(content.get("permission_group_id"), int):
                raise Refused("permission_group_id", "cannot be blank")
            self._check_metadata(content)
            article = Article(
                id=self.next_id(),
                section_id=section.id,
                author_id=content.get("author_id") or author_id,
                source_locale=str(content.get("locale", self.locales[0])),
                permission_group_id=content["permission_group_id"],
                user_segment_id=content.get("user_segment_id"),
                created_at=at,
                updated_at=at,
                edited_at=at,
                label_names=[str(label) for label in content.get("label_names") or ()],
                content_tag_ids=list(content.get("content_tag_ids") or ()),
                comments_disabled=bool(content.get("comments_disabled", False)),
            )
            self.add_text(article, {**content, "locale": article.source_locale}, author_id, at)
            self.articles[article.id] = article
            self.notified += notify
        self._announce_life(article, was_live=False, at=at)
        return article

    def change_metadata(self, article: Article, content: Mapping[str, Any], at: datetime) -> None:
        """Change metadata only: title, body and draft are silently left alone [Articles: Update].

        Raises Refused.
        """
        with self.lock:
            self._check_metadata(content)
            for name in METADATA:
                if name in content:
                    setattr(article, name, content[name])
            article.updated_at = at

    def add_text(
        self, article: Article, content: Mapping[str, Any], author_id: int, at: datetime
    ) -> Translation:
        """Add a text in a new locale; locale and title are mandatory [Translations]. Raises Refused."""
        locale = content.get("locale")
        if not isinstance(locale, str) or locale not in self.locales:
            raise Refused("locale", "is not enabled")
        if locale in article.translations:
            raise Refused("locale", "has already been taken")
        if not content.get("title"):
            raise Refused("title", "cannot be blank")
        was_live = article.live
        with self.lock:
            text = Translation(
                id=self.next_id(),
                locale=locale,
                title=str(content["title"]),
                body=self._cleaned(content.get("body")),
                draft=bool(content.get("draft", False)),
                created_at=at,
                updated_at=at,
                author_id=author_id,
                editor_id=author_id,
            )
            article.translations[locale] = text
            article.edited_at = article.updated_at = at
        if article.id in self.articles:
            self._announce_life(article, was_live, at)
        return text

    def change_text(
        self, article: Article, locale: str, content: Mapping[str, Any], editor_id: int, at: datetime
    ) -> None:
        """Change a text; a draft flag takes a live one away [Translations: Update].

        Raises Refused.
        """
        if "title" in content and not content["title"]:
            raise Refused("title", "cannot be blank")
        was_live = article.live
        with self.lock:
            text = article.translations[locale]
            for name in TEXT_FIELDS:
                if name in content:
                    value = self._cleaned(content[name]) if name == "body" else content[name]
                    setattr(text, name, value)
            text.editor_id = editor_id
            text.updated_at = article.edited_at = article.updated_at = at
        self._announce_life(article, was_live, at)

    def remove_text(self, article: Article, locale: str, at: datetime) -> None:
        """Delete a translation; the source text stays as long as the article does. Raises Refused."""
        if locale == article.source_locale:
            raise Refused("locale", "is the source locale")
        with self.lock:
            del article.translations[locale]
            article.updated_at = at

    def put_away(self, article: Article, at: datetime) -> None:
        """Archive: an administrator alone can bring it back, in the browser [Articles: Archive]."""
        was_live = article.live
        with self.lock:
            article.archived = True
            article.updated_at = at
        self._announce_life(article, was_live, at)

    def keep_file(self, attachment: Attachment) -> None:
        """Take a file of at most 20 MB [Article Attachments]. Raises Refused."""
        if len(attachment.content) > LARGEST_FILE:
            raise Refused("file", "is too big")
        with self.lock:
            self.attachments[attachment.id] = attachment
            self.uploads += 1

    def newest(self, section_id: int | None = None, labels: Sequence[str] = ()) -> list[Article]:
        """Return articles that have all the labels, drafts too, newest first [Articles: List Articles]."""
        with self.lock:
            shown = [a for a in reversed(self.articles.values()) if not a.archived]
        wanted = set(labels)
        return [a for a in shown if section_id in (None, a.section_id) and wanted <= set(a.label_names)]

    def search(
        self, labels: Sequence[str], query: str, section_id: int | None, at: datetime
    ) -> list[Article]:
        """Return live articles with any label and all words, as of `search_lag` ago [Search]."""
        horizon = at - timedelta(seconds=self.search_lag)
        return [
            article
            for article in self.newest(section_id)
            if article.live
            and article.edited_at <= horizon
            and (not labels or set(labels) & set(article.label_names))
            and all(word in _searched(article) for word in query.lower().split())
        ]

    def announce(self, kind: str, article: Article, at: datetime) -> None:
        """Say that an article was published or taken back; nobody listens here."""

    def _check_metadata(self, content: Mapping[str, Any]) -> None:
        for name, known, nothing in (
            ("section_id", self.sections, False),
            ("permission_group_id", self.permission_groups, False),
            ("user_segment_id", self.user_segments, True),
        ):
            value = content.get(name)
            if name in content and value not in known and not (nothing and value is None):
                raise Refused(name, "does not exist")

    def _cleaned(self, body: object) -> str:
        text = str(body or "")
        return rewritten(text) if self.rewriting else text

    def _announce_life(self, article: Article, was_live: bool, at: datetime) -> None:
        if article.live != was_live:
            self.announce("article.published" if article.live else "article.unpublished", article, at)


def _searched(article: Article) -> str:
    return " ".join(f"{t.title} {t.body}" for t in article.translations.values()).lower()
