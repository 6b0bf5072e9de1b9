"""From checked parameters to a report: what the API, the pages and the command share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app

from kcs.config import Settings
from kcs.errors import NotFound
from kcs.metrics import periods, services
from kcs.metrics.model import Report
from kcs.metrics.narrowing import opened_by
from kcs.metrics.periods import Window
from kcs.metrics.reach import Reach
from kcs.metrics.reports import REPORTS
from kcs.metrics.schemas import only_of, segment_of
from kcs.metrics.services import Asked, ItemList, Table


def report_named(name: str) -> Report:
    """Return a report by its name. Raises NotFound."""
    if name not in REPORTS:
        raise NotFound("There is no such report. Choose one of %(names)s.", names=", ".join(REPORTS))
    return REPORTS[name]


def asked(report: Report, query: Mapping[str, Any], reach: Reach) -> Asked:
    """Return what a loaded ReportQuery or ItemsQuery asks. Raises InvalidInput."""
    return Asked(
        window=window_of(query),
        by=segment_of(report, query),
        reach=reach,
        as_of=as_of(query),
        only=only_of(query),
        compare=query.get("compare"),
    )


def table(report: Report, query: Mapping[str, Any], reach: Reach) -> Table:
    """Answer a loaded ReportQuery. Raises as `services.compute`."""
    return services.compute(opened_by(report, reach, only_of(query)), asked(report, query, reach))


def items(report: Report, query: Mapping[str, Any], reach: Reach) -> ItemList:
    """Answer a loaded ItemsQuery. Raises as `services.items`."""
    return services.items(
        report,
        asked(report, query, reach),
        cell_of(report, query),
        page=query["page"],
        per_page=query["per_page"],
    )


def cell_of(report: Report, query: Mapping[str, Any]) -> str:
    """Return the name of the count that a loaded ItemsQuery opens: the report's first without one."""
    return str(query.get("cell") or next(count.name for count in report.counts if count.items))


def organisation_zone() -> ZoneInfo:
    """Return the time zone in whose calendar the organisation works."""
    settings: Settings = current_app.config["KCS"]
    return ZoneInfo(settings.timezone)


def window_of(query: Mapping[str, Any]) -> Window:
    """Return the window a loaded query asks for. Raises InvalidInput."""
    return periods.window(
        query.get("start"), query.get("end"), zone=organisation_zone(), now=datetime.now(UTC)
    )


def as_of(query: Mapping[str, Any]) -> datetime | None:
    """Return the moment a loaded query asks for, None for now."""
    return periods.moment(query["as_of"], organisation_zone()) if "as_of" in query else None
