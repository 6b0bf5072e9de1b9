"""How charts write figures for people: in full as tables do, beside an axis as briefly as it goes."""

from __future__ import annotations

from fractions import Fraction

from kcs import i18n
from kcs.metrics.axes import Writing
from kcs.metrics.figures import rounded, written
from kcs.metrics.model import Number, Unit
from kcs.sentences import Sentence


def mark(figure: Number, unit: Unit) -> str:
    """Return a round number as it stands beside an axis: a whole per cent has no decimals."""
    if unit is Unit.SHARE:
        return i18n.percent(float(figure), decimals=0 if (Fraction(figure) * 100).denominator == 1 else 1)
    return written(figure, unit)


WRITING = Writing(written, mark)


def changed(figure: Number | None, before: Number | None, unit: Unit) -> str:
    """Say by how much a figure differs from another: a sign and a number; "" where one of them is none."""
    if figure is None or before is None:
        return ""
    by = Fraction(figure) - Fraction(before)
    if by == 0:
        return i18n.translated(Sentence("unchanged"))
    sign = "+" if by > 0 else "\u2212"
    if unit is Unit.SHARE:
        # A difference too small for one decimal is written with two: "+0.0" would be a riddle.
        decimals = 1 if rounded(abs(by) * 100, 1) else 2
        points = i18n.number(float(rounded(abs(by) * 100, decimals)), decimals=decimals)
        return i18n.translated(Sentence("%(sign)s%(number)s points", sign=sign, number=points))
    return f"{sign}{written(abs(by), unit)}"
