"""How the emulated desk's deliveries are held back and given up.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
PAUSE = timedelta(seconds=5)
FEWEST = 100
MOST_ERRORS = 1000
WORST_SHARE = 0.7
MINUTE = timedelta(minutes=1)
TIMEOUT_RETRIES = 5
CONFLICT_RETRIES = 3
LONGEST_RETRY_AFTER = 60.0


def pause_after(statuses: Sequence[int], retry_after: float | None) -> float | None:
    """Return the seconds until the next attempt, or None when Zendesk gives up [Webhooks]."""
    status = statuses[-1]
    again = statuses.count(status) - 1
    if status == 504:
        return 0.0 if again < TIMEOUT_RETRIES else None
    if status == 409:
        return 0.0 if again < CONFLICT_RETRIES else None
    asked = status in (429, 503) and retry_after is not None and retry_after < LONGEST_RETRY_AFTER
    return retry_after if asked and again < TIMEOUT_RETRIES else None


class Breaker:
    """Stops calling an endpoint for five seconds when it fails too often [Webhooks: circuit breaker].

    That is 70 % errors or more than 1,000 errors within five minutes, and at least 100 requests. Off until
    `on` is set.
    """

    def __init__(self) -> None:
        self.on = False
        self.opened = 0
        self._until: dict[str, datetime] = {}
        self._results: defaultdict[str, deque[tuple[datetime, bool]]] = defaultdict(deque)

    def closed(self, webhook_id: str, at: datetime) -> bool:
        """True when the endpoint may be called."""
        until = self._until.get(webhook_id)
        return not self.on or until is None or at >= until

    def count(self, webhook_id: str, at: datetime, *, ok: bool) -> None:
        """Note the result of an attempt, which may break the circuit."""
        if not self.on:
            return
        results = self._results[webhook_id]
        results.append((at, ok))
        while results and results[0][0] <= at - WINDOW:
            results.popleft()
        errors = sum(not fine for _, fine in results)
        if len(results) >= FEWEST and (errors >= WORST_SHARE * len(results) or errors > MOST_ERRORS):
            self._until[webhook_id] = at + PAUSE
            self.opened += 1
            results.clear()


class Throttle:
    """Notes invocations beyond so many a minute, 60 in a trial [Support: webhooks]; none until `most` is set.

    One that is throttled is sent all the same, and listed twice: as throttled and as it ended, as recorded.
    """

    def __init__(self) -> None:
        self.most: int | None = None
        self._times: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def over(self, webhook_id: str, at: datetime) -> bool:
        """Count an invocation; return whether it is one too many."""
        times = self._times[webhook_id]
        while times and times[0] <= at - MINUTE:
            times.popleft()
        times.append(at)
        return self.most is not None and len(times) > self.most
