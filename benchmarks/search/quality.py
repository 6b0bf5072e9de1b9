"""How well the right article is found and how well it is told that there is none, on real texts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.search.baselines import Bm25s, Fts5
from benchmarks.search.data import Set, load
from benchmarks.search.figures import BM25S, FTS5, OURS, Figure, Goal
from benchmarks.search.installation import (
    Suggester,
    encode,
    import_articles,
    import_tickets,
    installation,
)
from benchmarks.search.scoring import Run, auroc, caught, recall

Measure = Callable[[Set, Run], float]
FIRST: Measure = lambda given, run: recall(given.judged, run, 1)  # noqa: E731
FIVE: Measure = lambda given, run: recall(given.judged, run, 5)  # noqa: E731


@dataclass(frozen=True)
class Part:
    """A set with so many past tickets an article, and what is measured on it, `less` the plain run's."""

    folder: str
    tickets: str
    measures: dict[str, tuple[Measure, Goal | None]]
    less: bool = False


def _auroc(given: Set, run: Run) -> float:
    return auroc(given.judged, run, given.unanswerable)


def _caught(given: Set, run: Run) -> float:
    return caught(given.judged, run, given.unanswerable)


PARTS = (
    Part("stackfaq_articles", "0", {"R@1": (FIRST, Goal(0.83, 0.87)), "R@5": (FIVE, Goal(0.96, 0.98))}),
    Part("banking77", "0", {"R@1": (FIRST, None)}),
    Part("banking77", "1", {"R@1": (FIRST, None)}),
    Part("banking77", "5", {"R@1": (FIRST, Goal(0.65, 0.71))}),
    Part("banking77", "10", {"R@1": (FIRST, Goal(0.73, 0.78))}),
    Part("banking77", "all", {"R@1": (FIRST, Goal(0.86, 0.90))}),
    Part("xquad_en", "0", {"R@1": (FIRST, None)}),
    Part("xquad_es", "0", {"R@1": (FIRST, Goal(0.91, 0.93))}),
    Part("facqa_id", "0", {"R@1": (FIRST, Goal(0.72, 0.76))}),
    Part(
        "banking77_noanswer",
        "0",
        {
            "R@1": (FIRST, None),
            "AUROC": (_auroc, Goal(0.85, 0.90)),
            "caught at 95 % kept": (_caught, Goal(0.45, 0.60)),
        },
    ),
)


def measure_quality(place: Path, wanted: str = "") -> Iterator[Figure]:
    """Yield the figures of every part whose name holds `wanted`, each engine on the same queries."""
    for part in PARTS:
        given = load(place / part.folder, tickets=part.tickets)
        if wanted not in given.name:
            continue
        runs = {OURS: run_ours(given)}
        for name, engine in ((FTS5, Fts5), (BM25S, Bm25s)):
            search = engine(given.together)
            runs[name] = {query.id: search(query) for query in given.queries}
        for what, (measure, goal) in part.measures.items():
            values = {name: measure(given, run) for name, run in runs.items()}
            yield Figure(f"{given.name} {what}", values, goal)


# With an embedding model.
SEMANTIC = (
    Part("stackfaq_articles", "0", {"R@1": (FIRST, Goal(0.92, 0.95))}),
    Part("banking77", "10", {"R@1": (FIRST, Goal(0.83, 0.87))}),
    Part("banking77_noanswer", "0", {"AUROC": (_auroc, Goal(0.92, 0.95))}),
    *(
        Part(folder, "0", {"R@1, gain": (FIRST, Goal(-0.01, 0.0))}, less=True)
        for folder in ("xquad_en", "xquad_es", "facqa_id")
    ),
)


def measure_semantic(place: Path, model: Path, wanted: str = "") -> Iterator[Figure]:
    """Yield the figures with the embedding model in the folder `model`."""
    for part in SEMANTIC:
        given = load(place / part.folder, tickets=part.tickets)
        if wanted not in given.name:
            continue
        run = run_ours(given, EMBEDDING_MODEL=str(model))
        without = run_ours(given) if part.less else None
        for what, (measure, goal) in part.measures.items():
            value = measure(given, run) - (measure(given, without) if without else 0.0)
            yield Figure(f"with meaning: {given.name} {what}", {OURS: value}, goal)


def run_ours(given: Set, **settings: str) -> Run:
    """Take the set over into an installation of its own and ask it every query."""
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder), **settings) as app:
        import_articles(given.articles)
        import_tickets(given.tickets)
        encode(app)
        suggest = Suggester(app)
        return {query.id: suggest(query) for query in given.queries}
