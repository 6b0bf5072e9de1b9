"""What a chart of a report draws: its figures, by what may share an axis.

An activity is never drawn alone: the quality figure it is paired with stands beside it, over the same periods
or for the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kcs.metrics.axes import Writing, labels
from kcs.metrics.charts import Label
from kcs.metrics.model import Key, Kind, Metric, Number, Report, Row, Unit
from kcs.sentences import Sentence

# As many lines as there are marks to tell them apart.
MOST_LINES = 4
EMPTY: Mapping[str, Figure] = MappingProxyType({})


@dataclass(frozen=True)
class Figure:
    """A count or a metric as a chart names it; `values`, where it has them, are not those of the rows.

    `of` is how many it is a share of, where a few make it say little; `total` is that of all rows together.
    """

    name: str
    title: str
    unit: Unit
    kind: Kind | None = None
    paired: str | None = None
    values: Mapping[Key, Number | None] | None = None
    of: Figure | None = None
    total: Number | None = None


# Quality figures of other reports by name, their `values` by the keys of the rows they are drawn beside.
Pairs = Mapping[str, Figure]


def figure_of(report: Report, name: str) -> Figure:
    """Return the metric or else the count of that name. Raises KeyError."""
    metric = next((metric for metric in report.metrics if metric.name == name), None)
    if metric is not None:
        return Figure(
            name, metric.title, metric.unit, metric.kind, metric.paired, of=judged_of(report, metric)
        )
    count = report.count(name)
    acts = (each for each in report.metrics if each.kind is Kind.ACTIVITY and name in each.numerator)
    activity = next(acts, None)
    if activity is not None:
        return Figure(name, count.title, count.unit, activity.kind, activity.paired)
    return Figure(name, count.title, count.unit)


def judged_of(report: Report, metric: Metric) -> Figure | None:
    """Return the count of what was judged for a quality figure; None where it is not one count alone."""
    if metric.kind is not Kind.QUALITY or len(metric.denominator) != 1:
        return None
    count = report.count(metric.denominator[0])
    return Figure(count.name, count.title, count.unit)


def drawn(report: Report, names: Iterable[str], pairs: Pairs = EMPTY) -> list[tuple[Figure, ...]]:
    """Return the figures by what may share an axis: unit and kind.

    Activities bring their quality figure along. An activity whose quality figure nobody knows is left to
    the table.
    """
    asked: list[Figure] = []
    beside: dict[str, Figure] = {}
    for each in (figure_of(report, name) for name in names):
        pair = _pair(report, each, pairs)
        if each.kind is not Kind.ACTIVITY or pair is not None:
            asked.append(each)
        if pair is not None:
            beside[pair.name] = pair
    groups: dict[tuple[Unit, Kind | None], list[Figure]] = {}
    for each in (*asked, *(pair for pair in beside.values() if pair not in asked)):
        groups.setdefault((each.unit, each.kind), []).append(each)
    return [
        tuple(group[start : start + MOST_LINES])
        for group in groups.values()
        for start in range(0, len(group), MOST_LINES)
    ]


def _pair(report: Report, each: Figure, pairs: Pairs) -> Figure | None:
    """Return the quality figure that an activity is paired with, of this report or of another."""
    if each.kind is not Kind.ACTIVITY or each.paired is None:
        return None
    own = {count.name for count in report.counts} | {metric.name for metric in report.metrics}
    return figure_of(report, each.paired) if each.paired in own else pairs.get(each.paired)


def value_of(row: Row | None, each: Figure) -> Number | None:
    """Return a figure of a row, None where there is no row or the row has no such figure."""
    if row is None:
        return None
    return row.figures.get(each.name) if each.values is None else each.values.get(row.key)


def names_of(rows: Sequence[Row]) -> list[Label]:
    """Return the names under a chart of rows over time."""
    return labels((row.label for row in rows), {place for place, row in enumerate(rows) if row.partial})


def how_many(of: Figure | None, number: Number | None, writing: Writing) -> str:
    """Say how many things a figure is a share of, "" where that is not known."""
    if of is None or number is None:
        return ""
    return Sentence("%(count)s: %(number)s", count=of.title, number=writing.figure(number, of.unit))
