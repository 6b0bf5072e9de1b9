"""Sets up Zendesk's webhook over its API, and finds what it could not deliver.

[Webhooks; Ticket Triggers] at developer.zendesk.com. A webhook subscribes to events, or is called by
triggers, and stays what it was made as. Where a plan has no event subscriptions we make one for triggers and
a trigger that calls it; where that is refused too, the administrator is told what to make by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from integrations.reading import moment
from integrations.replies import parse_json
from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.deliveries import read_delivery
from integrations.zendesk.signature import PUBLIC_TEST_KEY
from kcs.errors import KcsError, RemoteError
from kcs.ports import MissedDelivery, Webhook
from kcs.sentences import Sentence

PREFIX = "zen:event-type:"
CORE = ("ticket.created", "ticket.status_changed", "ticket.comment_added", "ticket.merged")
EVENTS = (
    *CORE,
    "ticket.custom_status_changed",
    "ticket.agent_assignment_changed",
    "ticket.group_assignment_changed",
    "ticket.comment_made_private",
    "ticket.tags_changed",
    "ticket.custom_field_changed",
    "ticket.subject_changed",
    "ticket.soft_deleted",
    "ticket.permanently_deleted",
    "ticket.undeleted",
    "article.published",
    "article.unpublished",
)
FOR_TRIGGERS = "conditional_ticket_events"
REFUSED = frozenset({400, 402, 403, 404, 422})
# Recorded states: "terminated", "throttled", "circuit broken". An id may stand twice, as it was tried twice.
FAILED = re.compile(r"terminat|throttl|circuit|fail|error|time", re.IGNORECASE)
TRIGGER_BODY = json.dumps(
    {
        "ticket_id": "{{ticket.id}}",
        "status": "{{ticket.status}}",
        "updated_at": "{{ticket.updated_at_with_timestamp}}",
        "current_user_id": "{{current_user.id}}",
    }
)
BY_HAND = (
    "In Zendesk's Admin Center, under Apps and integrations > Webhooks, create a webhook: endpoint "
    "{endpoint}, request method POST, request format JSON, no authentication. Reveal its signing secret and "
    "give it to this connection. {trigger}"
)
TRIGGER_BY_HAND = (
    "Under Objects and rules > Business rules > Triggers add a trigger: it meets any of 'Ticket is created' "
    "and 'Ticket is updated', its action is 'Notify active webhook' with our webhook and this JSON: {body}"
)


class ZendeskWebhooks:
    """Implements `kcs.ports.WebhookAdmin` for one account."""

    def __init__(self, client: ZendeskClient) -> None:
        self._client = client

    def install(self, name: str, endpoint: str) -> Webhook:
        """Make the webhook, or find the one that has this endpoint and bring it up to date.

        Raises RemoteError when Zendesk cannot be asked at all; what a plan or a role refuses ends in
        `instructions`.
        """
        try:
            found = self._found(endpoint) or self._created(name, endpoint)
            webhook_id = str(found["id"])
            secret = self._secret(webhook_id)
        except RemoteError as error:
            if error.answered not in REFUSED:
                raise
            trigger = TRIGGER_BY_HAND.format(body=TRIGGER_BODY)
            said = BY_HAND.format(endpoint=endpoint, trigger=trigger)
            return Webhook("", None, "manual", f"{said} ({error.message})")
        if found.get("subscriptions") == [FOR_TRIGGERS]:
            return Webhook(webhook_id, secret, "trigger", self._trigger_made(name, webhook_id))
        return Webhook(webhook_id, secret, "events")

    def rotate(self, webhook_id: str) -> str:
        """Let Zendesk sign with a new secret from now on, and return it. Raises RemoteError."""
        return _secret_in(self._client.post(f"/webhooks/{webhook_id}/signing_secret", {}))

    def test(self, webhook_id: str) -> str:
        """Have Zendesk send a signed sample event; return what our address answered. Raises RemoteError."""
        answer = self._client.post(f"/webhooks/test?webhook_id={webhook_id}", {"request": {}})
        response = answer.get("response")
        status = response.get("status") if isinstance(response, Mapping) else None
        return (
            Sentence("our address answered %(status)s", status=status) if status else Sentence("it was sent")
        )

    def remove(self, webhook_id: str) -> None:
        """Delete the triggers that call the webhook, then the webhook. Raises RemoteError."""
        for trigger in self._triggers():
            if _calls(trigger, webhook_id):
                self._delete(f"/triggers/{trigger['id']}")
        self._delete(f"/webhooks/{webhook_id}")

    def missed(self, webhook_id: str, since: datetime) -> Iterator[MissedDelivery]:
        """Yield deliveries that failed since then and name a ticket. Raises RemoteError."""
        start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = f"/webhooks/{webhook_id}/invocations"
        seen: set[str] = set()
        for invocation in self._client.pages(
            f"{path}?{urlencode({'filter[from_ts]': start})}", "invocations"
        ):
            at, name = moment(invocation.get("created_at")), str(invocation.get("id"))
            failed = FAILED.search(str(invocation.get("status")))
            if at is None or at < since or not failed or name in seen:
                continue
            seen.add(name)
            ticket_id = self._ticket_of(f"{path}/{quote(name, safe='')}/attempts")
            if ticket_id is not None:
                yield MissedDelivery(name, ticket_id, at)

    def _found(self, endpoint: str) -> dict[str, Any] | None:
        """Return the webhook made before, active and subscribed to what we want."""
        for webhook in self._client.pages("/webhooks", "webhooks"):
            if webhook.get("endpoint") != endpoint:
                continue
            changed = _outdated(webhook)
            if changed:
                self._client.patch(f"/webhooks/{webhook['id']}", {"webhook": changed})
            return {**webhook, **changed}
        return None

    def _created(self, name: str, endpoint: str) -> dict[str, Any]:
        """Subscribe to all events we know, to the oldest of them, or let triggers call."""
        for subscriptions in (_named(EVENTS), _named(CORE)):
            try:
                return self._subscribed(name, endpoint, subscriptions)
            except RemoteError as error:
                if error.answered not in REFUSED:
                    raise
        return self._subscribed(name, endpoint, [FOR_TRIGGERS])

    def _subscribed(self, name: str, endpoint: str, subscriptions: list[str]) -> dict[str, Any]:
        content = {
            "name": name,
            "status": "active",
            "endpoint": endpoint,
            "http_method": "POST",
            "request_format": "json",
            "subscriptions": subscriptions,
        }
        made = self._client.post("/webhooks", {"webhook": content}).get("webhook")
        if not isinstance(made, dict) or not made.get("id"):
            raise RemoteError("Zendesk, POST /api/v2/webhooks: the answer names no webhook.", permanent=False)
        return {"subscriptions": subscriptions, **made}

    def _secret(self, webhook_id: str) -> str:
        return _secret_in(self._client.get(f"/webhooks/{webhook_id}/signing_secret"))

    def _trigger_made(self, name: str, webhook_id: str) -> str:
        """Make the trigger unless one calls the webhook already; return what is left to do by hand."""
        try:
            if not any(_calls(trigger, webhook_id) for trigger in self._triggers()):
                self._client.post("/triggers", {"trigger": _trigger(name, webhook_id)})
        except RemoteError as error:
            if error.answered not in REFUSED:
                raise
            return f"{TRIGGER_BY_HAND.format(body=TRIGGER_BODY)} ({error.message})"
        return ""

    def _triggers(self) -> Iterator[Any]:
        return self._client.pages("/triggers", "triggers")

    def _ticket_of(self, path: str) -> str | None:
        """Return the ticket that a delivery was about; None where nothing says so."""
        for attempt in self._client.pages(path, "attempts"):
            request = attempt.get("request")
            payload = request.get("payload") if isinstance(request, Mapping) else None
            content = parse_json(payload.encode()) if isinstance(payload, str) else payload
            if isinstance(content, dict):
                try:
                    return read_delivery({"x-zendesk-webhook-invocation-id": "-"}, content).ticket_id
                except KcsError:
                    continue
        return None

    def _delete(self, path: str) -> None:
        try:
            self._client.delete(path)
        except RemoteError as error:
            if not error.missing:
                raise


def _named(events: Sequence[str]) -> list[str]:
    return [PREFIX + event for event in events]


def _outdated(webhook: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has to change: it must be active, and hear of all events when it hears of events."""
    changed: dict[str, Any] = {} if webhook.get("status") == "active" else {"status": "active"}
    present = webhook.get("subscriptions")
    present = present if isinstance(present, list) else []
    missing = [event for event in _named(CORE) if event not in present]
    if missing and present != [FOR_TRIGGERS]:
        changed["subscriptions"] = [*present, *missing]
    return changed


def _trigger(name: str, webhook_id: str) -> dict[str, object]:
    return {
        "title": name,
        "active": True,
        "conditions": {
            "all": [],
            "any": [
                {"field": "update_type", "operator": "is", "value": "Create"},
                {"field": "update_type", "operator": "is", "value": "Change"},
            ],
        },
        "actions": [{"field": "notification_webhook", "value": [webhook_id, TRIGGER_BODY]}],
    }


def _calls(trigger: Mapping[str, Any], webhook_id: str) -> bool:
    actions = trigger.get("actions")
    if not isinstance(actions, list) or trigger.get("active") is False:
        return False
    values = [action.get("value") for action in actions if isinstance(action, Mapping)]
    return any(isinstance(value, list) and value and str(value[0]) == webhook_id for value in values)


def _secret_in(answer: Mapping[str, Any]) -> str:
    found = answer.get("signing_secret")
    secret = found.get("secret") if isinstance(found, Mapping) else None
    if not isinstance(secret, str) or not secret or secret == PUBLIC_TEST_KEY:
        raise RemoteError("Zendesk gave no signing secret of the webhook's own.", permanent=False)
    return secret
