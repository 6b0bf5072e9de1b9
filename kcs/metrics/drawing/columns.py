"""The columns of a chart that has them side by side: how wide they are, where each stands."""

from __future__ import annotations

from kcs.metrics.axes import middle, rounded
from kcs.metrics.charts import Column


def width_of(number: int) -> float:
    """Return how wide each of so many columns is, in per cent, with room between them."""
    return rounded(0.7 / max(number, 1))


def column(place: int, number: int, at: float | None, text: str) -> Column:
    """Return one of `number` columns; `at` is how far up the axis it goes."""
    height = at or 0
    x = round(middle(place, number) - width_of(number) / 2, 2)
    return Column(x=x, y=round(100 - height, 2), height=height, text=text)
