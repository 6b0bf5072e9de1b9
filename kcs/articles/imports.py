"""Articles from elsewhere: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate

from kcs.articles.services import import_article
from kcs.database import db
from kcs.errors import InvalidInput, KcsError
from workflow.article import Audience, Confidence

COMMIT_EVERY = 200
TITLE_FROM_TEXT = 100
PARTS = ("issue", "environment", "resolution", "cause", "body")


class ImportLine(Schema):
    """One line of an import file. A `body` alone is a plain article; default validated and internal.

    A line that is only a title answers nothing yet: unless it says otherwise it is work in progress. One
    without a title is named by its first words.
    `id` is taken for `key`: data sets call it so.
    """

    key = fields.String(validate=validate.Length(min=1, max=120))
    title = fields.String(required=True)
    body = fields.String()
    issue = fields.String()
    environment = fields.String()
    resolution = fields.String()
    cause = fields.String()
    audience = fields.Enum(Audience, by_value=True, load_default=Audience.INTERNAL)
    confidence = fields.Enum(Confidence, by_value=True)
    locale = fields.String(load_default="en")
    tags = fields.List(fields.String(), load_default=list)

    @pre_load
    def _id_is_key(self, given: dict[str, Any], **_: object) -> dict[str, Any]:
        if "id" in given and "key" not in given:
            return {("key" if name == "id" else name): value for name, value in given.items()}
        return given


@dataclass(frozen=True)
class Outcome:
    """What became of a line: the article's key, or why it was refused."""

    line: int
    key: str | None = None
    problem: str | None = None


def import_lines(lines: Iterable[str | bytes]) -> Iterator[Outcome]:
    """Take over each line; a line that is refused changes nothing and does not stop the others."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _import_line(number, line)
        if number % COMMIT_EVERY == 0:
            db.session.commit()
    db.session.commit()


def _import_line(number: int, line: str | bytes) -> Outcome:
    try:
        with db.session.begin_nested():
            return Outcome(number, key=_take(line))
    except (KcsError, ValidationError, ValueError, RecursionError) as error:
        return Outcome(number, problem=_sentence(error))


def _take(line: str | bytes) -> str:
    given: dict[str, Any] = json.loads(line.decode("utf-8-sig") if isinstance(line, bytes) else line)
    if not isinstance(given, dict):
        raise InvalidInput("The line is not a JSON object.")
    read = ImportLine().load(given)
    parts = {name: read.pop(name) for name in PARTS if name in read}
    title = read.pop("title").strip() or _first_words(" ".join(parts.values()))
    answers = any(parts.get(name, "").strip() for name in ("resolution", "body"))
    read.setdefault("confidence", Confidence.VALIDATED if answers else Confidence.WIP)
    return import_article(title, parts, **{**read, "tags": tuple(read["tags"])}).key


def _first_words(text: str) -> str:
    return shorten(text, TITLE_FROM_TEXT, placeholder="…")


def _sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{name}: {texts}" for name, texts in error.messages_dict.items())
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return error.message if isinstance(error, KcsError) else f"not JSON: {error}"
