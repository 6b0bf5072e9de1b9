"""The use of articles: links to tickets, readers who were helped and views, inside and outside."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import (
    CTE,
    ColumnElement,
    SelectBase,
    SQLColumnExpression,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.activity.visits import UNLICENSED, VISITOR
from kcs.metrics.counting import Counted
from kcs.metrics.links import counted_rows, fates, happened, standing_links
from kcs.metrics.logs import ARTICLES, VIEWS
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Scope, Segment, Shape, Unit
from kcs.metrics.reports.self_service import BY_WHOLE_DAYS
from kcs.metrics.source import Source
from kcs.metrics.visitors import GIVEN, views_in
from kcs.sentences import Sentence

_LICENCE = "licence:"

COUNTS = (
    Count(
        "links",
        Sentence("Links"),
        Sentence("tickets the article was linked to as their resolution, where the link stands"),
        Items.LINKS,
    ),
    Count(
        "helped_inside",
        Sentence("Helped colleagues"),
        Sentence("colleagues who said it helped"),
        Items.FEEDBACK,
    ),
    Count(
        "helped_outside", Sentence("Helped visitors"), Sentence("visitors who said it helped"), Items.FEEDBACK
    ),
    Count(
        "views_inside",
        Sentence("Views inside"),
        Sentence("times a colleague opened the article's page"),
        None,
    ),
    Count(
        "views_outside",
        Sentence("Views outside"),
        Sentence("times a visitor opened it in the built-in help centre"),
        None,
    ),
)
_NAMES = tuple(count.name for count in COUNTS)


def _rows(scope: Scope) -> Subquery:
    fate = fates(scope.as_of)
    return union_all(_links(scope), _helped(scope, fate), _views(scope)).subquery("usage")


def _links(scope: Scope) -> SelectBase:
    links = standing_links(scope)
    return (
        select(
            links.c.happened_at,
            links.c.ticket_id,
            links.c.connection_id,
            links.c.article_id,
            ARTICLES.c.domain_id,
            _reader(links.c.agent_id, links.c.authority).label("reader"),
            *_columns({"links": literal(1)}),
        )
        .select_from(links.outerjoin(ARTICLES, ARTICLES.c.id == links.c.article_id))
        .where(links.c.resolution == 1)
    )


def _helped(scope: Scope, fate: CTE) -> SelectBase:
    given = aliased(Activity, name="given")
    found, counted = counted_rows(given, fate)
    outside = given.agent_id.is_(None)
    said = {"helped_outside": _one(outside), "helped_inside": _one(~outside)}
    return (
        select(
            given.happened_at,
            given.ticket_id,
            given.connection_id,
            counted.label("article_id"),
            ARTICLES.c.domain_id,
            _reader(given.agent_id, given.authority).label("reader"),
            *_columns(said),
        )
        .select_from(found.outerjoin(ARTICLES, ARTICLES.c.id == counted))
        .where(given.kind == GIVEN, given.detail["helpful"].as_boolean().is_(True), happened(given, scope))
    )


def _views(scope: Scope) -> SelectBase:
    outside = VIEWS.c.reader == VISITOR
    seen = {
        "views_outside": case((outside, VIEWS.c.number), else_=0),
        "views_inside": case((outside, 0), else_=VIEWS.c.number),
    }
    nothing = cast(None, Activity.ticket_id.type)
    return (
        select(
            VIEWS.c.day.label("happened_at"),
            nothing.label("ticket_id"),
            nothing.label("connection_id"),
            VIEWS.c.article_id,
            ARTICLES.c.domain_id,
            VIEWS.c.reader,
            *_columns(seen),
        )
        .select_from(VIEWS.outerjoin(ARTICLES, ARTICLES.c.id == VIEWS.c.article_id))
        .where(views_in(scope))
    )


def _reader(
    agent_id: SQLColumnExpression[int | None], authority: SQLColumnExpression[str]
) -> ColumnElement[str]:
    """Return who it was, by the licence that the act was done with."""
    licensed = and_(authority.like(f"{_LICENCE}%"), agent_id.is_not(None))
    return cast(
        case(
            (agent_id.is_(None), VISITOR),
            (licensed, func.substr(authority, len(_LICENCE) + 1)),
            else_=UNLICENSED,
        ),
        String,
    )


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _columns(counted: Mapping[str, SQLColumnExpression[int]]) -> list[ColumnElement[int]]:
    return [counted.get(name, literal(0)).label(name) for name in _NAMES]


REPORT = Report(
    name="usage",
    title=Sentence("Use of articles"),
    words=Sentence(
        "How often each article was linked, was opened and helped, by colleagues and by visitors."
    ),
    counts=COUNTS,
    metrics=(
        Metric(
            "outside_share",
            Sentence("Read outside"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence("views outside ÷ views"),
            "W₂ ÷ (W₁ + W₂)",
            Sentence("this project's definition"),
            numerator=("views_outside",),
            denominator=("views_inside", "views_outside"),
        ),
    ),
    segments=(
        Segment.ARTICLE,
        Segment.DOMAIN,
        Segment.READER,
        Segment.DAY,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=Counted(COUNTS, Source(rows=_rows)),
    shape=Shape.PARETO,
    drawn=("links", "views_outside"),
    everybody_segments=(Segment.READER,),
    left_out=(
        Sentence("links as background reading"),
        Sentence("links that were removed"),
        Sentence("visitors who ask not to be followed"),
        Sentence("robots that say so"),
        Sentence("readers of help centres elsewhere: their desk counts them"),
    ),
    notes=(
        BY_WHOLE_DAYS,
        Sentence("Colleagues stand in the row of the licence they had when they did it."),
        Sentence(
            "It counts for articles, what all colleagues did together. By reader it is for whoever sees "
            "everybody: a licence may be one person."
        ),
        Sentence(
            "Views stay with the article that was read; links and ratings count for the one it "
            "was merged into."
        ),
    ),
)
