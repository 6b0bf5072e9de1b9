"""A report as data: JSON, CSV, and the parameters that lead from a figure back to its tickets."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response

from kcs.metrics.definitions import Cell
from kcs.metrics.periods import Window
from kcs.metrics.services import Report, Row

TICKETS_PATH = "/api/v1/reports/link-rate/tickets"

_FIGURES = ("solved", "linked", "exempt", "unanswered", "inferred", "link_rate", "link_rate_without_exempt")
_COLUMNS = ("by", "key", "label", "from", "to", "as_of", *_FIGURES, *(f"{cell}_tickets" for cell in Cell))
_FORMULA_STARTS = ("=", "+", "-", "@")
_CONTROLS = ("\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def utc(moment: datetime) -> str:
    """Write a moment so that nothing of it is lost."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def span(window: Window, as_of: datetime) -> dict[str, Any]:
    """Return the parameters that ask for the same window as of the same moment."""
    return {"from": utc(window.start), "to": utc(window.end), "as_of": utc(as_of)}


def drill_down(row: Row, cell: Cell, as_of: datetime) -> dict[str, Any]:
    """Return the parameters that list exactly the tickets a cell counts, now and later."""
    chosen = {name: str(key) for name, key in asdict(row.only).items() if key is not None}
    return {"cell": cell.value, **chosen, **span(row.window, as_of)}


def as_data(report: Report) -> dict[str, Any]:
    """Return a report as ReportOut dumps it. Ratios are 0 to 1, None where there is nothing to divide by."""
    return {
        "name": report.definition.name,
        "definition": asdict(report.definition),
        "by": report.by.value,
        "start": _local(report.window.start, report.window),
        "end": _local(report.window.end, report.window),
        "timezone": report.window.zone.key,
        "as_of": utc(report.as_of),
        "rows": [_row(row, report) for row in report.rows],
        "total": _row(report.total, report),
    }


def as_csv(report: Report) -> str:
    """Return a report as CSV with a header, the total in the last line ("total" in its first cell)."""
    lines = [_line(report.by.value, row, report) for row in report.rows]
    return csv_text([_COLUMNS, *lines, _line("total", report.total, report)])


def csv_name(report: Report) -> str:
    """Return the file's name, made of dates alone."""
    first, end = (_local(moment, report.window)[:10] for moment in (report.window.start, report.window.end))
    return f"{report.definition.name}-by-{report.by}-{first}-{end}.csv"


def csv_response(report: Report) -> Response:
    """Answer with a report as a CSV file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{csv_name(report)}"'}
    return Response(as_csv(report), content_type="text/csv; charset=utf-8", headers=headers)


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Write rows as CSV in which no text can be taken for a formula."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([neutral(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def neutral(cell: object) -> object:
    """Return a cell that a spreadsheet shows and never computes; numbers stay as they are."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    # Spaces and invisible characters hide what follows; full-width and small forms become their plain sign.
    first = next((char for char in cell if unicodedata.category(char)[0] not in "ZC"), "")
    dangerous = cell[:1] in _CONTROLS or unicodedata.normalize("NFKC", first)[:1] in _FORMULA_STARTS
    return f"'{cell}" if cell and dangerous else cell


def _local(moment: datetime, window: Window) -> str:
    return moment.astimezone(window.zone).isoformat()


def _row(row: Row, report: Report) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        "start": _local(row.window.start, row.window),
        "end": _local(row.window.end, row.window),
        "partial": row.partial,
        **{name: getattr(row.figures, name) for name in _FIGURES},
        "tickets": {
            cell.value: f"{TICKETS_PATH}?{urlencode(drill_down(row, cell, report.as_of))}" for cell in Cell
        },
    }


def _line(kind: str, row: Row, report: Report) -> list[object]:
    data = _row(row, report)
    return [
        kind,
        row.key,
        row.label,
        data["start"],
        data["end"],
        utc(report.as_of),
        *(data[name] for name in _FIGURES),
        *data["tickets"].values(),
    ]
