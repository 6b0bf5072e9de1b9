"""Counts that make up a whole, one upon the other, over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from kcs.metrics.axes import Axis, Writing, axis, middle
from kcs.metrics.charts import Label, Part, Stack, Stacked, Table, TableRow
from kcs.metrics.drawing.columns import width_of
from kcs.metrics.drawing.drawn import Figure, figure_of, names_of, value_of
from kcs.metrics.model import Number, Report, Row, Unit
from kcs.sentences import Sentence, listed


def stacked(
    report: Report, rows: Sequence[Row], names: Iterable[str], *, of: str, writing: Writing
) -> Stacked:
    """Return counts that make up a whole, one upon the other, over time."""
    figures = [figure_of(report, name) for name in names]
    counts = [[value_of(row, each) or 0 for each in figures] for row in rows]
    unit, named = figures[0].unit, names_of(rows)
    scale = axis(map(sum, counts), unit)
    width = width_of(len(rows))
    columns = [
        _stack(parts, round(middle(place, len(rows)) - width / 2, 2), scale, writing.figure(sum(parts), unit))
        for place, parts in enumerate(counts)
    ]
    return Stacked(
        shape="stacked",
        said=_said_of_parts(figures, named, counts, writing),
        labels=named,
        ticks=scale.marks(unit, writing),
        series=[each.title for each in figures],
        columns=columns,
        width=width,
        table=Table(
            of=of,
            heads=[*(each.title for each in figures), Sentence("In all")],
            rows=[
                TableRow(label=label["text"], url=None, texts=[*_parts(parts, unit, writing), column["text"]])
                for label, parts, column in zip(named, counts, columns, strict=True)
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
    figures: Sequence[Figure], named: Sequence[Label], counts: Sequence[Sequence[Number]], writing: Writing
) -> str:
    """Say what the first and the last column show."""
    ends = sorted({0, len(named) - 1}) if named else []
    return listed(
        " ",
        [
            Sentence(
                "%(when)s: %(parts)s.",
                when=named[place]["text"],
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
