"""Our app inside a desk's own pages: where it stands, how it is packed, and who opens it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kcs.ports.tickets import DeskAgent


@dataclass(frozen=True)
class InstalledApp:
    """The app as the desk has it: whom its visits are meant for, and the key (PEM) that signs them."""

    audience: str
    key: str


@dataclass(frozen=True)
class AppPackage:
    """What an administrator uploads to the desk."""

    name: str
    content: bytes


class DeskApp(Protocol):
    """The app of one account. `script` is the module of our static folder that speaks with our page's holder.

    `origins` are those of the pages that may hold ours in a frame, the account's own first; no other may.
    Who visits is proven by our own sign-in, in a window beside the desk, unless the app is a `SigningApp`.
    """

    origins: tuple[str, ...]
    script: str

    def package(self, address: str) -> AppPackage:
        """Return the app that opens our page at `address`. Raises InvalidInput for one no desk opens."""
        ...


@runtime_checkable
class SigningApp(DeskApp, Protocol):
    """The app of a desk that signs each visit, and says who visits."""

    def audience(self, installation: str) -> str:
        """Return whom the visits of an installation are meant for. Raises InvalidInput."""
        ...

    def check_key(self, key: str) -> str:
        """Return the public key (PEM) that visits are signed with, tidied. Raises InvalidInput."""
        ...

    def installed(self) -> InstalledApp:
        """Look up how the app is installed. Raises RemoteError."""
        ...

    def visitor(self, user_id: str) -> DeskAgent:
        """Return who a visit names, as the desk knows them now. Raises RemoteError; `missing` for nobody."""
        ...
