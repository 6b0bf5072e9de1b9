"""How often knowledge was used again: in tickets by colleagues, outside by readers who say that it helped."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Integer, Label, Select, Subquery, cast, exists, literal, null, select, union_all
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.metrics.counting import Counted
from kcs.metrics.kinds import CREATED
from kcs.metrics.links import counted_rows, fates, happened, resolution_reuse, with_origin
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Scope, Segment, Shape, Unit
from kcs.metrics.reach import within
from kcs.metrics.reports.on_solved import BY_DEPARTMENT
from kcs.metrics.source import Source
from kcs.sentences import Sentence

HELPED = "feedback.given"
THROWN_AWAY = "article.delete"


def _rows(scope: Scope) -> Subquery:
    fate = fates(scope.as_of)
    return union_all(_assisted(scope), _self_service(scope, fate), _created(scope, fate)).subquery("reuse")


def _assisted(scope: Scope) -> Select[Any]:
    return resolution_reuse(scope).add_columns(*_counts("assisted"))


def _self_service(scope: Scope, fate: CTE) -> Select[Any]:
    """Readers who are no colleague and said that the article helped them."""
    given = aliased(Activity, name="given")
    found, counted = counted_rows(given, fate)
    origin = with_origin(found, counted, "given")
    helped: Select[Any] = select(
        given.happened_at,
        cast(null(), Integer).label("ticket_id"),
        cast(null(), Integer).label("connection_id"),
        counted.label("article_id"),
        origin.author_id.label("agent_id"),
        origin.team_id.label("team_id"),
        origin.domain_id.label("domain_id"),
    )
    return (
        helped.add_columns(*_counts("self_service"))
        .select_from(origin.joined)
        .where(
            given.kind == HELPED,
            happened(given, scope),
            given.agent_id.is_(None),
            given.detail["helpful"].as_boolean().is_(True),
            within(scope.reach, origin.author_id),
        )
    )


def _created(scope: Scope, fate: CTE) -> Select[Any]:
    """Articles begun here; a draft that was thrown away is none."""
    made, thrown = aliased(Activity, name="begun"), aliased(Activity, name="thrown")
    found, counted = counted_rows(made, fate)
    origin = with_origin(found, counted, "begun")
    gone = exists().where(
        thrown.article_id == made.article_id, thrown.kind == THROWN_AWAY, thrown.recorded_at < scope.as_of
    )
    begun: Select[Any] = select(
        made.happened_at,
        made.ticket_id,
        made.connection_id,
        counted.label("article_id"),
        made.agent_id,
        made.team_id,
        origin.domain_id.label("domain_id"),
    )
    return (
        begun.add_columns(*_counts("created"))
        .select_from(origin.joined)
        .where(made.kind == CREATED, happened(made, scope), ~gone, within(scope.reach, made.agent_id))
    )


def _counts(counted: str) -> list[Label[int]]:
    """Return the columns of the counts: 1 in the one that such a row is of."""
    return [literal(int(name == counted)).label(name) for name in ("assisted", "self_service", "created")]


COUNTS = (
    Count(
        "assisted",
        Sentence("Reused in tickets"),
        Sentence("tickets whose answer was an article that was not created in them, once for each article"),
        Items.LINKS,
    ),
    Count(
        "self_service",
        Sentence("Helped readers"),
        Sentence("readers outside who said that an article helped them"),
        Items.FEEDBACK,
    ),
    Count(
        "created",
        Sentence("Created"),
        Sentence("articles begun here and not thrown away as drafts"),
        Items.ARTICLES,
    ),
)
REPORT = Report(
    name="reuse",
    title=Sentence("Reuse"),
    words=Sentence(
        "How often articles answered another ticket, or a reader outside, after they were written."
    ),
    counts=COUNTS,
    metrics=(
        Metric(
            "reuse_per_create",
            Sentence("Reuse : create"),
            Kind.OUTCOME,
            Unit.RATIO,
            Sentence("articles reused in tickets ÷ articles created"),
            "assisted ÷ created",
            Sentence("KCS v6, adoption guide: phase 3"),
            numerator=("assisted",),
            denominator=("created",),
            notes=(
                Sentence("Over 1, what is known is used more often than something new is written."),
                Sentence("Readers outside are not in it: they are counted apart."),
            ),
        ),
    ),
    segments=(
        Segment.ARTICLE,
        Segment.DOMAIN,
        Segment.AGENT,
        Segment.OWNER,
        Segment.TEAM,
        Segment.DEPARTMENT,
        Segment.DAY,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=Counted(counts=COUNTS, source=Source(rows=_rows), medians={}),
    shape=Shape.PARETO,
    drawn=("assisted", "self_service"),
    left_out=(
        Sentence("a link to an article in the ticket the article was created in"),
        Sentence("links as background reading"),
        Sentence("links that were removed"),
        Sentence("tickets deleted on the desk and not restored, or closed into another one"),
        Sentence("drafts that were thrown away"),
    ),
    notes=(
        Sentence("A link counts at the moment it was made, also when that is after the solving."),
        Sentence("What was linked to an article that was merged counts for the article it went into."),
        Sentence("A row by person or team is of the articles they began, whoever used them."),
        BY_DEPARTMENT,
    ),
)
