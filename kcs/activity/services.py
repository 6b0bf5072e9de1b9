"""Writing the activity log, and the barrier that makes reports as of a moment reproducible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import insert

from kcs import database
from kcs.activity.models import Activity, Remark
from kcs.database import db
from kcs.text import clean

SETTLE_LOCK = 7401
_OPTIONAL = (
    *("agent_id", "team_id", "connection_id", "ticket_id", "article_id", "link_id"),
    *("role", "before", "after"),
)

request_id: ContextVar[str | None] = ContextVar("kcs_request_id", default=None)


class Actor(Protocol):
    """Who did it: an agent, with the team they are in at that moment."""

    @property
    def id(self) -> int:
        """The agent's id."""

    @property
    def team_id(self) -> int | None:
        """Their team, None without one."""


def record(
    kind: str,
    *,
    authority: str,
    agent: Actor | None = None,
    happened_at: datetime | None = None,
    connection_id: int | None = None,
    ticket_id: int | None = None,
    article_id: int | None = None,
    link_id: int | None = None,
    role: str | None = None,
    before: str | None = None,
    after: str | None = None,
    detail: dict[str, Any] | None = None,
    remark: str = "",
) -> Activity:
    """Append one row in the present transaction.

    `detail` holds ids and codes, never words of people; those go into `remark`, which is kept apart.
    """
    # Held until commit: `settle` waits for it, so nothing recorded before a report's moment appears later.
    database.advisory_lock(SETTLE_LOCK, shared=True)
    moment = database.now()
    activity = Activity(
        kind=kind,
        happened_at=happened_at or moment,
        recorded_at=moment,
        agent_id=agent.id if agent else None,
        team_id=agent.team_id if agent else None,
        connection_id=connection_id,
        ticket_id=ticket_id,
        article_id=article_id,
        link_id=link_id,
        role=role,
        before=before,
        after=after,
        authority=authority,
        request_id=request_id.get(),
        detail=detail or {},
    )
    db.session.add(activity)
    db.session.flush()
    if remark.strip():
        db.session.add(Remark(activity_id=activity.id, text=clean(remark, limit=2000)))
    return activity


def record_many(rows: Sequence[Mapping[str, Any]]) -> None:
    """Append what happened elsewhere, many rows at once and in this order, in the present transaction.

    Each row names the columns it fills, `kind` and `authority` among them; `happened_at` None is now.
    """
    if not rows:
        return
    database.advisory_lock(SETTLE_LOCK, shared=True)
    moment = database.now()
    common: dict[str, Any] = {
        **dict.fromkeys(_OPTIONAL),
        "detail": {},
        "request_id": request_id.get(),
        "recorded_at": moment,
    }
    db.session.execute(
        insert(Activity),
        [{**common, **row, "happened_at": row.get("happened_at") or moment} for row in rows],
    )


def settle() -> datetime:
    """Wait until every running transaction that has recorded something is over; return a moment after them.

    Whatever is recorded later bears a later `recorded_at`. Ends the present transaction.
    """
    db.session.rollback()
    database.end_reading()
    database.advisory_lock(SETTLE_LOCK)
    moment = database.now()
    db.session.execute(db.select(1))
    db.session.rollback()
    return moment
