"""The report on experts as data: JSON, CSV, and the parameters that lead from a figure to its questions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response

from kcs.metrics.export import csv_text, span, utc
from kcs.metrics.periods import Window
from kcs.metrics.question_definition import QuestionCell
from kcs.metrics.question_report import ExpertReport, ExpertRow, QuestionPage

QUESTIONS_PATH = "/api/v1/reports/experts/questions"

FIGURES = (*(cell.value for cell in QuestionCell), "median_hours")
_COLUMNS = ("key", "label", "from", "to", "as_of", *FIGURES, *(f"{cell}_questions" for cell in QuestionCell))


def drill_down(row: ExpertRow, cell: QuestionCell, report: ExpertReport) -> dict[str, Any]:
    """Return the parameters that list exactly the questions a cell counts, now and later."""
    chosen = {"expert": row.key} if row.expert else {}
    return {"cell": cell.value, **chosen, **span(report.window, report.as_of)}


def as_data(report: ExpertReport) -> dict[str, Any]:
    """Return a report as ExpertReportOut dumps it."""
    return {
        "name": report.definition.name,
        "definition": asdict(report.definition),
        "start": _local(report.window.start, report.window),
        "end": _local(report.window.end, report.window),
        "timezone": report.window.zone.key,
        "as_of": utc(report.as_of),
        "rows": [_row(row, report) for row in report.rows],
        "total": _row(report.total, report),
    }


def page_as_data(page: QuestionPage) -> dict[str, Any]:
    """Return a drill-down as QuestionsOut dumps it."""
    return {
        "cell": page.cell.value,
        "as_of": utc(page.as_of),
        "total": page.total,
        "page": page.number,
        "per_page": page.per_page,
        "pages": page.pages,
        "questions": [
            {
                "id": each.turn.question_id,
                "expert": str(each.turn.expert),
                "name": each.expert,
                "connection": each.connection,
                "ticket": each.remote_id,
                "asked_at": each.turn.asked_at,
                "answered_at": each.turn.answered_at,
                "outcome": each.turn.outcome.value,
                "drafted": each.turn.drafted,
            }
            for each in page.items
        ],
    }


def as_csv(report: ExpertReport) -> str:
    """Return a report as CSV with a header, the total in the last line."""
    return csv_text([_COLUMNS, *(_line(row, report) for row in (*report.rows, report.total))])


def csv_response(report: ExpertReport) -> Response:
    """Answer with a report as a CSV file to keep."""
    first, end = (_local(moment, report.window)[:10] for moment in (report.window.start, report.window.end))
    headers = {"Content-Disposition": f'attachment; filename="experts-{first}-{end}.csv"'}
    return Response(as_csv(report), content_type="text/csv; charset=utf-8", headers=headers)


def _row(row: ExpertRow, report: ExpertReport) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        **{name: getattr(row.figures, name) for name in FIGURES},
        "questions": {
            cell.value: f"{QUESTIONS_PATH}?{urlencode(drill_down(row, cell, report))}"
            for cell in QuestionCell
        },
    }


def _line(row: ExpertRow, report: ExpertReport) -> list[object]:
    data = _row(row, report)
    ends = (_local(moment, report.window) for moment in (report.window.start, report.window.end))
    figures = (data[name] for name in FIGURES)
    return [row.key, row.label, *ends, utc(report.as_of), *figures, *data["questions"].values()]


def _local(moment: datetime, window: Window) -> str:
    return moment.astimezone(window.zone).isoformat()
