"""Reports over the API: JSON, or a file, every row with the addresses of what its counts count."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request
from flask_smorest import Blueprint
from marshmallow import RAISE

from kcs.errors import NotFound
from kcs.metrics import as_json, asking
from kcs.metrics.files.responses import download
from kcs.metrics.files.sheets import CONTENT_TYPES, FileKind
from kcs.metrics.files.tables import items_file, report_file
from kcs.metrics.reach import reach_of
from kcs.metrics.reports import REPORTS
from kcs.metrics.schemas import DefinitionOut, ItemsOut, ItemsQuery, ReportOut, ReportQuery
from kcs.people.access import Permission, current_agent, requires

bp = Blueprint("reports_api", __name__, url_prefix="/api/v1", description="Reports and what they count")


@bp.get("/reports")
@requires(Permission.REPORTS)
@bp.response(200, DefinitionOut(many=True))
def reports() -> list[dict[str, Any]]:
    """Every report there is, with its definition."""
    return [as_json.definition(report) for report in REPORTS.values()]


@bp.get("/reports/<name>")
@requires(Permission.REPORTS)
@bp.arguments(ReportQuery, location="query", unknown=RAISE)
@bp.response(200, ReportOut)
def report(query: dict[str, Any], name: str) -> dict[str, Any] | Response:
    """A report by one of its segments, as of a moment.

    `from` is included, `to` is not; a date begins at midnight in the organisation's time zone.
    """
    found = asking.table(asking.report_named(name), query, reach_of(current_agent()))
    kind = _wanted(query, (None, FileKind.CSV, FileKind.XLSX))
    return as_json.table(found) if kind is None else download(report_file(found, kind))


@bp.get("/reports/<name>/<items>")
@requires(Permission.REPORTS)
@bp.arguments(ItemsQuery, location="query", unknown=RAISE)
@bp.response(200, ItemsOut)
def items(query: dict[str, Any], name: str, items: str) -> dict[str, Any] | Response:
    """What a count of a report counts, latest first: tickets, articles, people, …"""
    report, reach = asking.report_named(name), reach_of(current_agent())
    cell = asking.cell_of(report, query)
    if all(count.name != cell or count.items != items for count in report.counts):
        raise NotFound("This report has no such count of %(items)s.", items=items)
    kind = _wanted(query, (None, FileKind.CSV, FileKind.XLSX))
    if kind is None:
        return as_json.items(asking.items(report, query, reach))
    base_url = current_app.config["KCS"].base_url
    return download(items_file(report, asking.asked(report, query, reach), cell, kind, base_url=base_url))


def _wanted(query: dict[str, Any], choice: tuple[FileKind | None, ...]) -> FileKind | None:
    """The parameter decides, without it the Accept header; None is the JSON of this API."""
    if "format" in query:
        asked = FileKind(query["format"])
    else:
        types = {CONTENT_TYPES[kind or FileKind.JSON].split(";")[0]: kind for kind in choice}
        best = request.accept_mimetypes.best_match(["application/json", *types])
        asked = types.get(best or "") or FileKind.JSON
    return None if asked is FileKind.JSON else asked
