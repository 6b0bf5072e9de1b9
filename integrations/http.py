"""One HTTP session for every vendor: bounded in time and size, never redirected, faithful to one host.

Its errors are `RemoteError`s that say whether trying again can help.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
import urllib3

from integrations.replies import Reply, cause_of, parse_retry_after, reason_in
from integrations.sessions import session_for
from integrations.terms import SignIn, Terms
from kcs.errors import RemoteError
from kcs.ports import Allowance, CallBudget, NoBudget
from kcs.sentences import Sentence, listed

log = logging.getLogger(__name__)

TIMEOUT = (3.05, 10.0)
MAX_BODY = 32 * 1024 * 1024  # a full page of the longest comments, in three renderings, is some 20 MB
MAX_SECONDS = 60.0
BACKOFF = (0.2, 0.6)
REFUSALS = 2
BUSY_PAUSE = 5.0  # when the vendor does not say for how long
CHUNK = 64 * 1024

GONE = frozenset({404, 410})
BUSY = frozenset({408, 425, 429})
NUMBER = re.compile(r"/[0-9]+")

SENTENCES = {
    401: Sentence(
        "%(vendor)s refused our credentials (%(what)s: 401). Authorise this connection again; where it signs "
        "in with an API token, check the token and its user name."
    ),
    403: Sentence(
        "%(vendor)s does not let our account do this (%(what)s: 403). Give the account the right, "
        "or connect with one that has it."
    ),
    429: Sentence("%(vendor)s asks us to slow down (%(what)s: 429)."),
}
REDIRECT = Sentence(
    "%(vendor)s points elsewhere (%(what)s: %(status)s) and redirects are not followed. "
    "Check the subdomain of this connection."
)
ANSWERED = Sentence("%(vendor)s answered %(status)s (%(what)s).")


File = tuple[str, bytes, str]
"""What a file is sent as: its name, its content, its media type."""


class _Hiccup(RemoteError):
    """A broken connection or a gateway briefly away: reading again at once may do."""


class _SlowDown(RemoteError):
    """The vendor counts too many calls: it did nothing. `headers` may say which limit it means."""

    headers: Mapping[str, str]


class _SignedOut(RemoteError):
    """The vendor does not take our token, or not any more: it did nothing."""


KINDS: dict[int, type[RemoteError]] = {401: _SignedOut, 429: _SlowDown, 502: _Hiccup, 503: _Hiccup}


class VendorSession:
    """Speaks to one account of one vendor.

    `base_url` is scheme, host and path prefix without a closing slash; what `sign_in` holds is sent nowhere
    else. `budget` counts the calls by the `terms`. `backoff` holds the pauses in seconds between the tries of
    a GET. A write is repeated only where it was refused before it took effect (401, 429): a lost answer does
    not say whether it did. `refusals` says what an HTTP status means where it means something else here: its
    values are `vendor`, `what` (the call) and `status`.
    """

    def __init__(
        self,
        *,
        vendor: str,
        base_url: str,
        sign_in: SignIn,
        terms: Terms | None = None,
        budget: CallBudget | None = None,
        backoff: Sequence[float] = BACKOFF,
        refusals: Mapping[int, Sentence] | None = None,
        reason: Callable[[bytes], Sentence | str] = reason_in,
    ) -> None:
        self.base_url = base_url
        self._vendor = vendor
        self._sign_in = sign_in
        self._terms = terms or Terms()
        self._budget = budget or NoBudget()
        self._backoff = tuple(backoff)
        self._refusals = {**SENTENCES, **(refusals or {})}
        self._reason = reason
        self._session = session_for(base_url, sign_in)

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
        return self._call("POST", self.base_url + path, json=body)

    def put(self, path: str, body: Mapping[str, object]) -> Reply:
        """Send JSON once, as `post`."""
        return self._call("PUT", self.base_url + path, json=body)

    def patch(self, path: str, body: Mapping[str, object]) -> Reply:
        """Send JSON once, as `post`."""
        return self._call("PATCH", self.base_url + path, json=body)

    def delete(self, path: str, body: Mapping[str, object] | None = None) -> Reply:
        """Ask once for a deletion, as `post`."""
        return self._call("DELETE", self.base_url + path, json=body)

    def upload(self, path: str, fields: Mapping[str, str], files: Mapping[str, File]) -> Reply:
        """Send fields and files as one form of several parts, as `post`."""
        return self._call("POST", self.base_url + path, data=fields, files=files)

    def _read(self, url: str, params: Mapping[str, str] | None) -> Reply:
        for pause in self._backoff:
            try:
                return self._call("GET", url, params=params)
            except _Hiccup as hiccup:
                if (hiccup.retry_after or 0.0) > self._budget.patience:
                    raise
                time.sleep(max(pause, hiccup.retry_after or 0.0))
        return self._call("GET", url, params=params)

    def _call(self, method: str, url: str, **content: Any) -> Reply:
        """Make a call within the budget; again when it was refused before it took effect."""
        names = self._terms.allowances(method, urlsplit(url.removeprefix(self.base_url)).path)
        for tries in range(REFUSALS + 1):
            self._sign_in.renew_early()
            self._budget.take(names)
            try:
                return self._reported(method, url, names, **content)
            except _SignedOut:
                if tries or not self._sign_in.renew():
                    raise
            except _SlowDown as busy:
                pause = BUSY_PAUSE if busy.retry_after is None else busy.retry_after
                if names:
                    self._budget.pause(self._terms.exhausted(busy.headers, names), pause)
                if tries == REFUSALS or pause > self._budget.patience:
                    raise
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _reported(self, method: str, url: str, names: Sequence[Allowance], **content: Any) -> Reply:
        """Send, and tell the budget what the answer says of the vendor's state and limits."""
        try:
            reply = self._send(method, url, **content)
        except RemoteError as error:
            away = not error.permanent and not isinstance(error, _SlowDown)
            self._budget.report(error.message if away else None)
            raise
        self._budget.report(None)
        allowed = self._terms.allowed(reply.headers)
        if allowed is not None and names:
            self._budget.learn(names[0].name, allowed)
        self._note_warning(reply)
        return reply

    def _note_warning(self, reply: Reply) -> None:
        said = reply.headers.get(self._terms.warning) if self._terms.warning else None
        if said:
            text = "".join(c if c.isprintable() else " " for c in said)[:300]
            warning = f"{NUMBER.sub('/…', reply.what)}: {text}"
            log.warning("%s", warning)
            self._budget.warn(warning)

    def _send(self, method: str, url: str, **content: Any) -> Reply:
        what = f"{method} {urlsplit(url).path}"
        try:
            with self._session.request(
                method, url, timeout=TIMEOUT, allow_redirects=False, stream=True, **content
            ) as response:
                body = self._content(response, what)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as exc:
            raise self._unreachable(exc, what) from exc
        if not 200 <= response.status_code < 300:
            self._refuse(response, body, what)
        return Reply(f"{self._vendor}, {what}", response.headers, body)

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
        said = Sentence(
            "%(vendor)s could not be reached (%(what)s: %(cause)s). Is the address of this connection right, "
            "and the desk up? We try again by ourselves.",
            vendor=self._vendor,
            what=what,
            cause=cause_of(exc),
        )
        return kind(said, permanent=False)

    def _refuse(self, response: requests.Response, content: bytes, what: str) -> NoReturn:
        """Turn an error answer into the exception that tells the caller what to do about it."""
        status = response.status_code
        retry_after = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        busy = status in BUSY or status >= 500
        error = KINDS.get(status, RemoteError)(
            self._sentence(status, content, what),
            permanent=not busy,
            retry_after=retry_after if busy else None,
            missing=status in GONE,
            answered=status,
        )
        if isinstance(error, _SlowDown):
            error.headers = response.headers
        raise error

    def _sentence(self, status: int, content: bytes, what: str) -> Sentence:
        words = REDIRECT if status < 400 else self._refusals.get(status, ANSWERED)
        said = Sentence(words.template, vendor=self._vendor, what=what, status=status)
        reason = self._reason(content) if status >= 400 else ""
        return listed(" ", [said, reason]) if reason else said

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
