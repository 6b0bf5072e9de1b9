"""Faults at an emulated account, whichever vendor's it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any


class EmulatedAccount:
    """An account that is reached over HTTP, whose API lies under /api/v2/."""

    emulator: Any

    def answers_lost(self) -> AbstractContextManager[None]:
        """Lose the answers to writes."""
        return self._faults(status=502, after_effect=True)

    def busy(self) -> AbstractContextManager[None]:
        """Refuse writes."""
        return self._faults(status=503)

    @contextmanager
    def _faults(self, **fault: Any) -> Iterator[None]:
        for method in ("POST", "PUT", "DELETE"):
            self.emulator.faults.add("/api/v2/", method=method, times=99, **fault)
        yield
        self.emulator.faults.clear()
