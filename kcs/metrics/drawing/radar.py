"""Somebody's figures against another's, from several sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from kcs.metrics.axes import Writing
from kcs.metrics.charts import Radar, Spoke, Table, TableRow
from kcs.metrics.model import Number, Unit
from kcs.sentences import Sentence, listed

LEAST_AXES, MOST_AXES = 3, 8
# The radar is drawn in a field of its own units, the middle at nought; its names stand around the rim.
RADIUS, NAMES_AT, RINGS = 100, 114, 4

Places = tuple[float, float]
Segments = list[tuple[float, float, float, float]]


@dataclass(frozen=True)
class Skill:
    """What a radar compares: somebody's figure and the other's (None: no figure); `full` lies on the rim."""

    name: str
    unit: Unit
    value: Number | None
    other: Number | None
    full: Number = 1


def radar(skills: Sequence[Skill], *, of: str, who: str, other: str, writing: Writing) -> Radar:
    """Return somebody's figures against another's, where the other has any, else alone.

    Raises ValueError for fewer than 3 or more than 8 axes.
    """
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
    told = any(skill.other is not None for skill in skills)
    return Radar(
        shape="radar",
        said=listed(
            " ",
            [
                _said(skill.name, own, other, theirs) if told else _said_alone(skill.name, own)
                for skill, (own, theirs) in zip(skills, texts, strict=True)
            ],
        ),
        who=who,
        other=other if told else "",
        rings=[_outline([_at(way, RADIUS * ring / RINGS) for way in ways]) for ring in range(1, RINGS + 1)],
        spokes=spokes,
        outline=_outline(points),
        segments=_joined(points),
        other_segments=_joined([spoke["other"] for spoke in spokes]),
        table=Table(
            of=of,
            heads=[who, other] if told else [who],
            rows=[
                TableRow(label=skill.name, url=None, texts=pair if told else pair[:1])
                for skill, pair in zip(skills, texts, strict=True)
            ],
        ),
    )


def _said(name: str, own: str, other: str, theirs: str) -> Sentence:
    return Sentence(
        "%(name)s: %(own)s, %(other)s %(theirs)s.", name=name, own=own, other=other, theirs=theirs
    )


def _said_alone(name: str, own: str) -> Sentence:
    return Sentence("%(name)s: %(own)s.", name=name, own=own)


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
