"""Reports for people: the form, the figures, and the tickets behind each of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs.errors import InvalidInput
from kcs.i18n import percent
from kcs.metrics import asking, export
from kcs.metrics.definitions import LINK_RATE, NO_RATIO, Cell
from kcs.metrics.periods import GRAINS, By
from kcs.metrics.reach import reach_of
from kcs.metrics.schemas import ReportQuery, TicketsQuery
from kcs.metrics.services import Report, Row, TicketPage
from kcs.people.access import Permission, current_agent, requires
from kcs.sentences import Sentence

bp = Blueprint("reports", __name__, template_folder="templates")

BY_WORDS = {
    By.AGENT: Sentence("Agent"),
    By.TEAM: Sentence("Team"),
    By.DESK: Sentence("Desk"),
    By.DAY: Sentence("Day"),
    By.WEEK: Sentence("Week"),
    By.MONTH: Sentence("Month"),
}
CELL_WORDS = {
    Cell.SOLVED: {"name": Sentence("Solved"), "tickets": Sentence("Solved tickets")},
    Cell.LINKED: {"name": Sentence("Linked"), "tickets": Sentence("Linked tickets")},
    Cell.EXEMPT: {"name": Sentence("Exempt"), "tickets": Sentence("Exempt tickets")},
    Cell.UNANSWERED: {"name": Sentence("Unanswered"), "tickets": Sentence("Unanswered tickets")},
    Cell.INFERRED: {"name": Sentence("Inferred"), "tickets": Sentence("Tickets with an inferred solver")},
}


@bp.get("/reports")
@requires(Permission.REPORTS)
def index() -> ResponseReturnValue:
    """Go to the report there is."""
    return redirect(url_for(".link_rate"))


@bp.get("/reports/link-rate")
@requires(Permission.REPORTS)
def link_rate() -> ResponseReturnValue:
    """Show the link rate; wrong values stay in the form beside what is wrong with them."""
    reach = reach_of(current_agent())
    form = request.args.to_dict()
    try:
        report = asking.report(ReportQuery().load(form), reach)
    except InvalidInput as error:
        return _page(form, reach.everybody, errors=error.errors), 422
    shown = {**form, **_form_of(report)}
    return _page(shown, reach.everybody, **_shown(report))


@bp.get("/reports/link-rate.csv")
@requires(Permission.REPORTS)
def link_rate_csv() -> ResponseReturnValue:
    """Hand the report of the page over as a file."""
    report = asking.report(ReportQuery().load(request.args.to_dict()), reach_of(current_agent()))
    return export.csv_response(report)


@bp.get("/reports/link-rate/tickets")
@requires(Permission.REPORTS)
def link_rate_tickets() -> ResponseReturnValue:
    """List the tickets behind a figure."""
    query, reach = TicketsQuery().load(request.args.to_dict()), reach_of(current_agent())
    page = asking.tickets(query, reach)
    if page.number > page.pages:
        page = asking.tickets({**query, "page": page.pages}, reach)
    return render_template(
        "metrics/tickets.html",
        page=page,
        cells=CELL_WORDS,
        definition=LINK_RATE,
        report_url=url_for(".link_rate", **_report_of(page)),
        url_for_page=lambda number: url_for(".link_rate_tickets", **{**request.args, "page": number}),
    )


def _page(form: dict[str, str], everybody: bool, **found: Any) -> str:
    return render_template(
        "metrics/link_rate.html",
        definition=LINK_RATE,
        form=form,
        everybody=everybody,
        by_words=BY_WORDS,
        words=CELL_WORDS,
        **{"errors": {}, **found},
    )


def _shown(report: Report) -> dict[str, Any]:
    end = report.window.end
    longer = {"by": report.by.value, "from": export.utc(end - timedelta(365)), "to": export.utc(end)}
    return {
        "report": report,
        "chart": _chart(report),
        "cells": [cell for cell in Cell if cell is not Cell.INFERRED or report.total.figures.inferred],
        "percent": _percent,
        "span": export.span(report.window, report.as_of),
        "tickets_url": _tickets_url,
        "longer_url": f"{url_for('.link_rate')}?{urlencode(longer)}",
    }


def _tickets_url(row: Row, cell: Cell, as_of: datetime) -> str:
    return url_for(".link_rate_tickets", **export.drill_down(row, cell, as_of))


def _form_of(report: Report) -> dict[str, str]:
    ends = {"from": report.window.start, "to": report.window.end}
    days = {name: f"{moment.astimezone(report.window.zone):%Y-%m-%d}" for name, moment in ends.items()}
    return {"by": report.by.value, **days}


def _chart(report: Report) -> dict[str, Any]:
    """Return what the chart macros of _charts.html take: a trend over time, bars for people and teams."""
    points = [
        {"label": row.label, "value": row.figures.link_rate, "text": _percent(row.figures.link_rate)}
        for row in report.rows
    ]
    return {"points": points, "over_time": report.by in GRAINS}


def _percent(ratio: float | None) -> str:
    return NO_RATIO if ratio is None else percent(ratio, decimals=1)


def _report_of(page: TicketPage) -> dict[str, Any]:
    by = next((by for by in (By.TEAM, By.DESK) if getattr(page.only, by) is not None), By.AGENT)
    return {"by": by.value, **export.span(page.window, page.as_of)}
