"""The emulated account's rate limits: they count, and they refuse.

A name in brackets is the part of developer.zendesk.com that a number follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from integrations.emulation.windows import Key, Refusal, Windows

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


class Limits:
    """Off until `on` is called. Then every limit is a sliding window, which is stricter than the fixed one
    that the recorded `resets` suggest (unsure).

    `headers` is one of `HEADERS`, or "mixed" for all in turn, as recorded. `says_when` false leaves
    `Retry-After` out.
    """

    def __init__(self, clock: Callable[[], datetime], plan: str) -> None:
        self.enabled = False
        self.headers = "mixed"
        self.says_when = True
        self._windows = Windows(clock)
        self._own_clock = clock
        self._numbers = self._defaults(plan)
        self._turns = itertools.cycle(HEADERS)

    @property
    def refusals(self) -> list[Refusal]:
        """Every call refused."""
        return self._windows.refusals

    @property
    def peaks(self) -> dict[str, int]:
        """The fullest window of each limit."""
        return self._windows.peaks

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
        known = self._defaults(plan) if plan else self._numbers
        unknown = set(numbers) - set(known)
        if unknown:
            raise ValueError(f"{sorted(unknown)} are none of the limits {sorted(known)}")
        limits = {name: (numbers.get(name, most), span) for name, (most, span) in known.items()}
        self._windows.begin(limits, clock or self._own_clock)
        self.enabled = True

    def off(self) -> None:
        """Let every call through; what was counted can still be read."""
        self.enabled = False

    def admit(self, method: str, path: str, user_id: int) -> Refusal | None:
        """Count a call; return why it is refused, or None. A refused call fills no window."""
        if not self.enabled:
            return None
        return self._windows.admit([(key, 1) for key in _keys(method, path, user_id)], method, path)

    def answered_with(self, method: str, path: str, user_id: int) -> dict[str, str]:
        """Return the headers that tell how much is left, in the recorded spellings [Rate limits]."""
        if not self.enabled:
            return {}
        keys = list(_keys(method, path, user_id))
        variety = next(self._turns) if self.headers == "mixed" else self.headers
        found = _general(variety, *self._windows.left(keys[0]))
        for key in keys[1:]:
            if key[0] == "same_ticket":
                found["zendesk-ratelimit-per-ticket-updates"] = _particular(*self._windows.left(key))
        if TICKETS_LIST.search(path) and method == "GET":
            found["zendesk-ratelimit-tickets-index"] = _particular(*self._windows.left(keys[0]))
        return found

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
