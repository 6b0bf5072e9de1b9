"""The emulated account's limits: calls a minute by plan, and the hour's budget that webhooks spend too.

A name in brackets is where a number comes from; "(unsure)" marks what no source shows plainly.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from integrations.emulation.windows import Key, Windows

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MINUTES = 60

# Calls a minute: the account's, then those of some acts alone [REST: Rate limit]. A trial's part is unsure.
PLANS = {
    "trial": {"account": 50},
    "growth": {"account": 200, "create": 80, "update": 80, "list": 20, "contacts": 20},
    "pro": {"account": 400, "create": 160, "update": 160, "list": 100, "contacts": 100},
    "enterprise": {"account": 700, "create": 280, "update": 280, "list": 200, "contacts": 200},
}
NAMES = ("account", "create", "update", "list", "contacts", "hour")
COUNTED = (
    ("create", "POST", re.compile(r"/api/v2/tickets$")),
    ("update", "PUT", re.compile(r"/api/v2/tickets/\d+$")),
    ("list", "GET", re.compile(r"/api/v2/tickets$")),
    ("contacts", "GET", re.compile(r"/api/v2/contacts$")),
)
OURS: Key = ("calls",)


class Limits:
    """Off until `on` is called. `windows` tells what was refused and the fullest minute of each limit.

    Webhooks fill the account's minute and hour like calls do [support.freshdesk.com 225431]. `ours` are the
    refusals that the calls alone would have met too; the others are owed to webhooks. `real` counts the calls
    by the time of this machine, whatever the account's clock was moved on by.
    """

    def __init__(self, clock: Callable[[], datetime], plan: str) -> None:
        self.enabled = False
        self.windows = Windows(clock)
        self.real = Windows(lambda: datetime.now(UTC))
        self.ours: list[str] = []
        self.per_hour: int | None = None
        self.spent_in: dict[datetime, int] = {}
        self._plan = plan
        self._clock = clock

    def on(self, plan: str | None = None, **numbers: int) -> None:
        """Count and refuse from now on, with the plan's numbers or others by name. Raises ValueError.

        The names are account, create, update, list, contacts and hour: what calls and webhooks may spend in
        an hour before webhooks wait, sixty times the minute if not given (unsure). Calls are refused by the
        minute alone.
        """
        known = {**PLANS[plan or self._plan], **numbers}
        if set(known) - set(NAMES):
            raise ValueError(f"{sorted(set(known) - set(NAMES))} are none of the limits {NAMES}")
        self.per_hour = known.pop("hour", known["account"] * MINUTES)
        self.ours.clear()
        self.spent_in.clear()
        self.windows.begin(
            {name: (most, MINUTE) for name, most in {**known, "calls": known["account"]}.items()}
        )
        self.real.begin({OURS[0]: (sys.maxsize, MINUTE)})
        self._known = known
        self.enabled = True

    def off(self) -> None:
        """Let every call through; what was counted can still be read."""
        self.enabled = False

    def admit(self, method: str, path: str, cost: int) -> int | None:
        """Count a call; return the seconds to wait where it is refused, else None."""
        if not self.enabled:
            return None
        keys: list[tuple[Key, int]] = [(("account",), cost), (OURS, cost)]
        for name, verb, pattern in COUNTED:
            if name in self._known and verb == method and pattern.search(path):
                keys.append(((name,), 1))
        calls_left = self.windows.left(OURS)[1]
        refusal = self.windows.admit(keys, method, path)
        if refusal is None:
            self.real.take(OURS, cost)
            self._spend(cost)
            return None
        if refusal.limit != "account" or calls_left < cost:
            self.ours.append(f"{refusal.limit}: {method} {path}")
        return refusal.retry_after

    def headers(self, cost: int) -> dict[str, str]:
        """Return what every answer tells of the minute [REST: Rate limit]."""
        if not self.enabled:
            return {}
        total, left, _ = self.windows.left(("account",))
        return {
            "X-RateLimit-Total": str(total),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Used-CurrentRequest": str(cost),
        }

    def room_for_webhook(self) -> bool:
        """Spend one on a webhook; False when it has to wait for the next hour."""
        if not self.enabled:
            return True
        full = self.per_hour is not None and self.spent_in.get(self._hour(), 0) >= self.per_hour
        if full or not self.windows.take(("account",)):
            return False
        self._spend(1)
        return True

    def next_hour(self) -> datetime:
        """Return when the budget begins anew."""
        return self._hour() + HOUR

    def _spend(self, cost: int) -> None:
        hour = self._hour()
        self.spent_in[hour] = self.spent_in.get(hour, 0) + cost

    def _hour(self) -> datetime:
        return self._clock().replace(minute=0, second=0, microsecond=0)
