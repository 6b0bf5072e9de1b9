"""Counting a source where some counts are of different things: a ticket with three links is one ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, select

from kcs.metrics import listing
from kcs.metrics.counting import Counted
from kcs.metrics.model import ItemPage, Scope


@dataclass(frozen=True)
class CountedOnce(Counted):
    """`once` are counts by the column whose different values they count, of rows that have the count."""

    once: Mapping[str, str] = field(default_factory=dict)

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of what a count counts, latest first; a thing that is counted once is shown once."""
        if count not in self.once:
            return super().items(scope, count, limit=limit, offset=offset)
        found = self._rows(scope, None)
        order = [
            found.c[name].desc() for name in ("happened_at", "ticket_id", "article_id") if name in found.c
        ]
        place = func.row_number().over(partition_by=found.c[self.once[count]], order_by=order)
        counted = select(found, place.label("place")).where(found.c[count] > 0).subquery("counted")
        first = select(counted).where(counted.c.place == 1).subquery("found")
        return listing.page(
            first, total=int(self.total(scope)[count] or 0), shown=self.shown, limit=limit, offset=offset
        )

    def _sums(self, found: Subquery) -> Sequence[ColumnElement[Any]]:
        return [
            each if each.name not in self.once else self._different(found, each.name)
            for each in super()._sums(found)
        ]

    def _different(self, found: Subquery, name: str) -> ColumnElement[Any]:
        key = case((found.c[name] > 0, found.c[self.once[name]]))
        return func.count(key.distinct()).label(name)
