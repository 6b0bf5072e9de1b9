"""The formula of the link rate and how a ratio is shown."""

from __future__ import annotations

import pytest

from kcs.metrics.definitions import Figures, percent


@pytest.mark.parametrize(
    ("linked", "exempt", "unanswered", "rate", "without_exempt"),
    [
        (0, 0, 0, None, None),
        (1, 0, 0, 1.0, 1.0),
        (0, 0, 1, 0.0, 0.0),
        (0, 1, 0, 0.0, None),
        (1, 1, 0, 0.5, 1.0),
        (3, 2, 5, 0.3, 0.375),
    ],
)
def test_link_rate_is_linked_by_solved_and_empty_where_nothing_divides(
    linked: int, exempt: int, unanswered: int, rate: float | None, without_exempt: float | None
) -> None:
    figures = Figures(linked, exempt, unanswered)
    assert figures.solved == linked + exempt + unanswered
    assert figures.link_rate == rate
    assert figures.link_rate_without_exempt == without_exempt


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (None, "\u2013"),
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (2 / 3, "66.7 %"),
        (1 / 16, "6.3 %"),
        (9 / 16, "56.3 %"),
        (1 / 2000, "0.1 %"),
        (1 / 2001, "0.0 %"),
    ],
)
def test_a_ratio_is_shown_with_one_decimal_halves_up(ratio: float | None, shown: str) -> None:
    assert percent(ratio) == shown
