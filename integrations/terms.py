"""How one signs in at a vendor, and how many calls it allows: what differs between vendors, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kcs.ports import Allowance

EARLY = timedelta(seconds=60)


def _nothing_counted(_method: str, _path: str) -> Sequence[Allowance]:
    return ()


def _nothing_said(_headers: Mapping[str, str]) -> int | None:
    return None


def _narrowest(_headers: Mapping[str, str], allowances: Sequence[Allowance]) -> str:
    return allowances[-1].name


@dataclass(frozen=True)
class Terms:
    """How a vendor limits its callers, as its documentation says.

    `allowances` names what a call (method, path below the base) counts under, the account's own first, the
    narrowest last. `allowed` reads from an answer how many calls the first allows, `exhausted` from a refusal
    which of them is used up. `warning` is the header in which the vendor says what it ignored.
    """

    allowances: Callable[[str, str], Sequence[Allowance]] = _nothing_counted
    allowed: Callable[[Mapping[str, str]], int | None] = _nothing_said
    exhausted: Callable[[Mapping[str, str], Sequence[Allowance]], str] = _narrowest
    warning: str = ""


class SignIn:
    """The `Authorization` header of an account; it changes when the token is renewed.

    `header` makes it from a token and may raise ConfigError; an empty header is not sent. `renew` is as in
    `kcs.ports.Credentials`.
    """

    def __init__(
        self,
        token: str,
        header: Callable[[str], str] = str,
        *,
        renew: Callable[[str], str] | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        self._token, self._header, self._renew = token, header, renew
        self._expires_at = expires_at if renew is not None else None
        self.value = header(token)

    def renew_early(self) -> None:
        """Take the next token when this one is about to end. Raises RemoteError."""
        if self._expires_at is not None and datetime.now(UTC) > self._expires_at - EARLY:
            self.renew()

    def renew(self) -> bool:
        """Take the next token; False where there is none. Raises RemoteError."""
        if self._renew is None:
            return False
        self._token, self._expires_at = self._renew(self._token), None
        self.value = self._header(self._token)
        return True
