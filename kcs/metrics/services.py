"""Reports: tables of figures as of a moment, beside others if asked, and what stands behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kcs.errors import NotFound
from kcs.metrics import labels
from kcs.metrics.comparing import Compare, window_beside
from kcs.metrics.counting import Counted
from kcs.metrics.model import (
    EVERYTHING,
    PEOPLE,
    PERIODS,
    Count,
    ItemPage,
    Key,
    Number,
    Only,
    Report,
    Row,
    Scope,
    Segment,
    with_metrics,
)
from kcs.metrics.narrowing import refuse_beyond, refuse_missing
from kcs.metrics.paging import Paged
from kcs.metrics.periods import Window
from kcs.metrics.reach import Reach
from kcs.metrics.settling import settled
from kcs.sentences import Sentence, listed

PER_PAGE = 50
TOTAL = "total"


@dataclass(frozen=True)
class Asked:
    """What a reader asks of a report; `as_of` None is now."""

    window: Window
    by: Segment
    reach: Reach
    as_of: datetime | None = None
    only: Only = EVERYTHING
    compare: Compare | None = None


@dataclass(frozen=True)
class Table:
    """A report as of a moment: every figure in it stays so.

    `compared` has the figures beside, by the key of the row they stand beside, "total" for the total. Rows by
    name have all that either side has; a period may stand beside nothing.
    """

    report: Report
    asked: Asked
    by: Segment
    scope: Scope
    as_of: datetime
    rows: tuple[Row, ...]
    total: Row
    compared: Mapping[Key, Row] | None = None
    compared_scope: Scope | None = None

    @property
    def is_empty(self) -> bool:
        """True when every figure of it is nothing, and of what stands beside it."""
        totals = [self.total] if self.compared is None else [self.total, self.compared[TOTAL]]
        return not any(any(row.figures.values()) for row in totals)


@dataclass(frozen=True)
class ItemList(Paged):
    """One page of the things behind a figure; `total` is that figure, `who` names the row it is in."""

    report: Report
    count: Count
    scope: Scope
    who: str | None
    number: int
    per_page: int
    total: int
    page: ItemPage


def compute(report: Report, asked: Asked) -> Table:
    """Compute a report of the people `asked.reach` covers.

    Ends the present transaction. Raises InvalidInput when the moment is not over yet, NotReady while figures
    are being made, NotFound for what there is not within reach, NotAllowed where the report is not for
    somebody with that reach.
    """
    refuse_beyond(report, asked.by, asked.only, asked.reach)
    with settled(asked.as_of, asked.window.zone) as moment:
        refuse_missing(asked.only, asked.reach)
        scope = Scope(asked.window, moment.as_of, asked.reach, asked.only, latest=moment.latest)
        rows, total = _rows(report, scope, asked.by)
        table = Table(report, asked, asked.by, scope, scope.as_of, tuple(rows), total)
        return table if asked.compare is None else _beside(table, asked.compare)


def items(report: Report, asked: Asked, count: str, *, page: int = 1, per_page: int = PER_PAGE) -> ItemList:
    """Return what a count of a report counts, latest first. Raises as `compute`; NotFound for a count."""
    refuse_beyond(report, asked.by, asked.only, asked.reach)
    counted = next((each for each in report.counts if each.name == count and each.items), None)
    if counted is None:
        raise NotFound("There is no such count in this report. Choose one of its columns.")
    with settled(asked.as_of, asked.window.zone) as moment:
        refuse_missing(asked.only, asked.reach)
        scope = Scope(asked.window, moment.as_of, asked.reach, asked.only, latest=moment.latest)
        found = report.reader.items(scope, count, limit=per_page, offset=(page - 1) * per_page)
        # Named only to people who see something of it.
        who = _who(asked) if found.total or not asked.only.keys.keys().isdisjoint(PEOPLE) else None
    return ItemList(report, counted, scope, who, page, per_page, found.total, found)


def _rows(report: Report, scope: Scope, by: Segment) -> tuple[list[Row], Row]:
    rows = report.reader.rows(scope, by)
    found = [
        replace(
            row,
            figures=with_metrics(report, row.figures),
            partial=row.partial or (by in PERIODS and row.window.end > scope.as_of),
        )
        for row in rows
    ]
    figures = with_metrics(report, _total(report, scope, by, rows))
    return labels.named(found, by, scope.reach), Row(
        TOTAL, Sentence("Total"), figures, scope.only, scope.window
    )


def _total(report: Report, scope: Scope, by: Segment, rows: Sequence[Row]) -> Mapping[str, Number | None]:
    """Return the figures of everything, of the rows where they add up to it: what is long is read once."""
    reader = report.reader
    if not (isinstance(reader, Counted) and reader.adds_up(by)):
        return reader.total(scope)
    return {count.name: sum(int(row.figures[count.name] or 0) for row in rows) for count in report.counts}


def _beside(table: Table, compare: Compare) -> Table:
    """Put other figures beside a table. What holds now may have changed after its moment."""
    windows = (row.window for row in table.rows)
    window = window_beside(table.scope.window, table.by, compare, windows)
    scope = replace(table.scope, window=window)
    if compare is Compare.NOW:
        with settled(None, scope.window.zone) as moment:
            scope = replace(scope, as_of=moment.as_of, latest=True)
            rows, total = _rows(table.report, scope, table.by)
    else:
        rows, total = _rows(table.report, scope, table.by)
    put = _beside_periods if table.by in PERIODS else _beside_names
    return replace(put(table, rows, total, scope), compared_scope=scope)


def _beside_periods(table: Table, rows: Sequence[Row], total: Row, _scope: Scope) -> Table:
    """Put periods beside those in their place; a day that the earlier month does not have has none."""
    pairs = zip(table.rows, rows, strict=True)
    beside: dict[Key, Row] = {row.key: other for row, other in pairs if other.window.start < other.window.end}
    return replace(table, compared={**beside, TOTAL: total})


def _beside_names(table: Table, rows: Sequence[Row], total: Row, scope: Scope) -> Table:
    """Put rows beside those of the same name; what one side has alone is a row of both, of nothing there."""
    here, there = ({row.key: row for row in some} for some in (table.rows, rows))
    gone = [_nothing(table, table.total, table.scope, key) for key in there if key not in here]
    new = {key: _nothing(table, total, scope, key) for key in here if key not in there}
    shown = labels.named((*table.rows, *gone), table.by, table.scope.reach) if gone else table.rows
    return replace(table, rows=tuple(shown), compared={**there, **new, TOTAL: total})


def _nothing(table: Table, total: Row, scope: Scope, key: Key) -> Row:
    """Return the row of what a side has nothing of; a count that cannot be told there at all stays untold."""
    report = table.report
    counts = {count.name: None if total.figures.get(count.name) is None else 0 for count in report.counts}
    figures = dict.fromkeys(metric.name for metric in report.metrics) | with_metrics(report, counts)
    return Row(key, str(key), figures, scope.only.and_(table.by, key), scope.window)


def _who(asked: Asked) -> str | None:
    keys = asked.only.keys.items()
    names = [labels.names_within(asked.reach, segment, [key])[key] for segment, key in keys]
    return listed(", ", names) if names else None
