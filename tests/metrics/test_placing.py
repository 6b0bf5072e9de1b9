"""Numbers beside the points of a line: clear of lines, of one another and of what stands around the plot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcs.metrics.charts import Line, Panel, Point, PointNumber
from kcs.metrics.drawing.placing import ABOVE, BELOW, SIZES, Size
from kcs.metrics.drawing.trend import trend
from kcs.metrics.model import Number
from tests.metrics.test_drawing import OUTCOME, WRITING, report, row

Rect = tuple[float, float, float, float]
BOTH = report(counts="a b", drawn=("a", "b"))


def shares(*values: Number | None) -> Panel:
    """Return the panel of a share over so many weeks."""
    rows = [row(f"2026-W{place:02}", rate=value) for place, value in enumerate(values, 1)]
    [panel] = trend(OUTCOME, rows, ["rate"], of="", writing=WRITING)["panels"]
    return panel


def two(ones: Sequence[int | None], others: Sequence[int | None]) -> Panel:
    """Return the panel of two counts over the same weeks."""
    rows = [
        row(f"W{place}", a=one, b=other) for place, (one, other) in enumerate(zip(ones, others, strict=True))
    ]
    [panel] = trend(BOTH, rows, ["a", "b"], of="", writing=WRITING)["panels"]
    return panel


def numbers(panel: Panel, width: str) -> Iterator[tuple[Point, PointNumber]]:
    """Yield the points whose figures are written on charts of a width, and where."""
    for line in panel["lines"]:
        for point in line["points"]:
            yield from ((point, each) for each in point["numbers"] if width in each["shown"].split())


def letters(point: Point, number: PointNumber, size: Size) -> Rect:
    """Return what the letters of a figure cover: left, top, right, bottom."""
    x = point["x"] / 100 * size.width + number["shift"]
    y = (point["y"] or 0) / 100 * size.height + number["lift"]
    breadth = len(point["text"]) * 0.55 * size.font
    left = x - {"start": 0.0, "middle": breadth / 2, "end": breadth}[number["anchor"]]
    return left, y - 0.72 * size.font, left + breadth, y


def ink(line: Line, size: Size) -> Iterator[tuple[float, float]]:
    """Yield places on a line, a pixel apart at most."""
    for x1, y1, x2, y2 in line["segments"]:
        across, down = (x2 - x1) / 100 * size.width, (y2 - y1) / 100 * size.height
        steps = int(max(abs(across), abs(down))) + 1
        for step in range(steps + 1):
            part = step / steps
            yield x1 / 100 * size.width + across * part, y1 / 100 * size.height + down * part


def flaws(panel: Panel) -> Iterator[str]:
    for width, sizes in SIZES.items():
        for size in sizes:
            found = [(point, letters(point, each, size)) for point, each in numbers(panel, width)]
            for point, (left, top, right, bottom) in found:
                where = f"{point['text']} at {point['x']} {width} {size.width}"
                if left < -4 or right > size.width + 16 or top < -22 or bottom > size.height:
                    yield f"{where}: outside"
                if any(
                    left < x < right and top < y < bottom
                    for line in panel["lines"]
                    for x, y in ink(line, size)
                ):
                    yield f"{where}: upon a line"
            for (one, a), (other, b) in combinations(found, 2):
                if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                    yield f"{one['text']} meets {other['text']} {width}"


figure = st.one_of(st.none(), st.just(0), st.fractions(0, 1, max_denominator=1000))
count = st.one_of(st.none(), st.integers(0, 2000))


@settings(max_examples=60, deadline=None)
@given(st.lists(figure, min_size=1, max_size=60))
def test_a_number_never_lies_upon_its_line(values: list[Number | None]) -> None:
    assert list(flaws(shares(*values))) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(count, count), min_size=1, max_size=40))
def test_numbers_of_two_lines_lie_upon_neither(values: list[tuple[int | None, int | None]]) -> None:
    panel = two([one for one, _ in values], [other for _, other in values])
    assert list(flaws(panel)) == []


def test_numbers_keep_clear_of_the_line_that_is_compared_with() -> None:
    values = [0.5, 0.2, 0.6, 0.0, 0.9, 0.3]
    rows = [row(f"W{place}", rate=value) for place, value in enumerate(values)]
    before = {each.key: row("", rate=1 - value) for each, value in zip(rows, values, strict=True)}
    [panel] = trend(OUTCOME, rows, ["rate"], of="", writing=WRITING, compared=before)["panels"]
    assert list(flaws(panel)) == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((0.5, 0.5, 0.5), (0, ABOVE, "middle")),
        ((0.2, 0.5, 0.8), (0, ABOVE, "end")),  # going up: before its point
        ((0.8, 0.5, 0.2), (0, ABOVE, "start")),
        ((0.8, 0.5, 0.9), (0, BELOW, "middle")),
        ((None, 0.5, None), (0, ABOVE, "middle")),
    ],
    ids=["level", "up", "down", "valley", "by itself"],
)
def test_a_number_stands_where_the_line_does_not_go(
    values: tuple[Number | None, ...], told: tuple[int, int, str]
) -> None:
    number = shares(*values)["lines"][0]["points"][1]["numbers"][0]
    assert (number["shift"], number["lift"], number["anchor"]) == told
    assert "narrow" in number["shown"], "where it is steepest"


@pytest.mark.parametrize("around", [0.9, 0.5, 0.3])
def test_nought_between_more_is_told_beside_the_line(around: float) -> None:
    nought = shares(around, around, 0, around, around)["lines"][0]["points"][2]
    assert {width for each in nought["numbers"] for width in each["shown"].split()} == set(SIZES)


def test_of_two_lines_the_lower_has_its_numbers_below() -> None:
    panel = two([5, 5, 5], [2, 2, 2])
    lifts = [
        {each["lift"] for point in line["points"] for each in point["numbers"]} for line in panel["lines"]
    ]
    assert lifts == [{ABOVE}, {BELOW}]


def test_a_number_that_has_no_room_is_left_to_the_table() -> None:
    rows = [row(f"2026-{place:02}", rate=place % 2) for place in range(60)]
    made = trend(OUTCOME, rows, ["rate"], of="", writing=WRITING)
    shown = [point for width in SIZES for point in numbers(made["panels"][0], width)]
    assert len(shown) < 21
    assert [each["texts"] for each in made["table"]["rows"]] == [["0.0 %"], ["100.0 %"]] * 30
