"""How a figure is written: by its unit, for people in their language, for a terminal in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from kcs import i18n
from kcs.metrics.model import NO_FIGURE, Number, Unit
from kcs.sentences import Sentence

MINUTE, HOUR, DAY = 60, 3600, 86400
# From how many seconds on a duration is told in which unit, with how many decimals.
_DURATIONS = (
    (2 * DAY, DAY, Sentence("%(number)s d"), 1),
    (2 * HOUR, HOUR, Sentence("%(number)s h"), 1),
    (0, MINUTE, Sentence("%(number)s min"), 0),
)


def rounded(figure: Number, decimals: int) -> Decimal:
    """Return a figure with so many decimals, halves rounded up: not the nearest binary number of it."""
    exact = Fraction(figure)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        Decimal(1).scaleb(-decimals), ROUND_HALF_UP
    )


def written(figure: Number | None, unit: Unit) -> str:
    """Return a figure in the language of whoever reads; a dash for no figure."""
    return NO_FIGURE if figure is None else _LOCAL[unit](figure)


def plain(figure: Number | None, unit: Unit) -> str:
    """Return a figure for a terminal."""
    return NO_FIGURE if figure is None else _PLAIN[unit](figure)


def _local_share(figure: Number) -> str:
    return i18n.percent(float(rounded(Fraction(figure), 3)), decimals=1)


def _local_ratio(figure: Number) -> str:
    return i18n.number(float(rounded(figure, 2)))


def _local_duration(figure: Number) -> str:
    said, number = _duration(figure)
    return i18n.translated(Sentence(said, number=i18n.number(float(number))))


def _plain_duration(figure: Number) -> str:
    said, number = _duration(figure)
    return said % {"number": number}


def _duration(seconds: Number) -> tuple[str, Decimal]:
    """Return a sentence and its number; less than nothing is a time before, as of what was ready early."""
    exact = Fraction(seconds)
    _, size, said, decimals = next(each for each in _DURATIONS if abs(exact) >= each[0])
    return said.template, rounded(exact / size, decimals)


def _whole(figure: Number) -> int | float:
    """Return a number of things; an average of them is none that is cut off."""
    return int(figure) if figure == int(figure) else float(rounded(figure, 1))


_LOCAL: Mapping[Unit, Callable[[Number], str]] = {
    Unit.COUNT: lambda figure: i18n.number(_whole(figure)),
    Unit.SHARE: _local_share,
    Unit.RATIO: _local_ratio,
    Unit.DURATION: _local_duration,
    Unit.MONEY: lambda figure: i18n.number(float(rounded(figure, 2))),
}
_PLAIN: Mapping[Unit, Callable[[Number], str]] = {
    Unit.COUNT: lambda figure: str(_whole(figure)),
    Unit.SHARE: lambda figure: f"{rounded(Fraction(figure) * 100, 1)} %",
    Unit.RATIO: lambda figure: str(rounded(figure, 2)),
    Unit.DURATION: _plain_duration,
    Unit.MONEY: lambda figure: str(rounded(figure, 2)),
}
