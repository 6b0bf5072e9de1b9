"""What people call the rows of a report, what it is narrowed to, and sums and pairs of its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kcs.metrics.labels import names_within
from kcs.metrics.model import Metric, Report, Scope, Segment
from kcs.metrics.reports import REPORTS
from kcs.sentences import Sentence, listed

MINUS, PLUS = " \u2212 ", " + "
SEGMENT_WORDS: Mapping[Segment, Sentence] = {
    Segment.AGENT: Sentence("Agent"),
    Segment.TEAM: Sentence("Team"),
    Segment.DEPARTMENT: Sentence("Department"),
    Segment.LICENCE: Sentence("Licence"),
    Segment.DESK: Sentence("Desk"),
    Segment.DOMAIN: Sentence("Domain"),
    Segment.PRODUCT: Sentence("Product"),
    Segment.TAG: Sentence("Tag"),
    Segment.OUTCOME: Sentence("Outcome"),
    Segment.ARTICLE: Sentence("Article"),
    Segment.OWNER: Sentence("Owner"),
    Segment.CREATOR: Sentence("Creator"),
    Segment.EXPERT: Sentence("Expert"),
    Segment.STATE: Sentence("State"),
    Segment.PLACE: Sentence("Place"),
    Segment.READER: Sentence("Reader"),
    Segment.WORDS: Sentence("Words"),
    Segment.DAY: Sentence("Day"),
    Segment.WEEK: Sentence("Week"),
    Segment.MONTH: Sentence("Month"),
    Segment.QUARTER: Sentence("Quarter"),
}


def narrowed_to(scope: Scope) -> list[tuple[Segment, str]]:
    """Return what a scope is narrowed to, and what that is called to its reader. Reads the names."""
    return [
        (segment, names_within(scope.reach, segment, [key])[key]) for segment, key in scope.only.keys.items()
    ]


def said_narrowed(scope: Scope) -> Sentence | None:
    """Return what a scope is narrowed to as one sentence, "Team: North; Desk: Acme", None for nothing."""
    said = [listed(": ", (SEGMENT_WORDS[segment], name)) for segment, name in narrowed_to(scope)]
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
