"""Reading a webhook body: strict JSON, nothing else, and never an exception that becomes a 500."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from kcs.errors import BadRequest

DEEPEST = 32


def parse(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`.

    Raises BadRequest for anything but UTF-8 JSON, NaN, duplicate keys, more than 32 levels, or no object.
    """
    try:
        text = body.decode("utf-8")
        _refuse_depth(text)
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The body is not the JSON we read: {type(error).__name__}.") from error
    if not isinstance(value, dict):
        raise BadRequest("The body must be a JSON object.")
    return value


def _refuse_depth(text: str) -> None:
    """Count brackets outside strings before parsing, so that depth costs no stack."""
    depth = 0
    inside = escaped = False
    for char in text:
        if inside:
            inside, escaped = (char != '"' or escaped), (char == "\\" and not escaped)
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            if depth > DEEPEST:
                raise ValueError("too deep")
        elif char in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
