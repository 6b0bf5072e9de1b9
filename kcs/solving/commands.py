"""`kcs tickets`: take past tickets over from a file."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import click

from kcs.articles.taking import Done
from kcs.lines import count_lines, lines_of
from kcs.people.queries import get_agent
from kcs.progress import counting
from kcs.solving.past_tickets import Outcome, import_past_tickets


@click.group()
def tickets() -> None:
    """Tickets."""


@tickets.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--connection", help="The desk account they belong to.  [default: one of their own]")
@click.option("--as", "email", help="Who makes the links of tickets without an agent.  [default: nobody]")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and take all of it back.")
@click.option(
    "--report",
    type=click.File("w", encoding="utf-8", errors="backslashreplace"),
    help="Write what was refused or left out to this file, as JSON lines.",
)
@click.option("--json", "as_json", is_flag=True)
def import_(
    path: Path,
    connection: str | None,
    email: str | None,
    dry_run: bool,
    report: IO[str] | None,
    as_json: bool,
) -> None:
    """Take over the past tickets in PATH, one JSON object a line, with the articles that solved them.

    What is refused is named with its line and reason; the rest is taken. Exit status 1 when any was. The same
    again changes nothing; a changed line changes its ticket.
    """
    counts: Counter[Done] = Counter()
    remarks = 0
    by = get_agent(email) if email else None
    with ExitStack() as stack:
        lines, total = _lines(path, stack)
        counted = stack.enter_context(counting("Importing", total))
        for outcome in import_past_tickets(lines, by=by, connection=connection, dry_run=dry_run):
            counts[outcome.done] += 1
            remarks += outcome.done is not Done.REFUSED and bool(outcome.remarks)
            counted(1)
            if outcome.remarks:
                _say(outcome, report)
    _sum_up(counts, remarks, dry_run=dry_run, as_json=as_json)
    if counts[Done.REFUSED]:
        raise SystemExit(1)


def _lines(path: Path, stack: ExitStack) -> tuple[Iterable[bytes], int | None]:
    """Return the lines of a file, and how many there are where that can be known beforehand."""
    if str(path) == "-":
        return lines_of(sys.stdin.buffer), None
    total = count_lines(path) if path.is_file() else None  # a pipe is read once
    return lines_of(stack.enter_context(path.open("rb"))), total


def _say(outcome: Outcome, report: IO[str] | None) -> None:
    said = "; ".join(outcome.remarks)
    click.echo(f"line {outcome.line}: {said}", err=True)
    if report is not None:
        written = {"line": outcome.line, "id": outcome.id, "done": outcome.done.value, "reason": said}
        report.write(json.dumps(written, ensure_ascii=False) + "\n")


def _sum_up(counts: Counter[Done], remarks: int, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**{done.value: counts[done] for done in Done}, "incomplete": remarks}))
        return
    more = "".join(f", {counts[done]} {done}" for done in (Done.UPDATED, Done.UNCHANGED) if counts[done])
    without = f"; of {remarks} something was left out" if remarks else ""
    text = f"{counts[Done.TAKEN]} tickets taken over{more}, {counts[Done.REFUSED]} refused{without}."
    click.echo(f"Nothing is changed; without --dry-run: {text}" if dry_run else text)
