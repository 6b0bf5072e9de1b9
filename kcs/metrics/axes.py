"""Axes of charts: the round numbers beside them, where a figure lies on them, which labels have room."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from math import ceil, floor, log10

from kcs.metrics.charts import Label, Mark
from kcs.metrics.model import Number, Unit
from kcs.metrics.periods import PeriodName
from kcs.sentences import Sentence

MOST_GAPS, FEWEST_GAPS = 5, 2
QUARTERS = tuple(Fraction(part, 4) for part in range(5))
MINUTE, HOUR, DAY = 60, 3600, 86400
# What people read on a clock, from a minute; from five days on it goes in tens.
CLOCK = (
    *(MINUTE * number for number in (1, 2, 5, 10, 15, 30)),
    *(HOUR * number for number in (1, 2, 3, 6, 12)),
    *(DAY * number for number in (1, 2)),
)
# Beyond this, in per cent, a name in the middle of its band would stick out.
LAST_MIDDLE = 97
# How many labels fit under a chart as wide as a phone, half a page, a page.
FITTING = (("narrow", 3), ("medium", 6), ("wide", 12))


@dataclass(frozen=True)
class Writing:
    """How figures are written, and how briefly beside an axis; both get a number and its unit."""

    figure: Callable[[Number | None, Unit], str]
    mark: Callable[[Number, Unit], str]


@dataclass(frozen=True)
class Axis:
    """A straight scale between its first and its last round number."""

    ticks: tuple[Fraction, ...]

    def at(self, value: Number | None) -> float | None:
        """Return how far up the axis a figure lies, in per cent; None for no figure."""
        if value is None:
            return None
        low, high = self.ticks[0], self.ticks[-1]
        return rounded((Fraction(value) - low) / (high - low))

    def y(self, value: Number | None) -> float | None:
        """Return how far a figure lies below the upper edge, in per cent; None for no figure."""
        at = self.at(value)
        return None if at is None else round(100 - at, 2)

    def marks(self, unit: Unit, writing: Writing) -> list[Mark]:
        """Return the round numbers as the charts take them."""
        return [Mark(at=rounded(self._share(tick)), text=writing.mark(tick, unit)) for tick in self.ticks]

    def _share(self, tick: Fraction) -> Fraction:
        return (tick - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])


def axis(values: Iterable[Number | None], unit: Unit) -> Axis:
    """Return an axis on which all of these figures lie."""
    return Axis(ticks(values, unit))


def ticks(values: Iterable[Number | None], unit: Unit) -> tuple[Fraction, ...]:
    """Return three to six round numbers, evenly apart, between which all of these figures lie.

    Nought is always among them: a chart that cuts it off makes much of little. Shares over a quarter get the
    whole of 0 to 1, counts whole numbers, durations what people read on a clock.
    """
    known = [Fraction(value) for value in values if value is not None]
    low, high = min([Fraction(), *known]), max([Fraction(), *known])
    if low == high:
        high = Fraction(1)
    if unit is Unit.SHARE and low == 0 and Fraction(1, 4) < high <= 1:
        return QUARTERS
    fitting = (
        each for each in _steps(unit, high - low) if _last(high, each) - _first(low, each) <= MOST_GAPS
    )
    step = next(fitting)
    first = _first(low, step)
    last = max(_last(high, step), first + FEWEST_GAPS)
    return tuple(step * number for number in range(first, last + 1))


def _first(low: Fraction, step: Fraction) -> int:
    return floor(low / step)


def _last(high: Fraction, step: Fraction) -> int:
    return ceil(high / step)


def _steps(unit: Unit, span: Fraction) -> Iterator[Fraction]:
    """Yield the distances there may be between round numbers, from one that is too small for the span."""
    if unit is Unit.DURATION:
        yield from map(Fraction, CLOCK)
        yield from (DAY * step for step in _decimal(0) if step > 2)
    elif unit is Unit.COUNT:
        yield from _decimal(0)
    else:
        yield from _decimal(floor(log10(span)) - 2)


def _decimal(exponent: int) -> Iterator[Fraction]:
    """Yield 1, 2, 5, 10, 20 … times ten to the exponent."""
    for power in count(exponent):
        yield from (size * Fraction(10) ** power for size in (1, 2, 5))


def rounded(share: Fraction | float) -> float:
    """Return a share in per cent, with two decimals: a hundredth of a pixel at most."""
    return round(float(share) * 100, 2)


def middle(place: int, number: int) -> float:
    """Return the middle of one of `number` bands of even width, in per cent."""
    return rounded(Fraction(2 * place + 1, 2 * number))


def labels(texts: Iterable[str], partial: Container[int] = ()) -> list[Label]:
    """Return the names under a chart. With many only every so many are shown, counted from the last.

    Periods are named in short; days and weeks of one year without it. `partial` are the places of those that
    are cut short.
    """
    named = list(texts)
    number = len(named)
    one_year = len({text.year for text in named if isinstance(text, PeriodName)}) == 1
    return [
        Label(
            text=Sentence("%(name)s (in part)", name=text) if place in partial else text,
            short=_short(text, one_year),
            x=middle(place, number),
            anchor="end" if middle(place, number) > LAST_MIDDLE else "middle",
            shown=_shown(number - 1 - place, number),
            partial=place in partial,
        )
        for place, text in enumerate(named)
    ]


def _short(text: str, one_year: bool) -> str:
    if not isinstance(text, PeriodName):
        return text
    return text.brief if one_year else text.short


def _shown(from_last: int, number: int) -> str:
    return " ".join(width for width, most in FITTING if from_last % ceil(number / most) == 0)
