"""What we read of Help Center articles, their texts, files and shelves; all else is left out.

Fields follow developer.zendesk.com/api-reference/help_center/help-center-api.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from integrations.reading import Id, IdOrNone, Names, Text, Time, moment
from integrations.zendesk.schemas import read
from kcs.ports import RemoteText

TimeOrNone = partial(fields.Function, deserialize=moment, load_default=None, allow_none=True)


class _Read(Schema):
    class Meta:
        unknown = EXCLUDE


class TranslationIn(_Read):
    """An article's text in one locale; `body` is None when the answer does not say it."""

    html_url = Text()
    locale = Text()
    title = Text()
    body = fields.String(load_default=None, allow_none=True)
    draft = fields.Boolean(load_default=False)
    updated_at = TimeOrNone()


class ArticleIn(TranslationIn):
    """An article in one locale."""

    id = Id()
    source_locale = Text()
    label_names = Names()
    section_id = IdOrNone()
    permission_group_id = IdOrNone()
    user_segment_id = IdOrNone()
    user_segment_ids = fields.List(Id(), load_default=list, allow_none=True)


class ListedArticleIn(ArticleIn):
    """An article in a list, with its texts where they were asked for and given."""

    author_id = IdOrNone()
    vote_sum = fields.Integer(load_default=0, allow_none=True)
    vote_count = fields.Integer(load_default=0, allow_none=True)
    created_at = Time()
    updated_at = Time()
    translations = fields.List(fields.Dict(), load_default=None, allow_none=True)


class ShelfIn(_Read):
    """A category, or a section in one or in another section."""

    id = Id()
    name = Text()
    category_id = IdOrNone()
    parent_section_id = IdOrNone()


class NamedIn(_Read):
    """A permission group or user segment."""

    id = Id()
    name = Text()


class LocalesIn(_Read):
    """The languages of the Help Center."""

    locales = Names()
    default_locale = Text()


class AttachmentIn(_Read):
    """A file of an article, or of none yet."""

    id = Id()
    article_id = IdOrNone()
    file_name = Text()
    content_url = Text()


def readers_of(article: Mapping[str, Any]) -> str:
    """Return the user segment an article is shown to, empty for everyone.

    Several are named together: that is no choice there is, and never means everyone.
    """
    segments = article["user_segment_ids"] or ()
    return ",".join(segments) if len(segments) > 1 else article["user_segment_id"] or "".join(segments)


def text_in(value: Any, what: str) -> RemoteText:
    """Return a translation as the application sees it. Raises RemoteError."""
    text = read(TranslationIn, value, what)
    return RemoteText(
        locale=text["locale"] or "",
        title=text["title"] or "",
        html=text["body"] or "",
        draft=text["draft"],
        updated_at=text["updated_at"],
    )
