"""The emulated desk's webhooks: what is sent, how it is signed, when it is sent again.

A name in brackets is the part of developer.zendesk.com that a behaviour follows. Not emulated: the circuit
breaker and the size limit of bodies.
"""

from __future__ import annotations

import itertools
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests

from integrations.http import parse_retry_after
from integrations.zendesk.emulator_desk import Audit, Ticket, stamp
from integrations.zendesk.signature import sign

ACCOUNT_ID = 10_001
EVENT_WEBHOOK = "01J0000000EVENTWEBH00K0001"
TRIGGER_WEBHOOK = "01J0000000TR1GGERWEBH00K01"
SHAPES = ("event", "trigger")
TIMEOUT = 12.0
TIMEOUT_RETRIES = 5
CONFLICT_RETRIES = 3
LONGEST_RETRY_AFTER = 60.0
ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Delivery:
    """One invocation of a webhook: unsigned, since the signature carries the time of sending."""

    webhook_id: str
    invocation_id: str
    kind: str
    ticket_id: int
    body: bytes


@dataclass
class Outcome:
    """How a delivery ended: the status of each attempt, 504 for a time-out, 0 for no connection."""

    delivery: Delivery
    statuses: list[int] = field(default_factory=list)

    @property
    def delivered(self) -> bool:
        """True when the last attempt was answered with a 2xx."""
        return bool(self.statuses) and 200 <= self.statuses[-1] < 300


class Outbox:
    """Deliveries not yet taken, safe for several threads."""

    def __init__(self, secret: str, shapes: Sequence[str], clock: Callable[[], datetime]) -> None:
        if not set(shapes) <= set(SHAPES):
            raise ValueError(f"{shapes!r} has a shape that is none of {SHAPES}")
        self.secret = secret
        self.shapes = tuple(shapes)
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: deque[Delivery] = deque()
        self._numbers = itertools.count(1)

    def saved(self, ticket: Ticket, audit: Audit) -> None:
        """Queue what one save sends: an envelope for each event, or one trigger body [Webhooks]."""
        if "event" in self.shapes:
            for kind, event in _events(ticket, audit):
                body = self._envelope(kind, event, ticket, audit)
                self._put(EVENT_WEBHOOK, kind, ticket, body)
        if "trigger" in self.shapes:
            self._put(TRIGGER_WEBHOOK, "trigger", ticket, _trigger_body(ticket, audit))

    def pending(self) -> list[Delivery]:
        """Return what waits, oldest first, and leave it waiting."""
        with self._lock:
            return list(self._queue)

    def take(self) -> list[Delivery]:
        """Return what waits, oldest first, and forget it: to lose, shuffle or send as often as one likes."""
        with self._lock:
            taken = list(self._queue)
            self._queue.clear()
            return taken

    def sign(self, delivery: Delivery, at: datetime | None = None) -> tuple[dict[str, str], bytes]:
        """Return the headers, signed as of `at` (now, if not given), and the raw body [Webhooks]."""
        timestamp = stamp(at or self._clock())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": str(ACCOUNT_ID),
            "X-Zendesk-Webhook-Id": delivery.webhook_id,
            "X-Zendesk-Webhook-Invocation-Id": delivery.invocation_id,
            "X-Zendesk-Webhook-Signature": sign(self.secret, timestamp, delivery.body),
            "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
        }
        return headers, delivery.body

    def deliver(
        self,
        endpoint: str,
        deliveries: Iterable[Delivery] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> list[Outcome]:
        """Post deliveries (all that wait, if none are given) and try again where Zendesk would [Webhooks].

        Time-outs are retried five times, 409 three times, 429 and 503 five times and only with a
        `Retry-After` under 60 s; every other answer ends it.
        """
        with requests.Session() as session:
            session.trust_env = False
            chosen = self.take() if deliveries is None else deliveries
            return [self._deliver(session, endpoint, delivery, sleep) for delivery in chosen]

    def _deliver(
        self,
        session: requests.Session,
        endpoint: str,
        delivery: Delivery,
        sleep: Callable[[float], None],
    ) -> Outcome:
        outcome = Outcome(delivery)
        while True:
            status, retry_after = self._attempt(session, endpoint, delivery)
            outcome.statuses.append(status)
            pause = _pause(outcome.statuses, retry_after)
            if pause is None:
                return outcome
            sleep(pause)

    def _attempt(
        self, session: requests.Session, endpoint: str, delivery: Delivery
    ) -> tuple[int, float | None]:
        headers, body = self.sign(delivery)
        try:
            reply = session.post(endpoint, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except requests.Timeout:
            return 504, None
        except requests.ConnectionError:
            return 0, None
        return reply.status_code, parse_retry_after(reply.headers.get("Retry-After"), datetime.now(UTC))

    def _put(self, webhook_id: str, kind: str, ticket: Ticket, content: dict[str, object]) -> None:
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        with self._lock:
            self._queue.append(Delivery(webhook_id, _ulid(), kind, ticket.id, body))

    def _envelope(
        self, kind: str, event: dict[str, object], ticket: Ticket, audit: Audit
    ) -> dict[str, object]:
        """Return an event subscription's body: ids as strings, times with nanoseconds [Webhooks]."""
        return {
            "type": f"zen:event-type:{kind}",
            "account_id": ACCOUNT_ID,
            "id": f"{_ulid()}-{next(self._numbers)}",
            "time": audit.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z"),
            "zendesk_event_version": "2022-11-06",
            "subject": f"zen:ticket:{ticket.id}",
            "detail": _detail(ticket, audit),
            "event": event,
        }


def _detail(ticket: Ticket, audit: Audit) -> dict[str, object]:
    return {
        "actor_id": str(audit.author_id),
        "assignee_id": _text_or_none(ticket.assignee_id),
        "created_at": stamp(ticket.created_at),
        "description": ticket.description,
        "id": str(ticket.id),
        "is_public": ticket.is_public,
        "requester_id": str(ticket.requester_id),
        "status": ticket.status.upper(),
        "subject": ticket.subject,
        "submitter_id": str(ticket.requester_id),
        "tags": list(ticket.tags),
        "type": None,
        "updated_at": stamp(ticket.updated_at),
        "via": {"channel": "web_service"},
    }


def _events(ticket: Ticket, audit: Audit) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the subscribed event types one save sets off, with their `event` part [Webhooks]."""
    if ticket.deleted:
        yield "ticket.soft_deleted", {}
        return
    if audit is ticket.audits[0]:
        yield "ticket.created", {"meta": {"sequence": {"id": str(audit.id), "position": 1}}}
    for event in audit.events:
        name, current, previous = (event.get(key) for key in ("field_name", "value", "previous_value"))
        if event["type"] == "Comment":
            comment = {
                "id": str(event["id"]),
                "author": {"id": str(event["author_id"])},
                "body": event["body"],
            }
            yield "ticket.comment_added", {"comment": {**comment, "is_public": event["public"]}}
        elif event["type"] == "Change" and name == "status":
            yield (
                "ticket.status_changed",
                {"current": str(current).upper(), "previous": str(previous).upper()},
            )
        elif event["type"] == "Change" and name == "assignee_id":
            yield "ticket.agent_assignment_changed", {"current": current, "previous": previous}


def _trigger_body(ticket: Ticket, audit: Audit) -> dict[str, object]:
    """Return the body we ask administrators to put into their trigger [Webhooks]."""
    return {
        "ticket_id": str(ticket.id),
        "status": ticket.status.capitalize(),
        "updated_at": stamp(ticket.updated_at),
        "current_user_id": str(audit.author_id),
    }


def _pause(statuses: Sequence[int], retry_after: float | None) -> float | None:
    """Return the seconds until the next attempt, or None when Zendesk gives up [Webhooks]."""
    status = statuses[-1]
    again = statuses.count(status) - 1
    if status == 504:
        return 0.0 if again < TIMEOUT_RETRIES else None
    if status == 409:
        return 0.0 if again < CONFLICT_RETRIES else None
    asked = status in (429, 503) and retry_after is not None and retry_after < LONGEST_RETRY_AFTER
    return retry_after if asked and again < TIMEOUT_RETRIES else None


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _ulid() -> str:
    """Return 26 characters like a ULID: milliseconds, then chance."""
    value = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(ULID_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))
