"""Figures over time as lines, those that share no axis in panels of their own. Nothing has a target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kcs.metrics.axes import Axis, Writing, axis
from kcs.metrics.charts import Label, Line, Panel, Point, Table, TableRow, Trend
from kcs.metrics.drawing.drawn import EMPTY, Figure, Pairs, drawn, how_many, names_of, value_of
from kcs.metrics.drawing.placing import place
from kcs.metrics.model import Key, Number, Report, Row, Unit
from kcs.sentences import Sentence, listed

# Numbers beside the points of two lines do not meet.
MOST_NUMBERED = 2
CROWDED = 40


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
    """Return figures over time, those that share no axis in panels of their own; see `chart.chart`."""
    named = names_of(rows)
    before = None if compared is None else [compared.get(row.key) for row in rows]
    groups = drawn(report, names, pairs)
    panels = [_panel(group, rows, before, named, writing, later) for group in groups]
    columns = [
        column
        for group, panel in zip(groups, panels, strict=True)
        for column in _columns(group, panel, rows, writing)
    ]
    return Trend(
        shape="trend",
        labels=named,
        panels=panels,
        table=Table(
            of=of,
            heads=[head for head, _ in columns],
            rows=[
                TableRow(label=label["text"], url=None, texts=[texts[place] for _, texts in columns])
                for place, label in enumerate(named)
            ],
        ),
    )


def _columns(
    group: Sequence[Figure], panel: Panel, rows: Sequence[Row], writing: Writing
) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns of a panel in the table, heads and texts: its lines, then how many were judged."""
    for line in panel["lines"]:
        yield line["name"], [point["text"] for point in line["points"]]
    for of in {each.of.name: each.of for each in group if each.of}.values():
        yield of.title, [writing.figure(value_of(row, of), of.unit) for row in rows]


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
        _Series(each.title, number, False, [value_of(row, each) for row in rows])
        for number, each in enumerate(group)
    ]
    past = [
        _Series(_beside(each.title, later), number, True, [value_of(row, each) for row in before])
        for number, each in enumerate(group)
        if before is not None and each.values is None
    ]
    scale = axis((value for series in (*present, *past) for value in series.values), unit)
    lines = [_line(series, named, scale, unit, writing) for series in (*present, *past)]
    if len(present) <= MOST_NUMBERED:
        place(lines, lines[: len(present)], [label["shown"] for label in named])
    return Panel(
        title=group[0].title if len(group) == 1 else "",
        kind=group[0].kind or "",
        of=how_many(group[0].of, group[0].of.total if group[0].of else None, writing),
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
            numbers=[],
            marked=_marked(series.values, place, label),
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
