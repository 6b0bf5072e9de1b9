"""The emulated Help Center's memory: sections, articles and their translations.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from integrations.zendesk.emulator_desk import stamp

LOCALES = ("en-us", "en-gb", "de", "es", "fr", "id", "ja", "pt-br")


class Refused(Exception):
    """The input is wrong; `field` names where, for the `details` of a 422."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field_name
        self.reason = reason


@dataclass
class Section:
    """A place for articles."""

    id: int
    name: str

    def as_json(self, site: str) -> dict[str, object]:
        """Return the section as `GET help_center/sections/{id}` does [Help Center]."""
        return {**vars(self), "html_url": f"{site}/hc/en-us/sections/{self.id}", "locale": "en-us"}


@dataclass
class Translation:
    """An article's text in one locale; its draft flag decides whether readers see it."""

    id: int
    locale: str
    title: str
    body: str
    draft: bool
    updated_at: datetime


@dataclass
class Article:
    """An article: metadata here, text in the translations."""

    id: int
    section_id: int
    author_id: int
    source_locale: str
    permission_group_id: int
    user_segment_id: int | None
    created_at: datetime
    edited_at: datetime
    label_names: list[str] = field(default_factory=list)
    archived: bool = False
    translations: dict[str, Translation] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """True when readers see any of its texts."""
        return not self.archived and not all(t.draft for t in self.translations.values())

    def as_json(self, site: str) -> dict[str, object]:
        """Return the article as `GET help_center/articles/{id}` does, in its source locale [Help Center]."""
        text = self.translations[self.source_locale]
        shown = ("id", "section_id", "author_id", "source_locale", "permission_group_id", "user_segment_id")
        return {
            **{name: getattr(self, name) for name in shown},
            "label_names": list(self.label_names),
            "locale": self.source_locale,
            "title": text.title,
            "name": text.title,
            "body": text.body,
            "draft": text.draft,
            "html_url": self.url(site, self.source_locale),
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.edited_at),
            "edited_at": stamp(self.edited_at),
        }

    def text_as_json(self, site: str, locale: str) -> dict[str, object]:
        """Return one translation as `GET articles/{id}/translations/{locale}` does [Help Center]."""
        text = self.translations[locale]
        return {
            **vars(text),
            "source_id": self.id,
            "source_type": "Article",
            "html_url": self.url(site, locale),
            "outdated": False,
            "updated_at": stamp(text.updated_at),
        }

    def url(self, site: str, locale: str) -> str:
        """Return where readers find the text."""
        return f"{site}/hc/{locale}/articles/{self.id}"


class Guide:
    """Sections and articles, safe for several threads.

    `search_lag` is how many seconds the search index runs behind; `notified` counts the mails sent to
    subscribers.
    """

    def __init__(self, search_lag: float = 0.0, locales: Sequence[str] = LOCALES) -> None:
        self.lock = threading.RLock()
        self.search_lag = search_lag
        self.locales = tuple(locales)
        self.sections: dict[int, Section] = {}
        self.articles: dict[int, Article] = {}
        self.notified = 0
        self._ids = itertools.count(360_000_000_001)

    def add_section(self, name: str) -> Section:
        """Add a place for articles."""
        with self.lock:
            section = Section(next(self._ids), name)
            self.sections[section.id] = section
            return section

    def create(
        self, section: Section, author_id: int, content: Mapping[str, Any], notify: bool, at: datetime
    ) -> Article:
        """Create an article, the one time its `draft` is writable [Help Center]. Raises Refused."""
        with self.lock:
            group = content.get("permission_group_id")
            if not isinstance(group, int):
                raise Refused("permission_group_id", "cannot be blank")
            article = Article(
                id=next(self._ids),
                section_id=section.id,
                author_id=author_id,
                source_locale=str(content.get("locale", self.locales[0])),
                permission_group_id=group,
                user_segment_id=content.get("user_segment_id"),
                created_at=at,
                edited_at=at,
                label_names=[str(label) for label in content.get("label_names") or ()],
            )
            self.add_text(article, {**content, "locale": article.source_locale}, at)
            self.articles[article.id] = article
            self.notified += notify
            return article

    def add_text(self, article: Article, content: Mapping[str, Any], at: datetime) -> Translation:
        """Add a translation in a new locale; locale and title are mandatory [Help Center]. Raises Refused."""
        locale = content.get("locale")
        if locale not in self.locales:
            raise Refused("locale", "is not enabled")
        if locale in article.translations:
            raise Refused("locale", "has already been taken")
        if not content.get("title"):
            raise Refused("title", "cannot be blank")
        with self.lock:
            body, draft = str(content.get("body") or ""), bool(content.get("draft", False))
            text = Translation(next(self._ids), locale, str(content["title"]), body, draft, at)
            article.translations[locale] = text
            article.edited_at = at
            return text

    def change_text(self, article: Article, locale: str, content: Mapping[str, Any], at: datetime) -> None:
        """Change title, body or draft of a translation; a draft flag takes a live text away [Help Center]."""
        with self.lock:
            text = article.translations[locale]
            for name in ("title", "body", "draft"):
                if name in content:
                    setattr(text, name, content[name])
            text.updated_at = article.edited_at = at

    def article(self, article_id: int) -> Article | None:
        """Return an article unless it is archived: the API does not show those [Help Center]."""
        article = self.articles.get(article_id)
        return None if article is None or article.archived else article

    def newest(self, section_id: int | None = None) -> list[Article]:
        """Return articles, drafts too, newest first."""
        with self.lock:
            shown = [a for a in self.articles.values() if not a.archived]
        chosen = [a for a in shown if section_id in (None, a.section_id)]
        return sorted(chosen, key=lambda article: article.id, reverse=True)

    def search(
        self, labels: Sequence[str], query: str, section_id: int | None, at: datetime
    ) -> list[Article]:
        """Return live articles with any label and all words, as of `search_lag` ago [Help Center]."""
        horizon = at - timedelta(seconds=self.search_lag)
        return [
            article
            for article in self.newest(section_id)
            if article.live
            and article.edited_at <= horizon
            and (not labels or set(labels) & set(article.label_names))
            and all(word in _searched(article) for word in query.lower().split())
        ]


def _searched(article: Article) -> str:
    return " ".join(f"{t.title} {t.body}" for t in article.translations.values()).lower()
