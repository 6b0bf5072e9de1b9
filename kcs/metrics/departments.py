"""Rows told apart by department: that of their team, as the log says as of a moment."""

from __future__ import annotations

from sqlalchemy import Subquery, select

from kcs.metrics.model import Scope, Segment
from kcs.people.departments import departments_as_of


def with_departments(found: Subquery, scope: Scope, by: Segment | None) -> Subquery:
    """Add to rows with a `team_id` the department the team had as of the scope's moment, where it is asked.

    A team without one, and nobody's team, have none. Sums without a team stay as they are: they cannot tell.
    """
    if Segment.DEPARTMENT not in (by, *scope.only.keys) or "team_id" not in found.c:
        return found
    told = departments_as_of(scope.as_of)
    return (
        select(found, told.c.department_id)
        .select_from(found.outerjoin(told, told.c.team_id == found.c.team_id))
        .subquery("with_departments")
    )
