"""Abandoned searches by their words: what people looked for, were shown, and did not open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from sqlalchemy import Subquery, case, func, literal, select

from kcs.metrics import listing
from kcs.metrics.counting import Counted
from kcs.metrics.labels import PLACES
from kcs.metrics.logs import HELP_CENTRE, SEARCHES
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
from kcs.metrics.reports.search import happened_by, is_abandoned, searched_in
from kcs.metrics.source import Source
from kcs.sentences import Sentence

MOST = 200


def _rows(scope: Scope) -> Subquery:
    outside = SEARCHES.c.place == HELP_CENTRE
    return (
        select(
            SEARCHES.c.searched_at.label("happened_at"),
            func.coalesce(SEARCHES.c.gist, SEARCHES.c.words).label("gist"),
            SEARCHES.c.words,
            SEARCHES.c.place,
            SEARCHES.c.results,
            literal(1).label("abandoned"),
            case((outside, 1), else_=0).label("outside"),
            case((happened_by(SEARCHES.c.asked_at, scope), 1), else_=0).label("asked"),
        )
        .where(*searched_in(scope), is_abandoned(scope))
        .subquery("abandoned")
    )


COUNTS = (
    Count(
        "abandoned",
        Sentence("Abandoned"),
        Sentence("searches that showed people results of which none was opened within half an hour or later"),
        Items.SEARCHES,
    ),
    Count("outside", Sentence("By visitors"), Sentence("of these, made in the help centre"), Items.SEARCHES),
    Count(
        "asked", Sentence("Asked a person"), Sentence("of these, followed by asking a person"), Items.SEARCHES
    ),
)


@dataclass(frozen=True)
class MostFrequent:
    """The words most often searched first, and only so many: the rest is told by the total."""

    counted: Counted

    def rows(self, scope: Scope, by: Segment) -> list[Row]:
        """Return the figures of each search that was made in the same words, or of each period."""
        found = self.counted.rows(scope, by)
        if by is not Segment.WORDS:
            return found
        return sorted(found, key=lambda row: (-int(row.figures["abandoned"] or 0), str(row.key)))[:MOST]

    def total(self, scope: Scope) -> Mapping[str, Number | None]:
        """Return the figures of everything within the scope."""
        return self.counted.total(scope)

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of the searches that a count counts, latest first; each leads to what is found now.

        From there an article is written, or a word kept, where nothing answers it.
        """
        return _searched_again(self.counted.items(scope, count, limit=limit, offset=offset))

    def every(self, scope: Scope, count: str, *, block: int) -> Iterator[ItemPage]:
        """Yield all the searches that a count counts in pages, of one statement."""
        yield from map(_searched_again, self.counted.every(scope, count, block=block))


def _searched_again(page: ItemPage) -> ItemPage:
    again = (replace(item, url=f"/search?q={quote(str(item.cells['words']))}") for item in page.items)
    return replace(page, items=tuple(again))


REPORT = Report(
    name="abandoned",
    title=Sentence("Abandoned searches"),
    words=Sentence("What people searched and were shown results for, without opening any: by words."),
    counts=COUNTS,
    metrics=(
        Metric(
            "asked_share",
            Sentence("Share that asked a person"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence("abandoned searches followed by asking a person ÷ abandoned searches of visitors"),
            "A ÷ B",
            Sentence("KCS v6, passively failed searches"),
            numerator=("asked",),
            denominator=("outside",),
        ),
    ),
    segments=(
        Segment.WORDS,
        Segment.PLACE,
        Segment.DAY,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=MostFrequent(
        Counted(
            COUNTS,
            Source(rows=_rows),
            shown=(
                listing.Shown("words", Sentence("Words")),
                listing.Shown("place", Sentence("Where"), lambda place: PLACES.get(place, place)),
                listing.Shown("results", Sentence("Results")),
            ),
        )
    ),
    shape=Shape.BARS,
    drawn=("abandoned",),
    left_out=(
        Sentence("searches over the API: scripts cannot be seen to open a result"),
        Sentence("searches of the last half hour: who knows what they lead to"),
        Sentence("searches that were forgotten"),
    ),
    notes=(
        Sentence(
            "Words are told apart without regard to capitals and accents, personal data was "
            "replaced by its kind."
        ),
        Sentence("The %(number)s most frequent are shown; the total is of all.", number=MOST),
        Sentence(
            "An article that answers them may be missing, or be called otherwise: search the "
            "words as your customers "
            "wrote them, then write the article, ask somebody to write it, or keep their word as one of the "
            "same meaning."
        ),
    ),
)
