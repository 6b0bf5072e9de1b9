"""How long things have been as they are, a box for each group of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kcs.metrics.axes import Writing, axis
from kcs.metrics.charts import AgeRow, Ages, Table, TableRow
from kcs.metrics.drawing.quartiles import five_numbers
from kcs.metrics.model import Number, Unit
from kcs.sentences import Sentence


@dataclass(frozen=True)
class Aged:
    """How long each of some things has been as it is, in seconds."""

    label: str
    seconds: Sequence[Number] = ()
    url: str | None = None


def ages(groups: Sequence[Aged], *, of: str, writing: Writing) -> Ages:
    """Return the least, the quartiles and the greatest age of each group."""
    five = [five_numbers(group.seconds) for group in groups]
    scale = axis((value for each in five for value in each), Unit.DURATION)
    numbers = [writing.figure(len(group.seconds), Unit.COUNT) for group in groups]
    texts = [[writing.figure(value, Unit.DURATION) for value in each or (None,) * 5] for each in five]
    return Ages(
        shape="ages",
        of=of,
        ticks=scale.marks(Unit.DURATION, writing),
        rows=[
            AgeRow(
                label=group.label,
                url=group.url,
                at=_places([scale.at(value) for value in each]),
                median=written[2],
                number=number,
            )
            for group, each, written, number in zip(groups, five, texts, numbers, strict=True)
        ],
        table=Table(
            of=of,
            heads=[
                Sentence("Number"),
                Sentence("Least"),
                Sentence("Lower quarter"),
                Sentence("Median"),
                Sentence("Upper quarter"),
                Sentence("Greatest"),
            ],
            rows=[
                TableRow(label=group.label, url=group.url, texts=[number, *written])
                for group, written, number in zip(groups, texts, numbers, strict=True)
            ],
        ),
    )


def _places(places: Sequence[float | None]) -> tuple[float, float, float, float, float] | None:
    known = [place for place in places if place is not None]
    return (known[0], known[1], known[2], known[3], known[4]) if known else None
