"""Charts of how things are spread: over articles, over ages, over new people, over somebody's skills."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import cos, pi, sin
from statistics import quantiles

from kcs.metrics.axes import Writing, axis, labels, middle, rounded
from kcs.metrics.charts import (
    AgeRow,
    Ages,
    BarColumn,
    BarRow,
    Bars,
    Beginners,
    Cell,
    Cohort,
    Column,
    Distribution,
    Dot,
    Label,
    Pareto,
    Radar,
    RankedColumn,
    Spoke,
    Table,
    TableRow,
)
from kcs.metrics.model import Key, Number, Row, Unit
from kcs.sentences import Sentence, counted, listed

# The first number of each group of a distribution: 0, 1, 2, 3 to 5, 6 to 10, 11 to 20, 21 and more.
GROUPS = (0, 1, 2, 3, 6, 11, 21)
MOST_COLUMNS = 30
LEAST_AXES, MOST_AXES = 3, 8
# The radar is drawn in a field of its own units, the middle at nought; its names stand around the rim.
RADIUS, NAMES_AT, RINGS = 100, 114, 4
# A dot of several people is greater, up to a limit, in pixels.
LEAST_RADIUS, MOST_RADIUS = 4, 11
EVERYWHERE = "narrow medium wide"

Places = tuple[float, float]
Segments = list[tuple[float, float, float, float]]


def pareto(
    rows: Iterable[Row],
    name: str,
    *,
    of: str,
    figure: str,
    writing: Writing,
    marked: Collection[Key] = (),
    mark: str = "",
    url: Callable[[Row], str | None] | None = None,
) -> Pareto:
    """Return the things that have most of a count, most first; for things, as articles, never for people.

    `figure` names the count, `mark` what is said of those whose keys are among `marked`.
    """
    ranked = sorted(rows, key=lambda row: (-(row.figures[name] or 0), row.label.casefold()))
    ranked = [row for row in ranked if row.figures[name]]
    counts = [row.figures[name] or 0 for row in ranked]
    together = [Fraction(so_far) / Fraction(sum(counts)) for so_far in accumulate(counts)]
    texts = [writing.figure(count, Unit.COUNT) for count in counts]
    shares = [writing.figure(share, Unit.SHARE) for share in together]
    shown, scale, whole = ranked[:MOST_COLUMNS], axis(counts, Unit.COUNT), axis([1], Unit.SHARE)
    columns = [
        RankedColumn(
            **_column(place, len(shown), scale.at(counts[place]), texts[place]),
            marked=row.key in marked,
            middle=middle(place, len(shown)),
            together=whole.y(together[place]) or 0,
        )
        for place, row in enumerate(shown)
    ]
    return Pareto(
        shape="pareto",
        said=_said_of_ranked(ranked, texts, shares, len(shown)),
        figure=figure,
        mark=mark,
        ticks=scale.marks(Unit.COUNT, writing),
        shares=whole.marks(Unit.SHARE, writing),
        labels=labels(str(place + 1) for place in range(len(shown))),
        columns=columns,
        segments=[
            (one["middle"], one["together"], two["middle"], two["together"]) for one, two in pairwise(columns)
        ],
        width=_width(len(shown)),
        table=Table(
            of=of,
            heads=[Sentence("Place"), figure, Sentence("Together"), *([mark] if mark else [])],
            rows=[
                TableRow(
                    label=row.label,
                    url=url(row) if url else None,
                    texts=[
                        str(place + 1),
                        texts[place],
                        shares[place],
                        *([Sentence("yes") if row.key in marked else ""] if mark else []),
                    ],
                )
                for place, row in enumerate(shown)
            ],
        ),
    )


def _said_of_ranked(ranked: Sequence[Row], texts: Sequence[str], shares: Sequence[str], drawn: int) -> str:
    if not ranked:
        return Sentence("Nothing to draw.")
    most = Sentence("Most has %(label)s: %(figure)s.", label=ranked[0].label, figure=texts[0])
    these = counted(
        "The %(num)s drawn of %(all)s has %(share)s.",
        "The %(num)s drawn of %(all)s have %(share)s together.",
        drawn,
        all=len(ranked),
        share=shares[drawn - 1],
    )
    return listed(" ", [most, these])


def distribution(numbers: Iterable[int], *, of: str, figure: str, writing: Writing) -> Distribution:
    """Return how many of these numbers fall into each of GROUPS. `figure` names what is counted."""
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
            _column(place, len(counts), scale.at(number), texts[place]) for place, number in enumerate(counts)
        ],
        width=_width(len(counts)),
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


def _width(number: int) -> float:
    return rounded(0.7 / max(number, 1))


def _column(place: int, number: int, at: float | None, text: str) -> Column:
    height = at or 0
    x = round(middle(place, number) - _width(number) / 2, 2)
    return Column(x=x, y=round(100 - height, 2), height=height, text=text)


@dataclass(frozen=True)
class Skill:
    """What a radar compares: somebody's figure and the other's (None: no figure); `full` lies on the rim."""

    name: str
    unit: Unit
    value: Number | None
    other: Number | None
    full: Number = 1


def radar(skills: Sequence[Skill], *, of: str, who: str, other: str, writing: Writing) -> Radar:
    """Return somebody's figures against another's. Raises ValueError for fewer than 3 or more than 8 axes."""
    if not LEAST_AXES <= len(skills) <= MOST_AXES:
        raise ValueError(f"A radar has {LEAST_AXES} to {MOST_AXES} axes, not {len(skills)}.")
    ways = [_way(place, len(skills)) for place in range(len(skills))]
    texts = [[writing.figure(value, skill.unit) for value in (skill.value, skill.other)] for skill in skills]
    spokes = [
        Spoke(
            name=skill.name,
            end=_at(way, RADIUS),
            name_at=_name_at(way),
            anchor="middle" if abs(way[0]) < 0.1 else "start" if way[0] > 0 else "end",
            text=own,
            point=_along(way, skill.value, skill.full),
            other=_along(way, skill.other, skill.full),
        )
        for skill, way, (own, _) in zip(skills, ways, texts, strict=True)
    ]
    points = [spoke["point"] for spoke in spokes]
    return Radar(
        shape="radar",
        said=listed(
            " ",
            [
                Sentence(
                    "%(name)s: %(own)s, %(other)s %(theirs)s.",
                    name=skill.name,
                    own=own,
                    other=other,
                    theirs=theirs,
                )
                for skill, (own, theirs) in zip(skills, texts, strict=True)
            ],
        ),
        who=who,
        other=other,
        rings=[_outline([_at(way, RADIUS * ring / RINGS) for way in ways]) for ring in range(1, RINGS + 1)],
        spokes=spokes,
        outline=_outline(points),
        segments=_joined(points),
        other_segments=_joined([spoke["other"] for spoke in spokes]),
        table=Table(
            of=of,
            heads=[who, other],
            rows=[
                TableRow(label=skill.name, url=None, texts=pair)
                for skill, pair in zip(skills, texts, strict=True)
            ],
        ),
    )


def _way(place: int, number: int) -> Places:
    """Return the direction of an axis: the first points up, the others follow clockwise."""
    angle = 2 * pi * place / number
    return sin(angle), -cos(angle)


def _at(way: Places, distance: float) -> Places:
    return round(way[0] * distance, 2) + 0.0, round(way[1] * distance, 2) + 0.0


def _name_at(way: Places) -> Places:
    """Return where the first of the two lines beside an axis stands, clear of the rim."""
    x, y = _at(way, NAMES_AT)
    return x, round(y + 10 * way[1] - 3, 2)


def _along(way: Places, value: Number | None, full: Number) -> Places | None:
    return None if value is None else _at(way, RADIUS * min(max(float(value) / float(full), 0), 1))


def _outline(points: Sequence[Places | None]) -> str:
    """Return the corners of an area as SVG writes them; nothing when one of them is not known."""
    known = [point for point in points if point is not None]
    return " ".join(f"{x},{y}" for x, y in known) if len(known) == len(points) else ""


def _joined(points: Sequence[Places | None]) -> Segments:
    around = zip(points, (*points[1:], points[0]), strict=True)
    return [(*one, *two) for one, two in around if one is not None and two is not None]


@dataclass(frozen=True)
class Aged:
    """How long each of some things has been as it is, in seconds."""

    label: str
    seconds: Sequence[Number] = ()
    url: str | None = None


def ages(groups: Sequence[Aged], *, of: str, writing: Writing) -> Ages:
    """Return the least, the quartiles and the greatest age of each group."""
    five = [_five(group.seconds) for group in groups]
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


def _five(values: Sequence[Number]) -> tuple[Number, ...]:
    """Return the least, the quartiles and the greatest of these; nothing of nothing."""
    if not values:
        return ()
    several = len(values) > 1
    quartiles = quantiles(map(float, values), n=4, method="inclusive") if several else [values[0]] * 3
    return (min(values), *quartiles, max(values))


def _places(places: Sequence[float | None]) -> tuple[float, float, float, float, float] | None:
    known = [place for place in places if place is not None]
    return (known[0], known[1], known[2], known[3], known[4]) if known else None


@dataclass(frozen=True)
class Started:
    """The people who began in one month: weeks until each first solved alone, and how many have not yet."""

    label: str
    weeks: Sequence[int] = ()
    waiting: int = 0


def cohort(months: Sequence[Started], *, of: str, writing: Writing) -> Cohort:
    """Return how many weeks people needed until they first solved alone, by the month they began in."""
    scale = axis((number for month in months for number in month.weeks), Unit.COUNT)
    medians = [_five(month.weeks)[2] if month.weeks else None for month in months]
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
        width=_width(len(months)),
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
