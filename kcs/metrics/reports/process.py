"""The process review: how knowledge fared in solved tickets that coaches looked at."""

from __future__ import annotations

from sqlalchemy import Subquery, or_

from kcs.metrics.counting import Counted
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Scope, Segment, Unit
from kcs.metrics.reach import within_close
from kcs.metrics.reports.checklist import FOR_COACHING, KEPT_FOR, LATEST_COUNTS, NOT_APPLICABLE
from kcs.metrics.reports.on_solved import BY_DEPARTMENT
from kcs.metrics.samples import SCORE, TICKET, answer, judged, of_whom, one_if
from kcs.metrics.source import Source
from kcs.sentences import Sentence


def _rows(scope: Scope) -> Subquery:
    sample, query = judged(scope, TICKET)
    contributed, kept = answer(sample, "contributed"), answer(sample, "kept")
    return (
        query.add_columns(
            sample.ticket_id,
            sample.connection_id,
            one_if(or_(contributed, ~contributed), "opportunities"),
            one_if(contributed, "right"),
            one_if(or_(kept, ~kept), "learnt"),
            one_if(~kept, "lost"),
        )
        .where(within_close(scope.reach, of_whom(sample)))
        .subquery("process")
    )


COUNTS = (
    Count(
        "samples",
        Sentence("Tickets judged"),
        Sentence("solved tickets that a coach looked through, once for each coach"),
        Items.SAMPLES,
    ),
    Count("asked", Sentence("Answers"), Sentence("questions answered yes or no"), items=None),
    Count("yes", Sentence("Yes"), Sentence("questions answered yes"), items=None),
    Count(
        "opportunities",
        Sentence("Something to do"),
        Sentence("tickets judged in which there was something to do for the knowledge"),
        Items.SAMPLES,
    ),
    Count(
        "right",
        Sentence("Right step"),
        Sentence("of them, those in which the right step was taken: link, mend, flag or write"),
        Items.SAMPLES,
    ),
    Count(
        "learnt",
        Sentence("Something new"),
        Sentence("tickets judged in which something was found out that was worth keeping"),
        Items.SAMPLES,
    ),
    Count(
        "lost",
        Sentence("Lost"),
        Sentence("of them, those in which it was not written down"),
        Items.SAMPLES,
    ),
)
REPORT = Report(
    name="par",
    title=Sentence("Process review"),
    words=Sentence("How knowledge fares while tickets are solved, by samples that coaches judged."),
    counts=COUNTS,
    metrics=(
        Metric(
            "process_score",
            Sentence("Process score"),
            Kind.QUALITY,
            Unit.SHARE,
            Sentence("questions answered yes ÷ questions answered yes or no"),
            "yes ÷ (yes + no)",
            Sentence("KCS v6, process adherence review"),
            numerator=("yes",),
            denominator=("asked",),
            left_out=(NOT_APPLICABLE,),
        ),
        Metric(
            "contribution_index",
            Sentence("Contribution index"),
            Kind.QUALITY,
            Unit.SHARE,
            Sentence("tickets with the right step taken ÷ tickets with something to do"),
            "right ÷ opportunities",
            Sentence("KCS v6, process adherence review; the index is usual, its formula is ours"),
            numerator=("right",),
            denominator=("opportunities",),
            left_out=(Sentence("tickets in which there was nothing to do"),),
        ),
        Metric(
            "knowledge_lost",
            Sentence("Knowledge lost"),
            Kind.QUALITY,
            Unit.SHARE,
            Sentence(
                "tickets whose news was not written down ÷ tickets in which something new was found out"
            ),
            "lost ÷ learnt",
            Sentence("KCS v6, process adherence review"),
            numerator=("lost",),
            denominator=("learnt",),
            left_out=(Sentence("tickets in which nothing was new"),),
        ),
    ),
    segments=(
        Segment.AGENT,
        Segment.TEAM,
        Segment.DEPARTMENT,
        Segment.DESK,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=Counted(COUNTS, Source(_rows), shown=SCORE),
    drawn=("process_score", "contribution_index", "knowledge_lost"),
    left_out=(NOT_APPLICABLE,),
    notes=(
        Sentence("The score is of whoever solved the ticket, in the team they were in when it was judged."),
        BY_DEPARTMENT,
        LATEST_COUNTS,
        FOR_COACHING,
    ),
    kept_for=KEPT_FOR,
)
