"""A report as the API answers with it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from kcs.metrics import addresses
from kcs.metrics.files.sheets import utc
from kcs.metrics.missing import Missing, Why, missing_of
from kcs.metrics.model import Count, Item, Number, Report, Row
from kcs.metrics.periods import Window
from kcs.metrics.services import ItemList, Table
from kcs.metrics.stated import stated_of

API = "/api/v1/reports"


def definition(report: Report) -> dict[str, Any]:
    """Return a report's definition as DefinitionOut dumps it."""
    return {
        "name": report.name,
        "title": report.title,
        "words": report.words,
        "counts": [asdict(count) for count in report.counts],
        "metrics": [asdict(metric) for metric in report.metrics],
        "segments": [segment.value for segment in report.segments],
        "left_out": report.left_out,
        "notes": report.notes,
    }


def table(found: Table) -> dict[str, Any]:
    """Return a report as ReportOut dumps it. Shares are 0 to 1, durations seconds; None is no figure.

    Reads why figures are missing, and what they were worked out with.
    """
    window, missing = found.scope.window, missing_of(found)
    return {
        "name": found.report.name,
        "definition": definition(found.report),
        "by": found.by.value,
        "start": _local(window.start, window),
        "end": _local(window.end, window),
        "timezone": window.zone.key,
        "as_of": utc(found.as_of),
        "narrowed": {segment.value: key for segment, key in found.scope.only.keys.items()},
        "rows": [_row(row, found, missing) for row in found.rows],
        "total": _row(found.total, found, missing),
        "compared": _compared(found, missing),
        "stated": [{**asdict(each), "since": utc(each.since)} for each in stated_of(found)],
        "reasons": {hint.code: {"words": hint.words, "url": hint.url or None} for hint in missing.reasons},
    }


def items(found: ItemList) -> dict[str, Any]:
    """Return a page of a drill-down as ItemsOut dumps it."""
    return {
        "cell": found.count.name,
        "as_of": utc(found.scope.as_of),
        "total": found.total,
        "page": found.number,
        "per_page": found.per_page,
        "pages": found.pages,
        "items": [_item(each) for each in found.page.items],
    }


def items_url(row: Row, count: Count, found: Table) -> str:
    """Return the address that lists exactly what a count of a row counts."""
    return f"{API}/{found.report.name}/{count.items}?{urlencode(addresses.of_items(row, count, found))}"


def plain(figure: Number | None) -> int | float | None:
    """Return a figure as JSON can hold it."""
    return float(figure) if isinstance(figure, Fraction) else figure


def _row(row: Row, found: Table, missing: Missing) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        "from": _local(row.window.start, row.window),
        "to": _local(row.window.end, row.window),
        "partial": row.partial,
        **_figures(found.report, row),
        "opens": {count.name: items_url(row, count, found) for count in found.report.counts if count.items},
        "missing": _codes(missing.of(row)),
    }


def _compared(found: Table, missing: Missing) -> dict[str, Any] | None:
    if found.compared is None:
        return None
    return {
        str(key): {
            "from": _local(row.window.start, row.window),
            "to": _local(row.window.end, row.window),
            **_figures(found.report, row),
            "missing": _codes(missing.beside(key)),
        }
        for key, row in found.compared.items()
    }


def _codes(why: Why) -> dict[str, list[str]]:
    return {name: [hint.code for hint in hints] for name, hints in why.items()}


def _figures(report: Report, row: Row) -> dict[str, int | float | None]:
    names = [count.name for count in report.counts] + [metric.name for metric in report.metrics]
    return {name: plain(row.figures.get(name)) for name in names}


def _item(item: Item) -> dict[str, object]:
    cells = {name: utc(cell) if isinstance(cell, datetime) else cell for name, cell in item.cells.items()}
    return {**cells, "url": item.url}


def _local(moment: datetime, window: Window) -> str:
    return moment.astimezone(window.zone).isoformat()
