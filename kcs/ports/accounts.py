"""One account at a vendor: how we sign in there, and how many calls it lets us make."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
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
    """Counts the calls to one account, of all threads, processes and machines together.

    `patience` is how many seconds a call may wait for room before it gives up. A desk is never called
    within a transaction that writes: the count has short ones of its own.
    """

    patience: float

    def take(self, allowances: Sequence[Allowance]) -> None:
        """Count one call under each name, waiting a little for room.

        Background work leaves a share to calls that somebody waits for. Raises RemoteError, with
        `retry_after`, when there will be no room soon.
        """
        ...

    def pause(self, name: str, seconds: float) -> None:
        """Let nobody call under this name for a while: the vendor asked for it."""
        ...

    def learn(self, name: str, calls: int) -> None:
        """Remember how many calls the vendor says it allows under this name, instead of what we assumed."""
        ...

    def report(self, problem: str | None) -> None:
        """Say that the vendor could not answer a call, and why; None when it could.

        After several in a row `take` refuses at once for a while.
        """
        ...

    def warn(self, said: str) -> None:
        """Keep what the vendor warns of, for whoever checks the connection."""
        ...


class NoBudget:
    """Counts nothing: for an account whose calls nobody shares."""

    patience = 3.0

    def take(self, allowances: Sequence[Allowance]) -> None:
        """Let every call pass."""

    def pause(self, name: str, seconds: float) -> None:
        """Remember nothing."""

    def learn(self, name: str, calls: int) -> None:
        """Remember nothing."""

    def report(self, problem: str | None) -> None:
        """Remember nothing."""

    def warn(self, said: str) -> None:
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

    `renew` takes the access token that was refused, or is about to end at `expires_at`, and returns a fresh
    one; None where there is none.
    """

    subdomain: str
    username: str
    token: str = field(repr=False)
    api_base: str | None = None
    budget: CallBudget = field(default_factory=NoBudget, repr=False, compare=False)
    renew: Callable[[str], str] | None = field(default=None, repr=False, compare=False)
    expires_at: datetime | None = None


class Authorisation(Protocol):
    """Gets tokens by OAuth 2.0 for an account: the authorisation code flow and its refresh."""

    def address(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Return where an administrator of the account agrees; only who knows `verifier` can go on (PKCE).

        Raises ConfigError without a client.
        """
        ...

    def tokens_for(self, code: str, *, redirect_uri: str, verifier: str) -> Tokens:
        """Return the tokens for a code. Raises RemoteError."""
        ...

    def refreshed(self, refresh_token: str) -> Tokens:
        """Return new tokens; both old ones are dead afterwards. Raises RemoteError."""
        ...

    def lacking(self, scopes: Collection[str]) -> tuple[str, ...]:
        """Return what we cannot do with these scopes, in words."""
        ...


@dataclass(frozen=True)
class AppVisit:
    """A page of the desk's sidebar app was opened: by which desk user, in which installation, once."""

    installation: str
    user_id: str
    token_id: str
    expires_at: datetime
