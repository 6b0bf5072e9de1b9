"""One article a line, as JSON: the only format that keeps the history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, BinaryIO

from marshmallow import Schema, ValidationError, fields, post_dump, post_load, pre_load, validate

from kcs.articles.formats.folder import Source
from kcs.articles.formats.pictures import Pictures
from kcs.articles.formats.record import ArticleRecord, VersionRecord
from kcs.articles.models import Significance
from kcs.errors import InvalidInput
from kcs.text import LONG
from workflow.article import Audience, Confidence
from workflow.permissions import Governance

PARTS = ("issue", "environment", "resolution", "cause", "body")
LONGEST_LINE = 64 * 1024 * 1024
HIGHEST = 1_000_000_000
FIRST_YEAR = 1970


class _Moment(fields.AwareDateTime):
    """A moment in ISO 8601, UTC unless it says otherwise; nothing happened before 1970 or after tomorrow."""

    def __init__(self) -> None:
        super().__init__(format="iso", default_timezone=UTC, allow_none=True)

    def _deserialize(self, *args: Any, **more: Any) -> datetime:
        found: datetime = super()._deserialize(*args, **more)
        if found.year < FIRST_YEAR or found > datetime.now(UTC) + timedelta(days=1):
            raise ValidationError(f"Not a moment since {FIRST_YEAR}, up to now.")
        return found.astimezone(UTC)


def _person() -> fields.String:
    an_address = validate.Regexp(r"[^\s@]+@[^\s@]+\Z", error="Not an e-mail address.")
    return fields.String(validate=an_address, allow_none=True)


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
    author = _person()
    note = fields.String()
    significance = fields.Enum(Significance, by_value=True, allow_none=True)
    created_at = _Moment()
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
    author = _person()
    owner = _person()
    created_at = _Moment()
    changed_at = _Moment()
    published_at = _Moment()
    last_checked_at = _Moment()
    last_checked_by = _person()
    last_used_at = _Moment()
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
    """Read one line. Raises InvalidInput, ValidationError, UnicodeDecodeError."""
    if len(line) > LONGEST_LINE:
        raise InvalidInput(f"The line is longer than {LONGEST_LINE // 1024 // 1024} MB.")
    text = line.decode("utf-8-sig") if isinstance(line, bytes) else line
    try:
        given: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"not JSON: {error}") from error
    if not isinstance(given, dict):
        raise InvalidInput("The line is not a JSON object.")
    return from_data(given)


def from_data(given: dict[str, Any]) -> ArticleRecord:
    """Read what a line, or the head of a Markdown file, says. Raises ValidationError."""
    read: ArticleRecord = _LINE.load(given)
    return read


def to_data(record: ArticleRecord) -> dict[str, Any]:
    """Return what the head of a Markdown file says: everything but the texts."""
    made: dict[str, Any] = ArticleLine(exclude=("texts", "versions")).dump(asdict(record))
    return made


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; of one that is too long only its beginning, enough to be refused."""
    while line := file.readline(LONGEST_LINE + 1):
        yield line
        while not line.endswith(b"\n") and len(line) > LONGEST_LINE:
            line = file.readline(LONGEST_LINE + 1)


def sources(lines: Iterable[str | bytes], pictures: Pictures | None = None) -> Iterator[Source]:
    """Yield the articles of these lines; `pictures` brings those they name."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield Source(number, f"line {number}", partial(_read, line, pictures))


def _read(line: str | bytes, pictures: Pictures | None) -> ArticleRecord:
    record = from_line(line)
    return pictures.bring(record) if pictures else record
