"""`python -m benchmarks.search`: how well and how fast articles are found, beside FTS5 and bm25s."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks.search import data
from benchmarks.search.figures import Figure, table
from benchmarks.search.quality import measure_quality, measure_semantic
from benchmarks.search.speed import MILLION, SIZES, measure_speed


@click.command()
@click.option("--quality/--no-quality", default=True, help="On real texts.")
@click.option("--speed/--no-speed", default=True, help="On made-up knowledge bases.")
@click.option(
    "--million", is_flag=True, help="With a million articles as well: half an hour, 8 GB of memory."
)
@click.option(
    "--semantic",
    "model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with an embedding model: what finding by meaning adds.",
)
@click.option("--only", default="", help="Sets whose name holds this.")
@click.option(
    "--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here too."
)
def main(quality: bool, speed: bool, million: bool, model: Path | None, only: str, file: Path | None) -> None:
    """Print a table: ours, FTS5 with title and body apart, bm25s, what must be reached and what is aimed at.

    Costs are CPU time with one thread. Texts are read from KCS_TEST_DATA, by default ../shared/data.
    """
    figures: list[Figure] = []
    if quality:
        figures += _told(_quality(only, model))
    if speed:
        figures += _told(measure_speed((*SIZES, MILLION) if million else SIZES))
    click.echo(table(figures))
    if file is not None:
        file.write_text(
            json.dumps([figure.as_data() for figure in figures], indent=1) + "\n", encoding="utf-8"
        )


def _quality(only: str, model: Path | None) -> Iterator[Figure]:
    place = data.place()
    if place is None:
        click.echo(
            f"No real texts here: set {data.SETTING} to the folder they are in. Passed over.", err=True
        )
        return
    yield from measure_quality(place, only)
    if model is not None:
        yield from measure_semantic(place, model, only)


def _told(figures: Iterator[Figure]) -> Iterator[Figure]:
    """Say each figure as soon as it is known: the whole takes minutes."""
    for figure in figures:
        values = ", ".join(f"{engine} {value:.4g}" for engine, value in figure.values.items())
        click.echo(f"{figure.name}: {values}", err=True)
        yield figure


if __name__ == "__main__":
    main()
