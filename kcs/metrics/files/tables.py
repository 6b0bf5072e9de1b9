"""Reports as files: the table somebody sees, and everything behind one of its figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from itertools import chain
from typing import Protocol, runtime_checkable

from kcs.metrics import addresses, as_json
from kcs.metrics.files.lines import csv_pieces, json_pieces
from kcs.metrics.files.notes import (
    BEFORE,
    Say,
    before,
    definition,
    figures_of,
    listed_definition,
    reasons,
)
from kcs.metrics.files.sheets import CONTENT_TYPES, Cell, Column, FileKind, Sheet
from kcs.metrics.files.workbook import Place, xlsx_pieces
from kcs.metrics.model import Item, ItemPage, Key, Reader, Report, Scope, Segment
from kcs.metrics.naming import said_narrowed
from kcs.metrics.schemas import CODE, ReportOut
from kcs.metrics.services import TOTAL, Asked, ItemList, Table, items
from kcs.metrics.settling import settled
from kcs.sentences import Sentence

# Things held at a time.
BLOCK = 2_000
ADDRESS = "url"
# After the row's kind, key and name.
_PLACE_OF_NARROWING = 3


@runtime_checkable
class Streaming(Protocol):
    """A reader that gives everything behind a count from one statement."""

    def every(self, scope: Scope, count: str, *, block: int) -> Iterator[ItemPage]:
        """Yield all of it in pages of at most `block`, at least one, latest first; each bears the total."""


@dataclass(frozen=True)
class Download:
    """A file to be sent: its name, made of codes, numbers and dates, its content type and its pieces."""

    name: str
    content_type: str
    pieces: Iterator[bytes]


def report_file(table: Table, kind: FileKind, *, say: Say = str, right_to_left: bool = False) -> Download:
    """Return the table of a report, the total in its last row.

    XLSX has the definition on a second sheet and, where figures are missing, why on a third; JSON has both.
    Both name what the report is narrowed to; CSV has it in its name alone.
    `say` puts titles and labels of XLSX into the reader's language. CSV and JSON are for programs: there
    columns have their names and labels are English.
    """
    name = f"{table.report.name}-by-{table.by}-{_span(table.scope)}.{kind}"
    place = Place(table.scope.window.zone, right_to_left)
    return Download(name, CONTENT_TYPES[kind], _report_pieces(table, kind, say, place))


def items_file(
    report: Report,
    asked: Asked,
    count: str,
    kind: FileKind,
    *,
    base_url: str,
    say: Say = str,
    right_to_left: bool = False,
) -> Download:
    """Return everything that a count counts, latest first, as of one moment.

    It is read while it is sent, within one reading transaction. Ends the present transaction. Raises as
    `kcs.metrics.services.items` does, before anything is sent.
    """
    found = items(report, asked, count, per_page=1)
    name = f"{report.name}-{count}-{_span(found.scope)}.{kind}"
    spoken = say if kind is FileKind.XLSX else str
    pieces = _reading(found, kind, Place(found.scope.window.zone, right_to_left), base_url, spoken)
    return Download(name, CONTENT_TYPES[kind], pieces)


def _span(scope: Scope) -> str:
    """Name a window and what it is narrowed to, as 2026-03-01-2026-04-01-team-2."""
    window = scope.window
    days = (f"{moment.astimezone(window.zone):%Y-%m-%d}" for moment in (window.start, window.end))
    return "-".join([*days, *(_part(segment, key) for segment, key in scope.only.keys.items())])


def _part(segment: Segment, key: Key) -> str:
    """Name what a file is narrowed to; words that somebody searched have no place in its name."""
    code = segment is not Segment.WORDS and (isinstance(key, int) or CODE.fullmatch(key))
    return f"{segment}-{key}" if code else str(segment)


# The table of a report


def _report_pieces(table: Table, kind: FileKind, say: Say, place: Place) -> Iterator[bytes]:
    if kind is FileKind.JSON:
        # One shape for a report as JSON, wherever it is asked for.
        return iter([json.dumps(ReportOut().dump(as_json.table(table)), ensure_ascii=False).encode()])
    if kind is FileKind.CSV:
        return csv_pieces(_with_addresses(table, _report_sheet(table, str)))
    figures = _with_narrowing(table, _report_sheet(table, say), say)
    return xlsx_pieces((figures, definition(table, say), *reasons(table, say)), place)


def _report_sheet(table: Table, say: Say) -> Sheet:
    return Sheet(say(table.report.title), tuple(_report_columns(table, say)), _report_rows(table, say))


def _with_narrowing(table: Table, sheet: Sheet, say: Say) -> Sheet:
    """Say beside the name of each row, the total's among them, what all of it is narrowed to."""
    narrowed = said_narrowed(table.scope)
    if narrowed is None:
        return sheet
    said, place = say(narrowed), _PLACE_OF_NARROWING
    column = Column("only", say(Sentence("Narrowed to")))
    columns = (*sheet.columns[:place], column, *sheet.columns[place:])
    rows = ([*row[:place], said, *row[place:]] for row in sheet.rows)
    return replace(sheet, columns=columns, rows=rows)


def _with_addresses(table: Table, sheet: Sheet) -> Sheet:
    """Add for each count the address that lists exactly what it counts, as a script follows it."""
    counts = [count for count in table.report.counts if count.items]
    columns = tuple(Column(f"{count.name}_{count.items}", count.title) for count in counts)
    rows = (
        [*cells, *(as_json.items_url(row, count, table) for count in counts)]
        for row, cells in zip([*table.rows, table.total], sheet.rows, strict=True)
    )
    return replace(sheet, columns=(*sheet.columns, *columns), rows=rows)


def _report_columns(table: Table, say: Say) -> Iterator[Column]:
    yield Column("by", say(Sentence("Rows")))
    yield Column("key", say(Sentence("Key")))
    yield Column("label", say(Sentence("Name")))
    yield Column("from", _local(Sentence("Beginning"), table, say))
    yield Column("to", _local(Sentence("End"), table, say))
    yield Column("partial", say(Sentence("Partial")))
    yield Column("as_of", _local(Sentence("As of"), table, say))
    for figure in figures_of(table.report):
        yield Column(figure.name, say(figure.title), figure.unit)
    if table.compared is not None:
        yield Column(f"from{BEFORE}", _local(before(Sentence("Beginning")), table, say))
        yield Column(f"to{BEFORE}", _local(before(Sentence("End")), table, say))
        for figure in figures_of(table.report):
            yield Column(f"{figure.name}{BEFORE}", say(before(figure.title)), figure.unit)


def _local(title: Sentence, table: Table, say: Say) -> str:
    """Name the zone that the moments of a column are in."""
    return f"{say(title)} ({table.scope.window.zone.key})"


def _report_rows(table: Table, say: Say) -> Iterator[Sequence[Cell]]:
    names = [figure.name for figure in figures_of(table.report)]
    for kind, row in [*((table.by.value, row) for row in table.rows), (TOTAL, table.total)]:
        cells: list[Cell] = [
            kind,
            str(row.key),
            say(row.label),
            row.window.start,
            row.window.end,
            int(row.partial),
            table.as_of,
            *(row.figures.get(name) for name in names),
        ]
        if table.compared is not None:
            beside = table.compared.get(row.key)
            cells += [beside.window.start, beside.window.end] if beside else [None, None]
            cells += [beside.figures.get(name) if beside else None for name in names]
        yield cells


# What stands behind a figure


def _reading(found: ItemList, kind: FileKind, place: Place, base_url: str, say: Say) -> Iterator[bytes]:
    # What the page says is as of the present is, a moment later, as of that moment.
    scope = replace(found.scope, latest=False)
    with settled(scope.as_of, scope.window.zone):
        pages = _pages(found.report.reader, scope, found.count.name)
        first = next(pages)
        columns = tuple(Column(name, say(title)) for name, title in first.columns)
        if any(item.url for item in first.items):
            columns += (Column(ADDRESS, say(Sentence("Address"))),)
        sheet = Sheet(
            say(found.count.title), columns, _item_rows(chain([first], pages), columns, base_url, say)
        )
        if kind is FileKind.CSV:
            yield from csv_pieces(sheet)
        elif kind is FileKind.JSON:
            yield from json_pieces(sheet, _items_facts(found, scope))
        else:
            yield from xlsx_pieces((sheet, listed_definition(found, say)), place)


def _items_facts(found: ItemList, scope: Scope) -> dict[str, object]:
    return {
        "name": found.report.name,
        "cell": found.count.name,
        "timezone": scope.window.zone.key,
        **addresses.of_scope(scope),
        "total": found.total,
    }


def _pages(reader: Reader, scope: Scope, count: str) -> Iterator[ItemPage]:
    """Yield what a count counts, at least one page; from one statement where the reader can do that."""
    if isinstance(reader, Streaming):
        yield from reader.every(scope, count, block=BLOCK)
        return
    page = reader.items(scope, count, limit=BLOCK, offset=0)
    yield page
    place = len(page.items)
    while page.items and place < page.total:
        page = reader.items(scope, count, limit=BLOCK, offset=place)
        place += len(page.items)
        yield page


def _item_rows(
    pages: Iterable[ItemPage], columns: tuple[Column, ...], base_url: str, say: Say
) -> Iterator[Sequence[Cell]]:
    names = [column.name for column in columns]
    for page in pages:
        for item in page.items:
            cells = {**item.cells, ADDRESS: _address(item, base_url)}
            yield [_cell(cells.get(name), say) for name in names]


def _cell(value: object, say: Say) -> Cell:
    if value is None or isinstance(value, int | float | Fraction | datetime):
        return value
    return say(value) if isinstance(value, str) else str(value)


def _address(item: Item, base_url: str) -> str | None:
    within = item.url is not None and item.url.startswith("/")
    return f"{base_url}{item.url}" if within else item.url
