"""How charts write figures for people: in full as tables do, beside an axis as briefly as it goes."""

from __future__ import annotations

from fractions import Fraction

from kcs import i18n
from kcs.metrics.axes import Writing
from kcs.metrics.figures import MINUS, as_written, rounded, written, written_apart
from kcs.metrics.model import Number, Unit
from kcs.sentences import Sentence


def mark(figure: Number, unit: Unit) -> str:
    """Return a round number as it stands beside an axis: a whole per cent has no decimals."""
    if unit is Unit.SHARE:
        decimals = 0 if (Fraction(figure) * 100).denominator == 1 else 1
        return i18n.percent(float(figure), decimals=decimals).replace("-", MINUS)
    return written(figure, unit)


WRITING = Writing(written, mark)
# Less than what figures are written with.
_HARDLY = Sentence("hardly changed")


def changed(figure: Number | None, before: Number | None, unit: Unit) -> str:
    """Say by how much a figure differs from another, as both are written; "" where one of them is none.

    The difference is that of the two that are read: of 9:36 and 8:24 minutes, told as 10 and 8, it is 2.
    """
    if figure is None or before is None:
        return ""
    exact = Fraction(figure) - Fraction(before)
    if exact == 0:
        return i18n.translated(Sentence("unchanged"))
    by = as_written(figure, unit) - as_written(before, unit)
    if unit is Unit.SHARE:
        # A difference that one decimal does not show is written with two: "+0.0" would be a riddle.
        return _points(by, 1) if by else _points(exact, 2)
    if by == 0:
        return i18n.translated(_HARDLY)
    apart = written_apart(abs(by), figure, before) if unit is Unit.DURATION else written(abs(by), unit)
    return f"{_sign(by)}{apart}"


def _points(share: Fraction, decimals: int) -> str:
    points = rounded(abs(share) * 100, decimals)
    if not points:
        return i18n.translated(_HARDLY)
    number = i18n.number(float(points), decimals=decimals)
    return i18n.translated(Sentence("%(sign)s%(number)s points", sign=_sign(share), number=number))


def _sign(difference: Fraction) -> str:
    return "+" if difference > 0 else MINUS
