"""What a report on its way out is narrowed to, and how its definition names sums and pairs of figures."""

from __future__ import annotations

from collections.abc import Sequence

from kcs.metrics.labels import names_within
from kcs.metrics.model import Metric, Report, Scope, Segment
from kcs.metrics.reports import REPORTS
from kcs.sentences import Sentence, listed

MINUS, PLUS = " \u2212 ", " + "


def word_of(segment: Segment) -> Sentence:
    """Return what people call a segment."""
    return Sentence(segment.value.capitalize())


def narrowed_to(scope: Scope) -> list[tuple[Segment, str]]:
    """Return what a scope is narrowed to, and what that is called to its reader. Reads the names."""
    return [
        (segment, names_within(scope.reach, segment, [key])[key]) for segment, key in scope.only.keys.items()
    ]


def said_narrowed(scope: Scope) -> Sentence | None:
    """Return what a scope is narrowed to as one sentence, "Team: North; Desk: Acme", None for nothing."""
    said = [listed(": ", (word_of(segment), name)) for segment, name in narrowed_to(scope)]
    return listed("; ", said) if said else None


def summed(report: Report, parts: Sequence[str]) -> Sentence:
    """Return a sum of counts by their titles, "Solved \u2212 Exempt"; each is translated by itself."""
    titles = {count.name: count.title for count in report.counts}
    template = ""
    for place, part in enumerate(parts):
        sign = MINUS if part.startswith("-") else PLUS if template else ""
        template += f"{sign}%(part{place})s"
    return Sentence(
        template, **{f"part{place}": titles[part.lstrip("-")] for place, part in enumerate(parts)}
    )


def paired_with(metric: Metric) -> Sentence | None:
    """Return the title of the quality figure that an activity is paired with, None without one."""
    every = (each for report in REPORTS.values() for each in report.metrics)
    return next((each.title for each in every if each.name == metric.paired), None)
