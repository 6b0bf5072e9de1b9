"""Files of one JSON object a line: reading them, and the kinds of values they hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from marshmallow import Schema, ValidationError, fields, validate

from kcs.errors import InvalidInput

LONGEST_LINE = 64 * 1024 * 1024
FIRST_YEAR = 1970


class Moment(fields.AwareDateTime):
    """A moment in ISO 8601, UTC unless it says otherwise; nothing happened before 1970 or after tomorrow."""

    def __init__(self) -> None:
        super().__init__(format="iso", default_timezone=UTC, allow_none=True)

    def _deserialize(self, *args: Any, **more: Any) -> datetime:
        found: datetime = super()._deserialize(*args, **more)
        if found.year < FIRST_YEAR or found > datetime.now(UTC) + timedelta(days=1):
            raise ValidationError(f"Not a moment since {FIRST_YEAR}, up to now.")
        return found.astimezone(UTC)


class RemoteId(fields.String):
    """An id from elsewhere: a text, or the whole number that many programs write."""

    def _deserialize(self, value: Any, *args: Any, **more: Any) -> str:
        whole = isinstance(value, int) and not isinstance(value, bool)
        found: str = super()._deserialize(str(value) if whole else value, *args, **more)
        return found


def person() -> fields.String:
    """Return a field that holds somebody's e-mail address, or nobody's."""
    an_address = validate.Regexp(r"[^\s@]+@[^\s@]+\Z", error="Not an e-mail address.")
    return fields.String(validate=an_address, allow_none=True)


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; of one that is too long only its beginning, enough to be refused."""
    while line := file.readline(LONGEST_LINE + 1):
        yield line
        while not line.endswith(b"\n") and len(line) > LONGEST_LINE:
            line = file.readline(LONGEST_LINE + 1)


def count_lines(path: Path) -> int:
    """Return how many lines a file has."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def object_in(line: str | bytes) -> dict[str, Any]:
    """Return the JSON object a line holds. Raises InvalidInput."""
    if len(line) > LONGEST_LINE:
        raise InvalidInput(f"The line is longer than {LONGEST_LINE // 1024 // 1024} MB.")
    try:
        text = line.decode("utf-8-sig") if isinstance(line, bytes) else line
    except UnicodeDecodeError as error:
        raise InvalidInput("not UTF-8") from error
    try:
        given: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"not JSON: {error}") from error
    if not isinstance(given, dict):
        raise InvalidInput("The line is not a JSON object.")
    return given


def read(schema: Schema, line: str | bytes) -> Any:
    """Return what a line says by its schema. Raises InvalidInput, with the fields that are wrong."""
    try:
        return schema.load(object_in(line))
    except ValidationError as error:
        raise InvalidInput(said(error)) from error


def said(error: ValidationError) -> str:
    """Say in one line which fields are wrong, and why."""
    return "; ".join(f"{name}: {texts}" for name, texts in error.messages_dict.items())
