"""What a suggestion costs, and what the index costs, on knowledge bases of different sizes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.search.data import PROJECT
from benchmarks.search.figures import BM25S, FTS5, OURS, Figure, Goal

# Where baselines are too large for a common machine, or take too long.
MOST_FOR_BM25S = 200_000


@dataclass(frozen=True)
class Size:
    """A knowledge base: how large it is, and what it must not cost. Goals are named as what is measured."""

    name: str
    articles: int
    tickets: int
    goals: dict[str, Goal]


def _most(must: float, aim: float) -> Goal:
    return Goal(must, aim, cost=True)


SIZES = (
    Size(
        "10k articles + 100k tickets",
        10_000,
        100_000,
        {"short_p99_ms": _most(20, 5), "long_p99_ms": _most(40, 10)},
    ),
    Size(
        "100k articles",
        100_000,
        0,
        {
            "build_s": _most(30, 5),
            "disk_mb": _most(150, 30),
            "change_s": _most(5, 1),
            "resident_mb": _most(200, 50),
        },
    ),
)
MILLION = Size("1M articles", 1_000_000, 0, {"short_p99_ms": _most(100, 10), "long_p99_ms": _most(200, 25)})

# What is measured, as people read it.
NAMES = {
    "short_p50_ms": ("short ticket, median", "ms"),
    "short_p99_ms": ("short ticket, p99", "ms"),
    "long_p50_ms": ("long ticket, median", "ms"),
    "long_p99_ms": ("long ticket, p99", "ms"),
    "build_s": ("build, CPU", "s"),
    "disk_mb": ("disk", "MB"),
    "change_s": ("change findable", "s"),
    "resident_mb": ("server's memory, more than empty", "MB"),
}


def measure_speed(sizes: tuple[Size, ...]) -> Iterator[Figure]:
    """Yield the figures of each size, each engine in a process of its own."""
    for size in sizes:
        measured = {OURS: _ours(size), FTS5: _apart("fts5", size)}
        if size.articles <= MOST_FOR_BM25S:
            measured[BM25S] = _apart("bm25s", size)
        for what, (name, unit) in NAMES.items():
            values = {engine: found[what] for engine, found in measured.items() if what in found}
            if values:
                yield Figure(f"{size.name}: {name}", values, size.goals.get(what), unit)


def _ours(size: Size) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as full:
        found = _run("ours", full, size)
        memory = [_run("memory", folder, size)["resident_mb"] for folder in (empty, full)]
        return {**found, "resident_mb": memory[1] - memory[0]}


def _apart(what: str, size: Size) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        return _run(what, folder, size)


def _run(what: str, folder: str, size: Size) -> dict[str, float]:
    """Measure in another process, so that nothing of one engine is in the memory or the caches of another."""
    command = [sys.executable, "-m", "benchmarks.search.measuring", what, folder]
    done = subprocess.run(  # noqa: S603 -- our own module
        [*command, str(size.articles), str(size.tickets)],
        stdout=subprocess.PIPE,
        cwd=Path(PROJECT),
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
