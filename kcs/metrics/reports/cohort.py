"""How long new people take to the first ticket they solve alone, by the month they began."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, literal, not_, select
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.metrics.counting import Counted
from kcs.metrics.facts.models import SolvedFact
from kcs.metrics.kinds import RESOLUTION, SOLVE
from kcs.metrics.lasting import seconds_between
from kcs.metrics.links import Logged, happened, standing_act, stands
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Scope, Segment, Shape, Unit
from kcs.metrics.reach import within
from kcs.metrics.source import Source
from kcs.sentences import Sentence

ADDED = "agent.added"


def _rows(scope: Scope) -> Subquery:
    added, solo = aliased(Activity, name="added"), _solo_solves(scope)
    person = added.detail["agent_id"].as_integer()
    return (
        select(
            added.happened_at,
            person.label("agent_id"),
            literal(1).label("people"),
            case((_solves(added, scope), 1), else_=0).label("solving"),
            case((solo.c.first_at.is_not(None), 1), else_=0).label("solo"),
            seconds_between(added.happened_at, solo.c.first_at).label("seconds"),
        )
        .outerjoin(solo, solo.c.agent_id == person)
        .where(added.kind == ADDED, happened(added, scope), within(scope.reach, person))
        .subquery("began")
    )


def _solves(added: Logged, scope: Scope) -> ColumnElement[bool]:
    """Say whether somebody has solved any ticket since they were added, as was known at some time by then."""
    fact = SolvedFact.__table__.c
    return exists().where(
        fact.agent_id == added.detail["agent_id"].as_integer(),
        fact.solved_at >= added.happened_at,
        fact.known_from < scope.as_of,
    )


def _solo_solves(scope: Scope) -> Subquery:
    """Select by person when they first solved a ticket alone, of those who began in the window."""
    solve, began = aliased(Activity, name="solve"), aliased(Activity, name="began_here")
    return (
        select(solve.agent_id, func.min(solve.happened_at).label("first_at"))
        .join(began, began.detail["agent_id"].as_integer() == solve.agent_id)
        .where(
            began.kind == ADDED,
            happened(began, scope),
            solve.kind == SOLVE,
            solve.recorded_at < scope.as_of,
            # What the desk tells of the time before they were here is no part of it.
            solve.happened_at >= began.happened_at,
            solve.id == standing_act(solve.ticket_id, scope.as_of),
            _linked_by_solver(solve, scope),
            ~_helped(solve),
        )
        .group_by(solve.agent_id)
        .subquery("solo")
    )


def _linked_by_solver(solve: Logged, scope: Scope) -> ColumnElement[bool]:
    made = aliased(Activity, name="made")
    return exists().where(
        made.ticket_id == solve.ticket_id,
        made.agent_id == solve.agent_id,
        made.role == RESOLUTION,
        stands(made, scope.as_of, "removed"),
    )


def _helped(solve: Logged) -> ColumnElement[bool]:
    """Say whether a colleague did anything in the ticket before; an earlier credit for this is no act."""
    act = aliased(Activity, name="act")
    same_solving = and_(act.kind == SOLVE, act.happened_at == solve.happened_at)
    return exists().where(
        act.ticket_id == solve.ticket_id,
        act.id < solve.id,
        act.agent_id != solve.agent_id,
        not_(same_solving),
    )


COUNTS = (
    Count(
        "people",
        Sentence("New people"),
        Sentence("people who were added here, whatever they do here"),
        Items.PEOPLE,
    ),
    Count(
        "solving",
        Sentence("Solve tickets"),
        Sentence("of them, those who have solved a ticket since, alone or with help"),
        Items.PEOPLE,
    ),
    Count(
        "solo",
        Sentence("Solved alone"),
        Sentence("of them, those who have solved a ticket alone since, with an article they linked"),
        Items.PEOPLE,
    ),
)
REPORT = Report(
    name="new-people",
    title=Sentence("New people"),
    words=Sentence("How long people take from their first day here to the first ticket they solve alone."),
    counts=COUNTS,
    metrics=(
        Metric(
            "time_to_solo",
            Sentence("Time to the first solo solve"),
            Kind.OUTCOME,
            Unit.DURATION,
            Sentence("the median time from being added to the first ticket solved alone"),
            "median(first solo solve \u2212 added)",
            Sentence("KCS v6, benefits: time to proficiency"),
        ),
        Metric(
            "solo_share",
            Sentence("Have solved alone"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence("people who have solved a ticket alone ÷ new people who solve tickets"),
            "solo ÷ solving",
            Sentence("KCS v6, benefits: time to proficiency"),
            numerator=("solo",),
            denominator=("solving",),
            notes=(
                Sentence(
                    "Whoever solves no tickets, as most managers and administrators, is not in it; nor is, "
                    "as yet, whoever has not begun."
                ),
            ),
        ),
    ),
    segments=(Segment.MONTH, Segment.QUARTER, Segment.AGENT),
    reader=Counted(counts=COUNTS, source=Source(rows=_rows), medians={"time_to_solo": "seconds"}),
    shape=Shape.COHORT,
    drawn=("time_to_solo",),
    left_out=(
        Sentence("tickets reopened and not solved again, deleted, or closed into another one"),
        Sentence("tickets in which a colleague did anything before the solving"),
    ),
    notes=(
        Sentence("Rows are by the month people began in; a solve counts whenever it was."),
        Sentence("The median is of those who have solved alone: late in a young group it still grows."),
    ),
)
