"""Self-service: what visitors of the help centre found by themselves, measured without following anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from kcs.config import Settings
from kcs.metrics import listing, visitors
from kcs.metrics.counting import Counted
from kcs.metrics.hints import Hint
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
from kcs.metrics.source import Source
from kcs.sentences import Sentence

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

_NO_CONTACT = Hint(
    "no_contact_page",
    Sentence(
        "Deflection, and what is worked out with it, cannot be estimated: KCS_HELP_CENTRE_CONTACT names no "
        "page where visitors of the help centre ask a person. Whoever runs the server sets it; visits count "
        "from then on."
    ),
    figures=(DEFLECTED,),
)
_NOT_ESTIMATED = Hint(
    "deflection_not_estimated",
    Sentence(
        "Deflection, and what is worked out with it, cannot be estimated there: that takes a visit of the "
        "help centre whose need was not met and that could have gone on to ask a person."
    ),
    figures=(DEFLECTED,),
)


def not_estimated(figures: Counts, settings: Settings) -> Hint | None:
    """Return why nothing is estimated of how many tickets were not opened; None where something is."""
    if figures[DEFLECTED] is not None:
        return None
    return _NOT_ESTIMATED if settings.help_centre_contact else _NO_CONTACT


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
        """Return the figures of each article, domain, owner, creator or period."""
        return [replace(row, figures=_estimated(row.figures)) for row in self.counted.rows(scope, by)]

    def total(self, scope: Scope) -> Counts:
        """Return the figures of everything within the scope."""
        return _estimated(self.counted.total(scope))

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of what a count counts, latest first."""
        return self.counted.items(scope, count, limit=limit, offset=offset)

    def every(self, scope: Scope, count: str, *, block: int) -> Iterator[ItemPage]:
        """Yield all that a count counts in pages, of one statement."""
        yield from self.counted.every(scope, count, block=block)

    def hints(self, _scope: Scope, figures: Counts, settings: Settings) -> tuple[Hint, ...]:
        """Return why nothing is estimated of how many tickets were not opened."""
        found = not_estimated(figures, settings)
        return () if found is None else (found,)


def _estimated(figures: Counts) -> Counts:
    return {**figures, DEFLECTED: deflected(figures)}


NO_SUM = Sentence(
    "Deflection is estimated of each row and of the total by itself: rows do not add up to the total, and "
    "one may have no figure where the total has one."
)
BY_WHOLE_DAYS = Sentence(
    "Visits and views are counted when their day is over: today's figures come tomorrow."
)
NOT_FOLLOWED = Sentence(
    "A visit is what one visitor does until they are quiet for 30 minutes. Nothing tells who "
    "they are, and visitors "
    "who ask not to be followed, robots and signed-in colleagues are not counted."
)
BY_PEOPLE = Sentence(
    "An article's owner is whoever looks after it as of the report's moment, its creator whoever began it. "
    "One sees the rows of one's own people; the total is of all articles."
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
                NO_SUM,
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
        Segment.OWNER,
        Segment.CREATOR,
    ),
    reader=SelfService(
        Counted(
            COUNTS,
            Source(rows=partial(visitors.rows, names=_NAMES)),
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
        Sentence(
            "searches that belong to no visit: of robots, programs, visitors who ask not to be followed and "
            "colleagues who are signed in. The report on search success counts them"
        ),
    ),
    notes=(
        NOT_FOLLOWED,
        BY_WHOLE_DAYS,
        Sentence(
            "A visit stands in the row of the article that was read last in it, and of that article's domain."
        ),
        BY_PEOPLE,
        Sentence(
            "As customers help themselves more, fewer and newer issues become tickets: read both together."
        ),
    ),
)
