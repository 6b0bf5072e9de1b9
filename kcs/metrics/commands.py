"""`kcs report` and `kcs metrics`: by whoever runs the server, so they reach everybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import click

from kcs.activity import services as activity
from kcs.errors import InvalidInput
from kcs.metrics import as_json, as_text, asking
from kcs.metrics.comparing import Compare
from kcs.metrics.facts import keeping
from kcs.metrics.files.sheets import FileKind
from kcs.metrics.files.tables import report_file
from kcs.metrics.model import Report
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import REPORTS
from kcs.metrics.schemas import NARROWING, ReportOut, ReportQuery
from kcs.progress import progress

Options = Callable[[Any], Any]


@click.group("report")
def report() -> None:
    """Show a report."""


def _once(_context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> str | None:
    """Return the one value of an option; one given again is refused, as the API refuses it."""
    if len(given) > 1:
        said = "It is given more than once, and a report takes one value of it. Leave out the others."
        raise click.BadParameter(said, param=option)
    return given[0] if given else None


def _option(*names: str, default: str | None = None, **more: Any) -> Options:
    """Make an option that is given once at most."""
    told = (default,) if default else ()
    return click.option(*names, multiple=True, default=told, callback=_once, **more)


def _span(command: Any) -> Any:
    """Add what every report takes."""
    for option in reversed(
        (
            _option("--from", "start", help="First day of the period.  [default: 30 days before --to]"),
            _option("--to", "end", help="The day after the last.  [default: tomorrow]"),
            _option("--as-of", help="Read the log as it stood then.  [default: now]"),
            click.option("--json", "in_json", is_flag=True, help="Print JSON, as the API answers."),
            click.option("--csv", "in_csv", is_flag=True, help="Print CSV."),
        )
    ):
        command = option(command)
    return command


def _command_of(found: Report) -> click.Command:
    """Make the command of a report from its definition."""
    narrowing = [segment for segment in NARROWING if segment in found.segments]
    choice = click.Choice([segment.value for segment in found.segments])
    made = _span(partial(_show, found))
    for segment in reversed(narrowing):
        made = _option(f"--{segment}", segment.value, help=f"Only this {segment}: the key of its row.")(made)
    compare = click.Choice([each.value for each in Compare])
    made = _option("--compare", type=compare, help="Put figures beside: of before, or of now.")(made)
    made = _option("--by", type=choice, default=found.segments[0].value, show_default=True)(made)
    return click.command(found.name, help=f"{found.title}. {found.words}")(made)


def _show(
    found: Report, *, in_json: bool, in_csv: bool, start: str | None, end: str | None, **given: str | None
) -> None:
    if in_json and in_csv:
        raise click.UsageError("A report is printed in one form: leave out --json or --csv.")
    asked = {"from": start or "", "to": end or "", **{name: value or "" for name, value in given.items()}}
    try:
        table = asking.table(found, ReportQuery().load(asked), EVERYBODY)
    except InvalidInput as error:
        raise click.UsageError(error.message) from error
    if in_json:
        click.echo(json.dumps(ReportOut().dump(as_json.table(table)), ensure_ascii=False))
    elif in_csv:
        for piece in report_file(table, FileKind.CSV).pieces:
            click.echo(piece, nl=False)
    else:
        click.echo(as_text.table(table))


for _found in REPORTS.values():
    report.add_command(_command_of(_found))


@click.group("metrics")
def metrics() -> None:
    """Look after the facts that reports are made of."""


@metrics.command("rebuild")
def rebuild() -> None:
    """Drop the facts made of the activity log and make them anew; the digits stay the same.

    Reports that need them say meanwhile that they are being made.
    """
    zone = asking.organisation_zone()
    until = activity.settle()
    with progress("articles and tickets", keeping.begin(until, zone)) as count:
        tickets = keeping.go_on_to_the_end(count)
    click.echo(f"The facts of {tickets} solved tickets are made anew, in the days of {zone.key}.")
