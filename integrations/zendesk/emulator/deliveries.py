"""The emulated desk's deliveries: what waits to be sent, how it is signed, when it is sent again.

A name in brackets is the part of developer.zendesk.com that a behaviour follows. Not emulated: the size
limit of bodies.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import requests

from integrations.emulation.losses import Losses
from integrations.replies import parse_retry_after
from integrations.zendesk.emulator.events import (
    ACCOUNT_ID,
    CONDITIONAL,
    PREFIX,
    envelope,
    filled,
    ticket_detail,
    ticket_events,
    trigger_body,
    trigger_values,
    ulid,
)
from integrations.zendesk.emulator.losses import Breaker, Throttle, pause_after
from integrations.zendesk.emulator.records import Audit, Ticket, stamp
from integrations.zendesk.emulator.webhooks import Attempt, Invocation, Webhook, Webhooks
from integrations.zendesk.signature import sign

EVENT_WEBHOOK = "01J0000000EVENTWEBH00K0001"
TRIGGER_WEBHOOK = "01J0000000TR1GGERWEBH00K01"
SHAPES = ("event", "trigger")
FIXED_TYPES = (
    *("created", "status_changed", "agent_assignment_changed", "comment_added", "comment_made_private"),
    *("merged", "soft_deleted", "permanently_deleted", "undeleted"),
)
TIMEOUT = 12.0
SHOWN_BODY = 4096


@dataclass(frozen=True)
class Delivery:
    """One invocation of a webhook: unsigned, since the signature carries the time of sending.

    `ticket_id` is 0 when it is about something else. `signed_at` is set on a replay: what was signed then
    is sent once more as it was.
    """

    webhook_id: str
    invocation_id: str
    kind: str
    ticket_id: int
    body: bytes
    signed_at: datetime | None = None


@dataclass
class Outcome:
    """How a delivery ended: the status of each attempt, 504 for a time-out, 0 for no connection.

    Without any status the circuit was broken, and nothing was sent.
    """

    delivery: Delivery
    statuses: list[int] = field(default_factory=list)

    @property
    def delivered(self) -> bool:
        """True when the last attempt was answered with a 2xx."""
        return bool(self.statuses) and 200 <= self.statuses[-1] < 300


class Outbox:
    """Deliveries not yet taken, safe for several threads.

    `losses` spoils what is handed out, `skew` is added to the time of every signature, `breaker` stops
    calling an endpoint that fails too often, `throttle` notes what came too fast.
    """

    def __init__(self, secret: str, shapes: Sequence[str], clock: Callable[[], datetime]) -> None:
        if not set(shapes) <= set(SHAPES):
            raise ValueError(f"{shapes!r} has a shape that is none of {SHAPES}")
        self.secret = secret
        self.shapes = tuple(shapes)
        self.webhooks = Webhooks()
        self.losses: Losses[Delivery] = Losses()
        self.chance = self.losses.chance
        self.breaker = Breaker()
        self.throttle = Throttle()
        self.skew = timedelta()
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: deque[Delivery] = deque()
        self._sent: list[Delivery] = []
        types = [f"{PREFIX}ticket.{name}" for name in FIXED_TYPES]
        fixed = {"event": (EVENT_WEBHOOK, types), "trigger": (TRIGGER_WEBHOOK, [CONDITIONAL])}
        self._fixed = {
            fixed[shape][0]: Webhook(fixed[shape][0], shape, "", fixed[shape][1], secret) for shape in shapes
        }

    @property
    def lost(self) -> list[Delivery]:
        """Deliveries that were never handed out."""
        return self.losses.lost

    def saved(self, ticket: Ticket, audit: Audit) -> None:
        """Queue what one save sends: an envelope for each event, or one body for a trigger [Webhooks]."""
        for kind, event in ticket_events(ticket, audit):
            self.publish(
                kind,
                f"zen:ticket:{ticket.id}",
                ticket_detail(ticket, audit),
                event,
                audit.created_at,
                ticket.id,
            )
        if TRIGGER_WEBHOOK in self._fixed:
            body = _packed(trigger_body(ticket, audit))
            self._put(self._fixed[TRIGGER_WEBHOOK], "trigger", ticket.id, body)
        for webhook, template in self.webhooks.notified(ticket, audit):
            self._put(webhook, "trigger", ticket.id, filled(template, trigger_values(ticket, audit)))

    def publish(
        self,
        kind: str,
        subject: str,
        detail: Mapping[str, object],
        event: Mapping[str, object],
        at: datetime,
        ticket_id: int = 0,
    ) -> None:
        """Queue an event, such as "article.published" about "zen:article:7", for whoever subscribed to it.

        Each webhook gets the same event id and an invocation of its own [Webhooks].
        """
        wanting = [w for w in (*self._fixed.values(), *list(self.webhooks.all.values())) if w.wants(kind)]
        if not wanting:
            return
        body = _packed(envelope(kind, subject, detail, event, at))
        for webhook in wanting:
            self._put(webhook, kind, ticket_id, body)

    def pending(self) -> list[Delivery]:
        """Return what waits, oldest first, and leave it waiting."""
        with self._lock:
            return list(self._queue)

    def take(self) -> list[Delivery]:
        """Return what waits and forget it: oldest first, unless `losses` says otherwise."""
        with self._lock:
            taken = list(self._queue)
            self._queue.clear()
            before, self._sent = self._sent, self._sent + taken if self.losses.active else self._sent
        handed = self.losses.spoil(taken, before, self._again)
        self._note_losses()
        return handed

    def sign(self, delivery: Delivery, at: datetime | None = None) -> tuple[dict[str, str], bytes]:
        """Return the headers, signed as of `at` (now, if not given), and the raw body [Webhooks]."""
        webhook = self._webhook(delivery.webhook_id)
        secret = webhook.secret if webhook else self.secret
        moment = delivery.signed_at or (at or self._clock()) + self.skew
        added = webhook.authorization() if webhook else {}
        return {**signed_headers(secret, delivery, stamp(moment)), **added}, delivery.body

    def deliver(
        self,
        endpoint: str | None = None,
        deliveries: Iterable[Delivery] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> list[Outcome]:
        """Post deliveries (all that wait, if none are given) and try again where Zendesk would [Webhooks].

        `endpoint` serves the webhooks every emulator begins with; one made over the API is called at its own
        address. Time-outs are retried five times, 409 three times, 429 and 503 five times and only with a
        `Retry-After` under 60 s; every other answer ends it.
        """
        with requests.Session() as session:
            session.trust_env = False
            chosen = self.take() if deliveries is None else deliveries
            return [self._deliver(session, endpoint, delivery, sleep) for delivery in chosen]

    def _deliver(
        self,
        session: requests.Session,
        endpoint: str | None,
        delivery: Delivery,
        sleep: Callable[[float], None],
    ) -> Outcome:
        outcome = Outcome(delivery)
        webhook = self._webhook(delivery.webhook_id)
        address = (webhook and webhook.endpoint) or endpoint
        if address is None:
            raise ValueError(f"webhook {delivery.webhook_id} has no address: give deliver() an endpoint")
        self._throttle(delivery)
        while self.breaker.closed(delivery.webhook_id, self._clock()):
            status, retry_after = self._attempt(session, address, delivery)
            outcome.statuses.append(status)
            self.breaker.count(delivery.webhook_id, self._clock(), ok=outcome.delivered)
            pause = pause_after(outcome.statuses, retry_after)
            if pause is None:
                self._end(delivery, "success" if outcome.delivered else "terminated")
                return outcome
            sleep(pause)
        self._end(delivery, "circuit broken")
        return outcome

    def _attempt(
        self, session: requests.Session, endpoint: str, delivery: Delivery
    ) -> tuple[int, float | None]:
        headers, body = self.sign(delivery)
        answered: dict[str, str] = {}
        text, status = "", 0
        try:
            reply = session.post(endpoint, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
            status, answered, text = reply.status_code, dict(reply.headers), reply.text[:SHOWN_BODY]
        except requests.Timeout:
            status = 504
        except requests.ConnectionError:
            status = 0
        invocation = self.webhooks.invocations.get(delivery.invocation_id)
        if invocation is not None:
            invocation.attempts.append(Attempt(status, headers, answered, text, self._clock()))
        asked = next((value for name, value in answered.items() if name.lower() == "retry-after"), None)
        return status, parse_retry_after(asked, datetime.now(UTC))

    def _put(self, webhook: Webhook, kind: str, ticket_id: int, body: bytes) -> None:
        delivery = Delivery(webhook.id, ulid(), kind, ticket_id, body)
        with self._lock:
            self._queue.append(delivery)
        self._note(delivery)

    def _note(self, delivery: Delivery) -> None:
        event_type = CONDITIONAL if delivery.kind == "trigger" else f"{PREFIX}{delivery.kind}"
        number = delivery.invocation_id
        invocation = Invocation(number, delivery.webhook_id, event_type, delivery.body, self._clock())
        with self.webhooks.lock:
            self.webhooks.invocations[number] = invocation

    def _again(self, delivery: Delivery) -> Delivery:
        """Return a replay: the same request with the signature it had when it was first sent."""
        invocation = self.webhooks.invocations.get(delivery.invocation_id)
        then = invocation.created_at if invocation else self._clock()
        return Delivery(**{**vars(delivery), "signed_at": then})

    def _note_losses(self) -> None:
        """Show lost deliveries as "circuit broken", or not at all [Support: best effort] (unsure)."""
        for delivery, shown in self.losses.unseen():
            invocation = self.webhooks.invocations.get(delivery.invocation_id)
            if invocation is not None:
                invocation.status, invocation.shown = "circuit broken", shown

    def _throttle(self, delivery: Delivery) -> None:
        invocation = self.webhooks.invocations.get(delivery.invocation_id)
        if invocation is not None and self.throttle.over(delivery.webhook_id, self._clock()):
            invocation.throttled = True

    def _end(self, delivery: Delivery, status: str) -> None:
        invocation = self.webhooks.invocations.get(delivery.invocation_id)
        if invocation is not None:
            invocation.status = status

    def _webhook(self, webhook_id: str) -> Webhook | None:
        return self._fixed.get(webhook_id) or self.webhooks.all.get(webhook_id)


def signed_headers(secret: str, delivery: Delivery, timestamp: str) -> dict[str, str]:
    """Return a request's headers [Webhooks: Anatomy of a webhook request]."""
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Zendesk Webhook",
        "X-Zendesk-Account-Id": str(ACCOUNT_ID),
        "X-Zendesk-Webhook-Id": delivery.webhook_id,
        "X-Zendesk-Webhook-Invocation-Id": delivery.invocation_id,
        "X-Zendesk-Webhook-Signature": sign(secret, timestamp, delivery.body),
        "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
    }


def _packed(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
