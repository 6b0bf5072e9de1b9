"""`kcs articles`: take articles over."""

from __future__ import annotations

import json
from typing import BinaryIO

import click

from kcs.articles.imports import import_lines


@click.group()
def articles() -> None:
    """Articles."""


@articles.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True)
def import_(file: BinaryIO, as_json: bool) -> None:
    """Take over the articles in FILE, one JSON object a line.

    What is refused is named with its line and reason; the rest is taken. Exit status 1 when any was.
    """
    taken, refused = 0, []
    for outcome in import_lines(file):
        if outcome.problem is None:
            taken += 1
        else:
            refused.append(outcome)
            click.echo(f"line {outcome.line}: {outcome.problem}", err=True)
    if as_json:
        click.echo(json.dumps({"taken": taken, "refused": len(refused)}))
    else:
        click.echo(f"{taken} articles taken over, {len(refused)} refused.")
    if refused:
        raise SystemExit(1)
