"""The emulated account's rate limits: they count, and they refuse.

A name in brackets is the part of developer.zendesk.com that a number follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

import itertools
import math
import re
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

# Calls a minute by plan, for the account and again for its Help Center [Rate limits].
PLANS = {"team": 200, "growth": 400, "professional": 400, "enterprise": 700, "enterprise_plus": 2500}

MINUTE = timedelta(minutes=1)
TEN_MINUTES = timedelta(minutes=10)
HEADERS = ("x-rate-limit", "ratelimit", "rate-limit")

# Other limits: how many, in what time [Rate limits; Tickets: Update Ticket; Incremental Exports; Webhooks].
NUMBERS = {
    "ticket_updates": (100, MINUTE),
    "same_ticket": (30, TEN_MINUTES),
    "incremental": (10, MINUTE),
    "webhooks": (100, MINUTE),
    "webhook_tests": (20, MINUTE),
}

HELP_CENTER = re.compile(r"/api/v2/(help_center|guide)/")
TICKET_UPDATE = re.compile(r"/api/v2/tickets/(\d+)(/tags)?$")
INCREMENTAL = re.compile(r"/api/v2/incremental/")
WEBHOOKS = re.compile(r"/api/v2/webhooks\b")
WEBHOOK_TEST = re.compile(r"/api/v2/webhooks/test$")
TICKETS_LIST = re.compile(r"/api/v2/tickets$")

Key = tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """A call that came too early, by which limit and for how many seconds yet."""

    limit: str
    at: datetime
    method: str
    path: str
    retry_after: int


class Limits:
    """Off until `on` is called. Then every limit is a sliding window, which is stricter than the fixed one
    that the recorded `resets` suggest (unsure): who keeps inside it keeps inside either.

    `refusals` holds every call refused, `peaks` the fullest window of each limit. `headers` is one of
    `HEADERS`, or "mixed" for all in turn, as recorded. `says_when` false leaves `Retry-After` out.
    """

    def __init__(self, clock: Callable[[], datetime], plan: str) -> None:
        self.enabled = False
        self.headers = "mixed"
        self.says_when = True
        self.refusals: list[Refusal] = []
        self.peaks: defaultdict[str, int] = defaultdict(int)
        self._lock = threading.Lock()
        self._plan = plan
        self._clock = clock
        self._own_clock = clock
        self._numbers = self._defaults(plan)
        self._windows: defaultdict[Key, deque[datetime]] = defaultdict(deque)
        self._turns = itertools.cycle(HEADERS)

    @property
    def exceeded(self) -> bool:
        """True when any call was refused."""
        return bool(self.refusals)

    def on(
        self, plan: str | None = None, *, clock: Callable[[], datetime] | None = None, **numbers: int
    ) -> None:
        """Count and refuse from now on, with the plan's numbers or others by name.

        The names are account, help_center, ticket_updates, same_ticket (a user's updates of one ticket),
        incremental, webhooks and webhook_tests. `clock` replaces the emulator's.
        """
        known = self._defaults(plan or self._plan)
        unknown = set(numbers) - set(known)
        if unknown:
            raise ValueError(f"{sorted(unknown)} are none of the limits {sorted(known)}")
        with self._lock:
            self._numbers = {name: (numbers.get(name, most), span) for name, (most, span) in known.items()}
            self._clock = clock or self._own_clock
            self._windows.clear()
            self.refusals.clear()
            self.peaks.clear()
            self.enabled = True

    def off(self) -> None:
        """Let every call through; what was counted can still be read."""
        self.enabled = False

    def admit(self, method: str, path: str, user_id: int) -> Refusal | None:
        """Count a call; return why it is refused, or None. A refused call fills no window."""
        if not self.enabled:
            return None
        with self._lock:
            now = self._clock()
            keys = list(_keys(method, path, user_id))
            for key in keys:
                refusal = self._full(key, now, method, path)
                if refusal is not None:
                    self.refusals.append(refusal)
                    return refusal
            for key in keys:
                window = self._windows[key]
                window.append(now)
                self.peaks[key[0]] = max(self.peaks[key[0]], len(window))
            return None

    def answered_with(self, method: str, path: str, user_id: int) -> dict[str, str]:
        """Return the headers that tell how much is left, in the recorded spellings [Rate limits]."""
        if not self.enabled:
            return {}
        with self._lock:
            now = self._clock()
            keys = list(_keys(method, path, user_id))
            variety = next(self._turns) if self.headers == "mixed" else self.headers
            found = _general(variety, *self._left(keys[0], now))
            for key in keys[1:]:
                if key[0] == "same_ticket":
                    found["zendesk-ratelimit-per-ticket-updates"] = _particular(*self._left(key, now))
            if TICKETS_LIST.search(path) and method == "GET":
                found["zendesk-ratelimit-tickets-index"] = _particular(*self._left(keys[0], now))
            return found

    def _full(self, key: Key, now: datetime, method: str, path: str) -> Refusal | None:
        most, span = self._numbers[key[0]]
        window = self._windows[key]
        while window and window[0] <= now - span:
            window.popleft()
        if len(window) < most:
            return None
        wait = (window[0] + span - now).total_seconds() if window else span.total_seconds()
        return Refusal(key[0], now, method, path, max(1, math.ceil(wait)))

    def _left(self, key: Key, now: datetime) -> tuple[int, int, int]:
        """Return a limit's total, what remains of it and the seconds until its first call is forgotten."""
        most, span = self._numbers[key[0]]
        window = self._windows[key]
        resets = math.ceil((window[0] + span - now).total_seconds()) if window else 0
        return most, max(0, most - len(window)), max(0, resets)

    @staticmethod
    def _defaults(plan: str) -> dict[str, tuple[int, timedelta]]:
        if plan not in PLANS:
            raise ValueError(f"{plan!r} is none of the plans {sorted(PLANS)}")
        return {"account": (PLANS[plan], MINUTE), "help_center": (PLANS[plan], MINUTE), **NUMBERS}


def _keys(method: str, path: str, user_id: int) -> Iterator[Key]:
    """Yield the windows a call counts in; the Help Center is counted apart from the rest [Rate limits]."""
    yield ("help_center",) if HELP_CENTER.search(path) else ("account",)
    update = TICKET_UPDATE.search(path)
    if update and method in ("PUT", "POST", "DELETE"):
        yield ("ticket_updates",)
        yield ("same_ticket", str(user_id), update[1])
    if INCREMENTAL.search(path):
        yield ("incremental",)
    if WEBHOOKS.search(path):
        yield ("webhooks",)
    if WEBHOOK_TEST.search(path):
        yield ("webhook_tests",)


def _general(variety: str, total: int, left: int, resets: int) -> dict[str, str]:
    values = {"": str(total), "-remaining": str(left), "-reset": str(resets)}
    if variety == "ratelimit":
        return {"ratelimit-limit": str(total), **{f"ratelimit{key}": v for key, v in values.items() if key}}
    if variety == "x-rate-limit":
        values.pop("-reset")
    return {f"{variety}{key}": value for key, value in values.items()}


def _particular(total: int, left: int, resets: int) -> str:
    return f"total={total}; remaining={left}; resets={resets}"
