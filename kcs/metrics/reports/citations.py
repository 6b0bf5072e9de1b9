"""Citations: articles a person had written in that answered a ticket, linked there by somebody else."""

from __future__ import annotations

from sqlalchemy import Subquery, and_, case, func, select

from kcs.metrics.counting import Counted
from kcs.metrics.facts.article_models import ArticleWriter
from kcs.metrics.links import standing_links, with_origin
from kcs.metrics.model import Count, Items, Report, Scope, Segment
from kcs.metrics.reach import within
from kcs.metrics.reports.on_solved import BY_DEPARTMENT
from kcs.metrics.source import Source
from kcs.sentences import Sentence


def _rows(scope: Scope) -> Subquery:
    links, wrote = standing_links(scope), ArticleWriter.__table__
    by_then = and_(
        wrote.c.article_id == links.c.linked_id,
        wrote.c.written_id < links.c.made_id,
        wrote.c.known_from < scope.as_of,
        wrote.c.known_to >= scope.as_of,
    )
    origin = with_origin(links.join(wrote, by_then), links.c.article_id, "cited")
    own = case((func.coalesce(links.c.agent_id, 0) == wrote.c.agent_id, 1), else_=0)
    return (
        select(
            links.c.happened_at,
            links.c.ticket_id,
            links.c.connection_id,
            links.c.article_id,
            wrote.c.agent_id,
            wrote.c.team_id,
            origin.domain_id.label("domain_id"),
            (1 - own).label("citations"),
            own.label("own"),
        )
        .select_from(origin.joined)
        .where(
            links.c.resolution == 1,
            links.c.drafted == 0,
            within(scope.reach, wrote.c.agent_id),
        )
        .subquery("citations")
    )


COUNTS = (
    Count(
        "citations",
        Sentence("Citations"),
        Sentence("tickets that somebody else answered with an article this person had written in by then"),
        Items.LINKS,
    ),
    Count(
        "own",
        Sentence("Used by themselves"),
        Sentence("tickets that they answered themselves with an article they had written in by then"),
        Items.LINKS,
    ),
)
REPORT = Report(
    name="citations",
    title=Sentence("Citations"),
    words=Sentence("How often colleagues answered a ticket with what a person had written."),
    counts=COUNTS,
    metrics=(),
    segments=(
        Segment.AGENT,
        Segment.TEAM,
        Segment.DEPARTMENT,
        Segment.DOMAIN,
        Segment.ARTICLE,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=Counted(counts=COUNTS, source=Source(rows=_rows), medians={}),
    drawn=("citations",),
    left_out=(
        Sentence("links as background reading"),
        Sentence("links that were removed"),
        Sentence("the ticket an article was drafted from"),
        Sentence("tickets deleted on the desk and not restored, or closed into another one"),
    ),
    notes=(
        BY_DEPARTMENT,
        Sentence("Whoever began an article, edited it, or proposed a text that was taken over, wrote in it."),
        Sentence(
            "An article that several people wrote in is a citation of each of them: the total adds them up."
        ),
        Sentence("A person counts in the team they were in when they first wrote in the article."),
        Sentence(
            "This is for a person and their coach to be glad of: there is no order by figure, and no target."
        ),
    ),
)
