"""What the emulated desk measures of a ticket, and what its customer says of it.

A name in brackets is the part of developer.zendesk.com that a shape follows; "(unsure)" marks what no source
shows plainly.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import request

from integrations.zendesk.emulator.desk import Desk
from integrations.zendesk.emulator.records import DONE, Audit, Ticket, stamp

METRICS = "metric_sets"
FIRST_METRIC_ID = 33_000_000
SCORES = ("offered", "good", "bad")
MINUTE = 60


def rate(desk: Desk, ticket: Ticket, author_id: int, score: str, at: datetime) -> Audit:
    """Let the customer rate, or be asked to; no webhook's event tells of it [Satisfaction Ratings, Audits].

    Raises ValueError for a ticket that is not solved, and for what is no score.
    """
    if ticket.status not in DONE or score not in SCORES:
        raise ValueError(f"ticket {ticket.id} is {ticket.status}: {score!r} cannot be said of it")
    with desk.lock:
        audit = desk.audit(ticket, author_id, at)
        desk.event(audit, "SatisfactionRating", score=score, assignee_id=ticket.assignee_id, body=None)
        ticket.satisfaction, ticket.updated_at = score, at
        desk.finish(ticket, audit)
        return audit


def with_metrics(desk: Desk, ticket: Ticket) -> dict[str, object]:
    """Return one ticket, with its metrics in it where `include` asks for them [Side-loading] (unsure)."""
    shown = ticket.as_json()
    return {**shown, "metric_set": metric_set(desk, ticket)} if _asked() else shown


def beside(desk: Desk, tickets: Iterable[Ticket]) -> dict[str, object]:
    """Return the metrics of listed tickets, a list of their own where `include` asks [Side-loading]."""
    return {METRICS: [metric_set(desk, ticket) for ticket in tickets]} if _asked() else {}


def metric_set(desk: Desk, ticket: Ticket) -> dict[str, object]:
    """Return the ticket's metrics: minutes by the calendar and within business hours [Ticket Metrics]."""
    staff = [
        comment for comment in ticket.comments[1:] if comment.public and _is_staff(desk, comment.author_id)
    ]
    solvings = [audit.created_at for audit in ticket.audits if _solves(audit)]
    return {
        "id": FIRST_METRIC_ID + ticket.id,
        "ticket_id": ticket.id,
        "created_at": stamp(ticket.created_at),
        "updated_at": stamp(ticket.updated_at),
        "replies": len(staff),
        "reopens": max(0, len(solvings) - 1),
        "reply_time_in_minutes": _minutes(ticket, staff[0].created_at if staff else None),
        "first_resolution_time_in_minutes": _minutes(ticket, solvings[0] if solvings else None),
        "full_resolution_time_in_minutes": _minutes(ticket, solvings[-1] if solvings else None),
        "solved_at": stamp(solvings[-1]) if solvings and ticket.status in DONE else None,
        "latest_comment_added_at": stamp(ticket.comments[-1].created_at) if ticket.comments else None,
    }


def _asked() -> bool:
    return METRICS in request.args.get("include", "").split(",")


def _is_staff(desk: Desk, user_id: int) -> bool:
    user = desk.users.get(user_id)
    return user is not None and user.staff


def _solves(audit: Audit) -> bool:
    changes = (event for event in audit.events if event.get("field_name") == "status")
    return any(event.get("value") == "solved" for event in changes)


def _minutes(ticket: Ticket, until: datetime | None) -> dict[str, int | None]:
    """Return whole minutes since the opening; business hours are a third of the day here."""
    passed = None if until is None else int((until - ticket.created_at).total_seconds() // MINUTE)
    return {"calendar": passed, "business": None if passed is None else passed // 3}
