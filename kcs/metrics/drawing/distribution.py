"""How many things have how much of something, in groups."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from kcs.metrics.axes import Writing, axis, labels
from kcs.metrics.charts import Distribution, Label, Table, TableRow
from kcs.metrics.drawing.columns import column, width_of
from kcs.metrics.model import Unit
from kcs.sentences import listed

# The first number of each group: 1, 2, 3 to 5, 6 to 10, 11 to 20, 21 and more.
GROUPS = (1, 2, 3, 6, 11, 21)
EVERYWHERE = "narrow medium wide"


def distribution(numbers: Iterable[int], *, of: str, figure: str, writing: Writing) -> Distribution:
    """Return how many of these numbers fall into each of GROUPS. `figure` names what is counted.

    They are 1 and more: what has none of something seldom is among the rows of a report.
    """
    found = Counter(bisect_right(GROUPS, number) - 1 for number in numbers)
    counts = [found[place] for place in range(len(GROUPS))]
    texts = [writing.figure(number, Unit.COUNT) for number in counts]
    scale, names = axis(counts, Unit.COUNT), _groups()
    return Distribution(
        shape="distribution",
        said=listed(", ", [f"{name}: {text}" for name, text in zip(names, texts, strict=True)]),
        labels=[Label(**{**each, "shown": EVERYWHERE}) for each in labels(names)],
        ticks=scale.marks(Unit.COUNT, writing),
        columns=[
            column(place, len(counts), scale.at(number), texts[place]) for place, number in enumerate(counts)
        ],
        width=width_of(len(counts)),
        table=Table(
            of=of,
            heads=[figure],
            rows=[
                TableRow(label=name, url=None, texts=[text]) for name, text in zip(names, texts, strict=True)
            ],
        ),
    )


def _groups() -> list[str]:
    """Name the groups by their first and last number."""
    names = [str(one) if two == one + 1 else f"{one}\u2013{two - 1}" for one, two in pairwise(GROUPS)]
    return [*names, f"{GROUPS[-1]}+"]
