"""Reports for people: all of them, one of them, and what stands behind each of its figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from kcs.errors import InvalidInput, NotFound
from kcs.i18n import translated
from kcs.metrics import addresses, asking, showing
from kcs.metrics.choices import choices_of
from kcs.metrics.figures import written
from kcs.metrics.files.responses import download
from kcs.metrics.files.sheets import FileKind
from kcs.metrics.files.tables import items_file, report_file
from kcs.metrics.model import Report
from kcs.metrics.moments import moment_field
from kcs.metrics.naming import SEGMENT_WORDS
from kcs.metrics.narrowing import segments_for
from kcs.metrics.reach import Reach, reach_of
from kcs.metrics.reports import REPORTS, SHELVES
from kcs.metrics.schemas import ItemsQuery, ReportQuery
from kcs.metrics.services import ItemList, Table
from kcs.metrics.shortcuts import shortcuts_of
from kcs.people.access import Permission, current_agent, requires

# Which rows are shown, and whether charts are drawn: nothing the report itself is asked.
OF_THE_PAGE = ("page", "charts")

bp = Blueprint("reports", __name__, template_folder="templates")


@bp.get("/reports")
@requires(Permission.REPORTS)
def index() -> ResponseReturnValue:
    """List the reports this reader may open."""
    reach = reach_of(current_agent())
    shelves = [
        {"name": name, "title": title, "entries": [_entry(report) for report in some]}
        for name, title, reports in SHELVES
        if (some := [report for report in reports if reach.everybody or not report.everybody_only])
    ]
    return render_template("metrics/index.html", shelves=shelves)


def _entry(report: Report) -> dict[str, Any]:
    return {
        "title": report.title,
        "words": report.words,
        "url": url_for(".show", name=report.name),
        "kinds": sorted({metric.kind for metric in report.metrics}),
    }


@bp.get("/reports/<name>")
@requires(Permission.REPORTS)
def show(name: str) -> ResponseReturnValue:
    """Show a report; wrong values stay in the form beside what is wrong with them."""
    report, reach = asking.report_named(name), reach_of(current_agent())
    asked = MultiDict(each for each in request.args.items(multi=True) if each[0] not in OF_THE_PAGE)
    form = asked.to_dict()
    try:
        query = ReportQuery().load(asked)
        if "format" in query:
            return _to_file(".file", query["format"], name=name)
        table = asking.table(report, query, reach)
    except InvalidInput as error:
        return _page(report, reach, form, errors=error.errors), 422
    page = request.args.get("page", 1, type=int)
    shown = showing.of_table(table, max(1, page))
    return _page(report, reach, {**form, **_form_of(table)}, **shown)


@bp.get("/reports/<name>.<any(csv,xlsx,json):kind>")
@requires(Permission.REPORTS)
def file(name: str, kind: str) -> ResponseReturnValue:
    """Hand the report of the page over as a file."""
    report = asking.report_named(name)
    table = asking.table(report, ReportQuery().load(request.args), reach_of(current_agent()))
    return download(report_file(table, FileKind(kind), say=translated, right_to_left=_right_to_left()))


@bp.get("/reports/<name>/<items>")
@requires(Permission.REPORTS)
def items(name: str, items: str) -> ResponseReturnValue:
    """List what a count of a report counts."""
    report, query = _counting(name, items)
    if "format" in query:
        return _to_file(".items_file", query["format"], name=name, items=items)
    reach = reach_of(current_agent())
    found = asking.items(report, query, reach)
    if found.number > found.pages:
        found = asking.items(report, {**query, "page": found.pages}, reach)
    same = {**addresses.of_scope(found.scope), **_given()}
    return render_template(
        "metrics/items.html",
        report=report,
        found=found,
        figure=written,
        urls=[each.url or _item_url(each.cells) for each in found.page.items],
        words=_cell_words,
        back_url=url_for(".show", name=name, **_back(found)),
        download_url=lambda kind: url_for(".items_file", name=name, items=items, kind=kind, **same),
        url_for_page=lambda number: url_for(".items", name=name, items=items, **{**same, "page": number}),
    )


@bp.get("/reports/<name>/<items>.<any(csv,xlsx,json):kind>", endpoint="items_file")
@requires(Permission.REPORTS)
def items_as_file(name: str, items: str, kind: str) -> Response:
    """Hand everything that a count counts over as a file."""
    report, query = _counting(name, items)
    asked = asking.asked(report, query, reach_of(current_agent()))
    return download(
        items_file(
            report,
            asked,
            asking.cell_of(report, query),
            FileKind(kind),
            base_url=current_app.config["KCS"].base_url,
            say=translated,
            right_to_left=_right_to_left(),
        )
    )


def _counting(name: str, items: str) -> tuple[Report, Mapping[str, Any]]:
    if name not in REPORTS:
        raise NotFound("There is no page at this address.")
    report = asking.report_named(name)
    query: dict[str, Any] = ItemsQuery().load(request.args)
    cell = asking.cell_of(report, query)
    if all(count.name != cell or count.items != items for count in report.counts):
        raise NotFound("There is no such count in this report. Choose one of its columns.")
    return report, query


def _page(
    report: Report, reach: Reach, form: Mapping[str, str], table: Table | None = None, **found: Any
) -> str:
    zone = asking.organisation_zone()
    window = table.scope.window if table else None
    return render_template(
        "metrics/report.html",
        report=report,
        form=form,
        as_of=moment_field(form.get("as_of", ""), zone),
        zone=zone.key,
        shortcuts=shortcuts_of(report, form, window, datetime.now(UTC)),
        everybody=reach.everybody,
        choices=choices_of(report, reach, form),
        table=table,
        **showing.of_report(report),
        segment_words={
            segment: SEGMENT_WORDS[segment]
            for segment in report.segments
            if segment in segments_for(report, reach) or form.get(segment.value) or form.get("by") == segment
        },
        **{"errors": {}, **found},
    )


def _given() -> dict[str, str]:
    """Return the parameters of this address that say what is asked of the report."""
    others = (*OF_THE_PAGE, "format")
    return {name: value for name, value in request.args.items() if value.strip() and name not in others}


def _to_file(endpoint: str, kind: str, **where: str) -> BaseResponse:
    """Lead from a page to the same as a file."""
    values: dict[str, Any] = {**_given(), **where, "kind": kind}
    return redirect(url_for(endpoint, **values))


def _form_of(table: Table) -> dict[str, str]:
    narrowed = {segment.value: str(key) for segment, key in table.scope.only.keys.items()}
    return {"by": table.by.value, **narrowed, **showing.days_of(table.scope.window)}


def _back(found: ItemList) -> dict[str, Any]:
    """Return the parameters of the report that a drill-down belongs to."""
    by = next((segment.value for segment in found.scope.only.keys), None)
    return {**({"by": by} if by else {}), **addresses.of_scope(found.scope)}


def _item_url(cells: Mapping[str, object]) -> str | None:
    """Return where a thing is looked at: its ticket, else its article; None where it is no longer kept."""
    if cells.get("ticket") and cells.get("connection"):
        return url_for("tickets.show", connection=cells["connection"], ticket_id=cells["ticket"])
    if cells.get("article"):
        return url_for("articles.show", key=cells["article"])
    return None


def _cell_words(value: object) -> str | datetime:
    """Return a cell as the page shows it; moments are written by the template."""
    if isinstance(value, datetime):
        return value
    return "" if value is None else translated(str(value))


def _right_to_left() -> bool:
    locale = get_locale()
    return bool(locale and locale.character_order == "right-to-left")
