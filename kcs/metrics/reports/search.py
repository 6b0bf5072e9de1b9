"""Search success: what was searched inside and outside, what was found, and what people did with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Integer,
    SelectBase,
    SQLColumnExpression,
    Subquery,
    Text,
    and_,
    case,
    cast,
    exists,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.activity.visits import LATEST
from kcs.metrics import listing
from kcs.metrics.counting import Counted
from kcs.metrics.labels import PLACES
from kcs.metrics.logs import API, HELP_CENTRE, SEARCH_DAYS, SEARCHES, SUGGESTED
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Scope, Segment, Shape, Unit
from kcs.metrics.reach import within
from kcs.metrics.source import Source
from kcs.metrics.turns import ASKED
from kcs.sentences import Sentence

# A search that led nowhere for so long was given up.
GIVEN_UP = timedelta(minutes=30)
# A link to a result works for a day: then what was forgotten of a day cannot change any more.
DAY_OVER = timedelta(days=2)


def _rows(scope: Scope) -> Subquery:
    return union_all(_logged(scope), _forgotten(scope)).subquery("searches")


def _logged(scope: Scope) -> SelectBase:
    clicked = happened_by(SEARCHES.c.opened_at, scope)
    return select(
        SEARCHES.c.searched_at.label("happened_at"),
        SEARCHES.c.agent_id,
        SEARCHES.c.place,
        SEARCHES.c.words,
        SEARCHES.c.results,
        case((clicked, SEARCHES.c.opened_rank)).label("rank"),
        literal(1).label("searches"),
        _one(SEARCHES.c.results == 0).label("nulls"),
        _one(is_abandoned(scope)).label("abandoned"),
        _one(clicked).label("clicked"),
        case((clicked, SEARCHES.c.opened_rank), else_=0).label("rank_sum"),
        _one(happened_by(SEARCHES.c.linked_at, scope)).label("linked"),
        _one(or_(happened_by(SEARCHES.c.asked_at, scope), _expert_asked(scope))).label("asked"),
        _one(and_(SEARCHES.c.results == 0, SEARCHES.c.place != API)).label("seen_nulls"),
    ).where(*searched_in(scope))


def _expert_asked(scope: Scope) -> ColumnElement[bool]:
    """Say whether whoever searched in a ticket asked an expert about it afterwards."""
    question = aliased(Activity, name="question")
    return exists().where(
        question.ticket_id == SEARCHES.c.ticket_id,
        question.kind == ASKED,
        question.agent_id == SEARCHES.c.agent_id,
        question.happened_at >= SEARCHES.c.searched_at,
        question.recorded_at < scope.as_of,
    )


def _forgotten(scope: Scope) -> SelectBase:
    """What was forgotten of the log, a row for each day and place."""
    day = SEARCH_DAYS.c
    seen = [] if scope.reach.everybody else [day.place == HELP_CENTRE]
    return select(
        day.day,
        cast(null(), Integer),
        day.place,
        cast(null(), Text),
        cast(null(), Integer),
        cast(null(), Integer),
        day.searches,
        day.nulls,
        day.abandoned,
        day.clicked,
        day.rank_sum,
        day.linked,
        day.asked,
        case((day.place == API, 0), else_=day.nulls),
    ).where(
        day.place != SUGGESTED,
        day.day >= scope.window.start,
        day.day < scope.window.end,
        day.day < scope.as_of - DAY_OVER,
        *seen,
    )


def searched_in(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Keep settled searches of the window: visitors', and those of people within reach."""
    return (
        SEARCHES.c.place != SUGGESTED,
        SEARCHES.c.searched_at >= scope.window.start,
        SEARCHES.c.searched_at < scope.window.end,
        SEARCHES.c.searched_at < scope.as_of - GIVEN_UP,
        or_(SEARCHES.c.place == HELP_CENTRE, within(scope.reach, SEARCHES.c.agent_id)),
    )


def is_abandoned(scope: Scope) -> ColumnElement[bool]:
    """Say whether people were shown results of which they had opened none by the moment."""
    unopened = or_(SEARCHES.c.opened_at.is_(None), SEARCHES.c.opened_at >= scope.as_of - LATEST)
    return and_(SEARCHES.c.results > 0, SEARCHES.c.place != API, unopened)


def happened_by(at: SQLColumnExpression[datetime | None], scope: Scope) -> ColumnElement[bool]:
    """Say whether something was done by a report's moment, and was written by then, too."""
    return and_(at.is_not(None), at < scope.as_of - LATEST)


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


COUNTS = (
    Count(
        "searches",
        Sentence("Searches"),
        Sentence("searches that were sent, or led to an article"),
        Items.SEARCHES,
    ),
    Count("nulls", Sentence("Found nothing"), Sentence("of these, without a result"), Items.SEARCHES),
    Count(
        "abandoned",
        Sentence("Abandoned"),
        Sentence("of these, with results of which none was opened within half an hour or later"),
        Items.SEARCHES,
    ),
    Count("clicked", Sentence("Opened"), Sentence("of these, with a result that was opened"), Items.SEARCHES),
    Count(
        "linked",
        Sentence("Linked"),
        Sentence("of these, with a result that was linked to a ticket"),
        Items.SEARCHES,
    ),
    Count(
        "asked",
        Sentence("Asked a person"),
        Sentence(
            "searches of visitors who went on from the results to ask a person, and of "
            "colleagues who then asked an expert "
            "from the same ticket"
        ),
        Items.SEARCHES,
    ),
    Count(
        "rank_sum", Sentence("Ranks"), Sentence("the places of what was opened, added up"), None, listed=False
    ),
    Count(
        "seen_nulls",
        Sentence("Found nothing, people"),
        Sentence("searches of people, not of scripts, without a result"),
        Items.SEARCHES,
        listed=False,
    ),
)
_SOURCE = Sentence("KCS v6, search success inside and outside")
REPORT = Report(
    name="search",
    title=Sentence("Search success"),
    words=Sentence("What people searched, and whether they opened what they were shown."),
    counts=COUNTS,
    metrics=(
        Metric(
            "search_success",
            Sentence("Search success"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence("searches with a result that was opened ÷ searches of people"),
            "C ÷ (C + B + N)",
            _SOURCE,
            numerator=("clicked",),
            denominator=("clicked", "abandoned", "seen_nulls"),
            notes=(
                Sentence(
                    "Scripts that search over the API cannot be seen to open a result: they are left out."
                ),
            ),
        ),
        Metric(
            "null_share",
            Sentence("Share that found nothing"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence("searches without a result ÷ searches"),
            "N ÷ S",
            _SOURCE,
            numerator=("nulls",),
            denominator=("searches",),
        ),
        Metric(
            "abandoned_share",
            Sentence("Share abandoned"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence("abandoned searches ÷ searches that showed people a result"),
            "B ÷ (C + B)",
            _SOURCE,
            numerator=("abandoned",),
            denominator=("abandoned", "clicked"),
            notes=(
                Sentence("Whoever reads the answer in the results opens nothing and is counted here, too."),
            ),
        ),
        Metric(
            "mean_rank",
            Sentence("Mean place opened"),
            Kind.QUALITY,
            Unit.RATIO,
            Sentence(
                "the places of what was opened first, added up ÷ searches with a result that was opened"
            ),
            "Σr ÷ C",
            _SOURCE,
            numerator=("rank_sum",),
            denominator=("clicked",),
        ),
        Metric(
            "median_rank",
            Sentence("Median place opened"),
            Kind.QUALITY,
            Unit.RATIO,
            Sentence("the middle one of the places of what was opened first"),
            "median(r)",
            _SOURCE,
            notes=(Sentence("Of searches that are still in the log: of older ones only sums are kept."),),
        ),
    ),
    segments=(
        Segment.WEEK,
        Segment.DAY,
        Segment.MONTH,
        Segment.QUARTER,
        Segment.PLACE,
        Segment.AGENT,
    ),
    reader=Counted(
        COUNTS,
        Source(rows=_rows),
        medians={"median_rank": "rank"},
        shown=(
            listing.Shown("words", Sentence("Words")),
            listing.Shown("place", Sentence("Where"), lambda place: PLACES.get(place, place)),
            listing.Shown("results", Sentence("Results")),
            listing.Shown("rank", Sentence("Place opened")),
        ),
    ),
    shape=Shape.TREND,
    drawn=("searches", "search_success"),
    left_out=(
        Sentence("what is only being typed"),
        Sentence("articles offered for a ticket without a search"),
        Sentence("searches of the last half hour: who knows what they lead to"),
    ),
    notes=(
        Sentence(
            "Every search of the help centre counts, also those of robots and programs, of visitors who ask "
            "not to be followed and of colleagues who are signed in. These make no visit: the report on "
            "self-service leaves their searches out."
        ),
        Sentence(
            "A search counts by what was opened first. A colleague who comes back to the same "
            "words within half an "
            "hour makes one search; of a visitor this cannot be known."
        ),
        Sentence(
            "Searches are forgotten after KCS_SEARCH_LOG_DAYS days. Their sums by day and place "
            "stay, without a name "
            "and without words: old figures stay the same, but not by person, and no search "
            "stands behind them."
        ),
        Sentence(
            "Your own searches are in it, visitors' for everybody, other colleagues' as far as "
            "your reports reach."
        ),
        Sentence("Where KCS_HELP_CENTRE_CONTACT names no page, no visitor can be seen to ask a person."),
    ),
)
