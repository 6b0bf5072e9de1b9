"""What an account offers to publish into: asked for now and then, kept for when it cannot be asked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from kcs.database import db
from kcs.errors import ConfigError, RemoteError
from kcs.ports import Places, Provider
from kcs.publishing.models import Target
from kcs.tickets.accounts import credentials_of
from kcs.tickets.models import Connection

KEPT_SECONDS = 300.0

Choices = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Offered:
    """Choices by the setting that chooses, as (id, name), languages, and the setting that limits readers.

    `readers_needed` as in `kcs.ports.Places`; `problem` says why these are older ones.
    """

    choices: Choices
    locales: tuple[str, ...]
    readers: str
    readers_needed: bool = False
    problem: str = ""

    def name_of(self, setting: str, value: str) -> str:
        """Return what the account calls a choice, the id itself for one it no longer offers."""
        return next((name for key, name in self.choices.get(setting, []) if key == value), value)


class Catalogue:
    """Asks accounts for what they offer, each at most once in five minutes."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers
        self._known: dict[int, tuple[float, Places]] = {}
        self._lock = Lock()

    def offered_by(self, connection: Connection, target: Target | None, *, anew: bool = False) -> Offered:
        """Return what the account offers; if it cannot be asked, what it offered before, with the reason."""
        stored = stored_offer(target)
        with self._lock:
            at, known = self._known.get(connection.id, (0.0, None))
        if known is not None and not anew and time.monotonic() - at < KEPT_SECONDS:
            return _offered(known)
        try:
            found = self._ask(connection, target)
        except (RemoteError, ConfigError) as error:
            if known is not None:
                stored = _offered(known)
            return replace(stored, problem=error.message)
        with self._lock:
            self._known[connection.id] = time.monotonic(), found
        return _offered(found)

    def _ask(self, connection: Connection, target: Target | None) -> Places:
        provider = self._providers.get(connection.provider)
        if provider is None:
            raise ConfigError("This connection holds imported tickets: there is no help centre behind it.")
        settings = dict(target.settings or {}) if target else {}
        credentials = credentials_of(connection, provider, interactive=True)
        # The account may take its time: no lock of the database is held meanwhile.
        db.session.rollback()
        return provider.help_centre(credentials, settings).places()


def stored_offer(target: Target | None) -> Offered:
    """Return what the account offered when the target was last saved."""
    kept: Mapping[str, Any] = (target.offered or {}) if target else {}
    choices = {name: [(key, said) for key, said in rows] for name, rows in kept.get("choices", {}).items()}
    return Offered(
        choices, tuple(kept.get("locales", ())), kept.get("readers", ""), bool(kept.get("readers_needed"))
    )


def keep_offer(target: Target, offered: Offered) -> None:
    """Remember with a target what its account offers: rules and languages are read from there."""
    target.offered = {
        "choices": {name: [list(row) for row in rows] for name, rows in offered.choices.items()},
        "locales": list(offered.locales),
        "readers": offered.readers,
        "readers_needed": offered.readers_needed,
    }


def _offered(places: Places) -> Offered:
    choices = {name: [(place.id, place.name) for place in rows] for name, rows in places.choices.items()}
    return Offered(choices, places.locales, places.readers, places.readers_needed)
