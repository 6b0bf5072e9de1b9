"""XLSX: written to a folder of its own while the rows are read, sent piece by piece, and deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kcs.metrics.files.sheets import Cell, Column, Sheet
from kcs.metrics.model import Unit

# What a sheet holds at most, its heading among them.
MOST_ROWS = 1_048_576
_LONGEST_TEXT = 32_767
_LONGEST_NAME = 31
_PIECE = 64 * 1024
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
# What XML cannot hold.
_NO_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMATS: Mapping[Unit, str] = {
    Unit.COUNT: "#,##0",
    Unit.SHARE: "0.0%",
    Unit.RATIO: "0.00",
    Unit.DURATION: "#,##0",
    Unit.MONEY: "#,##0.00",
}
_MOMENT = "yyyy-mm-dd hh:mm:ss"
# Signs wide: text is cut by its cell, a moment must be seen whole.
_WIDTH = 20


@dataclass(frozen=True)
class Place:
    """Whom a workbook is for: the zone its moments are in, and whether it is read from right to left."""

    zone: ZoneInfo
    right_to_left: bool = False


def xlsx_pieces(sheets: tuple[Sheet, ...], place: Place) -> Iterator[bytes]:
    """Yield a workbook; a table too long for one sheet goes on in the next.

    Text is stored as text, whatever it looks like; nothing is a formula, an address or a guessed number.
    """
    with TemporaryDirectory(prefix="kcs-xlsx-") as folder:
        file = Path(folder) / "book.xlsx"
        _write(file, sheets, place)
        with file.open("rb") as written:
            while piece := written.read(_PIECE):
                yield piece


def _write(file: Path, sheets: tuple[Sheet, ...], place: Place) -> None:
    options = {
        "constant_memory": True,
        "tmpdir": str(file.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(str(file), options) as book:
        writer = _Writer(book, place)
        for sheet in sheets:
            writer.add(sheet)


class _Writer:
    """Writes tables into one workbook, row after row."""

    def __init__(self, book: Workbook, place: Place) -> None:
        self._book = book
        self._place = place
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._moment = book.add_format({"num_format": _MOMENT})
        self._numbers = {unit: book.add_format({"num_format": shape}) for unit, shape in _FORMATS.items()}
        self._names: set[str] = set()

    def add(self, sheet: Sheet) -> None:
        """Write a table, on as many sheets as it needs."""
        rows = iter(sheet.rows)
        formats = [self._numbers.get(column.unit) if column.unit else None for column in sheet.columns]
        for part in count(1):
            page = self._page(sheet, part)
            number = 0
            for number, row in enumerate(islice(rows, MOST_ROWS - 1), start=1):
                for place, cell in enumerate(row):
                    self._put(page, number, place, cell, formats[place])
            if number < MOST_ROWS - 1:
                return

    def _page(self, sheet: Sheet, part: int) -> Worksheet:
        page = self._book.add_worksheet(self._name(sheet.title, part))
        if self._place.right_to_left:
            page.right_to_left()
        page.freeze_panes(1, 0)
        page.set_column(0, len(sheet.columns) - 1, _WIDTH)
        for place, column in enumerate(sheet.columns):
            page.write_string(0, place, _clean(_heading(column)), self._bold)
        return page

    def _name(self, title: str, part: int) -> str:
        """Return a name no other sheet has: spreadsheets compare them without case."""
        plain = _NOT_IN_NAMES.sub(" ", _clean(title)).strip() or "Sheet"
        for number in count(part):
            ending = f" ({number})" if number > 1 else ""
            name = plain[: _LONGEST_NAME - len(ending)].rstrip() + ending
            if name.casefold() not in self._names:
                break
        self._names.add(name.casefold())
        return name

    def _put(self, page: Worksheet, row: int, place: int, cell: Cell, shape: Format | None) -> None:
        if isinstance(cell, str):
            page.write_string(row, place, _clean(cell))
        elif isinstance(cell, datetime):
            local = cell.astimezone(self._place.zone).replace(tzinfo=None)
            page.write_datetime(row, place, local, self._moment)
        elif cell is not None:
            page.write_number(row, place, float(cell) if isinstance(cell, Fraction) else cell, shape)


def _heading(column: Column) -> str:
    return f"{column.title} (s)" if column.unit is Unit.DURATION else str(column.title)


def _clean(text: str) -> str:
    return _NO_CHARACTERS.sub("\ufffd", text)[:_LONGEST_TEXT]
