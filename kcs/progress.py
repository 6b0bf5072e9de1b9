"""Progress of long work: a bar on a terminal, lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

LINE_EVERY_SECONDS = 10.0


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yield what to call with the number of things done since the last call."""
    if sys.stdout.isatty():
        with click.progressbar(length=total, label=label) as bar:
            yield bar.update
        return
    begun = said = time.monotonic()
    done = 0

    def count(more: int) -> None:
        nonlocal done, said
        done += more
        moment = time.monotonic()
        if moment - said >= LINE_EVERY_SECONDS or done >= total:
            said = moment
            click.echo(f"{label}: {done} of {total} after {moment - begun:.0f} s")

    yield count
