"""Reports and what stands behind their figures as files, over the log written by hand."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from flask import Flask

from kcs.errors import NotFound
from kcs.metrics.files import tables
from kcs.metrics.files.sheets import FileKind
from kcs.metrics.files.tables import Download, items_file, report_file
from kcs.metrics.model import Only, Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY, Reach
from kcs.metrics.reports.link_rate import REPORT
from kcs.metrics.services import Asked, Compare, Table, compute, items
from kcs.sentences import Sentence
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, at

WEEK_14 = Window(at("2025-03-30T22:00"), at("2025-04-06T22:00"), ZoneInfo("Europe/Madrid"))
BASE = "https://kcs.example.com"
# As of 1 May: solved, linked in week 14 and, beside, in week 13.
WEEKS = {"Ana": ("1", "0", "7", "4"), "Ben": ("3", "2", "1", "0")}


@pytest.fixture(autouse=True)
def log(app: Flask) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())


def ask(reach: Reach = EVERYBODY, only: Only | None = None) -> Asked:
    return Asked(WEEK_14, Segment.AGENT, reach, at("2025-05-01"), only or Only(), compare=Compare.PREVIOUS)


def table() -> Table:
    return compute(REPORT, ask())


def content(file: Download) -> bytes:
    return b"".join(file.pieces)


def lines(file: Download) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(file).decode(), newline="")))


def sheets(file: Download) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content(file)))


def test_a_report_as_csv_has_its_rows_its_total_and_what_stands_beside() -> None:
    file = report_file(table(), FileKind.CSV)
    assert file.name == "link-rate-by-agent-2025-03-31-2025-04-07.csv"
    found = lines(file)
    names = ("solved", "linked", "solved_before", "linked_before")
    shown = {row["label"]: tuple(row[name] for name in names) for row in found}
    assert {label: shown[label] for label in WEEKS} == WEEKS
    total = found[-1]
    assert (total["by"], total["solved"], total["linked"], total["link_rate"]) == ("total", "8", "5", "0.625")
    assert (total["solved_before"], total["linked_before"]) == ("11", "4")
    assert total["as_of"] == "2025-05-01T00:00:00Z"


def test_a_report_as_xlsx_has_its_definition_beside_and_speaks_the_readers_language() -> None:
    def shout(said: str) -> str:
        return said.upper()

    file = report_file(table(), FileKind.XLSX, say=shout)
    figures, definition = sheets(file).worksheets
    assert figures.title == REPORT.title.upper()
    headings = [cell.value for cell in figures[1]]
    assert "SOLVED" in headings
    assert figures.cell(figures.max_row, headings.index("SOLVED") + 1).value == 8
    said = {row[0].value: row[2].value for row in definition.rows}
    assert said["link_rate"] == REPORT.metrics[0].formula.upper()
    assert {count.name for count in REPORT.counts} <= set(said)


def test_a_report_as_json_is_what_the_api_answers() -> None:
    found = json.loads(content(report_file(table(), FileKind.JSON)))
    assert found["total"]["linked"] == 5
    assert found["definition"]["name"] == "link-rate"


@pytest.mark.parametrize("block", [2, 10_000])
def test_a_drill_down_file_has_everything_behind_the_figure(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BLOCK", block)
    listed = items(REPORT, ask(), "solved", per_page=200)
    found = lines(items_file(REPORT, ask(), "solved", FileKind.CSV, base_url=BASE))
    assert [row["ticket"] for row in found] == [item.cells["ticket"] or "" for item in listed.page.items]
    assert len(found) == listed.total == 8


def test_a_drill_down_file_knows_its_part_and_its_moment() -> None:
    only = Only({Segment.AGENT: BEN})
    file = items_file(REPORT, ask(only=only), "linked", FileKind.JSON, base_url=BASE)
    assert file.name == "link-rate-linked-2025-03-31-2025-04-07.json"
    found = json.loads(content(file))
    assert (found["name"], found["cell"], found["agent"]) == ("link-rate", "linked", str(BEN))
    assert found["as_of"] == "2025-05-01T00:00:00Z"
    assert found["total"] == len(found["items"]) == 2
    assert found["items"][0]["happened_at"].endswith("Z")


def test_a_drill_down_as_xlsx_has_the_local_time() -> None:
    file = items_file(REPORT, ask(), "exempt", FileKind.XLSX, base_url=BASE, say=str)
    page = sheets(file).active
    headings = [cell.value for cell in page[1]]
    assert page.max_row == 2
    assert str(page.cell(2, headings.index(str(Sentence("When"))) + 1).value) == "2025-03-31 18:00:00"


def test_what_is_beyond_reach_is_in_no_file() -> None:
    own = Reach(agent_id=BEN)
    found = lines(items_file(REPORT, ask(own), "solved", FileKind.CSV, base_url=BASE))
    assert len(found) == 3
    assert {row["agent"] for row in found} == {"Ben"}
    with pytest.raises(NotFound):
        items_file(REPORT, ask(own, Only({Segment.AGENT: ANA})), "solved", FileKind.CSV, base_url=BASE)
    with pytest.raises(NotFound):
        items_file(REPORT, ask(), "nothing", FileKind.CSV, base_url=BASE)
