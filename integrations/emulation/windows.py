"""Sliding windows that count calls and say which came too early."""

from __future__ import annotations

import math
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Key = tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """A call that came too early, by which limit and for how many seconds yet."""

    limit: str
    at: datetime
    method: str
    path: str
    retry_after: int


class Windows:
    """Counts by key, of which the first part names the limit. Safe for several threads.

    Sliding windows are stricter than the fixed ones a vendor may have: who keeps inside these keeps inside
    either. `refusals` holds every call refused, `peaks` the fullest window of each limit.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.refusals: list[Refusal] = []
        self.peaks: defaultdict[str, int] = defaultdict(int)
        self._clock = clock
        self._lock = threading.RLock()
        self._numbers: dict[str, tuple[int, timedelta]] = {}
        self._windows: defaultdict[Key, deque[tuple[datetime, int]]] = defaultdict(deque)
        self._used: Counter[Key] = Counter()

    def begin(
        self, numbers: Mapping[str, tuple[int, timedelta]], clock: Callable[[], datetime] | None = None
    ) -> None:
        """Begin anew with these limits: how much, in what time."""
        with self._lock:
            self._numbers, self._clock = dict(numbers), clock or self._clock
            self._windows.clear()
            self._used.clear()
            self.refusals.clear()
            self.peaks.clear()

    def admit(self, keys: Sequence[tuple[Key, int]], method: str, path: str) -> Refusal | None:
        """Count a call in each window by its cost; return why it is refused, or None.

        A refused call fills no window.
        """
        with self._lock:
            now = self._clock()
            for key, cost in keys:
                wait = self._wait(key, cost, now)
                if wait:
                    refusal = Refusal(key[0], now, method, path, wait)
                    self.refusals.append(refusal)
                    return refusal
            for key, cost in keys:
                self._count(key, cost, now)
            return None

    def take(self, key: Key, cost: int = 1) -> bool:
        """Count something that is no call and may wait; return whether there was room for it."""
        with self._lock:
            now = self._clock()
            if self._wait(key, cost, now):
                return False
            self._count(key, cost, now)
            return True

    def left(self, key: Key) -> tuple[int, int, int]:
        """Return a limit's total, what remains of it and the seconds until its first call is forgotten."""
        with self._lock:
            now = self._clock()
            most, span = self._numbers[key[0]]
            self._forget(key, now - span)
            window = self._windows[key]
            resets = math.ceil((window[0][0] + span - now).total_seconds()) if window else 0
            return most, max(0, most - self._used[key]), max(0, resets)

    def _wait(self, key: Key, cost: int, now: datetime) -> int:
        """Return the seconds until this much fits in, 0 for now."""
        most, span = self._numbers[key[0]]
        self._forget(key, now - span)
        window = self._windows[key]
        if self._used[key] + cost <= most:
            return 0
        first = window[0][0] if window else now
        return max(1, math.ceil((first + span - now).total_seconds()))

    def _count(self, key: Key, cost: int, now: datetime) -> None:
        self._windows[key].append((now, cost))
        self._used[key] += cost
        self.peaks[key[0]] = max(self.peaks[key[0]], self._used[key])

    def _forget(self, key: Key, before: datetime) -> None:
        window = self._windows[key]
        while window and window[0][0] <= before:
            self._used[key] -= window.popleft()[1]
