"""Reads what automation rules and our app send, as a hint which ticket to read again.

The body of a rule is what its author typed: ours (`webhook_admin`), the `freshdesk_webhook` wrapper of many
receivers, a flat object, a `ticket` object. Every value may be a string, `triggered_event` is no JSON. Of all
that only the ticket's number is believed, and only when no other place in the body names another. Our app
forwards the vendor's events, which name who changed the status: what no reading tells.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from integrations.freshdesk.schemas import SYSTEM_ID
from integrations.freshdesk.statuses import told_status
from integrations.reading import moment, number_in
from kcs.ports import AuthorKind, DeskUser, HeardChange, VerifiedDelivery

APP = "freshdesk-app"
WRAPPER = "freshdesk_webhook"
UNKNOWN_KIND = "unknown"
RULE_KIND = "rule"
MAX_KIND = 100
ARTICLE_EVENT = "onarticle"
KINDS = {"agent": AuthorKind.AGENT, "contact": AuthorKind.REQUESTER, "requester": AuthorKind.REQUESTER}
EARLIEST, LATEST = datetime(2010, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
LONGEST_TEXT = 320

Body = Mapping[str, object]


@dataclass(frozen=True)
class Event:
    """What the vendor told our app, in the shape the app forwards and in the vendor's own envelope alike."""

    name: str
    changes: Body
    actor: Body
    timestamp: object


def read_delivery(headers: Mapping[str, str], payload: Mapping[str, object]) -> VerifiedDelivery:
    """Name the delivery and the ticket it hints at; `ticket_id` is None where the body does not say one.

    A rule's delivery has no id of its own, and two changes can send the same words: each that arrives has an
    id of ours, and the words are the key of its event, by which one waiting row covers the next. An event of
    the app is told apart by what happened when, so that the same one again is none.
    """
    del headers  # a rule sends nothing there that would tell its deliveries apart
    ticket_id, event = _only(_tickets(payload)), _event(payload)
    if event is None:
        return _of_rule(ticket_id, payload)
    at = _time(event.timestamp)
    key = _digest([ticket_id, event.name, event.timestamp, event.changes, event.actor.get("id")])
    return VerifiedDelivery(
        delivery_id=f"app:{key}" if at else _arrival(),
        event_key=None,
        kind=_printable(event.name),
        ticket_id=ticket_id,
        happened_at=at,
        article_id=_only(_articles(payload)) if event.name.lower().startswith(ARTICLE_EVENT) else None,
        heard=_heard(event, at) if ticket_id else None,
    )


def _of_rule(ticket_id: str | None, payload: Body) -> VerifiedDelivery:
    event = payload.get("event") or _below(payload, WRAPPER).get("triggered_event")
    stated = event if isinstance(event, str) and event else (RULE_KIND if ticket_id else UNKNOWN_KIND)
    return VerifiedDelivery(
        delivery_id=_arrival(),
        event_key=f"rule:{_digest(payload)}" if ticket_id else None,
        kind=_printable(stated),
        ticket_id=ticket_id,
        happened_at=None,
    )


def _event(payload: Body) -> Event | None:
    """Return what an app event tells; None for what comes from a rule."""
    data, name = _below(payload, "data"), payload.get("event")
    if payload.get("source") == APP:
        told = Event(_text(name), _below(payload, "changes"), _below(payload, "actor"), None)
    elif data and "timestamp" in payload:
        changed = _below(_below(data, "ticket"), "changes") or _below(data, "changes")
        told = Event(_text(name or payload.get("event_type")), changed, _below(data, "actor"), None)
    else:
        return None
    return Event(told.name or UNKNOWN_KIND, told.changes, told.actor, payload.get("timestamp"))


def _tickets(payload: Body) -> Iterator[str | None]:
    """Yield the number of the ticket from wherever a body of a known shape has it."""
    data = _below(payload, "data")
    for holder, names in (
        (payload, ("ticket_id",)),
        (_below(payload, WRAPPER), ("ticket_id",)),
        (_below(payload, "ticket"), ("id", "ticket_id")),
        (_below(data, "ticket"), ("id",)),
        (_below(data, "conversation"), ("ticket_id",)),
    ):
        for name in names:
            if name in holder:
                yield number_in(holder[name])


def _articles(payload: Body) -> Iterator[str | None]:
    for holder, name in ((payload, "article_id"), (_below(_below(payload, "data"), "article"), "id")):
        if name in holder:
            yield number_in(holder[name])


def _only(found: Iterator[str | None]) -> str | None:
    """Return what all places say; None where they differ, or one of them cannot be read."""
    said = set(found)
    return said.pop() if len(said) == 1 else None


def _heard(event: Event, at: datetime | None) -> HeardChange | None:
    """Return the move of the status that an event tells of, with who made it and when."""
    change = event.changes.get("status")
    if at is None or not isinstance(change, list) or len(change) != 2:
        return None
    before, after = told_status(change[0]), told_status(change[1])
    if after is None or before is after:
        return None
    return HeardChange(at, _person(event.actor), before, after)


def _person(actor: Body) -> DeskUser:
    """Return who acted; one without a number is nobody."""
    number, kind = number_in(actor.get("id")), KINDS.get(_text(actor.get("type")).lower())
    if number is None:
        return DeskUser(SYSTEM_ID, AuthorKind.SYSTEM, "")
    return DeskUser(
        id=number,
        kind=kind or AuthorKind.SYSTEM,
        name=_text(actor.get("name")),
        email=_text(actor.get("email")) or None,
    )


def _time(value: object) -> datetime | None:
    """Return a moment from ISO 8601, or from seconds or milliseconds since 1970, as numbers or digits."""
    if isinstance(value, str) and (told := moment(value)) is not None:
        return told if EARLIEST <= told < LATEST else None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
        seconds = number / 1000 if number > LATEST.timestamp() else number
        if not EARLIEST.timestamp() <= seconds < LATEST.timestamp():
            return None
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError):
        return None


def _below(holder: Body, name: str) -> Body:
    held = holder.get(name)
    return held if isinstance(held, Mapping) else {}


def _text(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(c if c.isprintable() else " " for c in text[:LONGEST_TEXT]).strip()


def _digest(said: object) -> str:
    """Return the same for the same words in any order."""
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _arrival() -> str:
    return f"at:{secrets.token_hex(16)}"


def _printable(kind: str) -> str:
    return "".join(c if "!" <= c <= "~" else "?" for c in kind)[:MAX_KIND]
