"""Counting a source where some counts are of different things: a ticket with three links is one ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, select

from kcs.metrics.counting import Counted
from kcs.metrics.model import Scope, Segment

_ORDER = ("happened_at", "ticket_id", "article_id", "agent_id")


@dataclass(frozen=True)
class CountedOnce(Counted):
    """`once` are counts by the column whose different values they count, of rows that have the count."""

    once: Mapping[str, str] = field(default_factory=dict)

    def adds_up(self, by: Segment) -> bool:
        """True when the rows of a segment add up to the total: what is counted once may be in several."""
        return not self.once and super().adds_up(by)

    def _behind(self, scope: Scope, count: str) -> tuple[Subquery, int]:
        """Select what a count counts, and how much; a thing that is counted once is there once."""
        found, total = super()._behind(scope, count)
        if count not in self.once:
            return found, total
        order = [found.c[name].desc().nulls_last() for name in _ORDER if name in found.c]
        place = func.row_number().over(partition_by=found.c[self.once[count]], order_by=order)
        counted = select(found, place.label("place")).subquery("counted")
        return select(counted).where(counted.c.place == 1).subquery("found"), total

    def _sums(self, found: Subquery) -> Sequence[ColumnElement[Any]]:
        return [
            each if each.name not in self.once else self._different(found, each.name)
            for each in super()._sums(found)
        ]

    def _different(self, found: Subquery, name: str) -> ColumnElement[Any]:
        key = case((found.c[name] > 0, found.c[self.once[name]]))
        return func.count(key.distinct()).label(name)
