"""What the charts of templates/charts/ take: places in per cent of the drawing, from its upper left corner.

`shape` tells which of them draws it (macro `draw` of _charts.html), `said` is what a screen reader says of
it, `table` has the same figures to be read. Texts are Sentences or figures as they are written.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Mark(TypedDict):
    """A round number beside an axis: its place, in per cent of the axis, and its text."""

    at: float
    text: str


class Label(TypedDict):
    """A name under a chart, `short` where the others tell the rest.

    `x` is the middle of its band, `anchor` how it stands there, `shown` how wide a chart has room for it.
    `partial` says that the period it names is cut short.
    """

    text: str
    short: str
    x: float
    anchor: str
    shown: str
    partial: bool


class TableRow(TypedDict):
    """A row of the table under a chart: a text for each head."""

    label: str
    url: str | None
    texts: list[str]


class Table(TypedDict):
    """The figures of a chart; `of` is the head above the labels."""

    of: str
    heads: list[str]
    rows: list[TableRow]


class Chart(TypedDict):
    """What every chart has."""

    shape: str
    table: Table


class PointNumber(TypedDict):
    """Where the figure of a point is written on charts of the widths in `shown`.

    So many pixels to the right of the point and below it, `anchor` says by which end.
    """

    shift: int
    lift: int
    anchor: str
    shown: str


class Point(TypedDict):
    """A figure of a line. `y` is None where there is none.

    It is written where there is room. `marked` False leaves the mark out too, where there are too many.
    """

    x: float
    y: float | None
    text: str
    numbers: list[PointNumber]
    marked: bool


class Line(TypedDict):
    """One figure over time. `number` tells colour and mark; `compared`: it is that of the earlier period."""

    name: str
    number: int
    compared: bool
    points: list[Point]
    segments: list[tuple[float, float, float, float]]


class Panel(TypedDict):
    """Lines that share an axis; `title` is empty where they are several and the legend names them.

    `of` says how many things were judged in all, "" where nobody knows; `empty`: there is not one figure.
    """

    title: str
    kind: str
    of: str
    said: str
    empty: bool
    ticks: list[Mark]
    lines: list[Line]


class Trend(Chart):
    """Figures over time, in panels with the same labels below them."""

    labels: list[Label]
    panels: list[Panel]


class Cell(TypedDict):
    """A bar: how long it is (None: no figure), and its figure; `before` is that of the earlier period.

    `of` says how many things were judged for it.
    """

    at: float | None
    text: str
    before: float | None
    before_text: str
    of: NotRequired[str]


class BarRow(TypedDict):
    """What one name has: a bar for each column."""

    label: str
    url: str | None
    cells: list[Cell]


class BarColumn(TypedDict):
    """One figure of every name; `of` says how many things were judged in all."""

    title: str
    kind: str
    ticks: list[Mark]
    of: NotRequired[str]


class Bars(TypedDict):
    """Figures by name: a table itself, so it has no other. `later`: so is what they are compared with."""

    shape: str
    of: str
    compared: bool
    later: bool
    columns: list[BarColumn]
    rows: list[BarRow]


class Part(TypedDict):
    """A part of a stacked column: its upper edge and its height."""

    y: float
    height: float


class Stack(TypedDict):
    """A column of parts: its left and its upper edge, and what it holds in all."""

    x: float
    y: float
    text: str
    parts: list[Part]


class Stacked(Chart):
    """Parts of a whole over time. `width` is that of a column."""

    said: str
    labels: list[Label]
    ticks: list[Mark]
    series: list[str]
    columns: list[Stack]
    width: float


class Column(TypedDict):
    """A column: its left edge, its upper edge, its height and its figure."""

    x: float
    y: float
    height: float
    text: str


class Distribution(Chart):
    """How many things have how much."""

    said: str
    labels: list[Label]
    ticks: list[Mark]
    columns: list[Column]
    width: float


class RankedColumn(Column):
    """A column of a Pareto chart; `together` is where the share lies that it and all before it have."""

    marked: bool
    middle: float
    together: float


class Pareto(Chart):
    """Things in the order of a count, and the share they have together. `mark` names the marked columns."""

    said: str
    figure: str
    mark: str
    ticks: list[Mark]
    shares: list[Mark]
    labels: list[Label]
    columns: list[RankedColumn]
    segments: list[tuple[float, float, float, float]]
    width: float


class Spoke(TypedDict):
    """An axis of a radar: its end, where its name stands, and both points (None: no figure)."""

    name: str
    end: tuple[float, float]
    name_at: tuple[float, float]
    anchor: str
    text: str
    point: tuple[float, float] | None
    other: tuple[float, float] | None


class Radar(Chart):
    """One against another on three to eight axes, in units of its own: the rim is 100 from the middle.

    `other` is "" where the other has no figure at all.
    """

    said: str
    who: str
    other: str
    rings: list[str]
    spokes: list[Spoke]
    outline: str
    segments: list[tuple[float, float, float, float]]
    other_segments: list[tuple[float, float, float, float]]


class AgeRow(TypedDict):
    """A box: least, quartiles and greatest (None: nothing is there), the median in words, how many."""

    label: str
    url: str | None
    at: tuple[float, float, float, float, float] | None
    median: str
    number: str


class Ages(Chart):
    """How long things have been as they are."""

    of: str
    ticks: list[Mark]
    rows: list[AgeRow]


class Dot(TypedDict):
    """So many people at one place, or so near that their dots would touch."""

    y: float
    radius: int
    number: int


class Beginners(TypedDict):
    """Those who began in one month: the middle of its band, their dots, the median, how many wait."""

    x: float
    dots: list[Dot]
    median: float | None
    waiting: int


class Cohort(Chart):
    """How long people took until they first solved alone, by the month they began in."""

    said: str
    labels: list[Label]
    ticks: list[Mark]
    width: float
    months: list[Beginners]
