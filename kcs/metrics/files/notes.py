"""What stands beside a table in a workbook: its definition and what it is of, and why figures are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from kcs.metrics.files.sheets import Cell, Column, Sheet
from kcs.metrics.hints import Hint
from kcs.metrics.missing import missing_of
from kcs.metrics.model import Count, Kind, Metric, Report, Scope, Unit
from kcs.metrics.naming import SEGMENT_WORDS, narrowed_to, paired_with, summed
from kcs.metrics.services import ItemList, Table
from kcs.metrics.stated import stated_lines
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
    """Return the definition as a table of its own: what each column counts, of what and as of when."""
    told = [*_about(table.report, table.scope, say), *_stated(table, say), *_told(table.report, say)]
    return _sheet(told, _COLUMNS, say)


def listed_definition(found: ItemList, say: Say) -> Sheet:
    """Return what the things behind a count are, of what and as of when, as a table of its own."""
    about = [*_about(found.report, found.scope, say), _of_count(found.count, say)]
    return _sheet(about, {name: _COLUMNS[name] for name in ("name", "title", "words")}, say)


_COLUMNS: Mapping[str, Sentence] = {
    "name": Sentence("Column"),
    "title": Sentence("Title"),
    "aliases": Sentence("Also known as"),
    "kind": Sentence("Kind"),
    "words": Sentence("What it is"),
    "formula": Sentence("Formula"),
    "symbols": Sentence("Symbols"),
    "numerator": Sentence("Numerator"),
    "denominator": Sentence("Denominator"),
    "sum": Sentence("Sum of"),
    "paired": Sentence("Paired with"),
    "left_out": Sentence("Left out"),
    "notes": Sentence("Notes"),
    "source": Sentence("Source"),
}


def _sheet(told: list[dict[str, Cell]], heads: Mapping[str, Sentence], say: Say) -> Sheet:
    columns = tuple(Column(name, say(head)) for name, head in heads.items())
    rows = ([each.get(name, "") for name in heads] for each in told)
    return Sheet(say(Sentence("Definition")), columns, rows)


def _about(report: Report, scope: Scope, say: Say) -> Iterator[dict[str, Cell]]:
    """Yield which report it is, of which time, what it is narrowed to and as of when. Reads names."""
    yield {
        "name": report.name,
        "title": say(report.title),
        "words": say(report.words),
        "left_out": _joined(report.left_out, say),
    }
    yield {"name": "from", "title": say(Sentence("Beginning")), "words": scope.window.start}
    yield {"name": "to", "title": say(Sentence("End")), "words": scope.window.end}
    yield {"name": "timezone", "title": say(Sentence("Time zone")), "words": scope.window.zone.key}
    yield {"name": "as_of", "title": say(Sentence("As of")), "words": scope.as_of}
    for segment, name in narrowed_to(scope):
        title = say(Sentence("Only: %(segment)s", segment=SEGMENT_WORDS[segment]))
        yield {"name": segment.value, "title": title, "words": say(name)}


def _stated(table: Table, say: Say) -> Iterator[dict[str, Cell]]:
    """Yield what people stated that the figures were worked out with."""
    for each in stated_lines(table):
        yield {"title": say(each.name), "words": say(each.value), "source": say(each.source)}


def _told(report: Report, say: Say) -> Iterator[dict[str, Cell]]:
    """Yield what is told of each figure of a report, by the names of the columns."""
    for count in report.counts:
        yield _of_count(count, say)
    for metric in report.metrics:
        sums = {
            "numerator" if metric.denominator else "sum": metric.numerator,
            "denominator": metric.denominator,
        }
        yield {
            "name": metric.name,
            "title": say(metric.title),
            "aliases": _joined(metric.aliases, say),
            "kind": say(KINDS[metric.kind]),
            "formula": say(metric.formula),
            "symbols": metric.symbols,
            **{name: say(summed(report, parts)) for name, parts in sums.items() if parts},
            "paired": say(paired_with(metric) or ""),
            "left_out": _joined(metric.left_out, say),
            "notes": _joined(metric.notes, say, " "),
            "source": say(metric.source),
        }
    for note in report.notes:
        yield {"words": say(note)}


def _of_count(count: Count, say: Say) -> dict[str, Cell]:
    return {"name": count.name, "title": say(count.title), "words": say(count.words)}


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
