"""The tickets solved in a window and what became of them, read from the activity log: what reports count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    exists,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.metrics.definitions import Cell
from kcs.metrics.periods import Window
from kcs.metrics.reach import Reach
from kcs.people.models import Agent
from workflow.solve import Act, KnowledgeState

RESOLUTION = "resolution"
SOLVE = f"ticket.{Act.SOLVE}"
EXCLUDED = "ticket.excluded"
RESTORED = "ticket.restored"
STANDING = (SOLVE, f"ticket.{Act.REOPEN}", EXCLUDED)
LINKING = (f"ticket.{Act.LINK}", f"ticket.{Act.DRAFT}")
UNLINKING = (f"ticket.{Act.UNLINK}", f"ticket.{Act.DISCARD}")
SOLVE_LOOP = (*(f"ticket.{act}" for act in Act), EXCLUDED, RESTORED)


@dataclass(frozen=True)
class Question:
    """What every query of one report holds fixed: its window, its moment and whose tickets it may count."""

    window: Window
    as_of: datetime
    reach: Reach


def solved_in(question: Question) -> Subquery:
    """The window's tickets, one row each, with what became of them: linked, exempt or unanswered."""
    solve = aliased(Activity, name="solve")
    return (
        select(
            solve.ticket_id,
            solve.connection_id,
            solve.agent_id,
            solve.team_id,
            solve.happened_at,
            _outcome(solve.ticket_id, question.as_of).label("outcome"),
            case((solve.detail["inferred"].as_boolean(), 1), else_=0).label("inferred"),
        )
        .where(
            solve.kind == SOLVE,
            solve.recorded_at < question.as_of,
            solve.happened_at >= question.window.start,
            solve.happened_at < question.window.end,
            ~_later_standing(solve, question.as_of),
            within(question.reach, solve.agent_id),
        )
        .subquery("solved")
    )


def _later_standing(solve: type[Activity], as_of: datetime) -> ColumnElement[bool]:
    later = aliased(Activity, name="later")
    return exists().where(
        later.ticket_id == solve.ticket_id,
        later.id > solve.id,
        later.kind.in_(STANDING),
        later.recorded_at < as_of,
        ~_taken_back(later, as_of),
    )


def _taken_back(later: type[Activity], as_of: datetime) -> ColumnElement[bool]:
    """Say whether a ticket that was left out has come back since, with what was known of it before."""
    restored = aliased(Activity, name="restored")
    came_back = exists().where(
        restored.ticket_id == later.ticket_id,
        restored.id > later.id,
        restored.kind == RESTORED,
        restored.recorded_at < as_of,
    )
    return and_(later.kind == EXCLUDED, came_back)


def _outcome(ticket_id: SQLColumnExpression[int | None], as_of: datetime) -> ColumnElement[str]:
    made = aliased(Activity, name="made")
    removed = aliased(Activity, name="removed")
    last = aliased(Activity, name="last")
    taken_back = exists().where(
        removed.ticket_id == made.ticket_id,
        removed.link_id == made.link_id,
        removed.kind.in_(UNLINKING),
        removed.recorded_at < as_of,
    )
    linked = exists().where(
        made.ticket_id == ticket_id,
        made.kind.in_(LINKING),
        made.role == RESOLUTION,
        made.recorded_at < as_of,
        ~taken_back,
    )
    state = (
        select(last.after)
        .where(last.ticket_id == ticket_id, last.kind.in_(SOLVE_LOOP), last.recorded_at < as_of)
        .order_by(last.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return case(
        (linked, Cell.LINKED.value),
        (state == KnowledgeState.EXEMPT.value, Cell.EXEMPT.value),
        else_=Cell.UNANSWERED.value,
    )


def within(reach: Reach, agent_id: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    """Keep rows about people within reach."""
    if reach.everybody:
        return true()
    if reach.team_id is None:
        return agent_id == reach.agent_id
    people = select(Agent.id).where(Agent.team_id == reach.team_id)
    return or_(agent_id == reach.agent_id, agent_id.in_(people))
