"""Figures by name as bars: people in the order of the alphabet, never of a figure; nothing has a target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from kcs.metrics.axes import Axis, Writing, axis
from kcs.metrics.charts import BarColumn, BarRow, Bars, Cell
from kcs.metrics.drawing.drawn import EMPTY, Figure, Pairs, drawn, how_many, value_of
from kcs.metrics.model import Key, Report, Row


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
    as_given: bool = False,
    url: Callable[[Row], str | None] | None = None,
) -> Bars:
    """Return figures by name, in the order of the alphabet; `url` leads from a name to more about it.

    `as_given` keeps the order of the rows: for what is not people, as the words that were searched.
    """
    named = list(rows) if as_given else sorted(rows, key=lambda row: row.label.casefold())
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
            BarColumn(
                title=each.title,
                kind=each.kind or "",
                ticks=scale.marks(each.unit, writing),
                of=how_many(each.of, each.of.total if each.of else None, writing),
            )
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
    values = (value_of(row, each) for each in group for row in (*rows, *_earlier(each, before)))
    return axis(values, group[0].unit)


def _earlier(each: Figure, before: Mapping[Key, Row]) -> Iterable[Row]:
    return before.values() if each.values is None else ()


def _cell(each: Figure, scale: Axis, row: Row, before: Row | None, writing: Writing) -> Cell:
    before = before if each.values is None else None
    # Who was not there before has no figure to be beside; one that is there and not known is a dash.
    before_text = writing.figure(value_of(before, each), each.unit) if before is not None else ""
    return Cell(
        at=scale.at(value_of(row, each)),
        text=writing.figure(value_of(row, each), each.unit),
        before=scale.at(value_of(before, each)),
        before_text=before_text,
        of=how_many(each.of, value_of(row, each.of) if each.of else None, writing),
    )
