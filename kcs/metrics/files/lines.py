"""CSV and JSON, a piece at a time: what is sent is forgotten before the next row is read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction

from kcs.metrics.files.neutral import neutral
from kcs.metrics.files.sheets import Cell, Sheet, in_blocks, utc


def csv_pieces(sheet: Sheet) -> Iterator[bytes]:
    """Yield a header of the columns' names and a line for each row (RFC 4180), text made harmless."""
    return in_blocks(_csv_lines(sheet))


def json_pieces(sheet: Sheet, facts: Mapping[str, object]) -> Iterator[bytes]:
    """Yield one object: the facts about the whole, `columns`, and `items`, each an object by column."""
    return in_blocks(_json_lines(sheet, facts))


class _Line:
    """What the csv module writes to: it keeps the one line."""

    text: str = ""

    def write(self, text: str) -> int:
        """Keep the line."""
        self.text = text
        return len(text)


def _csv_lines(sheet: Sheet) -> Iterator[str]:
    line = _Line()
    writer = csv.writer(line)
    writer.writerow([column.name for column in sheet.columns])
    yield line.text
    for row in sheet.rows:
        writer.writerow([neutral(_plain(cell)) for cell in row])
        yield line.text


def _json_lines(sheet: Sheet, facts: Mapping[str, object]) -> Iterator[str]:
    columns = [
        {"name": column.name, "title": str(column.title), "unit": column.unit and column.unit.value}
        for column in sheet.columns
    ]
    head = _json({**facts, "columns": columns})
    yield f'{head[:-1]}, "items": ['
    names = [column.name for column in sheet.columns]
    before = "\n"
    for row in sheet.rows:
        yield before + _json(dict(zip(names, map(_plain, row), strict=True)))
        before = ",\n"
    yield "\n]}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain(cell: Cell) -> str | int | float | None:
    if isinstance(cell, datetime):
        return utc(cell)
    return float(cell) if isinstance(cell, Fraction) else cell
