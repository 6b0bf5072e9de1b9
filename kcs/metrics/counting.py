"""Counting a source: sums by segment and by period, medians, and what stands behind each sum.

The same statements on SQLite and PostgreSQL. What a row shows and what it opens are the same selection, once
added up and once listed, so that a figure and its drill-down cannot differ.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    column,
    func,
    literal,
    null,
    select,
    union_all,
    values,
)

from kcs.database import UtcDateTime, db
from kcs.metrics import listing
from kcs.metrics.departments import with_departments
from kcs.metrics.model import NOBODY, PERIODS, Count, ItemPage, Key, Number, Row, Scope, Segment
from kcs.metrics.owners import with_owners
from kcs.metrics.periods import Period, Window, periods
from kcs.metrics.source import COLUMNS, Source

Figures = Mapping[str, Number | None]
# Of these a thing has one, or none: what is counted in one row is counted in no other.
ONE_EACH = frozenset(
    {
        *(Segment.AGENT, Segment.TEAM, Segment.LICENCE, Segment.DESK, Segment.DOMAIN, Segment.PRODUCT),
        *(Segment.OUTCOME, Segment.ARTICLE),
        *PERIODS,
    }
)


@dataclass(frozen=True)
class Counted:
    """Reads the counts of a report from its source.

    `medians` are metrics by the column they are the median of: of the things that have one, in its own unit.
    `shown` are columns that a drill-down shows besides.
    """

    counts: tuple[Count, ...]
    source: Source
    medians: Mapping[str, str] = field(default_factory=dict)
    shown: tuple[listing.Shown, ...] = ()

    def rows(self, scope: Scope, by: Segment) -> list[Row]:
        """Return the figures of each key of a segment that has any, or of each period of the window."""
        if by in PERIODS:
            return self._by_period(scope, by)
        found = self._selected(scope, by)
        key = found.c[COLUMNS[by]]
        figures = self._grouped(select(key.label("key"), *self._sums(found)).group_by(key))
        self._add_medians(figures, scope, by)
        return [_row(scope, by, name, figures[name]) for name in figures]

    def total(self, scope: Scope) -> Figures:
        """Return the figures of everything within the scope."""
        found = self._selected(scope, None)
        figures = self._grouped(select(null().label("key"), *self._sums(found)))
        self._add_medians(figures, scope, None)
        return figures[None]

    def adds_up(self, by: Segment) -> bool:
        """True when the rows of a segment add up to the total."""
        return by in ONE_EACH and not self.medians

    def grid(self, scope: Scope, by: Segment, per: Segment) -> dict[tuple[Key | None, int], tuple[int, ...]]:
        """Return the counts by key and place of the period in the window, in the order of `counts`."""
        found = self._selected(scope, by)
        calendar = periods(scope.window, per)
        placed = _placed(found, calendar)
        key = placed.c[COLUMNS[by]]
        # All at once: fetching tens of thousands of rows one by one costs as much again.
        rows = db.session.execute(
            select(key, placed.c.number, *self._sums(placed)).group_by(key, placed.c.number)
        ).all()
        return {(row[0], row[1]): row[2:] for row in rows}

    def people(self, scope: Scope, by: Segment | None) -> dict[Any, set[int]]:
        """Return who of ours is in what is counted, by key, or by the place of the period in the window."""
        found = self._selected(scope, by)
        if by in PERIODS:
            found = _placed(found, periods(scope.window, by))
        key = found.c.number if by in PERIODS else null() if by is None else found.c[COLUMNS[by]]
        rows = db.session.execute(
            select(key.label("key"), found.c.agent_id).where(found.c.agent_id.is_not(None)).distinct()
        )
        people: dict[Any, set[int]] = {}
        for name, agent in rows:
            people.setdefault(name, set()).add(agent)
        return people

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of what a count counts, latest first."""
        found, total = self._behind(scope, count)
        return listing.page(found, total=total, shown=self.shown, limit=limit, offset=offset)

    def every(self, scope: Scope, count: str, *, block: int) -> Iterator[ItemPage]:
        """Yield all that a count counts in pages, at least one, of one statement that is never held whole."""
        found, total = self._behind(scope, count)
        yield from listing.every(found, total=total, shown=self.shown, block=block)

    def _behind(self, scope: Scope, count: str) -> tuple[Subquery, int]:
        found = self._rows(scope, None)
        total = self._grouped(select(null().label("key"), *self._sums(found)))[None][count]
        return select(found).where(found.c[count] > 0).subquery("found"), int(total or 0)

    def _by_period(self, scope: Scope, by: Segment) -> list[Row]:
        calendar = periods(scope.window, by)
        found = self._selected(scope, None)
        figures = self._folded(found, calendar) if "day" in found.c else self._in_periods(found, calendar)
        self._add_medians(figures, scope, by)
        empty: Figures = {**dict.fromkeys(self._names, 0), **dict.fromkeys(self.medians)}
        return [
            Row(
                key=period.label,
                label=period.label,
                figures=figures.get(number, empty),
                only=scope.only,
                window=Window(period.start, period.end, scope.window.zone),
                partial=period.partial,
            )
            for number, period in enumerate(calendar)
        ]

    def _in_periods(self, found: Subquery, calendar: list[Period]) -> dict[Any, dict[str, Number | None]]:
        placed = _placed(found, calendar)
        return self._grouped(
            select(placed.c.number.label("key"), *self._sums(placed)).group_by(placed.c.number)
        )

    def _folded(self, found: Subquery, calendar: list[Period]) -> dict[Any, dict[str, Number | None]]:
        """Add sums of days up by period here: the database would look for the period of each row."""
        days = self._grouped(select(found.c.day.label("key"), *self._sums(found)).group_by(found.c.day))
        firsts = [period.days[0] for period in calendar]
        figures: dict[Any, dict[str, Number | None]] = {}
        for day, counts in days.items():
            kept = figures.setdefault(bisect_right(firsts, day) - 1, dict.fromkeys(self._names, 0))
            for name, number in counts.items():
                kept[name] = (kept[name] or 0) + (number or 0)
        return figures

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(count.name for count in self.counts)

    def _sums(self, found: Subquery) -> Sequence[ColumnElement[Any]]:
        return [func.coalesce(func.sum(found.c[name]), 0).label(name) for name in self._names]

    def _grouped(self, statement: Select[Any]) -> dict[Any, dict[str, Number | None]]:
        return {
            row[0]: {name: int(number) for name, number in zip(self._names, row[1:], strict=True)}
            for row in db.session.execute(statement)
        }

    def _selected(self, scope: Scope, by: Segment | None) -> Subquery:
        """Return what is to be added up: the sums that are kept, where they can answer, else the rows."""
        kept = self.source.sums(scope) if self.source.sums is not None else None
        if kept is not None:
            kept = with_departments(kept, scope, by)
        asked = [COLUMNS[each] for each in (by, *scope.only.keys) if each is not None and each in COLUMNS]
        if kept is not None and all(name in kept.c for name in asked):
            return _part(kept, scope)
        return self._rows(scope, by)

    def _rows(self, scope: Scope, by: Segment | None) -> Subquery:
        found = self.source.rows(scope)
        if self.source.tagged is not None and Segment.TAG in (by, *scope.only.keys):
            found = self.source.tagged(found)
        return _part(with_owners(with_departments(found, scope, by), scope, by), scope)

    def _add_medians(
        self, figures: dict[Any, dict[str, Number | None]], scope: Scope, by: Segment | None
    ) -> None:
        for metric, name in self.medians.items():
            for row in figures.values():
                row[metric] = None
            for key, value in self._median(scope, by, name).items():
                figures[key][metric] = value

    def _median(self, scope: Scope, by: Segment | None, name: str) -> dict[Any, Number]:
        found = self._rows(scope, by)
        if by in PERIODS:
            found = _placed(found, periods(scope.window, by))
            key: ColumnElement[Any] = found.c.number
        else:
            key = null() if by is None else found.c[COLUMNS[by]]
        spread = _spread(key, found.c[name])
        # The values at the middle place, or at the two that are, of as many as there are.
        middle = and_(spread.c.until * 2 >= spread.c.all, spread.c.before * 2 <= spread.c.all)
        rows = db.session.execute(
            select(spread.c.key, func.min(spread.c.value), func.max(spread.c.value))
            .where(middle)
            .group_by(spread.c.key)
        )
        return {row[0]: (row[1] + row[2]) / 2 for row in rows}


def _spread(key: ColumnElement[Any], value: ColumnElement[Any]) -> Subquery:
    """Put the values of each key in order, each once: how many lie `before` it, `until` its last, in `all`.

    Many things have the same value: to put those in order one by one would cost twice as much.
    """
    known = select(key.label("key"), value.label("value")).where(value.is_not(None)).subquery("known")
    each = select(known, func.count().label("number")).group_by(known.c.key, known.c.value).subquery("each")
    until = func.sum(each.c.number).over(partition_by=each.c.key, order_by=each.c.value)
    of_key = func.sum(each.c.number).over(partition_by=each.c.key)
    return select(
        each.c.key,
        each.c.value,
        (until - each.c.number).label("before"),
        until.label("until"),
        of_key.label("all"),
    ).subquery("spread")


def _part(found: Subquery, scope: Scope) -> Subquery:
    """Keep what has the keys that the scope is narrowed to."""
    wanted = [_is(found.c[COLUMNS[segment]], key) for segment, key in scope.only.keys.items()]
    return select(found).where(*wanted).subquery("part") if wanted else found


def _is(found: ColumnElement[Any], key: Key) -> ColumnElement[bool]:
    return found.is_(None) if key == NOBODY else found == key


def _placed(found: Subquery, calendar: list[Period]) -> Subquery:
    """Add to each row the place of its period in the calendar.

    Rows are put in one order with the beginnings of the periods, and a row's place is the number of
    beginnings up to it: so many periods cost no more than few.
    """
    if "day" in found.c and "happened_at" not in found.c:
        return _placed_by_day(found, calendar)
    beginnings = _beginnings(calendar)
    names = [each.name for each in found.c]
    marked = union_all(
        select(
            *(null().label(name) for name in names if name != "happened_at"),
            beginnings.c.moment.label("happened_at"),
            literal(1).label("begins"),
        ),
        select(*(found.c[name] for name in names if name != "happened_at"), found.c.happened_at, literal(0)),
    ).subquery("marked")
    begun = func.sum(marked.c.begins).over(
        order_by=(marked.c.happened_at, marked.c.begins.desc()), rows=(None, 0)
    )
    counted = select(marked, (begun - 1).label("number")).subquery("counted")
    return select(counted).where(counted.c.begins == 0).subquery("placed")


def _placed_by_day(found: Subquery, calendar: list[Period]) -> Subquery:
    ends = [period.days[1] for period in calendar]
    lengths = {after - before for before, after in pairwise(ends)}
    length = lengths.pop() if lengths else ends[0]
    before = ends[0] - length
    # Days or weeks: their place can be worked out. The first of two months may be longer than the second.
    if not lengths and before <= calendar[0].days[0]:
        return select(found, ((found.c.day - before) // length).label("number")).subquery("placed")
    days = values(column("first", Integer), column("after", Integer), column("number", Integer), name="days")
    table = days.data([(*period.days, number) for number, period in enumerate(calendar)]).cte("days")
    inside = and_(found.c.day >= table.c.first, found.c.day < table.c.after)
    return select(found, table.c.number).join(table, inside).subquery("placed")


def _beginnings(calendar: list[Period]) -> CTE:
    moments = values(column("moment", UtcDateTime()), name="calendar")
    return moments.data([(period.start,) for period in calendar]).cte("calendar")


def _row(scope: Scope, by: Segment, key: Any, figures: Figures) -> Row:
    name = NOBODY if key is None else key
    return Row(name, str(name), figures, scope.only.and_(by, name), scope.window)
