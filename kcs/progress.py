"""Progress of long work: a bar on a terminal, lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

LINE_EVERY_SECONDS = 10.0
PROGRESS_FROM = 1000


@contextmanager
def progress(label: str, total: int | None, *, err: bool = False) -> Iterator[Callable[[int], None]]:
    """Yield what to call with the number of things done since the last call.

    `total` None is not known beforehand. `err` keeps standard output for what a script reads.
    """
    stream = sys.stderr if err else sys.stdout
    if stream.isatty() and total is not None:
        with click.progressbar(length=total, label=label, file=stream) as bar:
            yield bar.update
        return
    begun = said = time.monotonic()
    done = 0

    def count(more: int) -> None:
        nonlocal done, said
        done += more
        moment = time.monotonic()
        if moment - said >= LINE_EVERY_SECONDS or (total is not None and done - more < total <= done):
            said = moment
            passed = moment - begun
            whole = f" of {total}" if total is not None else ""
            rate = f", {done / passed:.0f} a second" if passed >= 1 else ""
            ahead = total - done if total is not None and done else 0
            left = f", about {passed / done * ahead:.0f} s left" if ahead > 0 else ""
            click.echo(f"{label}: {done}{whole} after {passed:.0f} s{rate}{left}", err=err)

    yield count


@contextmanager
def counting(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show the progress of what takes a while, apart from what a script reads; of few things show none."""
    if total is not None and total < PROGRESS_FROM:
        yield lambda _: None
        return
    with progress(label, total, err=True) as count:
        yield count
