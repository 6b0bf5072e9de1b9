"""What we read of Freshdesk's solutions: articles, folders, categories and the account's languages.

Fields follow the REST documentation; all else is left out. [Solution Article, Solution Folder, Settings]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from integrations.freshdesk.schemas import read
from integrations.reading import Id, IdOrNone, Names, Part, Text, Time
from kcs.ports import RemoteText

DRAFT, PUBLISHED = 1, 2


class ArticleIn(Part):
    """An article in one language; `description` is None where a list leaves it out."""

    id = Id()
    title = Text()
    description = fields.String(load_default=None, allow_none=True)
    status = fields.Integer(required=True)
    folder_id = Id()
    agent_id = IdOrNone()
    tags = Names()
    thumbs_up = fields.Integer(load_default=0, allow_none=True)
    thumbs_down = fields.Integer(load_default=0, allow_none=True)
    created_at = Time()
    updated_at = Time()


class AboveIn(Part):
    """A category or folder above a folder."""

    name = Text()


class LevelIn(Part):
    """One level of a hierarchy."""

    level = fields.Integer(load_default=0, allow_none=True)
    data = fields.Nested(AboveIn, load_default=dict, allow_none=True)


class FolderIn(Part):
    """A folder; an unknown `visibility` counts as everybody's."""

    id = Id()
    name = Text()
    visibility = fields.Integer(load_default=1, allow_none=True)
    sub_folders_count = fields.Integer(load_default=None, allow_none=True)
    hierarchy = fields.List(fields.Nested(LevelIn), load_default=list, allow_none=True)


class CategoryIn(Part):
    """A category."""

    id = Id()
    name = Text()


class SettingsIn(Part):
    """The languages of the account."""

    primary_language = fields.String(required=True)
    supported_languages = Names()


def article_in(value: Any, what: str) -> dict[str, Any]:
    """Return what we read of an article. Raises RemoteError."""
    return read(ArticleIn, value, what)


def text_in(article: Mapping[str, Any], locale: str) -> RemoteText:
    """Return an article's text as the application sees it."""
    return RemoteText(
        locale=locale,
        title=article["title"],
        html=article["description"] or "",
        draft=article["status"] != PUBLISHED,
        updated_at=article["updated_at"],
    )
