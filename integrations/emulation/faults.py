"""Faults a stand-in shows on demand or by chance, and a count of the calls it got."""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BODIES = ("json", "html", "empty")

# What can happen to a call by chance: a name, its weight in the mixture, and what `Faults.add` would be told.
MIXTURE: tuple[tuple[str, int, Mapping[str, Any]], ...] = (
    ("429 with Retry-After", 4, {"status": 429, "retry_after": "1"}),
    ("429", 1, {"status": 429}),
    ("500", 2, {"status": 500}),
    ("503", 2, {"status": 503}),
    ("503 with Retry-After", 1, {"status": 503, "retry_after": "1"}),
    ("page instead of JSON", 1, {"status": 502, "body": "html"}),
    ("empty", 1, {"status": 502, "body": "empty"}),
    ("slow", 1, {"status": 200, "delay": 0.05}),
    ("cut", 2, {"status": 200, "cut": True, "after_effect": True}),
    ("dropped", 1, {"drop": True}),
    ("lost after effect", 2, {"status": 502, "after_effect": True}),
    ("dropped after effect", 2, {"drop": True, "after_effect": True}),
)


@dataclass
class Fault:
    """What happens to the next `times` calls whose method and path match.

    With `after_effect` the work is done before the answer is spoilt. With `drop` the connection is closed
    without an answer instead of answering `status`. `delay` is in seconds, before the answer. `body` is one
    of `BODIES`. With `cut` the true answer ends halfway, its Content-Length telling of the whole.
    """

    path: re.Pattern[str]
    method: str | None = None
    times: int = 1
    status: int = 503
    retry_after: str | None = None
    after_effect: bool = False
    drop: bool = False
    delay: float = 0.0
    body: str = "json"
    cut: bool = False
    name: str = "on demand"


class Faults:
    """The faults still to come, safe for several threads; `shown` counts those shown by name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self.shown: Counter[str] = Counter()
        self.chance(0.0)

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
        body: str = "json",
        cut: bool = False,
    ) -> None:
        """Spoil the next `times` calls whose path matches the regular expression `path` anywhere.

        `status` 200 only delays. For a full account: `add(status=429, retry_after="30")`; for an answer lost
        after the work is done: `add("articles", method="POST", status=502, after_effect=True)`; for half an
        answer: `add(cut=True)`.
        """
        if body not in BODIES:
            raise ValueError(f"{body!r} is none of {BODIES}")
        late = after_effect or cut
        fault = Fault(
            re.compile(path), method, times, status, retry_after, late, drop, delay, body, cut, "on demand"
        )
        with self._lock:
            self._faults.append(fault)

    def chance(
        self,
        rate: float,
        seed: int = 0,
        *,
        path: str = "/api/v2/",
        mixture: Sequence[tuple[str, int, Mapping[str, Any]]] = MIXTURE,
        retry_after: str | None = None,
    ) -> None:
        """Spoil this share of the calls that match `path`, with a seeded mixture; 0 ends it.

        `retry_after` replaces the seconds the mixture asks for, so that a script need not wait.
        """
        with self._lock:
            self._rate, self._dice = rate, random.Random(seed)
            self._path, self._mixture, self._pause = re.compile(path), tuple(mixture), retry_after

    def clear(self) -> None:
        """Work faultlessly from now on."""
        with self._lock:
            self._faults.clear()
        self.chance(0.0)

    def next_for(self, method: str, path: str) -> Fault | None:
        """Return the first fault meant for this call and count it down, or one by chance."""
        with self._lock:
            fault = self._demanded(method, path) or self._chanced(path)
            if fault is not None:
                self.shown[fault.name] += 1
            return fault

    def _demanded(self, method: str, path: str) -> Fault | None:
        for fault in self._faults:
            if fault.method in (None, method) and fault.path.search(path):
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None

    def _chanced(self, path: str) -> Fault | None:
        if not self._rate or not self._path.search(path) or self._dice.random() >= self._rate:
            return None
        weights = [weight for _, weight, _ in self._mixture]
        name, _, told = self._dice.choices(self._mixture, weights)[0]
        fault = Fault(self._path, **told, name=name)
        if fault.retry_after is not None and self._pause is not None:
            fault.retry_after = self._pause
        return fault


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
