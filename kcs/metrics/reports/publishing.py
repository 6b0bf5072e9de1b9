"""How soon knowledge goes outside: from the closing of an article's ticket to its publishing."""

from __future__ import annotations

from sqlalchemy import Subquery, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased, outerjoin

from kcs.activity.models import Activity
from kcs.metrics.counting import Counted
from kcs.metrics.kinds import EXCLUDED, SOLVE
from kcs.metrics.lasting import seconds_between
from kcs.metrics.links import happened, standing_act, with_origin
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Scope, Segment, Unit
from kcs.metrics.reach import within
from kcs.metrics.reports.on_solved import BY_DEPARTMENT
from kcs.metrics.source import Source
from kcs.sentences import Sentence

PUBLISH, PUBLISHED = "article.publish", "published"


def _rows(scope: Scope) -> Subquery:
    out, stands = aliased(Activity, name="outside"), aliased(Activity, name="stands")
    earlier = aliased(Activity, name="earlier")
    origin = with_origin(out, out.article_id, "outside")
    before = exists().where(
        earlier.article_id == out.article_id, earlier.id < out.id, earlier.after == PUBLISHED
    )
    # A ticket that was left out is none; of one that is open again nobody can say when it was closed.
    captured = and_(origin.ticket_id.is_not(None), func.coalesce(stands.kind, "") != EXCLUDED)
    closed = and_(captured, stands.kind == SOLVE)
    by_closure = and_(captured, or_(~closed, stands.kind.is_(None), out.happened_at <= stands.happened_at))
    return (
        select(
            out.happened_at,
            origin.ticket_id.label("ticket_id"),
            func.coalesce(stands.connection_id, out.connection_id).label("connection_id"),
            out.article_id,
            origin.author_id.label("agent_id"),
            origin.team_id.label("team_id"),
            origin.domain_id.label("domain_id"),
            literal(1).label("published"),
            case((captured, 1), else_=0).label("captured"),
            case((by_closure, 1), else_=0).label("by_closure"),
            case((closed, seconds_between(stands.happened_at, out.happened_at))).label("seconds"),
        )
        .select_from(
            outerjoin(origin.joined, stands, stands.id == standing_act(origin.ticket_id, scope.as_of))
        )
        .where(out.kind == PUBLISH, happened(out, scope), ~before, within(scope.reach, origin.author_id))
        .subquery("outside")
    )


COUNTS = (
    Count(
        "published",
        Sentence("Published"),
        Sentence("articles that went to readers outside for the first time"),
        Items.ARTICLES,
    ),
    Count(
        "captured",
        Sentence("From a ticket"),
        Sentence("of them, those that were created in a ticket"),
        Items.ARTICLES,
    ),
    Count(
        "by_closure",
        Sentence("By closure"),
        Sentence("of those, published at the closing of their ticket or before it"),
        Items.ARTICLES,
    ),
)
REPORT = Report(
    name="publishing",
    title=Sentence("Time to publish"),
    words=Sentence("How soon what was learnt in a ticket is there for readers outside."),
    counts=COUNTS,
    metrics=(
        Metric(
            "time_to_publish",
            Sentence("Time to publish"),
            Kind.OUTCOME,
            Unit.DURATION,
            Sentence("the median time from the closing of the ticket to the first publishing"),
            "median(published \u2212 closed)",
            Sentence("KCS v6, adoption guide: phase 4"),
            notes=(
                Sentence(
                    "It is less than nothing where an article was published before its ticket was closed."
                ),
            ),
        ),
        Metric(
            "published_by_closure",
            Sentence("Published by closure"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence(
                "published at or before the closing of their ticket ÷ published and created in a ticket"
            ),
            "by_closure ÷ captured",
            Sentence("KCS v6, adoption guide: phase 4"),
            numerator=("by_closure",),
            denominator=("captured",),
        ),
    ),
    segments=(
        Segment.DOMAIN,
        Segment.AGENT,
        Segment.TEAM,
        Segment.DEPARTMENT,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=Counted(counts=COUNTS, source=Source(rows=_rows), medians={"time_to_publish": "seconds"}),
    drawn=("published_by_closure",),
    left_out=(
        Sentence("articles that came published from elsewhere"),
        Sentence("for the times: articles that were not created in a ticket, and tickets that were left out"),
    ),
    notes=(
        Sentence(
            "A ticket is closed when it was solved last; while it is open, its article is published before."
        ),
        Sentence("Only the first publishing counts; what was withdrawn and published again is not new."),
        Sentence("A row by person or team is of the articles they began."),
        BY_DEPARTMENT,
    ),
)
