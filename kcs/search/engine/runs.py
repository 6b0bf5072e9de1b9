"""Mentions of words put in order: sorted piece by piece, kept on disk, merged at the end.

A mention is its term, its field and its text in one number. What is in memory at a time is bounded, however
many there are; the pieces are in files that are gone with the process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.postings import MOST

# A mention as one number, sorted as its posting will be: term, field, id of the text.
PLACE_BITS = 36
# Mentions merged at a time, of as many terms as they are; of one term there may be more.
MERGED = 1_000_000

Numbers = NDArray[np.int64]
Counts = NDArray[np.uint8]


class Runs:
    """Distinct mentions with their counts. A mention is in one run alone: each text is put once."""

    def __init__(self, folder: Path | None) -> None:
        # Without names: they go when they are closed, and when the process is killed.
        self._keys = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 -- closed with the runs
        self._counts = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 -- closed with the runs
        self._ends = [0]

    def close(self) -> None:
        """Give the room back."""
        self._keys.close()
        self._counts.close()

    def add(self, mentions: Numbers) -> Numbers:
        """Keep mentions, in any order, each as often as it occurs; return the distinct ones' terms."""
        keys, counts = distinct(mentions)
        self._keys.write(keys.data)
        self._counts.write(np.minimum(counts, MOST).astype(np.uint8).data)
        self._ends.append(self._ends[-1] + len(keys))
        return keys >> PLACE_BITS

    def merged(self, sizes: Numbers) -> Iterator[tuple[Numbers, Counts]]:
        """Yield the mentions with their counts, ascending; all of a term come together.

        `sizes` is how many distinct mentions each term has.
        """
        if not self._ends[-1]:
            return
        keys, counts = _mapped(self._keys, np.int64), _mapped(self._counts, np.uint8)
        runs = [slice(*ends) for ends in zip(self._ends[:-1], self._ends[1:], strict=True)]
        begun = np.zeros(len(runs), np.int64)
        for border in _borders(sizes):
            ended = np.array([np.searchsorted(keys[run], border << PLACE_BITS) for run in runs])
            some = [
                slice(run.start + begin, run.start + end)
                for run, begin, end in zip(runs, begun, ended, strict=True)
            ]
            held = np.concatenate([keys[each] for each in some])
            order = np.argsort(held, kind="stable")  # quick for what consists of ascending pieces
            yield held[order], np.concatenate([counts[each] for each in some])[order]
            begun = ended


def distinct(values: Numbers) -> tuple[Numbers, Numbers]:
    """Return the distinct values, ascending, and how often each occurs; sorting beats hashing for so many."""
    if not len(values):
        return values, values
    ordered = np.sort(values)
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    return ordered[starts], np.diff(starts, append=len(ordered))


def _mapped(file: Any, kind: type[np.generic]) -> NDArray[Any]:
    file.flush()
    return np.memmap(file, kind, "r")


def _borders(sizes: Numbers) -> list[int]:
    """The terms before which the merge stops to give out what it has, and one beyond the last."""
    steps = np.cumsum(sizes) // MERGED
    return [*(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(sizes)]
