"""Link accuracy: how many of the links that coaches looked at led to what the ticket needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Subquery, and_

from kcs.errors import NotFound
from kcs.metrics.counting import Counted
from kcs.metrics.model import Count, ItemPage, Items, Kind, Metric, Report, Scope, Segment, Unit
from kcs.metrics.narrowing import opens_judged
from kcs.metrics.reach import within
from kcs.metrics.reports.checklist import LATEST_COUNTS
from kcs.metrics.reports.on_solved import BY_DEPARTMENT
from kcs.metrics.samples import LINK, answer, judged, of_whom, one_if, yes_or_no
from kcs.metrics.source import Source
from kcs.sentences import Sentence

_CRITERIA = ("relevant", "specific", "actionable")
_BASIS = Sentence("KCS v6, linking: what makes a link accurate")


@dataclass(frozen=True)
class JudgedLinks(Counted):
    """Counts judged links. Those behind a count are for the person, their coach and their manager alone."""

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of what a count counts. Raises NotFound for whoever may not open all of it."""
        _refuse_to_open(scope)
        return super().items(scope, count, limit=limit, offset=offset)

    def every(self, scope: Scope, count: str, *, block: int) -> Iterator[ItemPage]:
        """Yield all that a count counts in pages. Raises as `items`."""
        _refuse_to_open(scope)
        yield from super().every(scope, count, block=block)


def _refuse_to_open(scope: Scope) -> None:
    if not opens_judged(scope.reach, scope.only):
        raise NotFound(
            "Single judgements are for the person whose link it is, their coach and their manager. Narrow "
            "the report to a person you coach or manage."
        )


def _rows(scope: Scope) -> Subquery:
    sample, query = judged(scope, LINK)
    answers = [answer(sample, code) for code in _CRITERIA]
    return (
        query.add_columns(
            sample.ticket_id,
            sample.connection_id,
            sample.article_id,
            one_if(and_(*answers), "accurate"),
            *(one_if(given, code) for given, code in zip(answers, _CRITERIA, strict=True)),
        )
        .where(within(scope.reach, of_whom(sample)))
        .subquery("accuracy")
    )


def _share(name: str, title: Sentence, formula: Sentence, symbols: str, count: str) -> Metric:
    return Metric(
        name,
        title,
        Kind.QUALITY,
        Unit.SHARE,
        formula,
        symbols,
        _BASIS,
        numerator=(count,),
        denominator=("samples",),
    )


COUNTS = (
    Count(
        "samples",
        Sentence("Links judged"),
        Sentence("links as answers that a coach looked at, once for each coach"),
        Items.SAMPLES,
    ),
    Count(
        "accurate",
        Sentence("Accurate"),
        Sentence("of them, those that are relevant, specific and actionable, all three"),
        Items.SAMPLES,
    ),
    Count(
        "relevant",
        Sentence("Relevant"),
        Sentence("of them, those whose article is about what the customer asked"),
        Items.SAMPLES,
    ),
    Count(
        "specific",
        Sentence("Specific"),
        Sentence("of them, those whose article fits the customer's case"),
        Items.SAMPLES,
    ),
    Count(
        "actionable",
        Sentence("Actionable"),
        Sentence("of them, those with whose article one could act"),
        Items.SAMPLES,
    ),
)
REPORT = Report(
    name="link-accuracy",
    title=Sentence("Link accuracy"),
    words=Sentence("Which share of links led to what the ticket needed, by samples that coaches judged."),
    counts=COUNTS,
    metrics=(
        _share(
            "link_accuracy",
            Sentence("Link accuracy"),
            Sentence("accurate links ÷ links judged"),
            "accurate ÷ judged",
            "accurate",
        ),
        _share(
            "relevant_links",
            Sentence("Relevant links"),
            Sentence("relevant links ÷ links judged"),
            "relevant ÷ judged",
            "relevant",
        ),
        _share(
            "specific_links",
            Sentence("Specific links"),
            Sentence("specific links ÷ links judged"),
            "specific ÷ judged",
            "specific",
        ),
        _share(
            "actionable_links",
            Sentence("Actionable links"),
            Sentence("actionable links ÷ links judged"),
            "actionable ÷ judged",
            "actionable",
        ),
    ),
    segments=(
        Segment.AGENT,
        Segment.TEAM,
        Segment.DEPARTMENT,
        Segment.DESK,
        Segment.ARTICLE,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=JudgedLinks(
        COUNTS,
        Source(_rows),
        shown=(
            yes_or_no("relevant", Sentence("Relevant")),
            yes_or_no("specific", Sentence("Specific")),
            yes_or_no("actionable", Sentence("Actionable")),
        ),
    ),
    drawn=("link_accuracy",),
    opens_judged=True,
    left_out=(
        Sentence("links as background reading"),
        Sentence("links found in a reply that nobody confirmed"),
        Sentence("links that came with past tickets"),
    ),
    notes=(
        Sentence("A link belongs to whoever made it, in the team they were in when it was judged."),
        BY_DEPARTMENT,
        LATEST_COUNTS,
        Sentence(
            "Single judgements open for the person whose link it is, their coach and their manager; to "
            "whoever sees everybody's figures, when they narrow it to such a person."
        ),
        Sentence(
            "It stands beside the link rate: more links are worth something as far as they are accurate."
        ),
    ),
)
