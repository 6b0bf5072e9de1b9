"""What visitors of the help centre did, as self-service counts it: their visits, views and feedback.

Whoever reports it names the counts; each row has all of them, nought where its part has no such thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    ColumnElement,
    SelectBase,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.activity.visits import SETTLED, VISITOR
from kcs.metrics.links import counted_rows, fates, happened
from kcs.metrics.logs import ARTICLES, VIEWS, VISITS
from kcs.metrics.model import Scope
from kcs.metrics.periods import day_of, moment

GIVEN = "feedback.given"
ON_ARTICLE = "article"


def rows(scope: Scope, names: Sequence[str]) -> Subquery:
    """Select what a scope covers for `Source.rows`, with a column for each of these counts."""
    parts = (_visits(scope, names), _views(scope, names), _feedback(scope, names))
    return union_all(*parts).subquery("self_service")


def _visits(scope: Scope, names: Sequence[str]) -> SelectBase:
    """Visits that were over by the moment, of days that were over; one is its last article's."""
    visit = VISITS.c
    support = visit.searches + visit.views > 0
    said = visit.helpful > 0
    asked = func.coalesce(visit.escalated, 0) > 0
    inferred = and_(not_(said), visit.ended == ON_ARTICLE, visit.unhelpful == 0, not_(asked))
    unmet = not_(or_(said, func.coalesce(inferred, False)))
    could_ask = and_(unmet, visit.escalated.is_not(None))
    counted: dict[str, SQLColumnExpression[int]] = {
        "visits": _one(support),
        "met_said": _one(said),
        "met_inferred": _one(inferred),
        "unmet": _one(unmet),
        "escalated": _one(asked),
        "searches": visit.searches,
        "nulls": visit.null_searches,
        "opened": visit.opened,
        "could_ask": _one(could_ask),
        "did_ask": _one(and_(could_ask, asked)),
    }
    return (
        select(
            visit.began_at.label("happened_at"),
            visit.article_id,
            ARTICLES.c.domain_id,
            *_columns(counted, names),
        )
        .select_from(VISITS.outerjoin(ARTICLES, ARTICLES.c.id == visit.article_id))
        .where(
            support,
            visit.began_at >= scope.window.start,
            visit.began_at < scope.window.end,
            visit.began_at < days_over(scope),
            visit.last_at < scope.as_of - SETTLED,
        )
    )


def _views(scope: Scope, names: Sequence[str]) -> SelectBase:
    return (
        select(
            VIEWS.c.day.label("happened_at"),
            VIEWS.c.article_id,
            ARTICLES.c.domain_id,
            *_columns({"views": VIEWS.c.number}, names),
        )
        .select_from(VIEWS.outerjoin(ARTICLES, ARTICLES.c.id == VIEWS.c.article_id))
        .where(VIEWS.c.reader == VISITOR, views_in(scope))
    )


def _feedback(scope: Scope, names: Sequence[str]) -> SelectBase:
    given = aliased(Activity, name="given")
    found, counted = counted_rows(given, fates(scope.as_of))
    helpful = given.detail["helpful"].as_boolean()
    said = {
        "helpful": _one(helpful.is_(True)),
        "unhelpful": _one(helpful.is_(False)),
        "comments": _one(given.after == "new"),
    }
    return (
        select(given.happened_at, counted.label("article_id"), ARTICLES.c.domain_id, *_columns(said, names))
        .select_from(found.outerjoin(ARTICLES, ARTICLES.c.id == counted))
        .where(
            given.kind == GIVEN,
            given.agent_id.is_(None),
            happened(given, scope),
            given.happened_at < days_over(scope),
        )
    )


def views_in(scope: Scope) -> ColumnElement[bool]:
    """Keep views of the days in the window that were over by the moment."""
    day = VIEWS.c.day
    return and_(day >= scope.window.start, day < scope.window.end, day < days_over(scope))


def days_over(scope: Scope) -> ColumnElement[object]:
    """Return the beginning of the day that is not over yet by a report's moment, or is hardly over."""
    zone = scope.window.zone
    return literal(moment(day_of(scope.as_of - SETTLED, zone), zone), VIEWS.c.day.type)


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _columns(
    counted: Mapping[str, SQLColumnExpression[int]], names: Sequence[str]
) -> list[ColumnElement[int]]:
    """Return every count of the report: those that this part of it has, and nought for the others."""
    return [counted.get(name, literal(0)).label(name) for name in names]
