"""What a vendor's server answered: its body, why it refused, and how long it asks us to wait."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from kcs.errors import RemoteError
from kcs.sentences import Sentence

MAX_RETRY_AFTER = 3600.0


@dataclass(frozen=True)
class Reply:
    """A successful answer: `what` names the call in messages, `body` is the undecoded content."""

    what: str
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        """Return the JSON object in the body. Raises RemoteError when it is anything else."""
        content = parse_json(self.body)
        if not isinstance(content, dict):
            raise RemoteError(
                f"{self.what}: the answer is not a JSON object; is this the API's address?", permanent=False
            )
        return content

    def rows(self) -> list[Any]:
        """Return the JSON list in the body. Raises RemoteError when it is anything else."""
        content = parse_json(self.body)
        if not isinstance(content, list):
            raise RemoteError(
                f"{self.what}: the answer is not a JSON list; is this the API's address?", permanent=False
            )
        return content


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds to wait from a `Retry-After` header, at most an hour; None when it says nothing.

    Both forms of RFC 9110 §10.2.3 are read, a number of seconds and a date.
    """
    if not value:
        return None
    text = value.strip()
    seconds = float(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) else _seconds_until(text, now)
    if seconds is None or seconds < 0:
        return None
    return min(seconds, MAX_RETRY_AFTER)


def _seconds_until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - now).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def parse_json(body: bytes) -> Any:
    """Return the parsed body, or None when it is no JSON."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def reason_in(body: bytes) -> Sentence | str:
    """Return what the vendor says went wrong, and the fields it names, never their values."""
    content = parse_json(body)
    if not isinstance(content, dict):
        return ""
    keys = ("error_description", "description", "message", "error")
    said = next((content[key] for key in keys if isinstance(content.get(key), str)), "")
    details = content.get("details")
    named = f" ({', '.join(map(str, details))})" if isinstance(details, dict) and details else ""
    text = "".join(c if c.isprintable() else " " for c in said + named)
    return Sentence("It says: %(words)s", words=text.strip()[:200]) if text.strip() else ""


def cause_of(exc: BaseException) -> str:
    """Return the innermost reason in a chain of connection errors, without the library's wrapping."""
    while (inner := exc.__cause__ or exc.__context__) is not None:
        exc = inner
    return (str(exc) or type(exc).__name__)[:200]
