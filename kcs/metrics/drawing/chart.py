"""From the rows of a report to its chart: over time, stacked, or by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from kcs.metrics.axes import Writing
from kcs.metrics.charts import Bars, Stacked, Trend
from kcs.metrics.drawing.bars import bars
from kcs.metrics.drawing.drawn import EMPTY, Pairs, drawn
from kcs.metrics.drawing.stacked import stacked
from kcs.metrics.drawing.trend import trend
from kcs.metrics.model import PERIODS, Key, Report, Row, Segment, Shape

# Not people: the most frequent first, as their report lists them.
RANKED = frozenset({Segment.WORDS})


def chart(
    report: Report,
    rows: Sequence[Row],
    by: Segment,
    *,
    of: str,
    writing: Writing,
    compared: Mapping[Key, Row] | None = None,
    pairs: Pairs = EMPTY,
    later: bool = False,
) -> Trend | Bars | Stacked | None:
    """Return the chart of a report's rows, None where it draws nothing: over time, or by name.

    `of` names the segment; `compared` has, by the key of a row, the row of the period it is compared with;
    `pairs` the quality figures that this report's activities are paired with and it does not have itself.
    `later` says that what it is compared with is the later of the two.
    """
    if by in PERIODS and report.shape is Shape.STACKED and rows:
        return stacked(report, rows, report.drawn, of=of, writing=writing)
    if report.shape is Shape.NONE or not rows or not drawn(report, report.drawn, pairs):
        return None
    draw = trend if by in PERIODS else partial(bars, as_given=by in RANKED)
    return draw(
        report, rows, report.drawn, of=of, writing=writing, compared=compared, pairs=pairs, later=later
    )
