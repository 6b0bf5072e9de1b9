"""`kcs suggest`: which articles may answer the tickets of a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import click
from flask import current_app

from kcs.collecting import keep_what_is_loaded
from kcs.database import reading
from kcs.lines import count_lines, lines_of
from kcs.people.models import Agent
from kcs.progress import counting
from kcs.search.index import SearchIndex
from kcs.search.suggest_files import suggest_lines
from kcs.search.suggesting import Suggestions, suggest_for
from kcs.search.ticket_text import ready
from kcs.search.wanted import Wanted
from workflow.article import Audience

MOST = 100
# Every colleague reads the same articles, so it need not be a certain one.
ANY_COLLEAGUE = Agent(email="", name="kcs suggest", role_names=[])


@click.command()
@click.option(
    "--input",
    "source",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    required=True,
    help="Tickets, one JSON object a line; '-' for standard input.",
)
@click.option(
    "--output",
    "target",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    required=True,
    help="Where the suggestions go, one line a ticket; '-' for standard output.",
)
@click.option(
    "-k", "most", type=click.IntRange(1, MOST), default=10, show_default=True, help="Articles a ticket."
)
@click.option(
    "--audience",
    type=click.Choice([Audience.INTERNAL.value, Audience.PUBLIC.value]),
    default=Audience.INTERNAL.value,
    show_default=True,
    help="internal: what colleagues read; public: what visitors may read.",
)
def suggest(source: Path, target: Path, most: int, audience: str) -> None:
    """Suggest articles for each ticket of a file, in its order, as they are read.

    Writes nothing to the database. A line that is no ticket is named with its reason, gets no line, and stops
    nothing. Exit status 1 when there was any.
    """
    if str(source) != "-" and target.exists() and source.samefile(target):
        raise click.UsageError("--input and --output are the same file.")
    answer = answering(current_app.extensions["kcs.search"], Audience(audience), most)
    keep_what_is_loaded()
    answered = refused = 0
    with ExitStack() as stack:
        stack.enter_context(reading())
        lines = lines_of(sys.stdin.buffer if str(source) == "-" else stack.enter_context(source.open("rb")))
        written = _opened(target, stack)
        counted = stack.enter_context(counting("Suggesting", _total(source)))
        for line in suggest_lines(lines, answer):
            if line.text is None:
                refused += 1
                click.echo(f"line {line.number}: {line.problem}", err=True)
            else:
                answered += 1
                click.echo(line.text.encode(), file=written)
            counted(1)
    click.echo(f"{answered} tickets answered, {refused} lines refused.", err=True)
    if refused:
        raise SystemExit(1)


def answering(index: SearchIndex, audience: Audience, most: int) -> Callable[[str, str], Suggestions]:
    """Return what suggests at most so many articles of those `audience` may read, given subject and text."""
    reader = ANY_COLLEAGUE if audience is Audience.INTERNAL else None
    return lambda title, body: suggest_for(index, Wanted(text=ready(title, body)), reader=reader, limit=most)


def _opened(target: Path, stack: ExitStack) -> BinaryIO:
    if str(target) == "-":
        return sys.stdout.buffer
    try:
        return stack.enter_context(target.open("wb"))
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}.") from error


def _total(source: Path) -> int | None:
    return count_lines(source) if source.is_file() else None
