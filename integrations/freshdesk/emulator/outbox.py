"""What the emulated account sends: webhooks of its rules and events of our app, and how they are lost.

A name in brackets is the source of a behaviour, as in the documentation of the provider; "(unsure)" marks
what no source shows plainly.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import requests

from integrations.emulation.losses import Losses
from integrations.freshdesk.emulator.limits import Limits

RULE, APP = "rule", "app"
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 60))  # [supportsandbox 11000000028141]
LATEST = timedelta(hours=24)  # after that it is dropped [225431]
TIMEOUT = 12.0  # (unsure)


@dataclass(frozen=True)
class Delivery:
    """One request: there is nothing in it that says when it was sent, or which it was."""

    number: int
    source: str
    kind: str
    ticket_id: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    made_at: datetime


@dataclass(eq=False)
class Sent:
    """What became of a delivery: the status of each try, 0 for no answer.

    `end` is "delivered", "given up", "dropped" or "lost", and empty while it waits.
    """

    delivery: Delivery
    due: datetime
    statuses: list[int] = field(default_factory=list)
    deferred: int = 0
    end: str = ""
    waits: bool = True


class Outbox:
    """All that was to be sent, safe for several threads; it is sent when a script asks for it.

    `losses` spoils webhooks, `app_losses` the app's events. An app may make 50 requests a minute [platform
    3.0]; what it forwards beyond `app_per_minute` is lost, as its server part has no time to wait.
    """

    def __init__(self, clock: Callable[[], datetime], limits: Limits) -> None:
        self.losses: Losses[Sent] = Losses()
        self.app_losses: Losses[Sent] = Losses()
        self.chance = self.losses.chance
        self.app_chance = self.app_losses.chance
        self.app_per_minute: int | None = None
        self.all: list[Sent] = []
        self._clock = clock
        self._limits = limits
        self._app_minutes: Counter[datetime] = Counter()
        self._lock = threading.RLock()
        self._waiting: list[Sent] = []
        self._numbers = itertools.count(1)

    @property
    def counts(self) -> Counter[str]:
        """Return how many ended how; "deferred" are those that had to wait for another hour."""
        ends = Counter(sent.end or "waiting" for sent in self.all)
        deferred = sum(sent.deferred > 0 for sent in self.all)
        return ends + Counter({"deferred": deferred})

    def put(
        self, source: str, kind: str, ticket_id: int, url: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Queue a request."""
        now = self._clock()
        with self._lock:
            number = next(self._numbers)
            sent = Sent(Delivery(number, source, kind, ticket_id, url, dict(headers), body, now), now)
            self.all.append(sent)
            self._waiting.append(sent)

    def pending(self) -> list[Delivery]:
        """Return what waits, also for a later hour or another try, oldest first."""
        with self._lock:
            return [sent.delivery for sent in self._waiting]

    def next_due(self) -> datetime | None:
        """Return when the next of those that wait may be sent; None when nothing waits."""
        with self._lock:
            return min((sent.due for sent in self._waiting), default=None)

    def deliver(self) -> list[Delivery]:
        """Post what is due, each to its own address; return what reached somebody, in that order.

        A failed webhook is tried again after 5, 30 and 60 minutes of the account's clock, then given up; the
        app's events are posted once. Which answers count as failures is unsure: all but 2xx here.
        """
        reached: list[Delivery] = []
        with requests.Session() as session:
            session.trust_env = False
            for sent in self._due():
                status = _post(session, sent.delivery)
                if self._note(sent, status):
                    reached.append(sent.delivery)
        return reached

    def _due(self) -> list[Sent]:
        """Take what may be sent now, spoilt as the losses say."""
        now = self._clock()
        with self._lock:
            due = [sent for sent in self._waiting if sent.due <= now]
            ready = [sent for sent in due if self._admitted(sent, now)]
            for sent in ready:
                sent.waits = False
            self._waiting = [sent for sent in self._waiting if sent.waits and not sent.end]
        rules = self._spoilt(self.losses, [sent for sent in ready if sent.delivery.source == RULE])
        return _mixed(rules, self._spoilt(self.app_losses, [s for s in ready if s.delivery.source == APP]))

    def _admitted(self, sent: Sent, now: datetime) -> bool:
        """True when it may go; else it waits for the next hour, for a day at most [225431]."""
        if sent.delivery.source == APP:
            return self._forwarded(sent, now)
        if now - sent.delivery.made_at > LATEST:
            sent.end = "dropped"
            return False
        if self._limits.room_for_webhook():
            return True
        sent.deferred, sent.due = sent.deferred + 1, self._limits.next_hour()
        return False

    def _forwarded(self, sent: Sent, now: datetime) -> bool:
        """True when the app has a request left in this minute."""
        minute = now.replace(second=0, microsecond=0)
        self._app_minutes[minute] += 1
        if self.app_per_minute is None or self._app_minutes[minute] <= self.app_per_minute:
            return True
        sent.end = "lost"
        return False

    def _spoilt(self, losses: Losses[Sent], ready: list[Sent]) -> list[Sent]:
        handed = losses.spoil(
            ready, [sent for sent in self.all if sent.end == "delivered"], lambda sent: sent
        )
        for sent, _ in losses.unseen():
            sent.end = "lost"
        return handed

    def _note(self, sent: Sent, status: int) -> bool:
        """Keep how a try ended; return whether it was taken."""
        with self._lock:
            sent.statuses.append(status)
            if 200 <= status < 300:
                sent.end = "delivered"
                return True
            if sent.end or sent.waits:
                return False
            tries = len(sent.statuses)
            if sent.delivery.source == APP or tries > len(RETRY_AFTER):
                sent.end = "given up"
            else:
                sent.due = self._clock() + RETRY_AFTER[tries - 1]
                sent.waits = True
                self._waiting.append(sent)
            return False


def packed(content: Mapping[str, object]) -> bytes:
    """Return JSON as a body."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _mixed(*batches: Sequence[Sent]) -> list[Sent]:
    """Return batches as one, each as far along as the others; none waits for another to be through."""
    placed = [((place + 1) / len(batch), sent) for batch in batches for place, sent in enumerate(batch)]
    return [sent for _, sent in sorted(placed, key=lambda each: each[0])]


def _post(session: requests.Session, delivery: Delivery) -> int:
    try:
        reply = session.post(
            delivery.url,
            data=delivery.body,
            headers=dict(delivery.headers),
            timeout=TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException:
        return 0
    return reply.status_code
