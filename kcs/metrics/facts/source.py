"""Solved tickets as a source of counts: the facts as of a moment, or their sums by day at present."""

from __future__ import annotations

from sqlalchemy import Subquery, case, func, literal, select

from kcs.activity.models import Activity
from kcs.metrics.facts.acts import acts
from kcs.metrics.facts.models import NO_CODE, NO_ID, DailyActs, DailySolved, SolvedFact, SolvedTag
from kcs.metrics.facts.storing import ACTS, FLAGS, SUMS
from kcs.metrics.model import Scope
from kcs.metrics.reach import within
from kcs.metrics.source import Source

_SEGMENTS = ("agent_id", "team_id", "connection_id", "domain_id", "product_id")
MEASURES = ("relief", "first_reply", "worked")


def solved_facts(scope: Scope) -> Subquery:
    """The tickets of a scope that stand solved as of its moment, one row each."""
    fact = SolvedFact.__table__.c
    linked = case((fact.outcome == "linked", 1), else_=0)
    return (
        select(
            fact.id.label("fact_id"),
            fact.ticket_id,
            fact.solved_at.label("happened_at"),
            fact.licence,
            fact.outcome,
            *(fact[name] for name in (*_SEGMENTS, *FLAGS, *MEASURES)),
            literal(1).label("solved"),
            linked.label("linked"),
            case((fact.outcome == "exempt", 1), else_=0).label("exempt"),
            case((fact.outcome == "unanswered", 1), else_=0).label("unanswered"),
            (1 - linked).label("unknown"),
            case((fact.worked.is_not(None), 1), else_=0).label("timed"),
            func.coalesce(fact.worked, 0).label("work_seconds"),
        )
        .where(
            fact.solved_at >= scope.window.start,
            fact.solved_at < scope.window.end,
            fact.known_from < scope.as_of,
            fact.known_to >= scope.as_of,
            within(scope.reach, fact.agent_id),
        )
        .subquery("solved")
    )


def daily_sums(scope: Scope) -> Subquery | None:
    """The same at present, added up by day; None for another moment, or a window that cuts a day."""
    if not (scope.latest and scope.window.whole_days):
        return None
    first, after = scope.window.days
    daily = DailySolved.__table__.c
    agent = func.nullif(daily.agent_id, NO_ID)
    return (
        select(
            daily.day,
            func.nullif(daily.licence, NO_CODE).label("licence"),
            *(func.nullif(daily[name], NO_ID).label(name) for name in _SEGMENTS),
            *(daily[name] for name in SUMS),
            (daily.solved - daily.linked - daily.exempt).label("unanswered"),
            (daily.solved - daily.linked).label("unknown"),
        )
        .where(daily.day >= first, daily.day < after, daily.solved != 0, within(scope.reach, agent))
        .subquery("daily")
    )


def by_tag(found: Subquery) -> Subquery:
    """One row for each tag of a ticket; a ticket without tags has one without."""
    tag = SolvedTag.__table__
    return (
        select(found, tag.c.tag_id)
        .select_from(found.outerjoin(tag, tag.c.fact_id == found.c.fact_id))
        .subquery("tagged")
    )


def acts_of_people(scope: Scope) -> Subquery:
    """What people of a scope did for knowledge in its window, recorded before its moment, one row each."""
    return (
        acts()
        .where(
            Activity.happened_at >= scope.window.start,
            Activity.happened_at < scope.window.end,
            Activity.recorded_at < scope.as_of,
            within(scope.reach, Activity.agent_id),
        )
        .subquery("acts")
    )


def daily_acts(scope: Scope) -> Subquery | None:
    """The same added up by day, at present; None for another moment, or a window that cuts a day."""
    if not (scope.latest and scope.window.whole_days):
        return None
    first, after = scope.window.days
    daily = DailyActs.__table__.c
    return (
        select(
            daily.day,
            daily.agent_id,
            func.nullif(daily.team_id, NO_ID).label("team_id"),
            *(daily[n] for n in ACTS),
        )
        .where(daily.day >= first, daily.day < after, within(scope.reach, daily.agent_id))
        .subquery("daily")
    )


# What is taken from the desk besides is not added up by day: a median needs each ticket.
SOLVED = Source(rows=solved_facts, sums=daily_sums, tagged=by_tag)
MEASURED = Source(rows=solved_facts, tagged=by_tag)
ACTS_OF_PEOPLE = Source(rows=acts_of_people, sums=daily_acts)
