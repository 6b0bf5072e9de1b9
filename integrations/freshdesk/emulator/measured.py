"""Ratings and time entries, as the emulated account keeps them and REST shows them.

A name in brackets is the part of developers.freshdesk.com that a shape follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Rating:
    """What the customer said of a ticket: from -103, extremely unhappy, to 103, extremely happy."""

    id: int
    ticket_id: int
    user_id: int
    agent_id: int | None
    value: int
    created_at: datetime

    def as_json(self) -> dict[str, object]:
        """Return it as `GET tickets/{id}/satisfaction_ratings` does [Satisfaction Ratings]."""
        at = _stamp(self.created_at)
        shown = {name: getattr(self, name) for name in ("id", "ticket_id", "user_id", "agent_id")}
        answers = {"default_question": self.value}
        more = {"survey_id": 1, "group_id": None, "feedback": None, "ratings": answers}
        return {**shown, **more, "created_at": at, "updated_at": at}


@dataclass(frozen=True)
class TimeEntry:
    """Time an agent worked on a ticket."""

    id: int
    ticket_id: int
    agent_id: int
    minutes: int
    executed_at: datetime

    def as_json(self) -> dict[str, object]:
        """Return it as `GET tickets/{id}/time_entries` does [Time Entries]."""
        at = _stamp(self.executed_at)
        hours, minutes = divmod(self.minutes, 60)
        return {
            "id": self.id,
            "ticket_id": self.ticket_id,
            "agent_id": self.agent_id,
            "billable": True,
            "note": None,
            "timer_running": False,
            "time_spent": f"{hours:02}:{minutes:02}",
            **dict.fromkeys(("executed_at", "start_time", "created_at", "updated_at"), at),
        }


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
