"""One HTTP session for every vendor: bounded in time and size, never redirected, faithful to one host.

Its errors are `RemoteError`s that say whether trying again can help.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from integrations.addresses import PublicAdapter, is_loopback
from kcs.errors import RemoteError

TIMEOUT = (3.05, 10.0)
MAX_BODY = 32 * 1024 * 1024  # a full page of the longest comments, in three renderings, is some 20 MB
MAX_SECONDS = 60.0
MAX_RETRY_AFTER = 3600.0
BACKOFF = (0.2, 0.6)
CHUNK = 64 * 1024

GONE = frozenset({404, 410})
BUSY = frozenset({408, 425, 429})
BRIEFLY_AWAY = frozenset({502, 503})

SENTENCES = {
    401: "{vendor} refused our credentials ({what}: 401). Check the user name and token of this connection.",
    403: "{vendor} does not let our account do this ({what}: 403). Give the account the right, "
    "or connect with one that has it.",
    429: "{vendor} asks us to slow down ({what}: 429).",
}
REDIRECT = (
    "{vendor} points elsewhere ({what}: {status}) and redirects are not followed. "
    "Check the subdomain of this connection."
)


class _Hiccup(RemoteError):
    """A broken connection or a gateway briefly away: reading again at once may do."""


@dataclass(frozen=True)
class Reply:
    """A successful answer: `what` names the call in messages, `body` is the undecoded content."""

    what: str
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        """Return the JSON object in the body. Raises RemoteError when it is anything else."""
        content = _json(self.body)
        if not isinstance(content, dict):
            raise RemoteError(
                f"{self.what}: the answer is not a JSON object; is this the API's address?", permanent=False
            )
        return content


class VendorSession:
    """Speaks to one account of one vendor.

    `base_url` is scheme, host and path prefix without a closing slash; `authorization` is the header's
    value, sent nowhere else. `backoff` holds the pauses in seconds between the tries of a GET; a write is
    never repeated here, since a lost answer does not say whether it took effect.
    """

    def __init__(
        self, *, vendor: str, base_url: str, authorization: str, backoff: Sequence[float] = BACKOFF
    ) -> None:
        self.base_url = base_url
        self._vendor = vendor
        self._backoff = tuple(backoff)
        self._session = _session(base_url, authorization)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """Read a path below the base. Raises RemoteError."""
        return self._read(self.base_url + path, params)

    def follow(self, link: str) -> Reply:
        """Read a link the vendor gave us, which must stay on the base's scheme, host and port.

        Raises RemoteError.
        """
        return self._read(self._own(link), None)

    def post(self, path: str, body: Mapping[str, object]) -> Reply:
        """Send JSON once. Raises RemoteError; unless `permanent`, the effect is unknown."""
        return self._send("POST", self.base_url + path, body=body)

    def put(self, path: str, body: Mapping[str, object]) -> Reply:
        """Send JSON once, as `post`."""
        return self._send("PUT", self.base_url + path, body=body)

    def _read(self, url: str, params: Mapping[str, str] | None) -> Reply:
        for pause in self._backoff:
            try:
                return self._send("GET", url, params=params)
            except _Hiccup:
                time.sleep(pause)
        return self._send("GET", url, params=params)

    def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Reply:
        what = f"{method} {urlsplit(url).path}"
        try:
            with self._session.request(
                method, url, params=params, json=body, timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as response:
                content = self._content(response, what)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as exc:
            raise self._unreachable(exc, what) from exc
        if not 200 <= response.status_code < 300:
            self._refuse(response, content, what)
        return Reply(f"{self._vendor}, {what}", response.headers, content)

    def _content(self, response: requests.Response, what: str) -> bytes:
        """Read what comes, whatever its declared length, up to a number of bytes and seconds."""
        content = bytearray()
        deadline = time.monotonic() + MAX_SECONDS
        while piece := response.raw.read1(CHUNK, decode_content=True):
            content += piece
            if len(content) > MAX_BODY:
                raise RemoteError(
                    f"{self._vendor} sent more than {MAX_BODY} bytes for {what}; the rest was not read.",
                    permanent=True,
                )
            if time.monotonic() > deadline:
                raise RemoteError(
                    f"{self._vendor} took over {MAX_SECONDS:.0f} s to send {what}.", permanent=False
                )
        return bytes(content)

    def _unreachable(self, exc: Exception, what: str) -> RemoteError:
        timed_out = isinstance(exc, (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError))
        kind = RemoteError if timed_out else _Hiccup
        return kind(f"{self._vendor} could not be reached ({what}): {_cause(exc)}", permanent=False)

    def _refuse(self, response: requests.Response, content: bytes, what: str) -> NoReturn:
        """Turn an error answer into the exception that tells the caller what to do about it."""
        status = response.status_code
        retry_after = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        busy = status in BUSY or status >= 500
        kind = _Hiccup if status in BRIEFLY_AWAY and retry_after is None else RemoteError
        raise kind(
            self._sentence(status, content, what),
            permanent=not busy,
            retry_after=retry_after if busy else None,
            missing=status in GONE,
        )

    def _sentence(self, status: int, content: bytes, what: str) -> str:
        if status < 400:
            return REDIRECT.format(vendor=self._vendor, what=what, status=status)
        default = "{vendor} answered {status} ({what})."
        sentence = SENTENCES.get(status, default)
        reason = _reason(content)
        return sentence.format(vendor=self._vendor, what=what, status=status) + (reason and f" {reason}")

    def _own(self, link: str) -> str:
        """Rebuild the link on our own base, so that no trick in its host part can lead elsewhere."""
        base = urlsplit(self.base_url)
        try:
            parts = urlsplit(link)
        except ValueError:
            parts = urlsplit("")
        if (parts.scheme, parts.netloc.lower()) != (base.scheme, base.netloc.lower()):
            raise RemoteError(
                f"{self._vendor} gave a link that leaves {base.netloc}; it was not followed.", permanent=True
            )
        return f"{base.scheme}://{base.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")


class _Authorization(AuthBase):
    """Sets the header on each request; as an auth object it also keeps requests from asking a .netrc."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


def _session(base_url: str, authorization: str) -> requests.Session:
    """Make a session that can reach the base's kind of address and nothing else."""
    session = requests.Session()
    session.auth = _Authorization(authorization)
    session.headers.update({"Accept": "application/json", "User-Agent": "kcs-engine"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # a cookie could outrank the token
    session.adapters.clear()
    if is_loopback(base_url):
        session.trust_env = False  # a proxy would look for the emulator on its own machine
        session.mount("http://", HTTPAdapter())
        session.mount("https://", HTTPAdapter())
    else:
        session.mount("https://", PublicAdapter())
    return session


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


def _json(body: bytes) -> Any:
    """Return the parsed body, or None when it is no JSON."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _reason(body: bytes) -> str:
    """Return what the vendor says went wrong, and the fields it names, never their values."""
    content = _json(body)
    if not isinstance(content, dict):
        return ""
    said = next(
        (content[k] for k in ("description", "message", "error") if isinstance(content.get(k), str)), ""
    )
    details = content.get("details")
    named = f" ({', '.join(map(str, details))})" if isinstance(details, dict) and details else ""
    text = "".join(c if c.isprintable() else " " for c in said + named)
    return f"It says: {text.strip()[:200]}" if text.strip() else ""


def _cause(exc: BaseException) -> str:
    """Return the innermost reason in a chain of connection errors, without the library's wrapping."""
    while (inner := exc.__cause__ or exc.__context__) is not None:
        exc = inner
    return (str(exc) or type(exc).__name__)[:200]
