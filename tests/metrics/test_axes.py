"""Axes: round numbers that hold the figures, and names with room beneath them."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kcs.metrics.axes import DAY, HOUR, MINUTE, Axis, axis, labels, ticks
from kcs.metrics.model import Number, Unit
from kcs.metrics.periods import PeriodName

FIGURES = st.one_of(
    st.none(),
    st.integers(-(10**9), 10**9),
    st.fractions(-1000, 1000, max_denominator=10**6),
    st.floats(-1e6, 1e6),
)
CLOCK = {MINUTE * number for number in (1, 2, 5, 10, 15, 30)} | {HOUR * number for number in (1, 2, 3, 6, 12)}


@given(st.lists(FIGURES, max_size=20), st.sampled_from(Unit))
@example([5e-324], Unit.SHARE)
def test_ticks_hold_all_figures_and_are_three_to_six_round_numbers(figures: list[Number], unit: Unit) -> None:
    found = ticks(figures, unit)
    steps = {after - before for before, after in pairwise(found)}
    assert 3 <= len(found) <= 6
    assert len(steps) == 1
    assert 0 in found
    assert all(found[0] <= Fraction(figure) <= found[-1] for figure in figures if figure is not None)
    assert _is_round(steps.pop(), unit)


def _is_round(step: Fraction, unit: Unit) -> bool:
    """Say whether it is 1, 2 or 5 times a power of ten, a quarter for shares, of a clock for durations."""
    if unit is Unit.SHARE and step == Fraction(1, 4):
        return True
    if unit is Unit.DURATION and step in CLOCK:
        return True
    number = step / DAY if unit is Unit.DURATION else step
    if unit is Unit.COUNT and number.denominator != 1:
        return False
    return any(_is_power_of_ten(number / digit) for digit in (1, 2, 5))


def _is_power_of_ten(number: Fraction) -> bool:
    whole = max(number, 1 / number)
    return whole.denominator == 1 and str(whole).rstrip("0") == "1"


@pytest.mark.parametrize(
    ("unit", "figures", "expected"),
    [
        (Unit.SHARE, [0.62, 0.55], [0, 0.25, 0.5, 0.75, 1]),
        (Unit.SHARE, [0.26, None], [0, 0.25, 0.5, 0.75, 1]),
        (Unit.SHARE, [0.07, None], [0, 0.02, 0.04, 0.06, 0.08]),
        (Unit.SHARE, [], [0, 0.25, 0.5, 0.75, 1]),
        (Unit.COUNT, [], [0, 1, 2]),
        (Unit.COUNT, [1], [0, 1, 2]),
        (Unit.COUNT, [5], [0, 1, 2, 3, 4, 5]),
        (Unit.COUNT, [6], [0, 2, 4, 6]),
        (Unit.COUNT, [187], [0, 50, 100, 150, 200]),
        (Unit.RATIO, [3.3, 1.2], [0, 1, 2, 3, 4]),
        (Unit.MONEY, [-120, 310], [-200, 0, 200, 400]),
        (Unit.DURATION, [50 * MINUTE], [0, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 40 * MINUTE, 50 * MINUTE]),
        (Unit.DURATION, [26 * HOUR], [0, 6 * HOUR, 12 * HOUR, 18 * HOUR, 24 * HOUR, 30 * HOUR]),
        (Unit.DURATION, [40 * DAY], [0, 10 * DAY, 20 * DAY, 30 * DAY, 40 * DAY]),
    ],
)
def test_ticks_are_what_people_would_choose(unit: Unit, figures: list[Number], expected: list[float]) -> None:
    assert [float(tick) for tick in ticks(figures, unit)] == pytest.approx(expected)


@pytest.mark.parametrize(("value", "at", "y"), [(0, 0, 100), (50, 25, 75), (200, 100, 0), (None, None, None)])
def test_a_figure_has_a_place_in_per_cent(value: int | None, at: float | None, y: float | None) -> None:
    scale = axis([187], Unit.COUNT)
    assert (scale.at(value), scale.y(value)) == (at, y)


def test_below_nought_lies_below_it() -> None:
    assert Axis(ticks([-10, 10], Unit.MONEY)).at(0) == 50


@pytest.mark.parametrize(
    ("number", "narrow", "medium", "wide"),
    [(1, 1, 1, 1), (3, 3, 3, 3), (7, 3, 4, 7), (12, 3, 6, 12), (60, 3, 6, 12)],
)
def test_as_many_names_are_shown_as_have_room_and_always_the_last(
    number: int, narrow: int, medium: int, wide: int
) -> None:
    found = labels(f"2026-W{week:02}" for week in range(1, number + 1))
    for width, most in (("narrow", narrow), ("medium", medium), ("wide", wide)):
        shown = [label for label in found if width in label["shown"].split()]
        assert len(shown) == most
        assert shown[-1] is found[-1]


def _week(number: int, year: int) -> PeriodName:
    return PeriodName(f"week {number}, {year}", short=f"{number}/{year}", brief=f"{number}", year=year)


@pytest.mark.parametrize(
    ("names", "short"),
    [
        ([_week(1, 2026), _week(2, 2026)], ["1", "2"]),
        ([_week(52, 2025), _week(1, 2026)], ["52/2025", "1/2026"]),
        (["Ana", "Ben"], ["Ana", "Ben"]),
    ],
)
def test_periods_are_named_in_short_and_within_one_year_without_it(
    names: list[str], short: list[str]
) -> None:
    assert [label["short"] for label in labels(names)] == short
    assert [label["text"] for label in labels(names)] == names
