"""How many weeks new people needed until they first solved alone, by the month they began in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kcs.metrics.axes import Writing, axis, labels, middle
from kcs.metrics.charts import Beginners, Cohort, Dot, Table, TableRow
from kcs.metrics.drawing.columns import width_of
from kcs.metrics.drawing.quartiles import five_numbers
from kcs.metrics.model import Unit
from kcs.sentences import Sentence, listed

# A dot of several people is greater, up to a limit, in pixels.
LEAST_RADIUS, MOST_RADIUS = 4, 11


@dataclass(frozen=True)
class Started:
    """The people who began in one month: weeks until each first solved alone, and how many have not yet."""

    label: str
    weeks: Sequence[int] = ()
    waiting: int = 0


def cohort(months: Sequence[Started], *, of: str, writing: Writing) -> Cohort:
    """Return how many weeks people needed until they first solved alone, by the month they began in."""
    scale = axis((number for month in months for number in month.weeks), Unit.COUNT)
    medians = [five_numbers(month.weeks)[2] if month.weeks else None for month in months]
    rows = [
        TableRow(
            label=month.label,
            url=None,
            texts=[
                writing.figure(len(month.weeks), Unit.COUNT),
                writing.figure(median, Unit.RATIO),
                ", ".join(writing.figure(week, Unit.COUNT) for week in sorted(month.weeks)),
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
                Sentence("%(month)s: %(median)s weeks.", month=row["label"], median=row["texts"][1])
                for row, month in zip(rows, months, strict=True)
                if month.weeks
            ],
        ),
        labels=labels(month.label for month in months),
        ticks=scale.marks(Unit.COUNT, writing),
        width=width_of(len(months)),
        months=[
            Beginners(
                x=middle(place, len(months)),
                dots=[
                    Dot(y=scale.y(week) or 0, radius=_radius(number), number=number)
                    for week, number in sorted(Counter(month.weeks).items())
                ],
                median=scale.y(median),
                waiting=month.waiting,
            )
            for place, (month, median) in enumerate(zip(months, medians, strict=True))
        ],
        table=Table(
            of=of,
            heads=[
                Sentence("Solved alone"),
                Sentence("Median of the weeks"),
                Sentence("Weeks of each"),
                Sentence("Not yet"),
            ],
            rows=rows,
        ),
    )


def _radius(number: int) -> int:
    return min(LEAST_RADIUS + 3 * (number > 1) + number - 1, MOST_RADIUS)
