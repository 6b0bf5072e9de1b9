"""The checklist: how far the articles that coaches looked at follow the organisation's content standard."""

from __future__ import annotations

from sqlalchemy import Subquery

from kcs.metrics.counting import Counted
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Scope, Segment, Unit
from kcs.metrics.reach import within_close
from kcs.metrics.reports.on_solved import BY_DEPARTMENT
from kcs.metrics.samples import ARTICLE, SCORE, judged, of_whom
from kcs.metrics.source import Source
from kcs.sentences import Sentence

FOR_COACHING = Sentence(
    "This is for coaching. A row is for the person, their coach and their manager; nobody else sees it, and "
    "totals are of the people one may see."
)
KEPT_FOR = Sentence(
    "These figures are for the person whose work was judged, their coach and their manager. "
    "Of the people whose figures you may see, nothing was counted here."
)
LATEST_COUNTS = Sentence(
    "A coach who judges the same thing again replaces what they said: the latest counts."
)
NOT_APPLICABLE = Sentence("questions that did not apply")


def _rows(scope: Scope) -> Subquery:
    sample, query = judged(scope, ARTICLE)
    return (
        query.add_columns(sample.article_id)
        .where(within_close(scope.reach, of_whom(sample)))
        .subquery("checklist")
    )


COUNTS = (
    Count(
        "samples",
        Sentence("Articles judged"),
        Sentence("texts of articles that a coach went through with the checklist, once for each coach"),
        Items.SAMPLES,
    ),
    Count("asked", Sentence("Answers"), Sentence("questions answered yes or no"), items=None),
    Count("yes", Sentence("Yes"), Sentence("questions answered yes"), items=None),
)
REPORT = Report(
    name="checklist",
    title=Sentence("Checklist"),
    words=Sentence("How far articles follow our standard, by samples that coaches judged."),
    counts=COUNTS,
    metrics=(
        Metric(
            "checklist_score",
            Sentence("Checklist score"),
            Kind.QUALITY,
            Unit.SHARE,
            Sentence("questions answered yes ÷ questions answered yes or no"),
            "yes ÷ (yes + no)",
            Sentence("KCS v6, content standard checklist"),
            numerator=("yes",),
            denominator=("asked",),
            left_out=(NOT_APPLICABLE,),
        ),
    ),
    segments=(
        Segment.AGENT,
        Segment.TEAM,
        Segment.DEPARTMENT,
        Segment.ARTICLE,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=Counted(COUNTS, Source(_rows), shown=SCORE),
    drawn=("checklist_score",),
    left_out=(Sentence("work in progress"), NOT_APPLICABLE),
    notes=(
        Sentence("The score is of whoever wrote the text, in the team they were in when it was judged."),
        BY_DEPARTMENT,
        LATEST_COUNTS,
        FOR_COACHING,
    ),
    kept_for=KEPT_FOR,
)
