"""`kcs report`: reports at the command line, by whoever runs the server: they reach everybody."""

from __future__ import annotations

import json

import click

from kcs.errors import InvalidInput
from kcs.metrics import asking, export, question_export
from kcs.metrics.definitions import NO_RATIO, percent
from kcs.metrics.periods import By
from kcs.metrics.question_report import ExpertReport, ExpertRow
from kcs.metrics.question_schemas import ExpertReportOut, ExpertsQuery
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.schemas import ReportOut, ReportQuery
from kcs.metrics.services import Report, Row
from kcs.text import clean_line

_EXPERT_HEADINGS = ("Asked", "Answered", "Passed on", "Waiting", "Ended", "Drafted", "Time to answer")
_HEADINGS = ("Solved", "Linked", "Exempt", "Unanswered", "Link rate", "Without exempt")


@click.group("report")
def report() -> None:
    """Show a report."""


@report.command("link-rate")
@click.option("--by", type=click.Choice([by.value for by in By]), default=By.AGENT.value, show_default=True)
@click.option("--from", "start", help="First day of the period.  [default: 30 days before --to]")
@click.option("--to", "end", help="The day after the last.  [default: tomorrow]")
@click.option("--as-of", help="Read the log as it stood then.  [default: now]")
@click.option("--json", "form", flag_value="json", help="Print JSON, as the API answers.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
def link_rate(by: str, start: str | None, end: str | None, as_of: str | None, form: str | None) -> None:
    """Link rate: which share of solved tickets is linked to the article that answered them."""
    given = {"by": by, "from": start or "", "to": end or "", "as_of": as_of or ""}
    try:
        found = asking.report(ReportQuery().load(given), EVERYBODY)
    except InvalidInput as error:
        raise click.UsageError(error.message) from error
    if form == "json":
        click.echo(json.dumps(ReportOut().dump(export.as_data(found)), ensure_ascii=False))
    elif form == "csv":
        click.echo(export.as_csv(found), nl=False)
    else:
        click.echo(as_text(found))


@report.command("experts")
@click.option("--from", "start", help="First day of the period.  [default: 30 days before --to]")
@click.option("--to", "end", help="The day after the last.  [default: tomorrow]")
@click.option("--as-of", help="Read the log as it stood then.  [default: now]")
@click.option("--json", "form", flag_value="json", help="Print JSON, as the API answers.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
def experts(start: str | None, end: str | None, as_of: str | None, form: str | None) -> None:
    """Questions to experts: how many each was asked, what became of them, and how soon they answer."""
    given = {"from": start or "", "to": end or "", "as_of": as_of or ""}
    try:
        found = asking.experts(ExpertsQuery().load(given), EVERYBODY)
    except InvalidInput as error:
        raise click.UsageError(error.message) from error
    if form == "json":
        data = ExpertReportOut().dump(question_export.as_data(found))
        click.echo(json.dumps(data, ensure_ascii=False))
    elif form == "csv":
        click.echo(question_export.as_csv(found), nl=False)
    else:
        lines = [["Expert", *_EXPERT_HEADINGS], *map(_expert_cells, [*found.rows, found.total])]
        click.echo(_as_table(found, lines))


def as_text(found: Report) -> str:
    """Return a report as an aligned table; what is inferred is a column where there is any."""
    inferred = ("Inferred",) if found.total.figures.inferred else ()
    lines = [
        [found.by.value.capitalize(), *_HEADINGS, *inferred],
        *(_cells(row)[: 1 + len(_HEADINGS) + len(inferred)] for row in [*found.rows, found.total]),
    ]
    return _as_table(found, lines)


def _as_table(found: Report | ExpertReport, lines: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [_aligned(line, widths) for line in lines]
    return "\n".join([_heading(found), "", *table, "", found.definition.formula])


def _expert_cells(row: ExpertRow) -> list[str]:
    figures = row.figures
    counts = (
        figures.asked,
        figures.answered,
        figures.passed_on,
        figures.waiting,
        figures.ended,
        figures.drafted,
    )
    hours = NO_RATIO if figures.median_hours is None else f"{figures.median_hours:.2f} h"
    return [clean_line(row.label), *map(str, counts), hours]


def _heading(found: Report | ExpertReport) -> str:
    zone = found.window.zone
    first, end = (
        f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (found.window.start, found.window.end)
    )
    # Whole, so that --as-of with it gives the same digits again.
    as_of = found.as_of.astimezone(zone).isoformat()
    return f"{found.definition.title} from {first} to {end} ({zone.key}), as of {as_of}"


def _cells(row: Row) -> list[str]:
    figures = row.figures
    counts = (figures.solved, figures.linked, figures.exempt, figures.unanswered)
    ratios = (figures.link_rate, figures.link_rate_without_exempt)
    return [clean_line(row.label), *map(str, counts), *map(percent, ratios), str(figures.inferred)]


def _aligned(cells: list[str], widths: list[int]) -> str:
    name, *numbers = cells
    return "  ".join([name.ljust(widths[0]), *map(str.rjust, numbers, widths[1:])])
