"""How a figure is written: by its unit, for people in their language, for a terminal in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from kcs import i18n
from kcs.metrics.model import NO_FIGURE, Number, Unit
from kcs.sentences import Sentence

MINUTE, HOUR, DAY = 60, 3600, 86400
MINUS = "\u2212"
# With how many decimals figures are told; a share has one less as per cent.
_DECIMALS = {Unit.SHARE: 3, Unit.RATIO: 2, Unit.MONEY: 2}


def rounded(figure: Number, decimals: int) -> Decimal:
    """Return a figure with so many decimals, halves rounded up: not the nearest binary number of it.

    What is rounded to nought has no sign.
    """
    exact = Fraction(figure)
    found = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        Decimal(1).scaleb(-decimals), ROUND_HALF_UP
    )
    return found if found else abs(found)


@dataclass(frozen=True)
class _Scale:
    """A unit that durations from so many seconds on are told in."""

    least: int
    size: int
    said: Sentence
    decimals: int

    def of(self, seconds: Number) -> Decimal:
        """Return a duration in this unit."""
        return rounded(Fraction(seconds) / self.size, self.decimals)


_SCALES = (
    _Scale(2 * DAY, DAY, Sentence("%(number)s d"), 1),
    _Scale(2 * HOUR, HOUR, Sentence("%(number)s h"), 1),
    _Scale(0, MINUTE, Sentence("%(number)s min"), 0),
)


def written(figure: Number | None, unit: Unit) -> str:
    """Return a figure in the language of whoever reads; a dash for no figure."""
    return NO_FIGURE if figure is None else _LOCAL[unit](figure)


def plain(figure: Number | None, unit: Unit) -> str:
    """Return a figure for a terminal."""
    return NO_FIGURE if figure is None else _PLAIN[unit](figure)


def as_written(figure: Number, unit: Unit) -> Fraction:
    """Return a figure no more exactly than `written` tells it."""
    if unit is Unit.DURATION:
        scale = _scale_of(figure)
        return Fraction(scale.of(figure)) * scale.size
    if unit is Unit.COUNT:
        return Fraction(_whole(figure))
    return Fraction(rounded(figure, _DECIMALS[unit]))


def written_apart(seconds: Number, one: Number, other: Number) -> str:
    """Return by how much two durations differ, in their unit where they are told in the same."""
    scales = {_scale_of(one), _scale_of(other)}
    return _in_scale(seconds, scales.pop() if len(scales) == 1 else _scale_of(seconds))


def _local_number(number: Number | Decimal) -> str:
    return i18n.number(float(number)).replace("-", MINUS)


def _local_share(figure: Number) -> str:
    share = float(rounded(Fraction(figure), _DECIMALS[Unit.SHARE]))
    return i18n.percent(share, decimals=1).replace("-", MINUS)


def _local_duration(figure: Number) -> str:
    return _in_scale(figure, _scale_of(figure))


def _in_scale(seconds: Number, scale: _Scale) -> str:
    return i18n.translated(Sentence(scale.said.template, number=_local_number(scale.of(seconds))))


def _plain_duration(figure: Number) -> str:
    scale = _scale_of(figure)
    return scale.said.template % {"number": scale.of(figure)}


def _scale_of(seconds: Number) -> _Scale:
    """Return how a duration is told; less than nothing is a time before, as of what was ready early."""
    return next(each for each in _SCALES if abs(Fraction(seconds)) >= each.least)


def _whole(figure: Number) -> int | float:
    """Return a number of things; an average of them is none that is cut off."""
    return int(figure) if figure == int(figure) else float(rounded(figure, 1))


_LOCAL: Mapping[Unit, Callable[[Number], str]] = {
    Unit.COUNT: lambda figure: _local_number(_whole(figure)),
    Unit.SHARE: _local_share,
    Unit.RATIO: lambda figure: _local_number(rounded(figure, _DECIMALS[Unit.RATIO])),
    Unit.DURATION: _local_duration,
    Unit.MONEY: lambda figure: _local_number(rounded(figure, _DECIMALS[Unit.MONEY])),
}
_PLAIN: Mapping[Unit, Callable[[Number], str]] = {
    Unit.COUNT: lambda figure: str(_whole(figure)),
    Unit.SHARE: lambda figure: f"{rounded(Fraction(figure) * 100, 1)} %",
    Unit.RATIO: lambda figure: str(rounded(figure, 2)),
    Unit.DURATION: _plain_duration,
    Unit.MONEY: lambda figure: str(rounded(figure, 2)),
}
