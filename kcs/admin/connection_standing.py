"""How a connection stands, in one word: by its tokens, its switch, its last check, how its desk answers."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from kcs.admin.connection_checks import Check, kept
from kcs.sentences import Sentence
from kcs.tickets.breaker import FAILURES
from kcs.tickets.models import Connection, ConnectionHealth

# The tone of each state, and its words.
STATES = {
    "imported": ("", Sentence("Imported tickets")),
    "new": ("tone-amber", Sentence("Not authorised yet")),
    "resting": ("tone-violet", Sentence("Switched off")),
    "problem": ("tone-red", Sentence("Needs you")),
    "unchecked": ("tone-blue", Sentence("Not checked yet")),
    "works": ("tone-green", Sentence("Works")),
}


@dataclass(frozen=True)
class Standing:
    """A state of `STATES`, and what the last check saw."""

    state: str
    checks: tuple[Check, ...]
    checked_at: datetime | None


def standing_of(
    connection: Connection, health: ConnectionHealth | None, providers: Container[str]
) -> Standing:
    """Return how a connection stands; one whose tickets were imported has no desk among `providers`."""
    checks = tuple(kept(health.checks)) if health else ()
    state = _unready(connection, providers) or _ready(connection, health, checks)
    return Standing(state, checks, health.checked_at if health else None)


def _unready(connection: Connection, providers: Container[str]) -> str:
    if connection.provider not in providers:
        return "imported"
    if not connection.token:
        return "new"
    return "" if connection.active else "resting"


def _ready(connection: Connection, health: ConnectionHealth | None, checks: tuple[Check, ...]) -> str:
    lost = connection.refresh_token == ""
    away = health is not None and health.failures >= FAILURES
    if lost or away or not all(each.ok for each in checks):
        return "problem"
    return "works" if checks else "unchecked"
