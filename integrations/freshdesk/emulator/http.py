"""What all parts of the emulated API share: errors, pages, what was sent.

A name in brackets is the part of developers.freshdesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from integrations.emulation.serving import answer

MAX_PAGE = 100
PAGE = 30
UNEXPECTED = "Unexpected/invalid field in request"


class ApiError(Exception):
    """An answer that refuses: a status, and the content the API gives with it, which may be nothing."""

    def __init__(
        self, status: int, content: Mapping[str, object] | None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, content)
        self.status, self.content, self.headers = status, content, headers or {}

    def response(self) -> Response:
        """Return the answer; without content it has no body at all."""
        made = answer(self.content, self.status) if self.content else Response("", self.status)
        made.headers.update(self.headers)
        return made


def not_found() -> ApiError:
    """Return the 404 of a missing record: it has no body (unsure) [Errors]."""
    return ApiError(404, None)


def not_allowed(*methods: str) -> ApiError:
    """Return the 405 of a method that this record does not take [Errors]."""
    sentence = f"{request.method} method is not allowed. It should be one of these method(s): "
    return ApiError(405, {"message": sentence + ", ".join(methods)}, {"Allow": ", ".join(methods)})


def denied() -> ApiError:
    """Return the 403 of somebody whose role does not reach so far [Errors]."""
    content = {"code": "access_denied", "message": "You are not authorized to perform this action."}
    return ApiError(403, content)


def invalid(field: str, message: str = UNEXPECTED, code: str = "invalid_field") -> ApiError:
    """Return the 400 of one field [Errors]."""
    return ApiError(
        400,
        {
            "description": "Validation failed",
            "errors": [{"field": field, "message": message, "code": code}],
        },
    )


def sent(known: Collection[str] | None = None) -> dict[str, Any]:
    """Return the request's JSON object; a key that is not `known` is an error. Raises ApiError."""
    content = request.get_json(silent=True)
    if not isinstance(content, dict):
        raise ApiError(400, {"code": "invalid_json", "message": "Request body has invalid json format"})
    for key in content:
        if known is not None and key not in known:
            raise invalid(key)
    return content


def paged(items: Sequence[object]) -> Response:
    """Return one page; the `link` header leads on only while more follows [Pagination]. Raises ApiError."""
    size = whole("per_page", PAGE, MAX_PAGE)
    page = whole("page", 1)
    response = answer(list(items[(page - 1) * size : page * size]))
    if page * size < len(items):
        query = {**request.args.to_dict(), "page": page + 1, "per_page": size}
        response.headers["link"] = f'< {request.base_url}?{urlencode(query)}>; rel="next"'
    return response


def whole(name: str, default: int, most: int | None = None) -> int:
    """Return a number from the query. Raises ApiError."""
    text = request.args.get(name)
    if text is None:
        return default
    limit = f" less than or equal to {most}" if most else ""
    if not text.isascii() or not text.isdigit() or not int(text) or (most and int(text) > most):
        raise invalid(name, f"It should be a Positive Integer{limit}", "invalid_value")
    return int(text)
