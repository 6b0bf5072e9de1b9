"""Links both ways: tickets with knowledge, articles with tickets; answers and background reading apart."""

from __future__ import annotations

from sqlalchemy import Subquery, literal, select

from kcs.metrics.links import standing_links, with_origin
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Scope, Segment, Unit
from kcs.metrics.once import CountedOnce
from kcs.metrics.reach import within
from kcs.metrics.reports.on_solved import BY_DEPARTMENT
from kcs.metrics.source import Source
from kcs.sentences import Sentence


def _rows(scope: Scope) -> Subquery:
    links = standing_links(scope)
    origin = with_origin(links, links.c.article_id, "linked")
    return (
        select(
            links.c.happened_at,
            links.c.ticket_id,
            links.c.connection_id,
            links.c.article_id,
            links.c.agent_id,
            links.c.team_id,
            origin.domain_id.label("domain_id"),
            links.c.resolution,
            (1 - links.c.resolution).label("reference"),
            literal(1).label("tickets"),
            literal(1).label("articles"),
        )
        .select_from(origin.joined)
        .where(within(scope.reach, links.c.agent_id))
        .subquery("linked")
    )


COUNTS = (
    Count(
        "tickets",
        Sentence("Tickets with knowledge"),
        Sentence("tickets with at least one link of either kind"),
        Items.TICKETS,
    ),
    Count(
        "articles",
        Sentence("Articles with tickets"),
        Sentence("articles with at least one link of either kind"),
        Items.ARTICLES,
    ),
    Count(
        "resolution",
        Sentence("Links as answers"),
        Sentence("articles that answered a ticket, those drafted in it among them, once for each ticket"),
        Items.LINKS,
    ),
    Count(
        "reference",
        Sentence("Links as background"),
        Sentence("articles that helped with a ticket without being its answer, once for each ticket"),
        Items.LINKS,
    ),
)
REPORT = Report(
    name="links",
    title=Sentence("Links"),
    words=Sentence(
        "Which tickets have knowledge, and which articles have tickets: as their answer, or as background."
    ),
    counts=COUNTS,
    metrics=(
        Metric(
            "reference_share",
            Sentence("Background links"),
            Kind.ACTIVITY,
            Unit.SHARE,
            Sentence("links as background ÷ all links"),
            "reference ÷ (resolution + reference)",
            Sentence("KCS v6, technique 3.3: linking"),
            numerator=("reference",),
            denominator=("resolution", "reference"),
            paired="link_accuracy",
        ),
    ),
    segments=(
        Segment.ARTICLE,
        Segment.DOMAIN,
        Segment.AGENT,
        Segment.TEAM,
        Segment.DEPARTMENT,
        Segment.DESK,
        Segment.DAY,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=CountedOnce(
        counts=COUNTS,
        source=Source(rows=_rows),
        medians={},
        once={"tickets": "ticket_id", "articles": "article_id"},
    ),
    drawn=("resolution", "reference"),
    left_out=(
        Sentence("links that were removed"),
        Sentence("tickets deleted on the desk and not restored, or closed into another one"),
    ),
    notes=(
        BY_DEPARTMENT,
        Sentence("A link belongs to whoever made it, at the moment they made it."),
        Sentence("An article linked to a ticket both ways counts as its answer."),
        Sentence("What was linked to an article that was merged counts for the article it went into."),
        Sentence("Tickets and articles are counted once in each row, so rows do not add up to the total."),
    ),
)
