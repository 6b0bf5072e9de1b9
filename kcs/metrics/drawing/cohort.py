"""How long new people needed until they first solved alone, by the month they began in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from kcs.metrics.axes import Axis, Writing, axis, labels, middle
from kcs.metrics.charts import Beginners, Cohort, Dot, Table, TableRow
from kcs.metrics.drawing.columns import width_of
from kcs.metrics.drawing.quartiles import five_numbers
from kcs.metrics.model import Number, Unit
from kcs.sentences import Sentence, listed

# A dot of several people is greater, up to a limit, in pixels.
LEAST_RADIUS, MOST_RADIUS = 4, 11
# Dots nearer than this to one another, in per cent of the height, would lie upon one another.
TOUCHING = 4


@dataclass(frozen=True)
class Started:
    """The people who began in one month: seconds until each first solved alone, how many have not yet."""

    label: str
    seconds: Sequence[Number] = ()
    waiting: int = 0


def cohort(months: Sequence[Started], *, of: str, writing: Writing) -> Cohort:
    """Return how long people needed until they first solved alone, by the month they began in."""
    scale = axis((each for month in months for each in month.seconds), Unit.DURATION)
    medians = [five_numbers(month.seconds)[2] if month.seconds else None for month in months]
    rows = [
        TableRow(
            label=month.label,
            url=None,
            texts=[
                writing.figure(len(month.seconds), Unit.COUNT),
                writing.figure(median, Unit.DURATION),
                ", ".join(writing.figure(each, Unit.DURATION) for each in sorted(month.seconds)),
                writing.figure(month.waiting, Unit.COUNT),
            ],
        )
        for month, median in zip(months, medians, strict=True)
    ]
    return Cohort(
        shape="cohort",
        said=listed(
            " ",
            [
                Sentence("%(month)s: %(median)s at the median.", month=row["label"], median=row["texts"][1])
                for row, month in zip(rows, months, strict=True)
                if month.seconds
            ],
        ),
        labels=labels(month.label for month in months),
        ticks=scale.marks(Unit.DURATION, writing),
        width=width_of(len(months)),
        months=[
            Beginners(
                x=middle(place, len(months)),
                dots=_dots(month.seconds, scale),
                median=scale.y(median),
                waiting=month.waiting,
            )
            for place, (month, median) in enumerate(zip(months, medians, strict=True))
        ],
        table=Table(
            of=of,
            heads=[
                Sentence("Solved alone"),
                Sentence("Median"),
                Sentence("Time of each"),
                Sentence("Not yet"),
            ],
            rows=rows,
        ),
    )


def _dots(seconds: Iterable[Number], scale: Axis) -> list[Dot]:
    """Return a dot for each, for those that would touch one in their midst."""
    near: list[list[float]] = []
    for y in sorted(scale.y(each) or 0 for each in seconds):
        if near and y - near[-1][0] < TOUCHING:
            near[-1].append(y)
        else:
            near.append([y])
    return [Dot(y=round(fmean(ys), 2), radius=_radius(len(ys)), number=len(ys)) for ys in near]


def _radius(number: int) -> int:
    return min(LEAST_RADIUS + 3 * (number > 1) + number - 1, MOST_RADIUS)
