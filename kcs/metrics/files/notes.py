"""What stands beside the table of a report in a workbook: its definition, and why figures are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from kcs.metrics.files.sheets import Cell, Column, Sheet
from kcs.metrics.hints import Hint
from kcs.metrics.missing import missing_of
from kcs.metrics.model import Count, Metric, Report, Unit
from kcs.metrics.services import Table
from kcs.sentences import Sentence

BEFORE = "_before"
Say = Callable[[str], str]


def figures_of(report: Report) -> list[Count | Metric]:
    """Return the figures that have a column."""
    return [*(count for count in report.counts if count.listed), *report.metrics]


def before(figure: Count | Metric) -> Sentence:
    """Return the title of a figure of what stands beside."""
    return Sentence("%(figure)s before", figure=figure.title)


def definition(table: Table, say: Say) -> Sheet:
    """Return the definition as a table of its own: what each column counts, and as of when."""
    columns = (
        Column("name", say(Sentence("Column"))),
        Column("title", say(Sentence("Title"))),
        Column("words", say(Sentence("What it is"))),
        Column("symbols", say(Sentence("Formula"))),
        Column("left_out", say(Sentence("Left out"))),
        Column("source", say(Sentence("Source"))),
    )
    return Sheet(say(Sentence("Definition")), columns, _definition_rows(table.report, table.as_of, say))


def _definition_rows(report: Report, as_of: datetime, say: Say) -> Iterator[Sequence[Cell]]:
    yield [report.name, say(report.title), say(report.words), "", _joined(report.left_out, say), ""]
    yield ["as_of", say(Sentence("As of")), as_of, "", "", ""]
    for count in report.counts:
        yield [count.name, say(count.title), say(count.words), "", "", ""]
    for metric in report.metrics:
        yield [
            metric.name,
            say(metric.title),
            say(metric.formula),
            metric.symbols,
            _joined(metric.left_out, say),
            say(metric.source),
        ]
    for note in report.notes:
        yield ["", "", say(note), "", "", ""]


def _joined(sentences: Iterable[str], say: Say) -> str:
    return "; ".join(say(sentence) for sentence in sentences)


def reasons(table: Table, say: Say) -> tuple[Sheet, ...]:
    """Return why cells are empty as a table of its own, none where none is. Reads the reasons."""
    empty = _empty_cells(table, say)
    if not empty:
        return ()
    columns = (
        Column("name", say(Sentence("Column"))),
        Column("title", say(Sentence("Title"))),
        Column("cells", say(Sentence("Empty cells")), Unit.COUNT),
        Column("code", say(Sentence("Code"))),
        Column("words", say(Sentence("Why"))),
    )
    rows: list[Sequence[Cell]] = [
        [name, title, number, hint.code, say(hint.words)] for (name, title, hint), number in empty.items()
    ]
    return (Sheet(say(Sentence("Missing figures")), columns, rows),)


def _empty_cells(table: Table, say: Say) -> Counter[tuple[str, str, Hint]]:
    """Return how many cells of a column, by its name and title, are empty for a reason."""
    missing = missing_of(table)
    cells: Counter[tuple[str, str, Hint]] = Counter()
    for figure in figures_of(table.report):
        for row in (*table.rows, table.total):
            for hint in missing.of(row).get(figure.name, ()):
                cells[figure.name, say(figure.title), hint] += 1
            for hint in missing.beside(row.key).get(figure.name, ()) if table.compared is not None else ():
                cells[f"{figure.name}{BEFORE}", say(before(figure)), hint] += 1
    return cells
