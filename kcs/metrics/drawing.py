"""From the rows of a report to charts: over time, and by name.

An activity is never drawn alone: the quality figure it is paired with stands beside it, over the same periods
or for the same names. Names stand in the order of the alphabet, never of a figure, and nothing has a target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType

from kcs.metrics.axes import Axis, Writing, axis, labels, middle, rounded
from kcs.metrics.charts import (
    BarColumn,
    BarRow,
    Bars,
    Cell,
    Label,
    Line,
    Panel,
    Part,
    Point,
    Stack,
    Stacked,
    Table,
    TableRow,
    Trend,
)
from kcs.metrics.model import PERIODS, Key, Kind, Number, Report, Row, Segment, Shape, Unit
from kcs.sentences import Sentence, listed

# As many lines as there are marks to tell them apart; numbers beside the points of two do not meet.
MOST_LINES, MOST_NUMBERED = 4, 2
EMPTY: Mapping[str, Figure] = MappingProxyType({})
CROWDED = 40
ABOVE, BELOW = -10, 20


@dataclass(frozen=True)
class Figure:
    """A count or a metric as a chart names it; `values`, where it has them, are not those of the rows."""

    name: str
    title: str
    unit: Unit
    kind: Kind | None = None
    paired: str | None = None
    values: Mapping[Key, Number | None] | None = None


# Quality figures of other reports by name, their `values` by the keys of the rows they are drawn beside.
Pairs = Mapping[str, Figure]


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
    draw = trend if by in PERIODS else bars
    return draw(
        report, rows, report.drawn, of=of, writing=writing, compared=compared, pairs=pairs, later=later
    )


def figure_of(report: Report, name: str) -> Figure:
    """Return the metric or else the count of that name. Raises KeyError."""
    metric = next((metric for metric in report.metrics if metric.name == name), None)
    if metric is not None:
        return Figure(name, metric.title, metric.unit, metric.kind, metric.paired)
    count = report.count(name)
    acts = (each for each in report.metrics if each.kind is Kind.ACTIVITY and name in each.numerator)
    activity = next(acts, None)
    if activity is not None:
        return Figure(name, count.title, count.unit, activity.kind, activity.paired)
    return Figure(name, count.title, count.unit)


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


def trend(
    report: Report,
    rows: Sequence[Row],
    names: Iterable[str],
    *,
    of: str,
    writing: Writing,
    compared: Mapping[Key, Row] | None = None,
    pairs: Pairs = EMPTY,
    later: bool = False,
) -> Trend:
    """Return figures over time, those that share no axis in panels of their own; see `chart`."""
    named = labels(row.label for row in rows)
    before = None if compared is None else [compared.get(row.key) for row in rows]
    panels = [_panel(group, rows, before, named, writing, later) for group in drawn(report, names, pairs)]
    lines = [line for panel in panels for line in panel["lines"]]
    return Trend(
        shape="trend",
        labels=named,
        panels=panels,
        table=Table(
            of=of,
            heads=[line["name"] for line in lines],
            rows=[
                TableRow(label=row.label, url=None, texts=[line["points"][place]["text"] for line in lines])
                for place, row in enumerate(rows)
            ],
        ),
    )


@dataclass(frozen=True)
class _Series:
    """The figures of one line; `number` is shared with the line it is compared with."""

    name: str
    number: int
    compared: bool
    values: Sequence[Number | None]


def _panel(
    group: Sequence[Figure],
    rows: Sequence[Row],
    before: Sequence[Row | None] | None,
    named: Sequence[Label],
    writing: Writing,
    later: bool,
) -> Panel:
    unit = group[0].unit
    present = [
        _Series(each.title, number, False, [_value(row, each) for row in rows])
        for number, each in enumerate(group)
    ]
    past = [
        _Series(_beside(each.title, later), number, True, [_value(row, each) for row in before])
        for number, each in enumerate(group)
        if before is not None and each.values is None
    ]
    scale = axis((value for series in (*present, *past) for value in series.values), unit)
    lines = [_line(series, present, named, scale, unit, writing) for series in (*present, *past)]
    return Panel(
        title=group[0].title if len(group) == 1 else "",
        kind=group[0].kind or "",
        said=listed(
            " ", (_said(line, series, named) for line, series in zip(lines, (*present, *past), strict=True))
        ),
        empty=all(value is None for series in (*present, *past) for value in series.values),
        ticks=scale.marks(unit, writing),
        lines=lines,
    )


def _beside(title: str, later: bool) -> str:
    return Sentence("%(name)s, now", name=title) if later else Sentence("%(name)s, before", name=title)


def _line(
    series: _Series,
    present: Sequence[_Series],
    named: Sequence[Label],
    scale: Axis,
    unit: Unit,
    writing: Writing,
) -> Line:
    """Return a line through the figures with a gap wherever there is none."""
    points = [
        Point(
            x=label["x"],
            y=scale.y(value),
            text=writing.figure(value, unit),
            lift=_lift(series, present, place),
            anchor=label["anchor"],
            marked=_marked(series.values, place, label),
            shown=label["shown"],
        )
        for place, (value, label) in enumerate(zip(series.values, named, strict=True))
    ]
    return Line(
        name=series.name,
        number=series.number,
        compared=series.compared,
        points=points,
        segments=[
            (one["x"], one["y"], two["x"], two["y"])
            for one, two in pairwise(points)
            if one["y"] is not None and two["y"] is not None
        ],
    )


def _lift(series: _Series, present: Sequence[_Series], place: int) -> int | None:
    """Return where the number of a point stands: away from the other line; None for no number."""
    if series.compared or len(present) > MOST_NUMBERED:
        return None
    own = series.values[place]
    for other in present:
        theirs = other.values[place]
        if other is not series and own is not None and theirs is not None:
            return BELOW if (own, -series.number) < (theirs, -other.number) else ABOVE
    return BELOW if _is_valley(series.values, place) else ABOVE


def _is_valley(values: Sequence[Number | None], place: int) -> bool:
    own = values[place]
    around = [value for value in _around(values, place) if value is not None]
    return own is not None and bool(around) and all(own < value for value in around)


def _around(values: Sequence[Number | None], place: int) -> tuple[Number | None, ...]:
    return (*values[max(place - 1, 0) : place], *values[place + 1 : place + 2])


def _marked(values: Sequence[Number | None], place: int, label: Label) -> bool:
    """Tell whether a point has a mark: all have, unless they are too many; one by itself always has."""
    alone = all(value is None for value in _around(values, place))
    return len(values) <= CROWDED or bool(label["shown"]) or alone


def _said(line: Line, series: _Series, named: Sequence[Label]) -> str:
    """Say what a line shows: where it begins and ends, and its extremes."""
    known = [(value, place) for place, value in enumerate(series.values) if value is not None]
    if not known:
        return Sentence("%(name)s: no figures.", name=line["name"])
    places = {"first": known[0][1], "last": known[-1][1], "low": min(known)[1], "high": max(known)[1]}
    return Sentence(
        "%(name)s: %(first)s in %(start)s, %(last)s in %(end)s; lowest %(low)s in %(low_in)s, "
        "highest %(high)s in %(high_in)s.",
        name=line["name"],
        **{name: line["points"][place]["text"] for name, place in places.items()},
        start=named[places["first"]]["text"],
        end=named[places["last"]]["text"],
        low_in=named[places["low"]]["text"],
        high_in=named[places["high"]]["text"],
    )


def bars(
    report: Report,
    rows: Sequence[Row],
    names: Iterable[str],
    *,
    of: str,
    writing: Writing,
    compared: Mapping[Key, Row] | None = None,
    pairs: Pairs = EMPTY,
    later: bool = False,
    url: Callable[[Row], str | None] | None = None,
) -> Bars:
    """Return figures by name, in the order of the alphabet; `url` leads from a name to more about it."""
    named = sorted(rows, key=lambda row: row.label.casefold())
    before = compared or {}
    groups = drawn(report, names, pairs)
    figures = [each for group in groups for each in group]
    scales = [scale for group in groups for scale in [_common(group, named, before)] * len(group)]
    return Bars(
        shape="bars",
        of=of,
        compared=compared is not None,
        later=later,
        columns=[
            BarColumn(title=each.title, kind=each.kind or "", ticks=scale.marks(each.unit, writing))
            for each, scale in zip(figures, scales, strict=True)
        ],
        rows=[
            BarRow(
                label=row.label,
                url=url(row) if url else None,
                cells=[
                    _cell(each, scale, row, before.get(row.key), writing)
                    for each, scale in zip(figures, scales, strict=True)
                ],
            )
            for row in named
        ],
    )


def _common(group: Sequence[Figure], rows: Sequence[Row], before: Mapping[Key, Row]) -> Axis:
    """Return one axis for figures of the same unit, so that bars beside one another can be compared."""
    values = (_value(row, each) for each in group for row in (*rows, *_earlier(each, before)))
    return axis(values, group[0].unit)


def _earlier(each: Figure, before: Mapping[Key, Row]) -> Iterable[Row]:
    return before.values() if each.values is None else ()


def _cell(each: Figure, scale: Axis, row: Row, before: Row | None, writing: Writing) -> Cell:
    before = before if each.values is None else None
    return Cell(
        at=scale.at(_value(row, each)),
        text=writing.figure(_value(row, each), each.unit),
        before=scale.at(_value(before, each)),
        before_text=writing.figure(_value(before, each), each.unit) if each.values is None else "",
    )


def stacked(
    report: Report, rows: Sequence[Row], names: Iterable[str], *, of: str, writing: Writing
) -> Stacked:
    """Return counts that make up a whole, one upon the other, over time."""
    figures = [figure_of(report, name) for name in names]
    counts = [[_value(row, each) or 0 for each in figures] for row in rows]
    unit = figures[0].unit
    scale = axis(map(sum, counts), unit)
    width = rounded(0.7 / max(len(rows), 1))
    columns = [
        _stack(parts, round(middle(place, len(rows)) - width / 2, 2), scale, writing.figure(sum(parts), unit))
        for place, parts in enumerate(counts)
    ]
    return Stacked(
        shape="stacked",
        said=_said_of_parts(figures, rows, counts, writing),
        labels=labels(row.label for row in rows),
        ticks=scale.marks(unit, writing),
        series=[each.title for each in figures],
        columns=columns,
        width=width,
        table=Table(
            of=of,
            heads=[*(each.title for each in figures), Sentence("In all")],
            rows=[
                TableRow(label=row.label, url=None, texts=[*_parts(parts, unit, writing), column["text"]])
                for row, parts, column in zip(rows, counts, columns, strict=True)
            ],
        ),
    )


def _stack(parts: Sequence[Number], x: float, scale: Axis, text: str) -> Stack:
    tops = [scale.at(sum(parts[: place + 1])) or 0 for place in range(len(parts))]
    bottoms = [0, *tops[:-1]]
    return Stack(
        x=x,
        y=round(100 - tops[-1], 2),
        text=text,
        parts=[
            Part(y=round(100 - top, 2), height=round(top - bottom, 2))
            for bottom, top in zip(bottoms, tops, strict=True)
        ],
    )


def _parts(parts: Sequence[Number], unit: Unit, writing: Writing) -> list[str]:
    """Write each part and its share of the whole."""
    whole = sum(parts)
    if not whole:
        return [writing.figure(part, unit) for part in parts]
    shares = [writing.figure(Fraction(part) / Fraction(whole), Unit.SHARE) for part in parts]
    return [f"{writing.figure(part, unit)} ({share})" for part, share in zip(parts, shares, strict=True)]


def _said_of_parts(
    figures: Sequence[Figure], rows: Sequence[Row], counts: Sequence[Sequence[Number]], writing: Writing
) -> str:
    """Say what the first and the last column show."""
    ends = sorted({0, len(rows) - 1}) if rows else []
    return listed(
        " ",
        [
            Sentence(
                "%(when)s: %(parts)s.",
                when=rows[place].label,
                parts=listed(
                    ", ",
                    [
                        Sentence("%(name)s %(figure)s", name=each.title, figure=text)
                        for each, text in zip(
                            figures, _parts(counts[place], figures[0].unit, writing), strict=True
                        )
                    ],
                ),
            )
            for place in ends
        ],
    )


def _value(row: Row | None, each: Figure) -> Number | None:
    if row is None:
        return None
    return row.figures.get(each.name) if each.values is None else each.values.get(row.key)
