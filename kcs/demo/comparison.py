"""Compare what the product holds after a replay with what the plan says."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics import asking
from kcs.metrics.model import Number, Segment
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import link_rate
from kcs.people.models import Agent
from kcs.tickets.models import Ticket


def differences(states: dict[str, str], report: dict[str, tuple[int, int, int, int]]) -> list[str]:
    """Return every difference in words; an empty list means that all is exactly as planned."""
    return [*_in_states(states), *_in_report(report), *_in_log(states)]


def _in_states(expected: dict[str, str]) -> list[str]:
    rows = db.session.execute(select(Ticket.remote_id, Ticket.knowledge_state)).all()
    found = {remote_id: state.value for remote_id, state in rows}
    doubled = [f"{len(rows) - len(found)} tickets are mirrored twice"] if len(rows) != len(found) else []
    return doubled + [
        f"ticket {remote_id} is {found.get(remote_id, 'missing')}, planned {expected.get(remote_id, 'none')}"
        for remote_id in sorted(expected.keys() | found.keys())
        if expected.get(remote_id) != found.get(remote_id)
    ]


def _in_report(expected: dict[str, tuple[int, int, int, int]]) -> list[str]:
    found = figures_by_agent()
    none = (0, 0, 0, 0)
    return [
        f"{agent}: the report says {found.get(agent, none)}, planned {expected.get(agent, none)}"
        for agent in sorted(expected.keys() | found.keys())
        if found.get(agent, none) != expected.get(agent, none)
    ]


def figures_by_agent() -> dict[str, tuple[int, int, int, int]]:
    """Return solved, linked, exempt and unanswered by the agent's address, from the report."""
    report = asking.table(link_rate.REPORT, {"by": Segment.AGENT}, EVERYBODY)
    emails = {
        str(agent_id): email for agent_id, email in db.session.execute(select(Agent.id, Agent.email)).all()
    }
    return {emails.get(str(row.key), row.label): _four(row.figures) for row in report.rows}


def _four(figures: Mapping[str, Number | None]) -> tuple[int, int, int, int]:
    solved, linked, exempt, unanswered = (
        int(figures[name] or 0) for name in ("solved", "linked", "exempt", "unanswered")
    )
    return solved, linked, exempt, unanswered


def _in_log(expected: dict[str, str]) -> list[str]:
    """A ticket is solved once more than it was reopened, if at all: a repeat would show here."""
    kinds = ("ticket.solve", "ticket.reopen")
    query = select(Activity.ticket_id, Activity.kind, func.count()).where(Activity.kind.in_(kinds))
    counted: dict[tuple[int | None, str], int] = {
        (ticket_id, kind): count
        for ticket_id, kind, count in db.session.execute(query.group_by(Activity.ticket_id, Activity.kind))
    }
    ids = {row.id: row.remote_id for row in db.session.execute(select(Ticket.id, Ticket.remote_id))}
    return [
        f"ticket {remote_id} was solved {solved} and reopened {reopened} times in the log"
        for ticket_id, remote_id in ids.items()
        if (solved := counted.get((ticket_id, kinds[0]), 0))
        - (reopened := counted.get((ticket_id, kinds[1]), 0))
        != int(expected.get(remote_id) != "capture")
    ]
