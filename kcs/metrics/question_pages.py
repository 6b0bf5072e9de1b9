"""The report on experts for people: the form, the figures, and the questions behind each of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from kcs.errors import InvalidInput
from kcs.metrics import asking, export, question_export
from kcs.metrics.question_definition import EXPERTS, QuestionCell
from kcs.metrics.question_report import ExpertReport, ExpertRow
from kcs.metrics.question_schemas import ExpertsQuery, QuestionsQuery
from kcs.metrics.reach import reach_of
from kcs.people.access import Permission, current_agent, may, requires

bp = Blueprint("expert_reports", __name__, template_folder="templates")

CELL_WORDS = {
    QuestionCell.ASKED: lazy_gettext("Asked"),
    QuestionCell.ANSWERED: lazy_gettext("Answered"),
    QuestionCell.PASSED_ON: lazy_gettext("Passed on"),
    QuestionCell.WAITING: lazy_gettext("Waiting"),
    QuestionCell.ENDED: lazy_gettext("Ended"),
    QuestionCell.DRAFTED: lazy_gettext("Became an article"),
}


@bp.get("/reports/experts")
@requires(Permission.REPORTS)
def show() -> ResponseReturnValue:
    """Show the report; wrong values stay in the form beside what is wrong with them."""
    reach = reach_of(current_agent())
    form = request.args.to_dict()
    try:
        report = asking.experts(ExpertsQuery().load(form), reach)
    except InvalidInput as error:
        return _page(form, reach.everybody, errors=error.errors), 422
    ends = {"from": report.window.start, "to": report.window.end}
    days = {name: f"{moment.astimezone(report.window.zone):%Y-%m-%d}" for name, moment in ends.items()}
    return _page({**form, **days}, reach.everybody, **_shown(report))


@bp.get("/reports/experts.csv")
@requires(Permission.REPORTS)
def as_csv() -> ResponseReturnValue:
    """Hand the report of the page over as a file."""
    report = asking.experts(ExpertsQuery().load(request.args.to_dict()), reach_of(current_agent()))
    return question_export.csv_response(report)


@bp.get("/reports/experts/questions")
@requires(Permission.REPORTS)
def questions() -> ResponseReturnValue:
    """List the questions behind a figure."""
    query, reach = QuestionsQuery().load(request.args.to_dict()), reach_of(current_agent())
    page = asking.questions(query, reach)
    if page.number > page.pages:
        page = asking.questions({**query, "page": page.pages}, reach)
    return render_template(
        "metrics/questions.html",
        page=page,
        definition=EXPERTS,
        cell_words=CELL_WORDS,
        works=may(current_agent(), Permission.WORK),
        report_url=url_for(".show", **export.span(page.window, page.as_of)),
        url_for_page=lambda number: url_for(".questions", **{**request.args, "page": number}),
    )


def _page(form: dict[str, str], everybody: bool, **found: Any) -> str:
    return render_template(
        "metrics/experts.html",
        definition=EXPERTS,
        form=form,
        everybody=everybody,
        cell_words=CELL_WORDS,
        **{"errors": {}, **found},
    )


def _shown(report: ExpertReport) -> dict[str, Any]:
    def questions_url(row: ExpertRow, cell: QuestionCell) -> str:
        return url_for(".questions", **question_export.drill_down(row, cell, report))

    end = report.window.end
    longer = {"from": export.utc(end - timedelta(365)), "to": export.utc(end)}
    return {
        "report": report,
        "span": export.span(report.window, report.as_of),
        "questions_url": questions_url,
        "longer_url": f"{url_for('.show')}?{urlencode(longer)}",
    }
