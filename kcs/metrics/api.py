"""Reports over the API: JSON or CSV, every row with the addresses of its tickets."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import RAISE

from kcs.metrics import asking, export, question_export
from kcs.metrics.question_schemas import ExpertReportOut, ExpertsQuery, QuestionsOut, QuestionsQuery
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
    if _wants_csv(query):
        return export.csv_response(report)
    return export.as_data(report)


@bp.get("/reports/link-rate/tickets")
@requires(Permission.REPORTS)
@bp.arguments(TicketsQuery, location="query", unknown=RAISE)
@bp.response(200, TicketsOut)
def link_rate_tickets(query: dict[str, Any]) -> TicketPage:
    """The tickets behind a figure of the link rate, last solved first."""
    return asking.tickets(query, reach_of(current_agent()))


@bp.get("/reports/experts")
@requires(Permission.REPORTS)
@bp.arguments(ExpertsQuery, location="query", unknown=RAISE)
@bp.response(200, ExpertReportOut)
def experts(query: dict[str, Any]) -> dict[str, Any] | Response:
    """Questions to experts: how many each was asked, what became of them, and how soon they answer."""
    report = asking.experts(query, reach_of(current_agent()))
    return question_export.csv_response(report) if _wants_csv(query) else question_export.as_data(report)


@bp.get("/reports/experts/questions")
@requires(Permission.REPORTS)
@bp.arguments(QuestionsQuery, location="query", unknown=RAISE)
@bp.response(200, QuestionsOut)
def experts_questions(query: dict[str, Any]) -> dict[str, Any]:
    """The questions behind a figure of the report on experts, last asked first."""
    return question_export.page_as_data(asking.questions(query, reach_of(current_agent())))


def _wants_csv(query: dict[str, Any]) -> bool:
    """The parameter decides, without it the Accept header."""
    if "format" in query:
        return bool(query["format"] == "csv")
    return request.accept_mimetypes.best_match(["application/json", "text/csv"]) == "text/csv"
