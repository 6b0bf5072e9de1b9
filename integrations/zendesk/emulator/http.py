"""What both halves of the emulated API share: signing in, errors, pages.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import g, request

MAX_PAGE = 100
HELP_CENTER_PAGE = 30


class ApiError(Exception):
    """An answer that refuses: a status and Zendesk's error object [API basics].

    Where `error` is itself an object, as some recorded refusals have it, it is the whole content.
    """

    def __init__(
        self, status: int, error: str | Mapping[str, str], description: str, details: object = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.content: dict[str, object] = {"error": error}
        if isinstance(error, str):
            self.content["description"] = description
        if details is not None:
            self.content["details"] = details


def not_found() -> ApiError:
    """Return the 404 of a missing record [API basics]."""
    return ApiError(404, "RecordNotFound", "Not found")


def invalid(field: str, description: str) -> ApiError:
    """Return the 422 of a record that cannot be saved so [API basics]."""
    details = {field: [{"description": f"{field} {description}"}]}
    return ApiError(422, "RecordInvalid", "Record validation errors", details)


def warn(controller: str, action: str, dropped: Sequence[str]) -> None:
    """Name keys that were dropped in the answer's `x-zendesk-api-warn`, as recorded."""
    if dropped:
        keys = ", ".join(json.dumps(f"{key}") for key in dropped)
        g.warning = (
            f'{{:allowed_parameters=>{{:controller=>"{controller}", :action=>"{action}", '
            f":unpermitted_keys=>[{keys}], :invalid_values=>[]}}}}"
        )


def sent(key: str) -> dict[str, Any]:
    """Return the object under `key` in the request's JSON. Raises ApiError."""
    content = request.get_json(silent=True)
    inner = content.get(key) if isinstance(content, dict) else None
    if not isinstance(inner, dict):
        raise ApiError(400, "InvalidRequest", f"Parameter {key} is required")
    return inner


def signed_in_address(token: str) -> str | None:
    """Return the address in basic credentials, '' for a bearer token, None for neither [API basics]."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer":
        return "" if value == token else None
    try:
        pair = base64.b64decode(value, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, _, secret = pair.partition(":")
    address, _, kind = name.rpartition("/")
    return address if kind == "token" and secret == token and address else None


def cursor_page(key: str, items: Sequence[object], *, keep_next: bool) -> dict[str, object]:
    """Return one page under `key`, by `page[size]` and `page[after]` [API basics].

    With `keep_next` the last page has a next link too, leading to an empty page, as tickets' lists do;
    Help Center leaves it out.
    """
    size = _whole(request.args.get("page[size]"), MAX_PAGE, MAX_PAGE)
    start = _whole(request.args.get("page[after]"), 0, None)
    shown = list(items[start : start + size])
    more = start + size < len(items)
    links: dict[str, object] = {"prev": None}
    if more or keep_next:
        links["next"] = _link({"page[size]": size, "page[after]": start + len(shown)})
    return {key: shown, "meta": {"has_more": more, "after_cursor": str(start + len(shown))}, "links": links}


def offset_page(key: str, items: Sequence[object], size: int = HELP_CENTER_PAGE) -> dict[str, object]:
    """Return one page under `key`, by `page` and `per_page`, as Help Center counts them [API basics]."""
    size = _whole(request.args.get("per_page"), size, MAX_PAGE)
    page = max(1, _whole(request.args.get("page"), 1, None))
    last = max(1, -(-len(items) // size))
    return {
        key: list(items[(page - 1) * size : page * size]),
        "count": len(items),
        "page": page,
        "page_count": last,
        "per_page": size,
        "next_page": _link({"page": page + 1, "per_page": size}) if page < last else None,
        "previous_page": _link({"page": page - 1, "per_page": size}) if page > 1 else None,
    }


def help_center_page(key: str, items: Sequence[object]) -> dict[str, object]:
    """Return a page in whichever way the caller asked for."""
    if "page[size]" in request.args:
        return cursor_page(key, items, keep_next=False)
    return offset_page(key, items)


def _link(changed: Mapping[str, object]) -> str:
    return f"{request.base_url}?{urlencode({**request.args.to_dict(flat=False), **changed}, doseq=True)}"


def _whole(text: str | None, default: int, most: int | None) -> int:
    if text is None or not text.isascii() or not text.isdigit():
        return default
    number = int(text[:9])
    return number if most is None else max(1, min(number, most))
