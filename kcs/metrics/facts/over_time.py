"""What was said at each moment, turned into how long each thing was said."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from datetime import datetime
from typing import TypeVar

from kcs.metrics.facts.models import FOREVER

Thing = TypeVar("Thing", bound=Hashable)


def over_time(told: Iterable[tuple[datetime, Collection[Thing]]]) -> list[tuple[datetime, datetime, Thing]]:
    """Return each thing with the moments from and to which it was said, FOREVER if it still is.

    `told` is all that was said from each moment on, in the order of the moments, each of them once.
    """
    since: dict[Thing, datetime] = {}
    ended: list[tuple[datetime, datetime, Thing]] = []
    for moment, things in told:
        ended += [(since.pop(thing), moment, thing) for thing in set(since).difference(things)]
        for thing in things:
            since.setdefault(thing, moment)
    return [*ended, *((start, FOREVER, thing) for thing, start in since.items())]
