"""The inbox as this feature needs it: the inbox lies above, so the wiring hands these in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from kcs.ports import Provider


class Hint(Protocol):
    """Puts a ticket into the inbox to be read, in the present transaction."""

    def __call__(
        self, connection_id: int, ticket_id: str, kind: str, key: str, *, background: bool = False
    ) -> bool:
        """Return False when the same hint, or one that still waits, makes this one needless."""
        ...


class Left(Protocol):
    """Counts what the inbox still has to work on of one kind."""

    def __call__(self, connection_id: int, kind: str) -> int:
        """Return how many rows wait or are being worked on."""
        ...


@dataclass(frozen=True)
class Desks:
    """What going through a desk needs: who can ask it, and the inbox that reads what was found."""

    providers: Mapping[str, Provider]
    hint: Hint
    left: Left
