"""Five numbers that tell how others are spread."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles

from kcs.metrics.model import Number


def five_numbers(values: Sequence[Number]) -> tuple[Number, ...]:
    """Return the least, the quartiles and the greatest of these; nothing of nothing."""
    if not values:
        return ()
    several = len(values) > 1
    quartiles = quantiles(map(float, values), n=4, method="inclusive") if several else [values[0]] * 3
    return (min(values), *quartiles, max(values))
