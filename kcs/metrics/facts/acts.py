"""What people did for knowledge, row by row of the log: linking, creating, modifying, flagging."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.metrics.kinds import LINK, RESOLUTION

CREATED, EDITED, FLAGGED = "article.created", "article.edited", "article.flagged"
KINDS = (LINK, CREATED, EDITED, FLAGGED)


def acts(*wanted: ColumnElement[Any]) -> Select[Any]:
    """Select the acts of people, each with a 1 in the column of its kind, and the `wanted` columns besides.

    A link as background reading is none of them. Editing an article in the very ticket one created it in is
    part of creating it.
    """
    columns = {
        "linked": and_(Activity.kind == LINK, Activity.role == RESOLUTION),
        "created": Activity.kind == CREATED,
        "modified": and_(Activity.kind == EDITED, ~_still_creating()),
        "flagged": Activity.kind == FLAGGED,
    }
    flags = [case((condition, 1), else_=0).label(name) for name, condition in columns.items()]
    return select(
        Activity.agent_id,
        Activity.team_id,
        Activity.connection_id,
        Activity.ticket_id,
        Activity.article_id,
        Activity.happened_at,
        *flags,
        *wanted,
    ).where(Activity.kind.in_(KINDS), Activity.agent_id.is_not(None), or_(*columns.values()))


def _still_creating() -> ColumnElement[bool]:
    born = aliased(Activity, name="born")
    return exists().where(
        born.article_id == Activity.article_id,
        born.kind == CREATED,
        born.agent_id == Activity.agent_id,
        born.ticket_id == Activity.ticket_id,
    )
