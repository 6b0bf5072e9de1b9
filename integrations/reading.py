"""Reads what vendors send, whatever they send: times, ids, headers and the parts of an answer we need.

Ids are numbers in one place and text in another: all become text. An answer that lacks what we need is a
RemoteError naming the field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from kcs.errors import RemoteError

ID = re.compile(r"-?[0-9]{1,20}", re.ASCII)
NUMBER = re.compile(r"0*([1-9][0-9]{0,18})", re.ASCII)


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header's value whatever the case of its name, or an empty string; `name` in small letters."""
    return next((value for key, value in headers.items() if key.lower() == name), "")


def moment(value: object) -> datetime | None:
    """Return an ISO 8601 time in UTC, cut to microseconds; None for anything else, or without an offset."""
    if not isinstance(value, str) or not value.isascii():
        return None
    try:
        parsed = datetime.fromisoformat(value.strip())
        return parsed.astimezone(UTC) if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None


def number_in(value: object) -> str | None:
    """Return the id of a ticket or article as digits without leading zeros; None for what is no such id."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if isinstance(value, int) and not 0 < value < 10**19:
        return None
    found = NUMBER.fullmatch(str(value).strip())
    return found[1] if found else None


def remote_id(value: object) -> str:
    """Return an id as text, from an integer or its digits. Raises ValidationError."""
    digits = isinstance(value, str) and ID.fullmatch(value)
    number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20
    if not digits and not number:
        raise ValidationError("not an id")
    return str(value)


def _time(value: object) -> datetime:
    parsed = moment(value)
    if parsed is None:
        raise ValidationError("not a time")
    return parsed


Id = partial(fields.Function, deserialize=remote_id, required=True)
IdOrNone = partial(fields.Function, deserialize=remote_id, load_default=None, allow_none=True)
Time = partial(fields.Function, deserialize=_time, required=True)
TimeOrNone = partial(fields.Function, deserialize=_time, load_default=None, allow_none=True)
Text = partial(fields.String, load_default="", allow_none=True)
Names = partial(fields.List, fields.String(), load_default=list, allow_none=True)


class Part(Schema):
    """What we read of a thing; all else about it is left out."""

    class Meta:
        unknown = EXCLUDE


def read(schema: type[Schema], value: Any, what: str, *, vendor: str) -> dict[str, Any]:
    """Return the part of `value` the schema names. Raises RemoteError, permanent, when it does not fit."""
    try:
        loaded = schema().load(value)
    except ValidationError as exc:
        fault = json.dumps(exc.messages, sort_keys=True, default=str)[:200]
        raise RemoteError(f"{vendor} sent {what} that we cannot read: {fault}", permanent=True) from exc
    return dict(loaded)


def field_text(value: object) -> str:
    """Return a custom field's value as text; empty for an empty value."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(field_text, value)))
    return json.dumps(value, ensure_ascii=False)
