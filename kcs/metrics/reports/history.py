"""Who had which part in articles of a period: first author, last editor, owner, whoever wrote in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Label, Select, Subquery, and_, case, func, literal, select, union_all

from kcs.metrics.links import with_origin
from kcs.metrics.model import PERIODS, Count, Items, Report, Row, Scope, Segment, Shape
from kcs.metrics.once import CountedOnce
from kcs.metrics.owners import owners
from kcs.metrics.periods import Window, periods
from kcs.metrics.reach import within
from kcs.metrics.reports.on_solved import BY_DEPARTMENT
from kcs.metrics.source import Source
from kcs.metrics.writers import written
from kcs.sentences import Sentence

PARTS = ("contributors", "first_author", "last_editor", "owner")


@dataclass(frozen=True)
class PeriodByPeriod(CountedOnce):
    """Counts each period by itself: whoever contributed in two of them is in both."""

    def rows(self, scope: Scope, by: Segment) -> list[Row]:
        """Return the figures of each key, or of each period of the window."""
        if by not in PERIODS:
            return super().rows(scope, by)
        return [
            Row(
                period.label,
                period.label,
                self.total(replace(scope, window=window)),
                scope.only,
                window,
                period.partial,
            )
            for period in periods(scope.window, by)
            for window in [Window(period.start, period.end, scope.window.zone)]
        ]


def _rows(scope: Scope) -> Subquery:
    """Select one row for each article and person who has a part in it."""
    acts = written(scope.as_of, scope.window)
    parts = union_all(_contributed(acts), _began(acts), _edited_last(acts), _owns(acts, scope)).subquery(
        "parts"
    )
    together = (
        select(
            parts.c.article_id,
            parts.c.agent_id,
            func.max(parts.c.team_id).label("team_id"),
            func.max(parts.c.happened_at, type_=parts.c.happened_at.type).label("happened_at"),
            *(func.max(parts.c[part]).label(part) for part in PARTS),
        )
        .where(parts.c.agent_id.is_not(None), within(scope.reach, parts.c.agent_id))
        .group_by(parts.c.article_id, parts.c.agent_id)
        .subquery("together")
    )
    origin = with_origin(together, together.c.article_id, "together")
    wrote_only = and_(*(together.c[part] == int(part == "contributors") for part in PARTS))
    return (
        select(
            together,
            origin.domain_id.label("domain_id"),
            literal(1).label("articles"),
            case((wrote_only, 1), else_=0).label("others"),
        )
        .select_from(origin.joined)
        .subquery("history")
    )


def _contributed(acts: Subquery) -> Select[Any]:
    return select(
        acts.c.article_id, acts.c.agent_id, acts.c.team_id, acts.c.happened_at, *_part("contributors")
    )


def _began(acts: Subquery) -> Select[Any]:
    touched = _touched(acts)
    origin = with_origin(touched, touched.c.article_id, "touched")
    return select(
        touched.c.article_id,
        origin.author_id.label("agent_id"),
        origin.team_id.label("team_id"),
        touched.c.happened_at,
        *_part("first_author"),
    ).select_from(origin.joined)


def _edited_last(acts: Subquery) -> Select[Any]:
    """Whoever saved the last text; a proposal was saved by whoever took it over."""
    order = (acts.c.happened_at.desc(), acts.c.written_id.desc(), acts.c.proposed)
    place = func.row_number().over(partition_by=acts.c.article_id, order_by=order)
    last = select(acts, place.label("place")).subquery("last")
    return select(
        last.c.article_id, last.c.agent_id, last.c.team_id, last.c.happened_at, *_part("last_editor")
    ).where(last.c.place == 1)


def _owns(acts: Subquery, scope: Scope) -> Select[Any]:
    """Whoever looks after the article at the end: whom it was given to last, else whoever began it."""
    touched, given = _touched(acts), owners(scope.as_of, until=scope.window.end)
    origin = with_origin(touched, touched.c.article_id, "owned")
    return select(
        touched.c.article_id,
        func.coalesce(given.c.owner_id, origin.author_id).label("agent_id"),
        given.c.team_id,
        touched.c.happened_at,
        *_part("owner"),
    ).select_from(origin.joined.outerjoin(given, given.c.article_id == touched.c.article_id))


def _touched(acts: Subquery) -> Subquery:
    """Select the articles somebody wrote in, with when that was last."""
    latest = func.max(acts.c.happened_at, type_=acts.c.happened_at.type)
    return (
        select(acts.c.article_id, latest.label("happened_at")).group_by(acts.c.article_id).subquery("touched")
    )


def _part(name: str) -> list[Label[int]]:
    return [literal(int(each == name)).label(each) for each in PARTS]


COUNTS = (
    Count(
        "articles",
        Sentence("Articles"),
        Sentence("articles that somebody wrote in, in which this person has any part"),
        Items.ARTICLES,
    ),
    Count(
        "contributors",
        Sentence("Contributors"),
        Sentence("people who wrote in an article in the period, once for each article"),
        Items.ACTS,
    ),
    Count(
        "first_author",
        Sentence("First author"),
        Sentence("of the articles somebody wrote in, whoever began it, at any time"),
        Items.ACTS,
    ),
    Count(
        "last_editor",
        Sentence("Last editor"),
        Sentence("of the articles somebody wrote in, whoever saved its last text of the period"),
        Items.ACTS,
    ),
    Count(
        "owner",
        Sentence("Owner"),
        Sentence("of the articles somebody wrote in, whoever looks after it at the end of the period"),
        Items.ACTS,
    ),
    Count(
        "others",
        Sentence("Others"),
        Sentence(
            "of the contributors, those who neither began the article nor saved its last text of the period "
            "nor look after it"
        ),
        Items.ACTS,
    ),
)
REPORT = Report(
    name="history",
    title=Sentence("Contributors"),
    words=Sentence("Who had a part in what was written: first author, last editor, owner, others."),
    counts=COUNTS,
    metrics=(),
    segments=(
        Segment.ARTICLE,
        Segment.AGENT,
        Segment.TEAM,
        Segment.DEPARTMENT,
        Segment.DOMAIN,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=PeriodByPeriod(counts=COUNTS, source=Source(rows=_rows), once={"articles": "article_id"}),
    shape=Shape.NONE,
    notes=(
        BY_DEPARTMENT,
        Sentence("Whoever began an article, edited it, or proposed a text that was taken over, wrote in it."),
        Sentence("One person may have several parts in an article; each counts by itself."),
        Sentence("Each month is counted by itself, so months do not add up to a quarter."),
        Sentence("This tells who to ask and whom to thank. It is no measure of anybody: more is not better."),
    ),
)
