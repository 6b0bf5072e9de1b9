"""What the page of a report shows beside its figures: its chart, differences, the way to what is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import url_for

from kcs.i18n import translated
from kcs.metrics import addresses
from kcs.metrics.comparing import Compare
from kcs.metrics.drawing.chart import RANKED
from kcs.metrics.drawing.drawn import how_many, judged_of
from kcs.metrics.figures import written
from kcs.metrics.files.sheets import utc
from kcs.metrics.hints import hints_of
from kcs.metrics.model import PERIODS, Count, Metric, Report, Row, Segment
from kcs.metrics.naming import SEGMENT_WORDS, narrowed_to, summed
from kcs.metrics.paging import Paged
from kcs.metrics.pairing import also_of, chart_of
from kcs.metrics.period_names import called
from kcs.metrics.periods import Window
from kcs.metrics.radar_links import pages_of_people
from kcs.metrics.services import Table
from kcs.metrics.stated import stated_lines
from kcs.metrics.writing import WRITING, changed
from kcs.sentences import Sentence

ROWS = 50
A_YEAR = timedelta(365)
BESIDE = {
    Compare.PREVIOUS: Sentence("before:"),
    Compare.YEAR: Sentence("a year before:"),
    Compare.NOW: Sentence("now:"),
}


@dataclass(frozen=True)
class RowPage(Paged):
    """Which rows of a table a page shows."""

    number: int
    total: int
    per_page: int = ROWS

    def of(self, rows: Sequence[Row]) -> tuple[Row, ...]:
        """Return the rows of this page."""
        first = (self.number - 1) * self.per_page
        return tuple(rows[first : first + self.per_page])


def of_table(table: Table, number: int) -> dict[str, Any]:
    """Return what the templates of a report take. Periods are shown whole, other rows a page at a time."""
    name, rows, of = table.report.name, len(table.rows), translated(SEGMENT_WORDS[table.by])
    page = RowPage(1, rows, per_page=max(rows, 1)) if table.by in PERIODS else RowPage(1, rows)
    page = replace(page, number=min(number, page.pages))
    table = replace(table, rows=called(table.rows, table.by))
    part = replace(table, rows=page.of(table.rows))
    return {
        "table": part,
        "hints": hints_of(table),
        "stated": stated_lines(table),
        "paged": page,
        "url_for_page": lambda place: url_for(
            ".show", name=name, **{**addresses.of_table(table), "page": place}
        ),
        "chart": chart_of(table, part.rows, of),
        "sides": pages_of_people(part),
        "also": also_of(table, of),
        "figure": written,
        "judged": _judged(table),
        "over_time": table.by in PERIODS,
        "order": _order_of(table.by),
        "narrowed": {segment.value: translated(word) for segment, word in narrowed_to(table.scope)},
        "all_words": {segment.value: word for segment, word in SEGMENT_WORDS.items()},
        "beside": _earlier(table),
        "beside_words": BESIDE[table.asked.compare] if table.asked.compare else "",
        "changed": _changed_since if table.asked.compare is Compare.NOW else _changed,
        "a_year": utc(table.scope.window.end - A_YEAR),
        **_addresses(table),
    }


def _judged(table: Table) -> Callable[[Metric], str]:
    """Return what says of a quality figure of the total how many things were judged for it."""

    def said(metric: Metric) -> str:
        of = judged_of(table.report, metric)
        return how_many(of, table.total.figures.get(of.name) if of else None, WRITING)

    return said


def _earlier(table: Table) -> Window | None:
    """Return the window that a table is put beside, None where that is its own or none."""
    found = table.compared_scope.window if table.compared_scope else None
    return found if found != table.scope.window else None


def _order_of(by: Segment) -> str:
    """Say in which order rows stand; nothing is said of periods."""
    if by in PERIODS:
        return ""
    return (
        Sentence("The most frequent first.")
        if by in RANKED
        else Sentence("Sorted by name: this is no ranking.")
    )


def days_of(window: Window) -> dict[str, str]:
    """Return the ends of a window as the fields of a form take them."""
    ends = {"from": window.start, "to": window.end}
    return {name: f"{moment.astimezone(window.zone):%Y-%m-%d}" for name, moment in ends.items()}


def of_report(report: Report) -> dict[str, Any]:
    """Return what the definition of a report takes: how sums of its counts are said."""
    return {"named": lambda parts: translated(summed(report, parts))}


def _changed(row: Row, other: Row, figure: Count | Metric) -> str:
    return changed(row.figures.get(figure.name), other.figures.get(figure.name), figure.unit)


def _changed_since(row: Row, other: Row, figure: Count | Metric) -> str:
    """Say what the later figures, which stand beside, differ by."""
    return _changed(other, row, figure)


def _addresses(table: Table) -> dict[str, Callable[..., str]]:
    name, same = table.report.name, addresses.of_table(table)
    return {
        "item_url": lambda row, count: url_for(
            ".items", name=name, items=count.items, **addresses.of_items(row, count, table)
        ),
        "row_url": lambda row: url_for(".show", name=name, **addresses.of_person(table, table.by, row.key)),
        "report_url": lambda **changes: url_for(".show", name=name, **{**same, **changes}),
        "download_url": lambda kind: url_for(".file", name=name, kind=kind, **same),
    }
