"""From checked parameters to a report: what the API, the pages and the command share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app

from kcs.config import Settings
from kcs.metrics import periods, question_report, services
from kcs.metrics.periods import Window
from kcs.metrics.queries import Filter
from kcs.metrics.question_report import ExpertReport, QuestionPage
from kcs.metrics.reach import Reach
from kcs.metrics.services import Report, TicketPage


def report(query: Mapping[str, Any], reach: Reach) -> Report:
    """Answer a loaded ReportQuery. Raises InvalidInput."""
    return services.link_rate(by=query["by"], window=_window(query), as_of=_as_of(query), reach=reach)


def tickets(query: Mapping[str, Any], reach: Reach) -> TicketPage:
    """Answer a loaded TicketsQuery. Raises InvalidInput, NotFound."""
    return services.tickets(
        cell=query["cell"],
        only=Filter(agent=query.get("agent"), team=query.get("team"), desk=query.get("desk")),
        window=_window(query),
        as_of=_as_of(query),
        reach=reach,
        page=query["page"],
        per_page=query["per_page"],
    )


def experts(query: Mapping[str, Any], reach: Reach) -> ExpertReport:
    """Answer a loaded ExpertsQuery. Raises InvalidInput."""
    return question_report.experts(window=_window(query), as_of=_as_of(query), reach=reach)


def questions(query: Mapping[str, Any], reach: Reach) -> QuestionPage:
    """Answer a loaded QuestionsQuery. Raises InvalidInput, NotFound."""
    return question_report.questions(
        cell=query["cell"],
        expert=query.get("expert"),
        window=_window(query),
        as_of=_as_of(query),
        reach=reach,
        page=query["page"],
        per_page=query["per_page"],
    )


def organisation_zone() -> ZoneInfo:
    """Return the time zone in whose calendar the organisation works."""
    settings: Settings = current_app.config["KCS"]
    return ZoneInfo(settings.timezone)


def _window(query: Mapping[str, Any]) -> Window:
    return periods.window(
        query.get("start"), query.get("end"), zone=organisation_zone(), now=datetime.now(UTC)
    )


def _as_of(query: Mapping[str, Any]) -> datetime | None:
    return periods.moment(query["as_of"], organisation_zone()) if "as_of" in query else None
