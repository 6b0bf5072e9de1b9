"""Tables as CSV, JSON and XLSX: text stays text, numbers numbers, moments moments; and none is held whole."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from kcs.metrics.files import workbook
from kcs.metrics.files.lines import csv_pieces, json_pieces
from kcs.metrics.files.sheets import Cell, Column, Sheet
from kcs.metrics.files.workbook import Place, xlsx_pieces
from kcs.metrics.model import Unit

MADRID = Place(ZoneInfo("Europe/Madrid"))
COLUMNS = (
    Column("who", "Who"),
    Column("solved", "Solved", Unit.COUNT),
    Column("rate", "Link rate", Unit.SHARE),
    Column("took", "Took", Unit.DURATION),
    Column("at", "When"),
)
MOMENT = datetime(2025, 3, 30, 22, 30, tzinfo=UTC)
ROWS: tuple[tuple[Cell, ...], ...] = (
    ("Ana", 3, Fraction(1, 3), 90, MOMENT),
    ("=cmd|'/c calc'!A1", 0, None, None, None),
    ("12", 1, 1.0, 0.5, MOMENT),
)
# What a spreadsheet would take for something else.
TEXTS = [
    "=1+1",
    "+1 (2)",
    "-2+3",
    "@SUM(A1)",
    "\uff1d1",
    "{=1}",
    "http://example.com",
    "mailto:a@example.com",
    "internal:Sheet1!A1",
    "0042",
    "1e5",
    "2025-03-30",
    "TRUE",
    "#N/A",
    "",
]


def sheet(rows: Iterable[Sequence[Cell]] = ROWS, columns: tuple[Column, ...] = COLUMNS) -> Sheet:
    return Sheet("Link rate", columns, rows)


def opened(*sheets: Sheet, place: Place = MADRID) -> Any:
    return openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_pieces(sheets, place))))


def cells(page: Any) -> list[list[object]]:
    return [[cell.value for cell in row] for row in page.rows]


def test_csv_has_names_plain_numbers_and_moments_in_utc() -> None:
    assert b"".join(csv_pieces(sheet())).decode() == (
        "who,solved,rate,took,at\r\n"
        "Ana,3,0.3333333333333333,90,2025-03-30T22:30:00Z\r\n"
        "'=cmd|'/c calc'!A1,0,,,\r\n"
        "12,1,1.0,0.5,2025-03-30T22:30:00Z\r\n"
    )


def test_json_says_what_the_columns_are_and_keeps_text_as_it_is() -> None:
    found = json.loads(b"".join(json_pieces(sheet(), {"name": "link-rate", "total": 3})))
    assert found["name"] == "link-rate"
    assert found["columns"][2] == {"name": "rate", "title": "Link rate", "unit": "share"}
    assert found["items"][0] == {
        "who": "Ana",
        "solved": 3,
        "rate": 1 / 3,
        "took": 90,
        "at": "2025-03-30T22:30:00Z",
    }
    assert found["items"][1]["who"] == "=cmd|'/c calc'!A1"
    assert json.loads(b"".join(json_pieces(sheet(()), {})))["items"] == []


def test_xlsx_has_titles_numbers_and_moments_in_the_organisations_zone() -> None:
    book = opened(sheet())
    assert cells(book["Link rate"]) == [
        ["Who", "Solved", "Link rate", "Took (s)", "When"],
        ["Ana", 3, pytest.approx(1 / 3), 90, datetime(2025, 3, 31, 0, 30)],  # noqa: DTZ001 -- XLSX has no zones
        ["=cmd|'/c calc'!A1", 0, None, None, None],
        ["12", 1, 1, 0.5, datetime(2025, 3, 31, 0, 30)],  # noqa: DTZ001
    ]
    assert book["Link rate"]["C2"].number_format == "0.0%"


@pytest.mark.parametrize("text", TEXTS)
def test_text_in_xlsx_is_never_a_formula_an_address_or_a_number(text: str) -> None:
    cell = opened(sheet([(text,)], (Column("text", "Text"),))).active["A2"]
    assert cell.data_type in ("s", "inlineStr") or text == ""
    assert (cell.value or "", cell.hyperlink) == (text, None)


def test_what_no_file_can_hold_is_marked_not_lost() -> None:
    strange = "a\x00b\x1fc\ud800d\uffffe" + "x" * 40_000
    columns = (Column("text", "Text"),)
    assert b"".join(csv_pieces(sheet([(strange,)], columns))).decode().startswith("text\r\na\x00b")
    json.loads(b"".join(json_pieces(sheet([(strange,)], columns), {})))
    value = opened(sheet([(strange,)], columns)).active["A2"].value
    assert value.startswith("a\ufffdb\ufffdc\ufffdd\ufffde")
    assert len(value) == 32_767


def test_sheets_have_names_a_spreadsheet_takes_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    columns = (Column("n", "N", Unit.COUNT),)
    book = opened(
        Sheet("A/B: [new] * who? and what was not", columns, [(number,) for number in range(5)]),
        Sheet("a b   new    who  and what was not", columns, [(9,)]),
        Sheet("'/", columns, []),
    )
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in book.sheetnames)
    assert len({name.casefold() for name in book.sheetnames}) == 5
    # A table too long for a sheet goes on in the next.
    assert [cells(page)[1:] for page in book][:4] == [[[0], [1]], [[2], [3]], [[4]], [[9]]]


def test_a_reader_from_right_to_left_gets_a_sheet_that_begins_there() -> None:
    assert opened(sheet(), place=Place(ZoneInfo("UTC"), right_to_left=True)).active.sheet_view.rightToLeft


@pytest.mark.long
@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_rows_are_read_while_they_are_written(form: str) -> None:
    """Ten times the rows take no more memory."""
    small, large = peak(form, 3_000), peak(form, 30_000)
    assert large < small + 300_000


def peak(form: str, number: int) -> int:
    made = sheet((f"somebody {place}", place, Fraction(place, 7), None, MOMENT) for place in range(number))
    writing: Iterator[bytes] = (
        csv_pieces(made)
        if form == "csv"
        else json_pieces(made, {})
        if form == "json"
        else xlsx_pieces((made,), MADRID)
    )
    tracemalloc.start()
    sent = sum(map(len, writing))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > number
    return most


def test_a_file_that_is_not_fetched_to_its_end_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pieces = xlsx_pieces((sheet(),), MADRID)
    assert next(pieces)
    assert list(tmp_path.iterdir())
    pieces.close()  # type: ignore[attr-defined] # a generator is what it is
    assert list(tmp_path.iterdir()) == []


def test_what_csv_writes_csv_reads() -> None:
    rows = [("a,b; c", 'c"d', "two\r\nlines", "שלום")]
    columns = tuple(Column(name, name) for name in "abcd")
    text = b"".join(csv_pieces(sheet(rows, columns))).decode()
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == list(rows[0])
