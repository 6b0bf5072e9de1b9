"""Self-service: what visitors of the help centre found by themselves, measured without following anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
from kcs.metrics import listing
from kcs.metrics.counting import Counted
from kcs.metrics.links import counted_rows, fates, happened
from kcs.metrics.logs import ARTICLES, VIEWS, VISITS
from kcs.metrics.model import (
    Count,
    ItemPage,
    Items,
    Kind,
    Metric,
    Number,
    Report,
    Row,
    Scope,
    Segment,
    Shape,
    Unit,
)
from kcs.metrics.periods import day_of, moment
from kcs.metrics.source import Source
from kcs.sentences import Sentence

GIVEN = "feedback.given"
ON_ARTICLE = "article"
Counts = Mapping[str, Number | None]

COUNTS = (
    Count(
        "visits",
        Sentence("Support visits"),
        Sentence("visits of the help centre with at least one search or one article opened"),
        Items.VISITS,
    ),
    Count(
        "met_said",
        Sentence("Met, said"),
        Sentence("of these, with a rating that an article helped"),
        Items.VISITS,
    ),
    Count(
        "met_inferred",
        Sentence("Met, inferred"),
        Sentence(
            "of the others, those that ended on an article, without a rating that it did not "
            "help and without "
            "asking a person"
        ),
        Items.VISITS,
    ),
    Count("unmet", Sentence("Not met"), Sentence("all other support visits"), Items.VISITS),
    Count(
        "escalated",
        Sentence("Asked a person"),
        Sentence("support visits that went on to the page where one asks a person"),
        Items.VISITS,
    ),
    Count("searches", Sentence("Searches"), Sentence("searches made in support visits"), items=None),
    Count("nulls", Sentence("Found nothing"), Sentence("of these, without a result"), items=None),
    Count("views", Sentence("Views"), Sentence("articles opened by visitors"), items=None),
    Count("opened", Sentence("From results"), Sentence("results of a search that were opened"), items=None),
    Count(
        "helpful", Sentence("Helped"), Sentence("visitors who said that an article helped"), Items.FEEDBACK
    ),
    Count(
        "unhelpful",
        Sentence("Did not help"),
        Sentence("visitors who said that an article did not help"),
        Items.FEEDBACK,
    ),
    Count(
        "comments",
        Sentence("Comments"),
        Sentence("words that visitors wrote about an article"),
        Items.FEEDBACK,
    ),
    Count(
        "could_ask",
        Sentence("Not met, could ask"),
        Sentence("visits that were not met while the help centre led to a person"),
        Items.VISITS,
        listed=False,
    ),
    Count(
        "did_ask",
        Sentence("Not met, asked"),
        Sentence("of these, those that went on to ask a person"),
        Items.VISITS,
        listed=False,
    ),
)
_NAMES = tuple(count.name for count in COUNTS)
MET = ("met_said", "met_inferred")
DEFLECTED = "deflected"


def _rows(scope: Scope) -> Subquery:
    return union_all(_visits(scope), _views(scope), _feedback(scope)).subquery("self_service")


def _visits(scope: Scope) -> SelectBase:
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
            visit.began_at.label("happened_at"), visit.article_id, ARTICLES.c.domain_id, *_columns(counted)
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


def _views(scope: Scope) -> SelectBase:
    return (
        select(
            VIEWS.c.day.label("happened_at"),
            VIEWS.c.article_id,
            ARTICLES.c.domain_id,
            *_columns({"views": VIEWS.c.number}),
        )
        .select_from(VIEWS.outerjoin(ARTICLES, ARTICLES.c.id == VIEWS.c.article_id))
        .where(VIEWS.c.reader == VISITOR, views_in(scope))
    )


def _feedback(scope: Scope) -> SelectBase:
    given = aliased(Activity, name="given")
    found, counted = counted_rows(given, fates(scope.as_of))
    helpful = given.detail["helpful"].as_boolean()
    said = {
        "helpful": _one(helpful.is_(True)),
        "unhelpful": _one(helpful.is_(False)),
        "comments": _one(given.after == "new"),
    }
    return (
        select(given.happened_at, counted.label("article_id"), ARTICLES.c.domain_id, *_columns(said))
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


def _columns(counted: Mapping[str, SQLColumnExpression[int]]) -> list[ColumnElement[int]]:
    """Return every count of the report: those that this part of it has, and nought for the others."""
    return [counted.get(name, literal(0)).label(name) for name in _NAMES]


def deflected(counts: Counts) -> int | None:
    """Return how many tickets were not opened, estimated; None where nothing says who would have asked."""
    met = sum(int(counts[name] or 0) for name in MET)
    could, did = int(counts["could_ask"] or 0), int(counts["did_ask"] or 0)
    return (2 * met * did + could) // (2 * could) if could else None


@dataclass(frozen=True)
class SelfService:
    """The counts, and the estimate that is made of them."""

    counted: Counted

    def rows(self, scope: Scope, by: Segment) -> list[Row]:
        """Return the figures of each article, domain or period."""
        return [replace(row, figures=_estimated(row.figures)) for row in self.counted.rows(scope, by)]

    def total(self, scope: Scope) -> Counts:
        """Return the figures of everything within the scope."""
        return _estimated(self.counted.total(scope))

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of what a count counts, latest first."""
        return self.counted.items(scope, count, limit=limit, offset=offset)


def _estimated(figures: Counts) -> Counts:
    return {**figures, DEFLECTED: deflected(figures)}


BY_WHOLE_DAYS = Sentence(
    "Visits and views are counted when their day is over: today's figures come tomorrow."
)
NOT_FOLLOWED = Sentence(
    "A visit is what one visitor does until they are quiet for 30 minutes. Nothing tells who "
    "they are, and visitors "
    "who ask not to be followed, robots and signed-in colleagues are not counted."
)
REPORT = Report(
    name="self-service",
    title=Sentence("Self-service"),
    words=Sentence("What visitors of the help centre looked for and read, and how often that was enough."),
    counts=COUNTS,
    metrics=(
        Metric(
            "success",
            Sentence("Self-service success"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence("support visits whose need was met, said or inferred ÷ support visits"),
            "(M₁ + M₂) ÷ V",
            Sentence("KCS v6, self-service success; what met means is this project's definition"),
            numerator=MET,
            denominator=("visits",),
            notes=(
                Sentence(
                    "Nobody is asked: a visit that ended on an article and went no further is "
                    "taken as met. Compare "
                    "months with one another rather than with other companies."
                ),
            ),
        ),
        Metric(
            "null_share",
            Sentence("Share that found nothing"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence("searches without a result ÷ searches"),
            "S₀ ÷ S",
            Sentence("KCS v6, self-service log"),
            numerator=("nulls",),
            denominator=("searches",),
        ),
        Metric(
            "helped_share",
            Sentence("Said it helped"),
            Kind.QUALITY,
            Unit.SHARE,
            Sentence("ratings that it helped ÷ ratings"),
            "R₊ ÷ R",
            Sentence("KCS v6, self-service log"),
            numerator=("helpful",),
            denominator=("helpful", "unhelpful"),
        ),
        Metric(
            DEFLECTED,
            Sentence("Deflected, estimated"),
            Kind.OUTCOME,
            Unit.COUNT,
            Sentence(
                "visits whose need was met × the share of the visits not met that went on to "
                "ask a person, to the "
                "nearest whole number"
            ),
            "(M₁ + M₂) × A ÷ U",
            Sentence("KCS v6, deflection; how it is estimated is this project's"),
            notes=(
                Sentence(
                    "An estimate: it takes visitors who found their answer to be as ready to "
                    "ask as those who did not."
                ),
                Sentence(
                    "There is no figure without visits that were not met, or while "
                    "KCS_HELP_CENTRE_CONTACT names no "
                    "page where one asks a person."
                ),
            ),
        ),
    ),
    segments=(
        Segment.WEEK,
        Segment.DAY,
        Segment.MONTH,
        Segment.QUARTER,
        Segment.ARTICLE,
        Segment.DOMAIN,
    ),
    reader=SelfService(
        Counted(
            COUNTS,
            Source(rows=_rows),
            shown=(
                listing.Shown("searches", Sentence("Searches")),
                listing.Shown("nulls", Sentence("Found nothing")),
                listing.Shown("opened", Sentence("From results")),
            ),
        )
    ),
    shape=Shape.TREND,
    drawn=("visits", "success"),
    left_out=(
        Sentence("visits with neither a search nor an article"),
        Sentence("visitors who ask not to be followed"),
        Sentence("robots that say so"),
        Sentence("colleagues who are signed in"),
    ),
    notes=(
        NOT_FOLLOWED,
        BY_WHOLE_DAYS,
        Sentence(
            "A visit stands in the row of the article that was read last in it, and of that article's domain."
        ),
        Sentence(
            "As customers help themselves more, fewer and newer issues become tickets: read both together."
        ),
    ),
)
