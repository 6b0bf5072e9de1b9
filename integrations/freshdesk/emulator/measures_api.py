"""The emulated REST API: what customers say of tickets, and the time agents worked on them.

A name in brackets is the part of developers.freshdesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly. Neither is there for archived tickets (unsure).
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, g

from integrations.emulation.serving import answer
from integrations.freshdesk.emulator.http import ApiError, invalid, paged, sent
from integrations.freshdesk.emulator.tickets_api import the_ticket, writable

RATINGS = (-103, -102, -101, 100, 101, 102, 103)
SPENT = re.compile(r"([0-9]{2,}):([0-9]{2})", re.ASCII)

api = Blueprint("freshdesk_measures", __name__, url_prefix="/api/v2")


@api.get("/tickets/<int:ticket_id>/satisfaction_ratings")
def list_ratings(ticket_id: int) -> Response:
    """Latest first (unsure) [Satisfaction Ratings]."""
    _needs("Surveys")
    with g.desk.lock:
        return paged([rating.as_json() for rating in reversed(the_ticket(ticket_id).ratings)])


@api.post("/tickets/<int:ticket_id>/satisfaction_ratings")
def add_rating(ticket_id: int) -> tuple[Response, int]:
    """Rate on the customer's behalf [Satisfaction Ratings: Create]."""
    _needs("Surveys")
    value = (sent({"feedback", "ratings"}).get("ratings") or {}).get("default_question")
    if value not in RATINGS:
        raise invalid("ratings", "It should be one of the survey's choices", "invalid_value")
    with g.desk.lock:
        return answer(g.desk.rate(the_ticket(ticket_id), value, g.now).as_json()), 201


@api.get("/tickets/<int:ticket_id>/time_entries")
def list_times(ticket_id: int) -> Response:
    _needs("Time Tracking")
    with g.desk.lock:
        return paged([entry.as_json() for entry in the_ticket(ticket_id).time_entries])


@api.post("/tickets/<int:ticket_id>/time_entries")
def add_time(ticket_id: int) -> tuple[Response, int]:
    """Hours and minutes, "01:30" [Time Entries: Create]."""
    _needs("Time Tracking")
    known = {"agent_id", "billable", "executed_at", "note", "start_time", "time_spent", "timer_running"}
    found = SPENT.fullmatch(str(sent(known).get("time_spent", "")))
    if found is None:
        raise invalid("time_spent", "It should be in the 'hh:mm' format", "invalid_value")
    with g.desk.lock:
        minutes = int(found[1]) * 60 + int(found[2])
        entry = g.desk.track(writable(ticket_id), g.agent.id, minutes, g.now)
        return answer(entry.as_json()), 201


def _needs(feature: str) -> None:
    """Refuse what the plan lacks [Errors: require_feature]. Raises ApiError."""
    if feature in g.desk.lacking:
        sentence = (
            f"The {feature} feature is not supported in your plan. Please upgrade your account to use it."
        )
        raise ApiError(403, {"code": "require_feature", "message": sentence})
