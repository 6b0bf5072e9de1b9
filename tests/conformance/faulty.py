"""Faults for what is no server: calls that lose their answer, and calls refused for a moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from kcs.errors import RemoteError


class Faults:
    """Which fault is on, for everything that is spoilt together."""

    def __init__(self) -> None:
        self._lost = self._busy = False

    @contextmanager
    def answers_lost(self) -> Iterator[None]:
        """Within, calls take effect and their answers get lost."""
        self._lost = True
        yield
        self._lost = False

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Within, calls are refused and have no effect."""
        self._busy = True
        yield
        self._busy = False

    def spoilt(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a call that these faults befall."""

        def called(*args: Any, **names: Any) -> Any:
            if self._busy:
                raise RemoteError("busy", permanent=False)
            answer = call(*args, **names)
            if self._lost:
                raise RemoteError("the answer was lost", permanent=False)
            return answer

        return called


class Spoilt:
    """Stands for a port whose named calls these faults befall; everything else passes."""

    def __init__(self, port: object, faults: Faults, calls: Collection[str]) -> None:
        self._port, self._faults, self._calls = port, faults, calls

    def __getattr__(self, name: str) -> Any:
        """Return what the port has."""
        found = getattr(self._port, name)
        return self._faults.spoilt(found) if name in self._calls else found
