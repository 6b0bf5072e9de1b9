"""Articles by their state at the end of each period, and how long they have been in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, null, or_, select

from kcs.database import db
from kcs.metrics import listing
from kcs.metrics.departments import with_departments
from kcs.metrics.facts.article_models import ArticleSpell
from kcs.metrics.links import with_origin
from kcs.metrics.model import (
    NOBODY,
    PERIODS,
    Count,
    ItemPage,
    Items,
    Key,
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
from kcs.metrics.periods import Window, periods
from kcs.metrics.reach import within
from kcs.metrics.reports.on_solved import BY_DEPARTMENT
from kcs.metrics.source import COLUMNS
from kcs.sentences import Sentence
from kcs.words import ARTICLE_STATES
from workflow.article import ArticleState

IN_USE = (ArticleState.WIP, ArticleState.NOT_VALIDATED, ArticleState.VALIDATED, ArticleState.PUBLISHED)
QUARTILES = {"age_lower": 1, "age_median": 2, "age_upper": 3}
Figures = dict[str, Number | None]


@dataclass(frozen=True)
class States:
    """Reads what state each article is in at the end of a window, or at the moment where that is before."""

    counts: tuple[Count, ...]

    def rows(self, scope: Scope, by: Segment) -> list[Row]:
        """Return a row for each state, domain … that has an article, or for the end of each period."""
        if by not in PERIODS:
            figures = self._figures(scope, by)
            keys = {NOBODY if key is None else key: row for key, row in figures.items()}
            return [
                Row(key, str(key), row, scope.only.and_(by, key), scope.window) for key, row in keys.items()
            ]
        return [
            Row(period.label, period.label, self._at_end(scope, window), scope.only, window, period.partial)
            for period in periods(scope.window, by)
            for window in [Window(period.start, period.end, scope.window.zone)]
        ]

    def total(self, scope: Scope) -> Mapping[str, Number | None]:
        """Return the figures of all articles."""
        return self._figures(scope, None).get(None) or self._nothing(0)

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of the articles in a state, those that came into it last first."""
        found = _states(scope, None)
        return listing.page(
            select(found).where(found.c[count] > 0).subquery("found"),
            total=int(self.total(scope)[count] or 0),
            shown=(listing.Shown("state", Sentence("State"), ARTICLE_STATES.get),),
            limit=limit,
            offset=offset,
        )

    def ages(self, scope: Scope, by: Segment) -> dict[Key, list[int]]:
        """Return for each state, domain … how many seconds each article in use has been in its state."""
        found = _states(scope, by)
        key, end = found.c[COLUMNS[by]], _end(scope)
        ages: dict[Key, list[int]] = {}
        rows = db.session.execute(select(key, found.c.happened_at).where(found.c.articles > 0))
        for name, since in rows:
            ages.setdefault(NOBODY if name is None else name, []).append(_seconds(since, end))
        return ages

    def _at_end(self, scope: Scope, window: Window) -> Mapping[str, Number | None]:
        """Return the figures of the end of a period; none of one that had not begun by the moment."""
        if window.start >= scope.as_of:
            return self._nothing(None)
        return self.total(Scope(window, scope.as_of, scope.reach, scope.only))

    def _nothing(self, number: int | None) -> Figures:
        return {**{count.name: number for count in self.counts}, **dict.fromkeys(QUARTILES)}

    def _figures(self, scope: Scope, by: Segment | None) -> dict[Key | None, Figures]:
        found = _states(scope, by)
        key = null() if by is None else found.c[COLUMNS[by]]
        sums = [func.coalesce(func.sum(found.c[count.name]), 0) for count in self.counts]
        counted: Select[Any] = select(key.label("key"), *sums)
        figures: dict[Key | None, Figures] = {
            row[0]: {
                **self._nothing(0),
                **{count.name: int(number) for count, number in zip(self.counts, row[1:], strict=True)},
            }
            for row in db.session.execute(counted if by is None else counted.group_by(key))
        }
        for name, ages in _middling(found, key, _end(scope)).items():
            figures[name].update(_quartiles(ages))
        return figures


def _states(scope: Scope, by: Segment | None) -> Subquery:
    """Select each article's state at the end, and since when; one that was thrown away has none."""
    spell = _spells(scope)
    origin = with_origin(spell, spell.c.article_id, "spell")
    in_use = spell.c.state.in_(IN_USE)
    query: Select[Any] = select(
        spell.c.article_id,
        spell.c.state,
        spell.c.happened_at,
        origin.author_id.label("agent_id"),
        origin.team_id.label("team_id"),
        origin.domain_id.label("domain_id"),
        case((in_use, 1), else_=0).label("articles"),
    )
    states = (*IN_USE, ArticleState.ARCHIVED)
    every = (
        query.add_columns(
            *(case((spell.c.state == state, 1), else_=0).label(state.value) for state in states)
        )
        .select_from(origin.joined)
        .where(spell.c.state.in_(states), within(scope.reach, origin.author_id))
        .subquery("every")
    )
    found = with_departments(every, scope, by)
    wanted = [
        found.c[COLUMNS[segment]].is_(None) if key == NOBODY else found.c[COLUMNS[segment]] == key
        for segment, key in scope.only.keys.items()
    ]
    return select(found).where(*wanted).subquery("states")


def _spells(scope: Scope) -> Subquery:
    """Select what state each article was in at the end, and since when, as was known then."""
    fact, end = ArticleSpell.__table__.c, _end(scope)
    return (
        select(fact.article_id, fact.state, fact.since.label("happened_at"))
        .where(
            fact.until >= end,
            fact.since < end,
            fact.known_from < scope.as_of,
            fact.known_to >= scope.as_of,
        )
        .subquery("spells")
    )


def _middling(found: Subquery, key: ColumnElement[Any], end: datetime) -> dict[Key | None, dict[int, int]]:
    """Return by key how many articles in use there are (0), and the ages that quartiles lie at or between.

    The ages are by their place in the order from the youngest, from 1.
    """
    ranked = (
        select(
            key.label("key"),
            found.c.happened_at,
            func.row_number()
            .over(partition_by=key, order_by=(found.c.happened_at.desc(), found.c.article_id))
            .label("place"),
            func.count().over(partition_by=key).label("number"),
        )
        .where(found.c.articles > 0)
        .subquery("ranked")
    )
    place, steps = ranked.c.place - 1, ranked.c.number - 1
    wanted = or_(*(and_(place * 4 > steps * k - 4, place * 4 < steps * k + 4) for k in QUARTILES.values()))
    ages: dict[Key | None, dict[int, int]] = {}
    rows = db.session.execute(
        select(ranked.c.key, ranked.c.place, ranked.c.number, ranked.c.happened_at).where(wanted)
    )
    for name, number, count, since in rows:
        ages.setdefault(name, {0: count})[number] = _seconds(since, end)
    return ages


def _quartiles(ages: Mapping[int, int]) -> Figures:
    """Return the quartiles, taken in proportion between the two ages that one lies between."""
    found: Figures = {}
    for name, quarter in QUARTILES.items():
        place, rest = divmod((ages[0] - 1) * quarter, 4)
        lower = ages[place + 1]
        upper = ages[place + 2] if rest else lower
        found[name] = lower + (upper - lower) * rest / 4
    return found


def _end(scope: Scope) -> datetime:
    return min(scope.window.end, scope.as_of)


def _seconds(since: datetime, end: datetime) -> int:
    return int((end - since).total_seconds())


def _age(name: str, title: Sentence, formula: Sentence, symbols: str) -> Metric:
    source = Sentence("KCS v6, technique 5.10: content health indicators")
    return Metric(name, title, Kind.OUTCOME, Unit.DURATION, formula, symbols, source)


COUNTS = (
    Count(
        "articles",
        Sentence("In use"),
        Sentence("articles that are neither archived nor thrown away"),
        Items.ARTICLES,
    ),
    Count("wip", ARTICLE_STATES["wip"], Sentence("articles without an answer yet"), Items.ARTICLES),
    Count(
        "not_validated",
        ARTICLE_STATES["not_validated"],
        Sentence("articles with an answer that nobody vouches for yet"),
        Items.ARTICLES,
    ),
    Count(
        "validated",
        ARTICLE_STATES["validated"],
        Sentence("articles that somebody vouches for, for colleagues"),
        Items.ARTICLES,
    ),
    Count(
        "published",
        ARTICLE_STATES["published"],
        Sentence("articles that readers outside see"),
        Items.ARTICLES,
    ),
    Count("archived", ARTICLE_STATES["archived"], Sentence("articles that were put away"), Items.ARTICLES),
)
REPORT = Report(
    name="states",
    title=Sentence("States"),
    words=Sentence("How many articles there are in each state, and how long they have been in it."),
    counts=COUNTS,
    metrics=(
        _age(
            "age_lower",
            Sentence("Lower quartile"),
            Sentence("a quarter of the articles in use have been in their state for less than this"),
            "Q1(end \u2212 since)",
        ),
        _age(
            "age_median",
            Sentence("Time in state"),
            Sentence("the median time that articles in use have been in their state"),
            "median(end \u2212 since)",
        ),
        _age(
            "age_upper",
            Sentence("Upper quartile"),
            Sentence("a quarter of the articles in use have been in their state for more than this"),
            "Q3(end \u2212 since)",
        ),
    ),
    segments=(
        Segment.STATE,
        Segment.DOMAIN,
        Segment.AGENT,
        Segment.TEAM,
        Segment.DEPARTMENT,
        Segment.WEEK,
        Segment.MONTH,
        Segment.QUARTER,
    ),
    reader=States(COUNTS),
    shape=Shape.STACKED,
    drawn=tuple(state.value for state in IN_USE),
    left_out=(Sentence("drafts that were thrown away"),),
    notes=(
        BY_DEPARTMENT,
        Sentence("Counted at the end of the period, or at the report's moment where that is before."),
        Sentence("An edit that leaves an article in its state does not begin the time anew."),
        Sentence("An article that went into another one is archived."),
        Sentence("A row by person or team is of the articles they began."),
    ),
)
