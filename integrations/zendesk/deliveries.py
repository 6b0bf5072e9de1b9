"""Reads a webhook's body in both of Zendesk's shapes, as a hint which ticket to read again.

Event-subscribed webhooks send a fixed envelope (developer.zendesk.com/api-reference/webhooks/event-types);
triggers and automations send the body their author wrote, for us
`{"ticket_id", "status", "updated_at", "current_user_id"}`. Whatever else comes is kept and names no ticket.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from integrations.reading import header, moment, number_in
from kcs.errors import BadRequest
from kcs.ports import VerifiedDelivery

INVOCATION = "x-zendesk-webhook-invocation-id"
EVENT = "zen:event-type:"
TICKET_EVENT = "zen:event-type:ticket."
ARTICLE_EVENT = "zen:event-type:article."
# What readers do beside an article leaves its text alone.
BESIDE_THE_TEXT = tuple(f"{ARTICLE_EVENT}{what}_" for what in ("vote", "comment", "subscription"))
TRIGGER_KIND = "ticket.updated"
UNKNOWN_KIND = "unknown"
MAX_KIND = 100

TOKEN = re.compile(r"[\x21-\x7e]{1,200}")
SUBJECT = "zen:ticket:"
ARTICLE_SUBJECT = "zen:article:"


def read_delivery(headers: Mapping[str, str], payload: Mapping[str, object]) -> VerifiedDelivery:
    """Name the delivery and the ticket it hints at.

    `delivery_id` is the invocation id, which survives Zendesk's retries; `event_key` is the same for two
    deliveries of one event, or None where the body does not tell. `kind` is the event type without
    Zendesk's prefix. Raises BadRequest when the invocation id is missing or unreadable.
    """
    delivery_id = header(headers, INVOCATION)
    if not TOKEN.fullmatch(delivery_id):
        raise BadRequest(
            "The webhook names no readable invocation: Zendesk sends it in the header "
            "X-Zendesk-Webhook-Invocation-Id, as up to 200 printable characters."
        )
    kind = payload.get("type")
    if isinstance(kind, str) and kind.startswith(EVENT):
        return _from_envelope(delivery_id, kind, payload)
    return _from_trigger(delivery_id, payload)


def _from_envelope(delivery_id: str, kind: str, payload: Mapping[str, object]) -> VerifiedDelivery:
    return VerifiedDelivery(
        delivery_id=delivery_id,
        event_key=_event_id(payload.get("id")),
        kind=_printable(kind.removeprefix(EVENT)),
        ticket_id=_named_in(payload, SUBJECT) if kind.startswith(TICKET_EVENT) else None,
        happened_at=moment(payload.get("time")),
        article_id=_named_in(payload, ARTICLE_SUBJECT) if _is_about_text(kind) else None,
    )


def _from_trigger(delivery_id: str, payload: Mapping[str, object]) -> VerifiedDelivery:
    ticket_id = number_in(payload.get("ticket_id"))
    kind = payload.get("type")
    stated = kind if isinstance(kind, str) and kind else UNKNOWN_KIND
    return VerifiedDelivery(
        delivery_id=delivery_id,
        event_key=_trigger_key(ticket_id, payload),
        kind=TRIGGER_KIND if ticket_id else _printable(stated),
        ticket_id=ticket_id,
        happened_at=moment(payload.get("updated_at")),
    )


def _is_about_text(kind: str) -> bool:
    return kind.startswith(ARTICLE_EVENT) and not kind.startswith(BESIDE_THE_TEXT)


def _named_in(payload: Mapping[str, object], prefix: str) -> str | None:
    """Return the number of what an envelope is about."""
    detail = payload.get("detail")
    in_detail = number_in(detail.get("id")) if isinstance(detail, Mapping) else None
    subject = payload.get("subject")
    if in_detail or not isinstance(subject, str) or not subject.startswith(prefix):
        return in_detail
    return number_in(subject.removeprefix(prefix))


def _event_id(value: object) -> str | None:
    """Return the envelope's id; one too odd to keep whole is no key, since a shortened one could collide."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value) if isinstance(value, str) or abs(value) < 10**30 else ""
    return text if TOKEN.fullmatch(text) else None


def _trigger_key(ticket_id: str | None, payload: Mapping[str, object]) -> str | None:
    """Ticket, time of change and status, hashed: the status is localised text of any length."""
    updated_at = payload.get("updated_at")
    if not ticket_id or not isinstance(updated_at, str) or not updated_at.strip():
        return None
    status = payload.get("status")
    parts = f"{updated_at}\n{status if isinstance(status, str) else ''}"
    digest = hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{ticket_id}:{digest[:40]}"


def _printable(kind: str) -> str:
    return "".join(c if "!" <= c <= "~" else "?" for c in kind)[:MAX_KIND]
