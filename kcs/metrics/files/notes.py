"""What stands beside the table of a report in a workbook: its definition, and why figures are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from kcs.metrics.files.sheets import Cell, Column, Sheet
from kcs.metrics.hints import Hint
from kcs.metrics.missing import missing_of
from kcs.metrics.model import Count, Kind, Metric, Report, Unit
from kcs.metrics.services import Table
from kcs.sentences import Sentence

BEFORE = "_before"
Say = Callable[[str], str]
KINDS: Mapping[Kind, Sentence] = {
    Kind.ACTIVITY: Sentence("Activity"),
    Kind.QUALITY: Sentence("Quality"),
    Kind.OUTCOME: Sentence("Outcome"),
}


def figures_of(report: Report) -> list[Count | Metric]:
    """Return the figures that have a column: all, so that a metric can be worked out again from the file."""
    return [*report.counts, *report.metrics]


def before(title: str) -> Sentence:
    """Return the title of a column of what stands beside."""
    return Sentence("%(figure)s before", figure=title)


def definition(table: Table, say: Say) -> Sheet:
    """Return the definition as a table of its own: what each column counts, and as of when."""
    columns = (
        Column("name", say(Sentence("Column"))),
        Column("title", say(Sentence("Title"))),
        Column("aliases", say(Sentence("Also known as"))),
        Column("kind", say(Sentence("Kind"))),
        Column("words", say(Sentence("What it is"))),
        Column("symbols", say(Sentence("Formula"))),
        Column("left_out", say(Sentence("Left out"))),
        Column("notes", say(Sentence("Notes"))),
        Column("source", say(Sentence("Source"))),
    )
    told = _told(table.report, table.as_of, say)
    rows = ([each.get(column.name, "") for column in columns] for each in told)
    return Sheet(say(Sentence("Definition")), columns, rows)


def _told(report: Report, as_of: datetime, say: Say) -> Iterator[dict[str, Cell]]:
    """Yield what is told of a report and of each of its figures, by the names of the columns."""
    yield {
        "name": report.name,
        "title": say(report.title),
        "words": say(report.words),
        "left_out": _joined(report.left_out, say),
    }
    yield {"name": "as_of", "title": say(Sentence("As of")), "words": as_of}
    for count in report.counts:
        yield {"name": count.name, "title": say(count.title), "words": say(count.words)}
    for metric in report.metrics:
        yield {
            "name": metric.name,
            "title": say(metric.title),
            "aliases": _joined(metric.aliases, say),
            "kind": say(KINDS[metric.kind]),
            "words": say(metric.formula),
            "symbols": metric.symbols,
            "left_out": _joined(metric.left_out, say),
            "notes": _joined(metric.notes, say, " "),
            "source": say(metric.source),
        }
    for note in report.notes:
        yield {"words": say(note)}


def _joined(sentences: Iterable[str], say: Say, between: str = "; ") -> str:
    return between.join(say(sentence) for sentence in sentences)


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
                cells[f"{figure.name}{BEFORE}", say(before(figure.title)), hint] += 1
    return cells
