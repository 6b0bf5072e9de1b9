"""What the emulated knowledge base holds, and how its API shows it.

A name in brackets is the part of developers.freshdesk.com that a shape follows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from integrations.freshdesk.emulator.records import plain, stamp

DRAFT, PUBLISHED = 1, 2
EVERYBODY, LOGGED_IN, AGENTS, COMPANIES, BOTS, CONTACT_SEGMENTS, COMPANY_SEGMENTS = range(1, 8)


@dataclass
class Category:
    """The uppermost shelf; `names` are by language."""

    id: int
    name: str
    created_at: datetime
    description: str | None = None
    names: dict[str, str] = field(default_factory=dict)

    def as_json(self, language: str | None = None) -> dict[str, object]:
        """Return the category as `GET solutions/categories/{id}` does [Solution Category]."""
        at = stamp(self.created_at)
        return {
            "id": self.id,
            "name": self.names.get(language or "", self.name),
            "description": self.description,
            "visible_in_portals": [1],
            "created_at": at,
            "updated_at": at,
        }


@dataclass
class Folder:
    """A place for articles in a category, perhaps within another folder; `visibility` says who reads them."""

    id: int
    name: str
    category_id: int
    parent_id: int | None
    visibility: int
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    company_ids: list[int] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def as_json(
        self, hierarchy: list[dict[str, object]], counts: tuple[int, int], language: str | None = None
    ) -> dict[str, object]:
        """Return the folder as `GET solutions/folders/{id}` does; `counts` are articles and folders in it."""
        shown: dict[str, object] = {
            "id": self.id,
            "name": self.names.get(language or "", self.name),
            "description": self.description,
            "parent_folder_id": self.parent_id,
            "hierarchy": hierarchy,
            "articles_count": counts[0],
            "sub_folders_count": counts[1],
            "visibility": self.visibility,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
        }
        return {**shown, "company_ids": list(self.company_ids)} if self.visibility == COMPANIES else shown


@dataclass
class Text:
    """An article in one language; `beside` is a draft kept beside the text that readers see (unsure)."""

    title: str
    description: str
    status: int
    updated_at: datetime
    beside: tuple[str, str] | None = None


@dataclass
class Article:
    """An article: what all its languages share here, its texts by language."""

    id: int
    folder_id: int
    agent_id: int
    created_at: datetime
    texts: dict[str, Text]
    tags: list[str] = field(default_factory=list)
    seo_data: dict[str, object] = field(default_factory=dict)
    hits: int = 0
    thumbs_up: int = 0
    thumbs_down: int = 0
    tagged_at: datetime | None = None

    def as_json(
        self, language: str, category_id: int, hierarchy: list[dict[str, object]]
    ) -> dict[str, object]:
        """Return the article in a language as `GET solutions/articles/{id}` does [Solution Article]."""
        text = self.texts[language]
        changed = max(text.updated_at, self.tagged_at or text.updated_at)
        return {
            "id": self.id,
            "type": 1,
            "status": text.status,
            "agent_id": self.agent_id,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(changed),
            "category_id": category_id,
            "folder_id": self.folder_id,
            "hierarchy": hierarchy,
            "title": text.title,
            "description": text.description,
            "description_text": plain(text.description),
            "seo_data": dict(self.seo_data),
            "tags": list(self.tags),
            "hits": self.hits,
            "thumbs_up": self.thumbs_up,
            "thumbs_down": self.thumbs_down,
            "platforms": [],
        }
