"""The emulated account's webhooks and triggers, and the list it keeps of what they sent.

A name in brackets is the part of developer.zendesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

import base64
import itertools
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.zendesk.emulator.events import CONDITIONAL, PREFIX, ulid
from integrations.zendesk.emulator.records import EPOCH, Audit, Ticket, stamp

NOTIFY = "notification_webhook"


@dataclass
class Webhook:
    """Where to send what; `secret` signs. One without an endpoint is delivered by the script."""

    id: str
    name: str
    endpoint: str
    subscriptions: list[str]
    secret: str
    status: str = "active"
    authentication: dict[str, Any] | None = None
    http_method: str = "POST"
    request_format: str = "json"
    description: str = ""
    created_by: str = "0"
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    @property
    def conditional(self) -> bool:
        """True for one that triggers call, false for one subscribed to events [Webhooks]."""
        return self.subscriptions == [CONDITIONAL]

    def wants(self, kind: str) -> bool:
        """True when an event of this type, without its prefix, is sent there [Webhooks]."""
        return self.status == "active" and f"{PREFIX}{kind}" in self.subscriptions

    def as_json(self) -> dict[str, object]:
        """Return the webhook as the API does: never its secret, password or token [Webhooks: recorded]."""
        shown: dict[str, object] = {
            k: v for k, v in vars(self).items() if k not in ("secret", "authentication")
        }
        if self.authentication:
            shown["authentication"] = {k: v for k, v in self.authentication.items() if k != "data"}
        return {**shown, "created_at": stamp(self.created_at), "updated_at": stamp(self.updated_at)}

    def authorization(self) -> dict[str, str]:
        """Return the headers its authentication adds [Webhooks: Authentication]."""
        given = self.authentication or {}
        data = given.get("data") or {}
        kind = given.get("type")
        if kind == "bearer_token":
            return {"Authorization": f"Bearer {data.get('token', '')}"}
        if kind == "basic_auth":
            pair = f"{data.get('username', '')}:{data.get('password', '')}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        if kind == "api_key":
            return {str(data.get("name", "X-Api-Key")): str(data.get("value", ""))}
        return {}


@dataclass
class Trigger:
    """A rule run on every save of a ticket [Ticket Triggers]."""

    id: int
    title: str
    conditions: dict[str, Any]
    actions: list[dict[str, Any]]
    active: bool = True

    def as_json(self) -> dict[str, object]:
        """Return the trigger as `GET triggers/{id}` does."""
        return {**vars(self), "position": 0, "category_id": None, "raw_title": self.title}

    def notified(self) -> list[tuple[str, str]]:
        """Return the webhooks it calls, each with the template of the body [Ticket Triggers: actions]."""
        values = [action["value"] for action in self.actions if action.get("field") == NOTIFY]
        return [(str(value[0]), str(value[1]) if len(value) > 1 else "{}") for value in values]

    def fires(self, ticket: Ticket, audit: Audit) -> bool:
        """True when its conditions hold; those of kinds not emulated always do [Conditions reference]."""
        met = [_holds(one, ticket, audit) for one in self.conditions.get("all") or ()]
        some = [_holds(one, ticket, audit) for one in self.conditions.get("any") or ()]
        return self.active and all(met) and (not some or any(some))


@dataclass
class Attempt:
    """One try to deliver."""

    status: int
    request_headers: Mapping[str, str]
    response_headers: Mapping[str, str]
    response_body: str
    completed_at: datetime
    id: str = field(default_factory=ulid)


@dataclass
class Invocation:
    """One call of a webhook. `status` as recorded: "terminated", "throttled", "circuit broken"; "accepted"
    while it waits and "success" are from the list of filters (unsure)."""

    id: str
    webhook_id: str
    event_type: str
    payload: bytes
    created_at: datetime
    status: str = "accepted"
    attempts: list[Attempt] = field(default_factory=list)
    shown: bool = True
    throttled: bool = False

    def rows(self) -> list[dict[str, object]]:
        """Return what the list shows of it: one that was throttled stands there twice [recorded]."""
        row = self.as_json()
        return [row, {**row, "status": "throttled"}] if self.throttled else [row]

    def as_json(self) -> dict[str, object]:
        """Return the invocation as `GET webhooks/{id}/invocations` does [Webhooks: invocations] (unsure)."""
        done = self.attempts[-1].completed_at if self.attempts else None
        return {
            "id": self.id,
            "webhook_id": self.webhook_id,
            "status": self.status,
            "event_type": self.event_type,
            "created_at": stamp(self.created_at),
            "latest_completed_at": done and stamp(done),
            "attempts_count": len(self.attempts),
        }

    def attempts_as_json(self) -> list[dict[str, object]]:
        """Return every attempt with full headers and payload, as recorded (names inside are unsure)."""
        return [
            {
                "id": attempt.id,
                "invocation_id": self.id,
                "status": "success" if 200 <= attempt.status < 300 else "failed",
                "status_code": attempt.status,
                "completed_at": stamp(attempt.completed_at),
                "request": {
                    "headers": pairs(attempt.request_headers),
                    "payload": self.payload.decode(errors="replace"),
                },
                "response": {"headers": pairs(attempt.response_headers), "payload": attempt.response_body},
            }
            for attempt in self.attempts
        ]


class Webhooks:
    """All webhooks and triggers, safe for several threads.

    `allowed` false: the plan has no webhooks at all. `events_allowed` false: it has only those that triggers
    call; subscribing is then refused with `events_refusal` (which status a plan gives is unsure).
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.all: dict[str, Webhook] = {}
        self.triggers: dict[int, Trigger] = {}
        self.invocations: dict[str, Invocation] = {}
        self.allowed = True
        self.events_allowed = True
        self.events_refusal = 422
        self.max_webhooks: int | None = None  # ten in a trial [Support: webhooks]
        self._numbers = itertools.count(360_100_000_001)

    def add(self, endpoint: str, subscriptions: Sequence[str], name: str = "Hook", **more: Any) -> Webhook:
        """Add a webhook with a secret of its own; `more` are optional fields of `Webhook`."""
        secret = base64.b64encode(secrets.token_bytes(32)).decode()
        webhook = Webhook(ulid(), name, endpoint, list(subscriptions), secret)
        vars(webhook).update(more)
        with self.lock:
            self.all[webhook.id] = webhook
        return webhook

    def rotate(self, webhook: Webhook) -> str:
        """Give a webhook a new secret; the old one signs no more [Webhooks: Reset signing secret]."""
        webhook.secret = base64.b64encode(secrets.token_bytes(32)).decode()
        return webhook.secret

    def add_trigger(self, content: Mapping[str, Any]) -> Trigger:
        """Add a trigger from what the API was sent."""
        with self.lock:
            trigger = Trigger(next(self._numbers), "", {}, [])
            change_trigger(trigger, content)
            self.triggers[trigger.id] = trigger
            return trigger

    def notified(self, ticket: Ticket, audit: Audit) -> list[tuple[Webhook, str]]:
        """Return the webhooks that triggers call for a save, each with its template."""
        called: list[tuple[Webhook, str]] = []
        for trigger in list(self.triggers.values()):
            for webhook_id, template in trigger.notified() if trigger.fires(ticket, audit) else ():
                webhook = self.all.get(webhook_id)
                if webhook is not None and webhook.conditional and webhook.status == "active":
                    called.append((webhook, template))
        return called

    def invocations_of(self, webhook_id: str) -> list[Invocation]:
        """Return a webhook's invocations that the account shows, newest first [Webhooks: invocations]."""
        with self.lock:
            mine = [i for i in self.invocations.values() if i.webhook_id == webhook_id and i.shown]
        return mine[::-1]


def change_trigger(trigger: Trigger, content: Mapping[str, Any]) -> None:
    """Set the fields of a trigger that were sent."""
    for name in ("title", "conditions", "actions", "active"):
        if name in content:
            setattr(trigger, name, content[name])


def pairs(headers: Mapping[str, str]) -> list[dict[str, str]]:
    """Return headers as the webhooks API writes them (unsure)."""
    return [{"key": key, "value": value} for key, value in headers.items()]


def _holds(condition: Mapping[str, Any], ticket: Ticket, audit: Audit) -> bool:
    name, operator, value = (condition.get(key) for key in ("field", "operator", "value"))
    if name == "update_type":
        return (audit is ticket.audits[0]) is (value == "Create")
    if name == "status" and operator in ("is", "is_not"):
        return (ticket.status == str(value)) is (operator == "is")
    if operator == "changed":
        return any(event.get("field_name") == name for event in audit.events)
    return True
