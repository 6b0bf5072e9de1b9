"""Reports over the API: JSON or CSV, every row with the addresses of its tickets."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import RAISE

from kcs.metrics import asking, export
from kcs.metrics.reach import reach_of
from kcs.metrics.schemas import ReportOut, ReportQuery, TicketsOut, TicketsQuery
from kcs.metrics.services import TicketPage
from kcs.people.access import Permission, current_agent, requires

bp = Blueprint("reports_api", __name__, url_prefix="/api/v1", description="Reports and their tickets")


@bp.get("/reports/link-rate")
@requires(Permission.REPORTS)
@bp.arguments(ReportQuery, location="query", unknown=RAISE)
@bp.response(200, ReportOut)
def link_rate(query: dict[str, Any]) -> dict[str, Any] | Response:
    """Link rate by agent, team, day, week or month, as of a moment.

    `from` is included, `to` is not; a date begins at midnight in the organisation's time zone.
    """
    report = asking.report(query, reach_of(current_agent()))
    if query.get("format") == "csv" or ("format" not in query and _prefers_csv()):
        return export.csv_response(report)
    return export.as_data(report)


@bp.get("/reports/link-rate/tickets")
@requires(Permission.REPORTS)
@bp.arguments(TicketsQuery, location="query", unknown=RAISE)
@bp.response(200, TicketsOut)
def link_rate_tickets(query: dict[str, Any]) -> TicketPage:
    """The tickets behind a figure of the link rate, last solved first."""
    return asking.tickets(query, reach_of(current_agent()))


def _prefers_csv() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/csv"]) == "text/csv"
