"""One article a line, as JSON: the only format that keeps the history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_dump, post_load, pre_load, validate

from kcs.articles.formats.folder import Source
from kcs.articles.formats.pictures import Pictures
from kcs.articles.formats.record import ArticleRecord, VersionRecord
from kcs.articles.models import Significance
from kcs.lines import Moment, object_in, person
from kcs.text import LONG
from workflow.article import Audience, Confidence
from workflow.permissions import Governance

PARTS = ("issue", "environment", "resolution", "cause", "body")
HIGHEST = 1_000_000_000


def _number() -> fields.Integer:
    return fields.Integer(validate=validate.Range(1, HIGHEST), allow_none=True)


def _texts(**more: Any) -> fields.Dict:
    name = fields.String(validate=validate.Regexp(r"[\w-]{1,100}\Z", error="Not a field's name."))
    text = fields.String(validate=validate.Length(max=LONG))
    return fields.Dict(name, text, data_key="fields", attribute="fields", **more)


class _Sparse(Schema):
    """What has no value is left out of the file."""

    @post_dump
    def _leave_out(self, made: dict[str, Any], **_: object) -> dict[str, Any]:
        return {name: value for name, value in made.items() if value not in (None, [], "", 0)}


class VersionLine(_Sparse):
    """A version within a line."""

    number = fields.Integer(required=True, validate=validate.Range(1, HIGHEST))
    title = fields.String(required=True)
    texts = _texts(required=True)
    template = fields.String(allow_none=True)
    author = person()
    note = fields.String()
    significance = fields.Enum(Significance, by_value=True, allow_none=True)
    created_at = Moment()
    base = _number()

    @post_load
    def _record(self, read: dict[str, Any], **_: object) -> VersionRecord:
        return VersionRecord(**read)


class ArticleLine(_Sparse):
    """One line of an import file. A `body` alone is a plain article; default validated and internal.

    The texts stand in `fields` by the names of the template's fields; those of `PARTS` may stand beside it
    as well, with the same words, or instead. `id` is taken for `key`: data sets call it so.
    """

    key = fields.String(validate=validate.Length(1, 120))
    title = fields.String(required=True)
    template = fields.String(allow_none=True)
    domain = fields.String(allow_none=True)
    audience = fields.Enum(Audience, by_value=True, load_default=Audience.INTERNAL)
    confidence = fields.Enum(Confidence, by_value=True)
    governance = fields.Enum(Governance, by_value=True, allow_none=True)
    locale = fields.String(load_default="en")
    tags = fields.List(fields.String(), load_default=list)
    author = person()
    owner = person()
    created_at = Moment()
    changed_at = Moment()
    published_at = Moment()
    last_checked_at = Moment()
    last_checked_by = person()
    last_used_at = Moment()
    reuse = fields.Integer(validate=validate.Range(0, HIGHEST))
    merged_into = fields.String(allow_none=True)
    current = _number()
    live = _number()
    texts = _texts(load_default=dict)
    versions = fields.List(fields.Nested(VersionLine))

    @pre_load
    def _id_is_key(self, given: dict[str, Any], **_: object) -> dict[str, Any]:
        if "id" in given and "key" not in given:
            return {("key" if name == "id" else name): value for name, value in given.items()}
        return given

    @pre_load
    def _parts_are_fields(self, given: dict[str, Any], **_: object) -> dict[str, Any]:
        parts = {name: given[name] for name in PARTS if name in given}
        texts = given.get("fields", {})
        if not parts or not isinstance(texts, dict):
            return given
        differing = [name for name, text in parts.items() if texts.get(name, text) != text]
        if differing:
            raise ValidationError({name: ["Differs from the same field in 'fields'."] for name in differing})
        rest = {name: value for name, value in given.items() if name not in parts}
        return {**rest, "fields": {**texts, **parts}}

    @post_load
    def _record(self, read: dict[str, Any], **_: object) -> ArticleRecord:
        return ArticleRecord(**read)

    @post_dump
    def _name_parts(self, made: dict[str, Any], **_: object) -> dict[str, Any]:
        texts = made.get("fields", {})
        return {**made, **{name: texts[name] for name in PARTS if name in texts}}


_LINE = ArticleLine()


def to_line(record: ArticleRecord) -> bytes:
    """Return an article as one line, its end included."""
    return json.dumps(_LINE.dump(asdict(record)), ensure_ascii=False).encode() + b"\n"


def from_line(line: str | bytes) -> ArticleRecord:
    """Read one line. Raises InvalidInput, ValidationError."""
    return from_data(object_in(line))


def from_data(given: dict[str, Any]) -> ArticleRecord:
    """Read what a line, or the head of a Markdown file, says. Raises ValidationError."""
    read: ArticleRecord = _LINE.load(given)
    return read


def to_data(record: ArticleRecord) -> dict[str, Any]:
    """Return what the head of a Markdown file says: everything but the texts."""
    made: dict[str, Any] = ArticleLine(exclude=("texts", "versions")).dump(asdict(record))
    return made


def sources(lines: Iterable[str | bytes], pictures: Pictures | None = None) -> Iterator[Source]:
    """Yield the articles of these lines; `pictures` brings those they name."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield Source(number, f"line {number}", partial(_read, line, pictures))


def _read(line: str | bytes, pictures: Pictures | None) -> ArticleRecord:
    record = from_line(line)
    return pictures.bring(record) if pictures else record
