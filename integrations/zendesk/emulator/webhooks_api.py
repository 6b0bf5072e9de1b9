"""The emulated REST API: webhooks, their secrets, tests and invocations, and the triggers that call them.

A name in brackets is the part of developer.zendesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests
from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.zendesk.emulator.deliveries import TIMEOUT, Delivery, signed_headers
from integrations.zendesk.emulator.events import CONDITIONAL, PREFIX, envelope, ulid
from integrations.zendesk.emulator.http import ApiError, cursor_page, invalid, not_found, offset_page, sent
from integrations.zendesk.emulator.records import stamp
from integrations.zendesk.emulator.webhooks import (
    NOTIFY,
    Invocation,
    Trigger,
    Webhook,
    Webhooks,
    change_trigger,
    pairs,
)
from integrations.zendesk.signature import PUBLIC_TEST_KEY

WRITABLE = ("name", "endpoint", "subscriptions", "status", "authentication", "http_method", "request_format")
MANDATORY = ("name", "status", "endpoint", "http_method", "request_format")
DESCRIBED = (*WRITABLE, "description")
SAMPLE = {"id": "35436", "status": "OPEN", "subject": "A sample ticket", "tags": [], "description": "Sample"}

api = Blueprint("webhooks", __name__, url_prefix="/api/v2")


@api.post("/webhooks")
def create_webhook() -> tuple[Response, int]:
    """Refused where the plan has no webhooks, no event subscriptions or no more of them [Webhooks]."""
    hooks, content = _webhooks(), sent("webhook")
    for name in MANDATORY:
        if not content.get(name):
            raise invalid(name, "cannot be blank")
    if hooks.max_webhooks is not None and len(hooks.all) >= hooks.max_webhooks:
        raise ApiError(403, "Forbidden", f"The account may have at most {hooks.max_webhooks} webhooks")
    _check_subscriptions(hooks, content.get("subscriptions") or [])
    given = {name: content[name] for name in DESCRIBED if name in content}
    who = {"created_by": str(g.user.id), "created_at": g.now, "updated_at": g.now}
    webhook = hooks.add(**{**given, **who})
    return answer({"webhook": webhook.as_json()}), 201


@api.get("/webhooks")
def list_webhooks() -> Response:
    """By cursor; `filter[name_contains]` filters [Webhooks: List Webhooks]."""
    part = request.args.get("filter[name_contains]", "").lower()
    shown = [w.as_json() for w in list(_webhooks().all.values()) if part in w.name.lower()]
    return answer(cursor_page("webhooks", shown, keep_next=False))


@api.get("/webhooks/<webhook_id>")
def show_webhook(webhook_id: str) -> Response:
    return answer({"webhook": _webhook(webhook_id).as_json()})


@api.route("/webhooks/<webhook_id>", methods=["PATCH", "PUT"])
def change_webhook(webhook_id: str) -> tuple[str, int]:
    """Answers 204 without a body; the kind of a webhook is fixed for life [Webhooks, recorded]."""
    webhook, content = _webhook(webhook_id), sent("webhook")
    if "subscriptions" in content:
        _check_subscriptions(_webhooks(), content["subscriptions"])
        if (content["subscriptions"] == [CONDITIONAL]) is not webhook.conditional:
            raise invalid("subscriptions", "cannot change between events and triggers")
    for name in DESCRIBED:
        if name in content:
            setattr(webhook, name, content[name])
    webhook.updated_at = g.now
    return "", 204


@api.delete("/webhooks/<webhook_id>")
def delete_webhook(webhook_id: str) -> tuple[str, int]:
    """Not while a trigger calls it [Webhooks: Delete Webhook] (unsure)."""
    webhook, hooks = _webhook(webhook_id), _webhooks()
    if any(webhook.id in dict(t.notified()) for t in hooks.triggers.values() if t.active):
        raise invalid("webhook", "is used by an active trigger")
    del hooks.all[webhook.id]
    return "", 204


@api.get("/webhooks/<webhook_id>/signing_secret")
def show_secret(webhook_id: str) -> Response:
    return answer(_secret(_webhook(webhook_id)))


@api.post("/webhooks/<webhook_id>/signing_secret")
def rotate_secret(webhook_id: str) -> tuple[Response, int]:
    webhook = _webhook(webhook_id)
    _webhooks().rotate(webhook)
    return answer(_secret(webhook)), 201


@api.post("/webhooks/test")
def test_webhook() -> Response:
    """Send one request and return what the endpoint answered [Webhooks: Test Webhook] (its shape is unsure).

    A webhook not yet saved, given in `request`, is signed with the public secret everybody knows
    [Webhooks: verifying].
    """
    asked = (request.get_json(silent=True) or {}).get("request") or {}
    webhook_id = request.args.get("webhook_id")
    webhook = _webhook(webhook_id) if webhook_id else _unsaved(asked)
    payload = asked.get("payload")
    body = payload.encode() if isinstance(payload, str) else _sample(webhook, g.now)
    delivery = Delivery(webhook.id, ulid(), "test", 0, body)
    moment = stamp(g.now + g.emulator.outbox.skew)
    headers = {**signed_headers(webhook.secret, delivery, moment), **webhook.authorization()}
    return answer({"response": _ask(webhook.endpoint, headers, body)})


@api.get("/webhooks/<webhook_id>/invocations")
def list_invocations(webhook_id: str) -> Response:
    """Newest first, filtered by status and time [Webhooks: List Webhook Invocations]."""
    args = request.args
    wanted, since, until = (args.get(f"filter[{name}]") for name in ("status", "from_ts", "to_ts"))
    shown = [
        row
        for invocation in _webhooks().invocations_of(_webhook(webhook_id).id)
        if (since or "") <= stamp(invocation.created_at) <= (until or "9")
        for row in invocation.rows()
        if wanted in (None, "", row["status"])
    ]
    return answer(cursor_page("invocations", shown, keep_next=False))


@api.get("/webhooks/<webhook_id>/invocations/<invocation_id>/attempts")
def list_attempts(webhook_id: str, invocation_id: str) -> Response:
    """Every attempt with full headers and payload [Webhooks: List Webhook Invocation Attempts, recorded]."""
    invocation: Invocation | None = _webhooks().invocations.get(invocation_id)
    if invocation is None or invocation.webhook_id != _webhook(webhook_id).id or not invocation.shown:
        raise not_found()
    return answer({"attempts": invocation.attempts_as_json()})


@api.post("/triggers")
def create_trigger() -> tuple[Response, int]:
    """Needs a title, actions and conditions; a webhook it calls must exist [Ticket Triggers]."""
    content = sent("trigger")
    for name in ("title", "actions", "conditions"):
        if not content.get(name):
            raise invalid(name, "cannot be blank")
    _check_actions(content)
    return answer({"trigger": _hooks().add_trigger(content).as_json()}), 201


@api.get("/triggers")
def list_triggers() -> Response:
    shown = [trigger.as_json() for trigger in list(_hooks().triggers.values())]
    if "page[size]" in request.args:
        return answer(cursor_page("triggers", shown, keep_next=True))
    return answer(offset_page("triggers", shown))


@api.get("/triggers/<int:trigger_id>")
def show_trigger(trigger_id: int) -> Response:
    return answer({"trigger": _trigger(trigger_id).as_json()})


@api.put("/triggers/<int:trigger_id>")
def update_trigger(trigger_id: int) -> Response:
    trigger, content = _trigger(trigger_id), sent("trigger")
    _check_actions(content)
    change_trigger(trigger, content)
    return answer({"trigger": trigger.as_json()})


@api.delete("/triggers/<int:trigger_id>")
def delete_trigger(trigger_id: int) -> tuple[str, int]:
    del _hooks().triggers[_trigger(trigger_id).id]
    return "", 204


def _hooks() -> Webhooks:
    hooks: Webhooks = g.emulator.webhooks
    return hooks


def _webhooks() -> Webhooks:
    """Return the account's webhooks. Raises ApiError where the plan has none (its answer is unsure)."""
    if not _hooks().allowed:
        raise ApiError(403, "Forbidden", "Webhooks are not available on this plan")
    return _hooks()


def _webhook(webhook_id: str) -> Webhook:
    webhook = _webhooks().all.get(webhook_id)
    if webhook is None:
        raise not_found()
    return webhook


def _trigger(trigger_id: int) -> Trigger:
    trigger = _hooks().triggers.get(trigger_id)
    if trigger is None:
        raise not_found()
    return trigger


def _check_subscriptions(hooks: Webhooks, subscriptions: list[str]) -> None:
    """Event types or, alone, the one for triggers: never both [Webhooks]. Raises ApiError."""
    if subscriptions == [CONDITIONAL]:
        return
    if not subscriptions or not all(str(one).startswith(PREFIX) for one in subscriptions):
        raise invalid("subscriptions", "must be event types, or conditional_ticket_events alone")
    if not hooks.events_allowed:
        if hooks.events_refusal == 422:
            raise invalid("subscriptions", "to events are not available on this plan")
        raise ApiError(
            hooks.events_refusal, "Forbidden", "Event subscriptions are not available on this plan"
        )


def _check_actions(content: Mapping[str, Any]) -> None:
    for action in content.get("actions") or ():
        if action.get("field") == NOTIFY:
            webhook = _hooks().all.get(str((action.get("value") or [""])[0]))
            if webhook is None or not webhook.conditional:
                raise invalid("actions", "name no webhook that triggers may call")


def _secret(webhook: Webhook) -> dict[str, object]:
    return {"signing_secret": {"secret": webhook.secret, "algorithm": "SHA256"}}


def _unsaved(asked: Mapping[str, Any]) -> Webhook:
    if not asked.get("endpoint"):
        raise invalid("endpoint", "cannot be blank")
    subscriptions = list(asked.get("subscriptions") or [CONDITIONAL])
    authentication = asked.get("authentication")
    return Webhook(
        ulid(), "", str(asked["endpoint"]), subscriptions, PUBLIC_TEST_KEY, "active", authentication
    )


def _sample(webhook: Webhook, at: datetime) -> bytes:
    """Return a made-up event of the first type subscribed to, about a ticket that does not exist."""
    if webhook.conditional:
        return b"{}"
    kind = webhook.subscriptions[0].removeprefix(PREFIX)
    content = envelope(kind, f"zen:{kind.partition('.')[0]}:{SAMPLE['id']}", SAMPLE, {}, at)
    return answer(content).get_data()


def _ask(endpoint: str, headers: Mapping[str, str], body: bytes) -> dict[str, object]:
    with requests.Session() as session:
        session.trust_env = False
        try:
            reply = session.post(endpoint, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except requests.Timeout:
            return {"status": 504, "headers": [], "payload": "The request timed out"}
        except requests.ConnectionError:
            return {"status": 502, "headers": [], "payload": "The connection failed"}
    return {"status": reply.status_code, "headers": pairs(dict(reply.headers)), "payload": reply.text}
