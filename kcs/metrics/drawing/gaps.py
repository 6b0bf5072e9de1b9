"""What tickets ask for and no article answers, as bars: those with most tickets first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kcs.metrics.axes import Writing, axis
from kcs.metrics.charts import BarColumn, BarRow, Bars, Cell
from kcs.metrics.model import Unit


@dataclass(frozen=True)
class Gap:
    """Something that tickets ask for and no article answers."""

    label: str
    tickets: int
    url: str | None = None


def gaps(found: Iterable[Gap], *, of: str, figure: str, writing: Writing) -> Bars:
    """Return bars of the gaps, those with most tickets first; `figure` names the tickets."""
    ranked = sorted(found, key=lambda gap: (-gap.tickets, gap.label.casefold()))
    scale = axis((gap.tickets for gap in ranked), Unit.COUNT)
    return Bars(
        shape="bars",
        of=of,
        compared=False,
        later=False,
        columns=[BarColumn(title=figure, kind="", ticks=scale.marks(Unit.COUNT, writing))],
        rows=[
            BarRow(
                label=gap.label,
                url=gap.url,
                cells=[
                    Cell(
                        at=scale.at(gap.tickets),
                        text=writing.figure(gap.tickets, Unit.COUNT),
                        before=None,
                        before_text="",
                    )
                ],
            )
            for gap in ranked
        ],
    )
