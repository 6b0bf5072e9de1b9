"""What the emulated Help Center holds, and how its API shows it.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from integrations.zendesk.emulator.records import stamp


class Refused(Exception):
    """The input is wrong; `field` names where, for the `details` of a 422."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field_name
        self.reason = reason


@dataclass
class Category:
    """The uppermost shelf."""

    id: int
    name: str
    locale: str

    def as_json(self, site: str) -> dict[str, object]:
        """Return the category as `GET help_center/categories/{id}` does [Categories]."""
        return {**vars(self), "source_locale": self.locale, "html_url": _page(site, self, "categories")}


@dataclass
class Section:
    """A place for articles, in a category and perhaps in another section [Sections]."""

    id: int
    name: str
    category_id: int
    parent_section_id: int | None
    locale: str

    def as_json(self, site: str) -> dict[str, object]:
        """Return the section as `GET help_center/sections/{id}` does [Sections]."""
        return {**vars(self), "source_locale": self.locale, "html_url": _page(site, self, "sections")}


@dataclass
class PermissionGroup:
    """Who may edit and publish: lists of user segments [Permission Groups]."""

    id: int
    name: str
    edit: tuple[int, ...]
    publish: tuple[int, ...]

    def as_json(self) -> dict[str, object]:
        """Return the group as `GET guide/permission_groups/{id}` does."""
        return {"id": self.id, "name": self.name, "edit": list(self.edit), "publish": list(self.publish)}


@dataclass
class UserSegment:
    """Who may read: "signed_in_users" or "staff" [User Segments]."""

    id: int
    name: str
    user_type: str
    built_in: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the segment as `GET help_center/user_segments/{id}` does."""
        return {**vars(self), "group_ids": [], "organization_ids": [], "tags": [], "or_tags": []}


@dataclass
class Attachment:
    """A file of an article, or of none yet [Article Attachments]."""

    id: int
    file_name: str
    content_type: str
    content: bytes = field(repr=False)
    inline: bool
    article_id: int | None
    created_at: datetime

    def as_json(self, site: str) -> dict[str, object]:
        """Return the file as `GET help_center/articles/attachments/{id}` does."""
        return {
            "id": self.id,
            "url": f"{site}/api/v2/help_center/articles/attachments/{self.id}",
            "article_id": self.article_id,
            "file_name": self.file_name,
            "content_type": self.content_type,
            "content_url": f"{site}/hc/article_attachments/{self.id}",
            "size": len(self.content),
            "inline": self.inline,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.created_at),
        }


@dataclass
class Translation:
    """An article's text in one locale; its draft flag decides whether readers see it."""

    id: int
    locale: str
    title: str
    body: str
    draft: bool
    created_at: datetime
    updated_at: datetime
    author_id: int
    editor_id: int
    outdated: bool = False


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
    updated_at: datetime
    edited_at: datetime
    label_names: list[str] = field(default_factory=list)
    content_tag_ids: list[str] = field(default_factory=list)
    position: int = 0
    promoted: bool = False
    comments_disabled: bool = False
    votes: list[int] = field(default_factory=list)
    archived: bool = False
    translations: dict[str, Translation] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """True when readers see any of its texts."""
        return not self.archived and not all(t.draft for t in self.translations.values())

    def as_json(self, site: str, locale: str | None = None) -> dict[str, object]:
        """Return the article as `GET help_center/articles/{id}` does, in its source locale [Articles]."""
        text = self.translations[locale or self.source_locale]
        return {
            "id": self.id,
            "url": f"{site}/api/v2/help_center/{text.locale}/articles/{self.id}.json",
            "html_url": self.url(site, text.locale),
            "author_id": self.author_id,
            "comments_disabled": self.comments_disabled,
            "content_tag_ids": list(self.content_tag_ids),
            "draft": text.draft,
            "promoted": self.promoted,
            "position": self.position,
            "vote_sum": sum(self.votes),
            "vote_count": len(self.votes),
            "section_id": self.section_id,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
            "edited_at": stamp(self.edited_at),
            "name": text.title,
            "title": text.title,
            "body": text.body,
            "source_locale": self.source_locale,
            "locale": text.locale,
            "outdated": False,
            "outdated_locales": [t.locale for t in self.translations.values() if t.outdated],
            "permission_group_id": self.permission_group_id,
            "user_segment_id": self.user_segment_id,
            "user_segment_ids": [] if self.user_segment_id is None else [self.user_segment_id],
            "label_names": list(self.label_names),
        }

    def with_texts(self, site: str) -> dict[str, object]:
        """Return the article with every translation inside, as `?include=translations` asks [Articles]."""
        return {**self.as_json(site), "translations": [self.text_as_json(site, t) for t in self.translations]}

    def text_as_json(self, site: str, locale: str) -> Mapping[str, object]:
        """Return one text as `GET articles/{id}/translations/{locale}` does [Translations]."""
        text = self.translations[locale]
        return {
            "id": text.id,
            "url": f"{site}/api/v2/help_center/articles/{self.id}/translations/{locale}.json",
            "html_url": self.url(site, locale),
            "source_id": self.id,
            "source_type": "Article",
            "locale": locale,
            "title": text.title,
            "body": text.body,
            "draft": text.draft,
            "outdated": text.outdated,
            "created_at": stamp(text.created_at),
            "updated_at": stamp(text.updated_at),
            "created_by_id": text.author_id,
            "updated_by_id": text.editor_id,
        }

    def url(self, site: str, locale: str) -> str:
        """Return where readers find the text."""
        return f"{site}/hc/{locale}/articles/{self.id}"


def _page(site: str, shelf: Category | Section, kind: str) -> str:
    return f"{site}/hc/{shelf.locale}/{kind}/{shelf.id}"
