"""What the pages of reports show besides the table: charts, differences, the parts of a formula, shelves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app, url_for

from kcs.i18n import translated
from kcs.metrics.files.sheets import utc
from kcs.metrics.model import Count, Kind, Metric, Report, Row
from kcs.metrics.pairing import chart_of
from kcs.metrics.services import Compare, Table
from kcs.metrics.writing import changed
from kcs.sentences import Sentence

A_YEAR = timedelta(365)
PLUS, MINUS = "+", "\u2212"
# What stands before the figure beside another.
BESIDE = {
    Compare.PREVIOUS: Sentence("before:"),
    Compare.YEAR: Sentence("a year before:"),
    Compare.NOW: Sentence("now:"),
}
KINDS = (
    (Kind.OUTCOME, Sentence("What came of it")),
    (Kind.QUALITY, Sentence("How good it is")),
    (Kind.ACTIVITY, Sentence("What is done")),
)
# Pages beside the reports that say what to do next: title, line, endpoint.
NEXT = (
    (
        Sentence("Missing knowledge"),
        Sentence("What tickets ask for and no article answers."),
        "gaps.show",
    ),
    (
        Sentence("Questions to experts"),
        Sentence("Who is asked what no article answers, and how soon an answer comes back."),
        "expert_reports.show",
    ),
    (
        Sentence("Evolve loop"),
        Sentence("Articles and gaps that are worth work now: reuse, duplicates, what nobody needs any more."),
        "evolving.board",
    ),
)


@dataclass(frozen=True)
class Entry:
    """A report on the page of all reports."""

    title: str
    words: str
    url: str
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True)
class Shelf:
    """Reports of one kind; `name` is unique on the page."""

    name: str
    title: str
    entries: tuple[Entry, ...]


def shelves(reports: Sequence[Report]) -> list[Shelf]:
    """Return the reports by the kind of their first metric, and what else there is to look at."""
    by_kind = [
        Shelf(kind, title, tuple(_entry(report) for report in reports if _kinds(report)[0] is kind))
        for kind, title in KINDS
    ]
    there = [each for each in NEXT if each[2] in current_app.view_functions]
    following = tuple(Entry(title, words, url_for(endpoint)) for title, words, endpoint in there)
    return [
        shelf for shelf in (*by_kind, Shelf("next", Sentence("What to do next"), following)) if shelf.entries
    ]


def _entry(report: Report) -> Entry:
    return Entry(report.title, report.words, url_for("reports.show", name=report.name), _kinds(report))


def _kinds(report: Report) -> tuple[Kind, ...]:
    return tuple(dict.fromkeys(metric.kind for metric in report.metrics)) or (Kind.OUTCOME,)


def of_report(report: Report) -> Mapping[str, Any]:
    """Return what the definition of a report is shown with: `named` writes the counts of a formula."""
    return {"named": lambda names: _named(report, names)}


def of_table(table: Table, of: str) -> Mapping[str, Any]:
    """Return what a table is shown with: its chart, and how it differs from what it is compared with."""
    compare = table.asked.compare
    return {
        "chart": chart_of(table, of),
        "beside_words": BESIDE[compare] if compare else "",
        "changed": _changes(later=compare is Compare.NOW),
        "a_year": utc(table.scope.window.end - A_YEAR),
    }


def _changes(*, later: bool) -> Callable[[Row, Row, Count | Metric], str]:
    """Return what says how a row differs from the one beside it, which may be the later of the two."""

    def change(row: Row, other: Row, each: Count | Metric) -> str:
        one, two = row.figures.get(each.name), other.figures.get(each.name)
        return changed(two, one, each.unit) if later else changed(one, two, each.unit)

    return change


def _named(report: Report, names: Iterable[str]) -> str:
    parts = [(name.startswith("-"), translated(report.count(name.lstrip("-")).title)) for name in names]
    written = " ".join(f"{MINUS if less else PLUS} {title}" for less, title in parts)
    return written.removeprefix("+ ")
