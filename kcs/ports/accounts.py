"""One account at a vendor: how we sign in there, and how many calls it lets us make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Allowance:
    """So many calls in so many seconds, counted under one name for everybody who uses the account."""

    name: str
    calls: int
    seconds: int = 60


class CallBudget(Protocol):
    """Counts the calls to one account, of all threads, processes and machines together."""

    def take(self, allowances: Sequence[Allowance]) -> None:
        """Count one call under each name, waiting a little for room.

        Background work leaves a share to calls that somebody waits for. Raises RemoteError, with
        `retry_after`, when there will be no room soon.
        """
        ...

    def pause(self, name: str, seconds: float) -> None:
        """Let nobody call under this name for a while: the vendor asked for it."""
        ...


class NoBudget:
    """Counts nothing: for an account whose calls nobody shares."""

    def take(self, allowances: Sequence[Allowance]) -> None:
        """Let every call pass."""

    def pause(self, name: str, seconds: float) -> None:
        """Remember nothing."""


@dataclass(frozen=True)
class Tokens:
    """What an authorisation gives: the old refresh token is worth nothing once a new one is made."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: datetime | None
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Credentials:
    """What a connection signs in with. `api_base` is built and checked by the provider.

    `renew` takes the access token that was refused and returns a fresh one; None where there is none.
    """

    subdomain: str
    username: str
    token: str = field(repr=False)
    api_base: str | None = None
    budget: CallBudget = field(default_factory=NoBudget, repr=False, compare=False)
    renew: Callable[[str], str] | None = field(default=None, repr=False, compare=False)


class Authorisation(Protocol):
    """Gets tokens by OAuth 2.0 for an account: the authorisation code flow and its refresh."""

    def address(self, *, redirect_uri: str, state: str) -> str:
        """Return where an administrator of the account agrees."""
        ...

    def tokens_for(self, code: str, *, redirect_uri: str) -> Tokens:
        """Return the tokens for a code. Raises RemoteError."""
        ...

    def refreshed(self, refresh_token: str) -> Tokens:
        """Return new tokens; both old ones are dead afterwards. Raises RemoteError."""
        ...


@dataclass(frozen=True)
class AppVisit:
    """A page of the desk's sidebar app was opened: by which desk user, in which installation, once."""

    installation: str
    user_id: str
    token_id: str
    expires_at: datetime
