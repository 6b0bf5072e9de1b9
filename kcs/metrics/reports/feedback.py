"""Feedback: what readers said of articles, what became of it, and how long that took."""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    Integer,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.orm import aliased

from kcs import database
from kcs.activity.models import Activity
from kcs.metrics import listing
from kcs.metrics.counting import Counted
from kcs.metrics.links import counted_rows, fates, happened
from kcs.metrics.logs import ARTICLES, FEEDBACK
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Scope, Segment, Shape, Unit
from kcs.metrics.source import Source
from kcs.metrics.visitors import GIVEN
from kcs.sentences import Sentence
from kcs.words import FEEDBACK_IS

ANSWERED, CLOSED = "feedback.answered", "feedback.closed"
WAITS = "new"
STATES = {ANSWERED: "answered", CLOSED: "closed"}


def _rows(scope: Scope) -> Subquery:
    """What was said in the window, with its settling; nothing changes of it afterwards."""
    given = aliased(Activity, name="given")
    found, counted = counted_rows(given, fates(scope.as_of))
    number = given.detail["feedback_id"].as_integer()
    end = _settled(scope)
    found = found.outerjoin(end, end.c.feedback_id == number).outerjoin(FEEDBACK, FEEDBACK.c.id == number)
    helpful = given.detail["helpful"].as_boolean()
    words = given.after == WAITS
    settled = and_(words, end.c.kind.is_not(None))
    outside = given.agent_id.is_(None)
    return (
        select(
            given.happened_at,
            counted.label("article_id"),
            ARTICLES.c.domain_id,
            case((outside, "visitor"), else_="colleague").label("reader"),
            FEEDBACK.c.comment,
            case((words, func.coalesce(end.c.kind, WAITS))).label("state"),
            end.c.happened_at.label("settled_at"),
            case((settled, _seconds(given.happened_at, end.c.happened_at))).label("took"),
            _one(words).label("comments"),
            _one(and_(words, outside)).label("outside"),
            _one(and_(words, end.c.kind == ANSWERED)).label("answered"),
            _one(and_(words, end.c.kind == CLOSED)).label("closed"),
            _one(and_(words, end.c.kind.is_(None))).label("open"),
            _one(helpful.is_(True)).label("helpful"),
            _one(helpful.is_(False)).label("unhelpful"),
        )
        .select_from(found.outerjoin(ARTICLES, ARTICLES.c.id == counted))
        .where(given.kind == GIVEN, happened(given, scope))
        .subquery("feedback")
    )


def _settled(scope: Scope) -> Subquery:
    """Select what was answered or closed by the moment: each once, for good."""
    ended = aliased(Activity, name="ended")
    return (
        select(ended.detail["feedback_id"].as_integer().label("feedback_id"), ended.kind, ended.happened_at)
        .where(ended.kind.in_((ANSWERED, CLOSED)), ended.recorded_at < scope.as_of)
        .subquery("settled")
    )


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _seconds(first: SQLColumnExpression[object], last: SQLColumnExpression[object]) -> ColumnElement[int]:
    """Return the whole seconds from one moment to another, as both databases count them."""
    if database.is_postgresql():
        numbers = [func.floor(func.extract("epoch", each)) for each in (first, last)]
    else:
        numbers = [func.strftime("%s", each) for each in (first, last)]
    return cast(numbers[1], Integer) - cast(numbers[0], Integer)


COUNTS = (
    Count(
        "comments",
        Sentence("Comments"),
        Sentence("words that readers wrote about an article"),
        Items.FEEDBACK,
    ),
    Count(
        "outside",
        Sentence("By visitors"),
        Sentence("of these, by visitors of the help centre"),
        Items.FEEDBACK,
    ),
    Count(
        "answered",
        Sentence("Answered"),
        Sentence("of the comments, those that got an answer"),
        Items.FEEDBACK,
    ),
    Count(
        "closed", Sentence("Closed"), Sentence("of the comments, those closed without one"), Items.FEEDBACK
    ),
    Count("open", Sentence("Still open"), Sentence("of the comments, those that still wait"), Items.FEEDBACK),
    Count("helpful", Sentence("Helped"), Sentence("readers who said that an article helped"), Items.FEEDBACK),
    Count(
        "unhelpful",
        Sentence("Did not help"),
        Sentence("readers who said that an article did not help"),
        Items.FEEDBACK,
    ),
)
REPORT = Report(
    name="feedback",
    title=Sentence("Feedback"),
    words=Sentence("What readers said of articles, what became of it, and how long that took."),
    counts=COUNTS,
    metrics=(
        Metric(
            "turnaround",
            Sentence("Turnaround, median"),
            Kind.OUTCOME,
            Unit.DURATION,
            Sentence("the middle one of the times from writing a comment to its answer or closing"),
            "median(t₁ − t₀)",
            Sentence("KCS v6, feedback with its turnaround"),
            notes=(
                Sentence(
                    "Of comments that were settled by the moment of the report; open ones are not in it."
                ),
            ),
        ),
        Metric(
            "settled_share",
            Sentence("Settled"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence("comments answered or closed ÷ comments"),
            "(A + Z) ÷ F",
            Sentence("this project's definition"),
            numerator=("answered", "closed"),
            denominator=("comments",),
        ),
        Metric(
            "helped_share",
            Sentence("Said it helped"),
            Kind.QUALITY,
            Unit.SHARE,
            Sentence("ratings that it helped ÷ ratings"),
            "R₊ ÷ R",
            Sentence("KCS v6, self-service log"),
            numerator=("helpful",),
            denominator=("helpful", "unhelpful"),
        ),
    ),
    segments=(
        Segment.WEEK,
        Segment.DAY,
        Segment.MONTH,
        Segment.QUARTER,
        Segment.ARTICLE,
        Segment.DOMAIN,
        Segment.READER,
    ),
    reader=Counted(
        COUNTS,
        Source(rows=_rows),
        medians={"turnaround": "took"},
        shown=(
            listing.Shown("comment", Sentence("Comment")),
            listing.Shown("state", Sentence("State"), lambda kind: FEEDBACK_IS.get(STATES.get(kind, kind))),
            listing.Shown("settled_at", Sentence("Settled")),
            listing.Shown("took", Sentence("Took, seconds")),
        ),
    ),
    shape=Shape.TREND,
    drawn=("comments", "turnaround"),
    left_out=(Sentence("ratings that came with articles taken over from elsewhere"),),
    notes=(
        Sentence(
            "A row stands in the period in which it was said. What was settled later changes "
            "its figures later."
        ),
        Sentence("What was said of an article that was merged counts for the article it went into."),
    ),
)
