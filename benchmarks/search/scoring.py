"""What a run is worth: recall among the first, and how well "there is none" is told from "this one"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Judged = Mapping[str, Mapping[str, int]]
KEPT = 0.95


@dataclass(frozen=True)
class Ranked:
    """What an engine gave for one query: the articles, best first, and how sure it is that one fits."""

    keys: Sequence[str]
    surety: float


NOTHING = Ranked((), float("-inf"))
Run = Mapping[str, Ranked]


def recall(judged: Judged, run: Run, first: int) -> float:
    """Return the share of the relevant articles among the `first`, averaged over queries that have any."""
    shares = []
    for query, relevant in _answerable(judged).items():
        found = sum(key in relevant for key in run.get(query, NOTHING).keys[:first])
        shares.append(found / len(relevant))
    return sum(shares) / len(shares)


def auroc(judged: Judged, run: Run, unanswerable: Iterable[str]) -> float:
    """Return how often an answerable query is surer than an unanswerable one; ties count half."""
    sure, unsure = _sureties(judged, run, unanswerable)
    ranked = sorted([(value, True) for value in sure] + [(value, False) for value in unsure])
    total, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        # All of one value share the mean of their ranks, which count from 1.
        total += (start + 1 + end) / 2 * sum(fits for _, fits in ranked[start:end])
        start = end
    return (total - len(sure) * (len(sure) + 1) / 2) / (len(sure) * len(unsure))


def caught(judged: Judged, run: Run, unanswerable: Iterable[str], *, kept: float = KEPT) -> float:
    """Return the share of unanswerable queries below the threshold that `kept` of the others pass."""
    sure, unsure = _sureties(judged, run, unanswerable)
    threshold = sorted(sure)[int(len(sure) * (1 - kept))]
    return sum(value < threshold for value in unsure) / len(unsure)


def _sureties(judged: Judged, run: Run, unanswerable: Iterable[str]) -> tuple[list[float], list[float]]:
    sure = [run.get(query, NOTHING).surety for query in _answerable(judged)]
    return sure, [run.get(query, NOTHING).surety for query in unanswerable]


def _answerable(judged: Judged) -> dict[str, set[str]]:
    relevant = {query: {key for key, grade in of.items() if grade > 0} for query, of in judged.items()}
    return {query: keys for query, keys in relevant.items() if keys}
