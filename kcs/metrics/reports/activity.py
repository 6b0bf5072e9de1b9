"""What people do for knowledge: counts to be seen beside what they are worth, never ranked."""

from __future__ import annotations

from sqlalchemy import Subquery, select

from kcs.metrics.counting import Counted
from kcs.metrics.facts.source import ACTS_OF_PEOPLE
from kcs.metrics.logs import ARTICLES
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Scope, Segment, Shape, Unit
from kcs.metrics.reports.on_solved import BY_DEPARTMENT
from kcs.metrics.source import Source
from kcs.sentences import Sentence


def _rows(scope: Scope) -> Subquery:
    """The acts, each in the domain of its article."""
    acts = ACTS_OF_PEOPLE.rows(scope)
    return (
        select(acts, ARTICLES.c.domain_id)
        .select_from(acts.outerjoin(ARTICLES, ARTICLES.c.id == acts.c.article_id))
        .subquery("activity_rows")
    )


_COUNTS = (
    Count(
        "linked",
        Sentence("Links"),
        Sentence(
            "articles that were there already and linked as the resolution of a ticket; a draft made in the "
            "ticket is created, not linked"
        ),
        Items.ACTS,
    ),
    Count("created", Sentence("Created"), Sentence("articles begun, in a ticket or outside one"), Items.ACTS),
    Count(
        "modified",
        Sentence("Modified"),
        Sentence("texts saved over another, but for one's own in the ticket the article was created in"),
        Items.ACTS,
    ),
    Count(
        "flagged", Sentence("Flagged"), Sentence("articles flagged for somebody else to improve"), Items.ACTS
    ),
)

REPORT = Report(
    name="activity",
    title=Sentence("Activity"),
    words=Sentence(
        "Linking, creating, modifying and flagging, as signs of a habit: no goal is set on any of it."
    ),
    counts=_COUNTS,
    metrics=(
        Metric(
            "acts",
            Sentence("In all"),
            Kind.ACTIVITY,
            Unit.COUNT,
            Sentence("links + created + modified + flagged"),
            "L + C + M + F",
            Sentence("KCS v6, technique 7.3"),
            numerator=("linked", "created", "modified", "flagged"),
            paired="checklist_score",
        ),
    ),
    segments=(
        Segment.AGENT,
        Segment.TEAM,
        Segment.DEPARTMENT,
        Segment.DOMAIN,
        Segment.DAY,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=Counted(_COUNTS, Source(_rows, sums=ACTS_OF_PEOPLE.sums)),
    shape=Shape.TREND,
    drawn=("linked", "created", "modified", "flagged"),
    left_out=(
        Sentence("what machines and people without an account did"),
        Sentence("links as background reading"),
        Sentence("the links of drafts made in a ticket: these count as created"),
        Sentence("articles that were imported"),
    ),
    notes=(
        Sentence(
            "An act counts when it was done, also where it was undone later: this is what was done, not "
            "what stands."
        ),
        BY_DEPARTMENT,
        Sentence(
            "Links are not the linked tickets of the link rate: those are tickets that were solved, by links "
            "that stand, drafts made in them among these."
        ),
        Sentence(
            "Goals on counts of acts are met by acts, not by knowledge: ten articles a month give ten "
            "empty articles. "
            "So none can be set here, and nobody is ranked."
        ),
    ),
)
