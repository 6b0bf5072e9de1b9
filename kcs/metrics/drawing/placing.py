"""Where the numbers of a line stand: beside their points, clear of lines, marks, one another and the frame.

A chart is as wide as its page has room, so every place is tried on the least and the greatest width at which
its number is shown. The sizes are those of static/charts.css, in pixels.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kcs.metrics.charts import Line, Point, PointNumber

Segment = tuple[float, float, float, float]


@dataclass(frozen=True)
class Size:
    """A plot and the letters in it."""

    width: float
    font: float
    height: float = 192


@dataclass(frozen=True)
class Spot:
    """Where a number stands: so far to the right of its point and below it, in pixels, and how it is held."""

    shift: int
    lift: int
    anchor: str


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels from the upper left corner of a plot."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Return whether two of them have something in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def crossed_by(self, x1: float, y1: float, x2: float, y2: float) -> bool:
        """Return whether a straight line, from left to right, has a point inside."""
        if x2 <= self.left or x1 >= self.right:
            return False
        rise = (y2 - y1) / (x2 - x1)
        one = y1 + rise * (max(x1, self.left) - x1)
        two = y1 + rise * (min(x2, self.right) - x1)
        return min(one, two) < self.bottom and max(one, two) > self.top


SIZES: Mapping[str, tuple[Size, Size]] = {
    "narrow": (Size(180, 10.4), Size(412, 10.4)),
    "medium": (Size(396, 12.8), Size(676, 12.8)),
    "wide": (Size(676, 12.8), Size(1160, 12.8)),
}
ABOVE, BELOW, BESIDE, LYING, HIGHER = -10, 20, 4, -4, -20
ASIDE = (9, 16, 24)
UPPER = tuple(Spot(0, ABOVE, anchor) for anchor in ("middle", "end", "start"))
LOWER = tuple(Spot(0, BELOW, anchor) for anchor in ("middle", "start", "end"))
# On the axis, under a line that comes down to it or leaves it; between two flat ones, higher.
LAST = (
    *(
        Spot(side * aside, lift, anchor)
        for aside in ASIDE
        for lift in (BESIDE, LYING)
        for side, anchor in ((1, "start"), (-1, "end"))
    ),
    Spot(0, HIGHER, "middle"),
)
# A letter as a part of the font: its breadth on the average, how far it stands above and hangs below.
BREADTH, HEAD, FOOT = 0.62, 0.75, 0.1
# Half a line and a little.
GAP = 2
MARK = 5
# How far a number may stick out of the plot: to the left are those of the axis, below are the names.
BEYOND = {"left": 2, "top": 21, "right": 14, "bottom": -1}


@dataclass
class _Drawing:
    """What already stands in a plot of one size."""

    size: Size
    lines: Sequence[_Drawn]
    boxes: list[Box] = field(default_factory=list)

    def has_room(self, box: Box) -> bool:
        """Return whether a number may stand there."""
        size = self.size
        inside = (
            box.left >= -BEYOND["left"]
            and box.top >= -BEYOND["top"]
            and box.right <= size.width + BEYOND["right"]
            and box.bottom <= size.height + BEYOND["bottom"]
        )
        return (
            inside and not any(map(box.meets, self.boxes)) and not any(line.meets(box) for line in self.lines)
        )


class _Drawn:
    """A line and its marks on a plot of one size; both are in the order of time."""

    def __init__(self, line: Line, size: Size) -> None:
        across, down = size.width / 100, size.height / 100
        self._segments = [
            (x1 * across, y1 * down, x2 * across, y2 * down) for x1, y1, x2, y2 in line["segments"]
        ]
        self._marks = [
            (point["x"] * across, point["y"] * down)
            for point in line["points"]
            if point["y"] is not None and point["marked"]
        ]

    def meets(self, box: Box) -> bool:
        """Return whether the line or one of its marks is in a box or touches it."""
        near = Box(box.left - GAP, box.top - GAP, box.right + GAP, box.bottom + GAP)
        return any(near.crossed_by(*each) for each in self._about(near)) or any(
            box.meets(Box(x - MARK, y - MARK, x + MARK, y + MARK)) for x, y in self._marks_about(box)
        )

    def _about(self, box: Box) -> Sequence[Segment]:
        first = bisect_right(self._segments, box.left, key=lambda each: each[2])
        return self._segments[first : bisect_left(self._segments, box.right, key=lambda each: each[0])]

    def _marks_about(self, box: Box) -> Sequence[tuple[float, float]]:
        first = bisect_left(self._marks, box.left - MARK, key=lambda each: each[0])
        return self._marks[first : bisect_right(self._marks, box.right + MARK, key=lambda each: each[0])]


def place(lines: Sequence[Line], numbered: Sequence[Line], shown: Sequence[str]) -> None:
    """Say where the figures of some lines of a panel are written, by the widths that show those of a place.

    One for which no place is clear is not written: the table has it.
    """
    for width, sizes in SIZES.items():
        drawings = [_Drawing(size, [_Drawn(line, size) for line in lines]) for size in sizes]
        for line in numbered:
            for number, point in enumerate(line["points"]):
                if point["y"] is not None and width in shown[number].split():
                    _settle(point, _spots(line, number, numbered), width, drawings)


def _settle(point: Point, spots: Sequence[Spot], width: str, drawings: Sequence[_Drawing]) -> None:
    """Take the first spot that is clear on the least and on the greatest width."""
    for spot in spots:
        boxes = [_box(point, spot, drawing.size) for drawing in drawings]
        if all(drawing.has_room(box) for drawing, box in zip(drawings, boxes, strict=True)):
            for drawing, box in zip(drawings, boxes, strict=True):
                drawing.boxes.append(box)
            _write(point, spot, width)
            return


def _write(point: Point, spot: Spot, width: str) -> None:
    for each in point["numbers"]:
        if (each["shift"], each["lift"], each["anchor"]) == (spot.shift, spot.lift, spot.anchor):
            each["shown"] += f" {width}"
            return
    point["numbers"].append(PointNumber(shift=spot.shift, lift=spot.lift, anchor=spot.anchor, shown=width))


def _spots(line: Line, place: int, numbered: Sequence[Line]) -> tuple[Spot, ...]:
    """Return where a number may stand, the best first: away from the other line, in a valley below."""
    own = line["points"][place]["y"] or 0
    others = [(other["points"][place]["y"], other["number"]) for other in numbered if other is not line]
    known = [(theirs, number) for theirs, number in others if theirs is not None]
    if known:
        below = any((own, line["number"]) > other for other in known)
    else:
        around = list(_around(line["points"], place))
        below = bool(around) and all(own > each for each in around)
    return (*LOWER, *UPPER, *LAST) if below else (*UPPER, *LOWER, *LAST)


def _around(points: Sequence[Point], place: int) -> Iterator[float]:
    for point in (*points[max(place - 1, 0) : place], *points[place + 1 : place + 2]):
        if point["y"] is not None:
            yield point["y"]


def _box(point: Point, spot: Spot, size: Size) -> Box:
    breadth = len(point["text"]) * BREADTH * size.font
    x = point["x"] / 100 * size.width + spot.shift
    left = x - {"start": 0, "middle": breadth / 2, "end": breadth}[spot.anchor]
    base = (point["y"] or 0) / 100 * size.height + spot.lift
    return Box(left, base - HEAD * size.font, left + breadth, base + FOOT * size.font)
