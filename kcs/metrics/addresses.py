"""The parameters that ask for a report, or for what a figure counts, exactly as somebody sees it."""

from __future__ import annotations

from typing import Any

from kcs.metrics.files.sheets import utc
from kcs.metrics.model import PERIODS, Count, Row, Scope, Segment
from kcs.metrics.services import Table


def of_scope(scope: Scope) -> dict[str, Any]:
    """Return the parameters of a window, its part and its moment."""
    window = scope.window
    narrowed = {segment.value: str(key) for segment, key in scope.only.keys.items()}
    return {**narrowed, "from": utc(window.start), "to": utc(window.end), "as_of": utc(scope.as_of)}


def of_table(table: Table) -> dict[str, Any]:
    """Return the parameters that show the same table, now and later."""
    beside = {"compare": table.asked.compare.value} if table.asked.compare else {}
    return {"by": table.by.value, **of_scope(table.scope), **beside}


def of_items(row: Row, count: Count, table: Table) -> dict[str, Any]:
    """Return the parameters that list exactly what a count of a row counts, now and later."""
    window = row.window
    narrowed = {segment.value: str(key) for segment, key in row.only.keys.items()}
    span = {"from": utc(window.start), "to": utc(window.end), "as_of": utc(table.as_of)}
    return {"cell": count.name, **narrowed, **span}


def of_person(table: Table, segment: Segment, key: object) -> dict[str, Any]:
    """Return the parameters of the same report over time, of one of its rows."""
    by = next((each for each in PERIODS if each in table.report.segments and each is not Segment.DAY), None)
    return {**of_table(table), "by": (by or table.by).value, segment.value: str(key)}
