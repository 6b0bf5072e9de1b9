"""Every report there is, by name: the one list that pages, API, command and documentation go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kcs.metrics.model import Report
from kcs.metrics.reports import (
    abandoned,
    accuracy,
    activity,
    checklist,
    citations,
    cohort,
    experts,
    feedback,
    handling,
    history,
    known,
    link_rate,
    links,
    participation,
    process,
    publishing,
    reuse,
    roi,
    search,
    self_service,
    states,
    usage,
)
from kcs.sentences import Sentence

# As the page of all reports tells them apart.
SHELVES: Sequence[tuple[str, Sentence, Sequence[Report]]] = (
    (
        "tickets",
        Sentence("Solved tickets"),
        [each.REPORT for each in (link_rate, known, handling)],
    ),
    (
        "articles",
        Sentence("Articles"),
        [each.REPORT for each in (reuse, links, usage, states, publishing, history)],
    ),
    (
        "people",
        Sentence("People"),
        [each.REPORT for each in (participation, activity, citations, cohort, experts)],
    ),
    ("quality", Sentence("Quality"), [each.REPORT for each in (accuracy, checklist, process)]),
    (
        "self-service",
        Sentence("Self-service and search"),
        [each.REPORT for each in (self_service, search, abandoned, feedback)],
    ),
    ("value", Sentence("Value"), [roi.REPORT]),
)
REPORTS: Mapping[str, Report] = {report.name: report for _, _, some in SHELVES for report in some}
