"""Faults the emulator shows on demand, and a count of the calls it got."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass


@dataclass
class Fault:
    """What happens to the next `times` calls whose method and path match.

    With `after_effect` the work is done before the answer is spoilt. With `drop` the connection is closed
    without an answer instead of answering `status`. `delay` is in seconds, before the answer.
    """

    path: re.Pattern[str]
    method: str | None
    times: int
    status: int
    retry_after: str | None
    after_effect: bool
    drop: bool
    delay: float


class Faults:
    """The faults still to come, safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        path: str = "",
        *,
        method: str | None = None,
        times: int = 1,
        status: int = 503,
        retry_after: str | None = None,
        after_effect: bool = False,
        drop: bool = False,
        delay: float = 0.0,
    ) -> None:
        """Spoil the next `times` calls whose path matches the regular expression `path` anywhere.

        `status` 200 only delays. For a full account: `add(status=429, retry_after="30")`; for an answer lost
        after the work is done: `add("articles", method="POST", status=502, after_effect=True)`.
        """
        fault = Fault(re.compile(path), method, times, status, retry_after, after_effect, drop, delay)
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Work faultlessly from now on."""
        with self._lock:
            self._faults.clear()

    def next_for(self, method: str, path: str) -> Fault | None:
        """Return the first fault meant for this call and count it down."""
        with self._lock:
            for fault in self._faults:
                if fault.method in (None, method) and fault.path.search(path):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault
        return None


class CallCount:
    """How often each path was called, faults included."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[tuple[str, str]] = Counter()

    def add(self, method: str, path: str) -> None:
        """Count one call."""
        with self._lock:
            self._calls[method, path] += 1

    def clear(self) -> None:
        """Begin anew."""
        with self._lock:
            self._calls.clear()

    def total(self, path: str = "", *, method: str | None = None) -> int:
        """Return the calls whose path matches the regular expression `path` anywhere."""
        wanted = re.compile(path)
        with self._lock:
            return sum(
                count
                for (called, where), count in self._calls.items()
                if method in (None, called) and wanted.search(where)
            )
