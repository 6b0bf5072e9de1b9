"""Reports and what stands behind their figures as files, over the log written by hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from flask import Flask

from kcs.errors import NotFound
from kcs.metrics.comparing import Compare
from kcs.metrics.files import tables
from kcs.metrics.files.notes import definition as definition_of
from kcs.metrics.files.sheets import FileKind
from kcs.metrics.files.tables import Download, items_file, report_file
from kcs.metrics.model import NOBODY, Key, Only, Segment, with_metrics
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY, Reach
from kcs.metrics.reports import REPORTS
from kcs.metrics.reports.link_rate import REPORT
from kcs.metrics.services import TOTAL, Asked, Table, compute, items
from kcs.sentences import Sentence
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, SOUTH, at

WEEK_14 = Window(at("2025-03-30T22:00"), at("2025-04-06T22:00"), ZoneInfo("Europe/Madrid"))
BASE = "https://kcs.example.com"
HANDLING = REPORTS["handling"]
WORK = {"work_seconds": 10860}
FACTS = ("name", "title", "words", "aliases", "formula", "symbols", "left_out", "notes", "source")
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
    headings, *told = [[cell.value for cell in row] for row in definition.rows]
    said = {row[0]: dict(zip(headings, row, strict=True)) for row in told}
    assert {count.name for count in REPORT.counts} <= set(said)
    assert said["link_rate"] == {
        "COLUMN": "link_rate",
        "TITLE": "LINK RATE",
        "ALSO KNOWN AS": "PARTICIPATION RATE",
        "KIND": "ACTIVITY",
        "WHAT IT IS": "",
        "FORMULA": "LINKED \u00f7 SOLVED",
        "SYMBOLS": "L \u00f7 S",
        "NUMERATOR": "LINKED",
        "DENOMINATOR": "SOLVED",
        "SUM OF": "",
        "PAIRED WITH": "LINK ACCURACY",
        "LEFT OUT": "",
        "NOTES": "",
        "SOURCE": REPORT.metrics[0].source.upper(),
    }

    assert said["link_rate_without_exempt"]["DENOMINATOR"] == "SOLVED \u2212 EXEMPT"


def test_a_workbook_says_what_it_is_narrowed_to_its_zone_and_its_moment() -> None:
    found = compute(REPORT, ask(only=Only({Segment.TEAM: SOUTH, Segment.AGENT: BEN})))
    figures, definition = sheets(report_file(found, FileKind.XLSX)).worksheets[:2]
    headings, *rows = figures.values
    assert headings[:5] == ("Rows", "Key", "Name", "Narrowed to", "Beginning (Europe/Madrid)")
    assert "As of (Europe/Madrid)" in headings
    assert {row[3] for row in rows} == {"Team: South; Agent: Ben"}
    told = {row[0]: row[1:5] for row in definition.values}
    assert (told["team"][0], told["team"][-1]) == ("Only: Team", "South")
    assert told["agent"][-1] == "Ben"
    assert told["timezone"][-1] == "Europe/Madrid"
    assert [str(told[name][-1]) for name in ("from", "to", "as_of")] == [
        "2025-03-31 00:00:00",
        "2025-04-07 00:00:00",
        "2025-05-01 02:00:00",
    ]
    assert "Narrowed to" not in next(sheets(report_file(table(), FileKind.XLSX)).worksheets[0].values)


def test_the_name_of_a_team_says_where_it_is_not_the_whole_team() -> None:
    found = compute(REPORT, ask(Reach(agent_id=BEN), Only({Segment.TEAM: SOUTH})))
    figures = sheets(report_file(found, FileKind.XLSX)).worksheets[0]
    assert {row[3] for row in list(figures.values)[1:]} == {"Team: South: yours alone"}


@pytest.mark.parametrize("kind", list(FileKind))
def test_the_name_of_a_file_says_what_it_is_narrowed_to(kind: FileKind) -> None:
    some = table()
    narrowed: list[tuple[dict[Segment, Key], str]] = [
        ({Segment.TEAM: 2}, "-team-2"),
        ({Segment.TEAM: "none", Segment.AGENT: 3}, "-team-none-agent-3"),
        ({Segment.LICENCE: "candidate"}, "-licence-candidate"),
        ({Segment.EXPERT: "agent-3"}, "-expert-agent-3"),
        # What somebody typed is no part of a name.
        ({Segment.WORDS: 'x"; ../é'}, "-words"),
        ({Segment.WORDS: "secret"}, "-words"),
    ]
    for keys, end in narrowed:
        found = replace(some, scope=replace(some.scope, only=Only(keys)))
        assert report_file(found, kind).name == f"link-rate-by-agent-2025-03-31-2025-04-07{end}.{kind}"


def test_the_whole_definition_is_in_the_workbook() -> None:
    """As the API tells it: nothing of it is known to a page alone."""
    some = table()
    for report in REPORTS.values():
        found = definition_of(replace(some, report=report), str)
        said = "\n".join(str(cell) for row in found.rows for cell in row)
        facts = [metric.kind.value.capitalize() for metric in report.metrics]
        for each in (report, *report.counts, *report.metrics):
            facts += [value for fact in FACTS for value in listed(getattr(each, fact, ()))]
        assert [fact for fact in facts if fact not in said] == [], report.name


def listed(fact: str | Iterable[str]) -> list[str]:
    return [fact] if isinstance(fact, str) else list(fact)


def test_a_metric_can_be_worked_out_again_from_the_file() -> None:
    """What is only there for a metric to be made of has no column on the page; in files it has."""
    figures = with_metrics(HANDLING, {**{count.name: 1 for count in HANDLING.counts}, "timed": 4, **WORK})
    row = replace(table().total, figures=figures)
    found = replace(table(), report=HANDLING, rows=(), total=row, compared={TOTAL: row})
    [line] = lines(report_file(found, FileKind.CSV))
    for end in ("", "_before"):
        assert (line[f"work_seconds{end}"], line[f"timed{end}"]) == ("10860", "4")
        assert float(line[f"average_work_time{end}"]) == 10860 / 4
    headings, cells = sheets(report_file(found, FileKind.XLSX)).worksheets[0].values
    assert [value for name, value in zip(headings, cells, strict=True) if name.startswith("Work")] == [
        10860,
        10860,
    ]


def test_every_figure_of_a_report_has_its_column() -> None:
    some = table()
    for report in REPORTS.values():
        [header, *_] = content(report_file(replace(some, report=report), FileKind.CSV)).decode().splitlines()
        figures = [count.name for count in report.counts] + [metric.name for metric in report.metrics]
        opened = [f"{count.name}_{count.items}" for count in report.counts if count.items]
        assert set(header.split(",")) >= {*figures, *opened}, report.name


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
    assert file.name == "link-rate-linked-2025-03-31-2025-04-07-agent-2.json"
    found = json.loads(content(file))
    assert (found["name"], found["cell"], found["agent"]) == ("link-rate", "linked", str(BEN))
    assert found["as_of"] == "2025-05-01T00:00:00Z"
    assert found["total"] == len(found["items"]) == 2
    assert found["items"][0]["happened_at"].endswith("Z")


def test_a_drill_down_as_xlsx_has_the_local_time() -> None:
    file = items_file(
        REPORT, ask(only=Only({Segment.TEAM: NOBODY})), "exempt", FileKind.XLSX, base_url=BASE, say=str
    )
    page, definition = sheets(file).worksheets
    headings = [cell.value for cell in page[1]]
    assert page.max_row == 2
    assert str(page.cell(2, headings.index(str(Sentence("When"))) + 1).value) == "2025-03-31 18:00:00"
    told = {row[0]: row[1:] for row in definition.values}
    assert told["exempt"] == ("Exempt", str(REPORT.count("exempt").words))
    assert told["team"] == ("Only: Team", "No team")
    assert told["timezone"][1] == "Europe/Madrid"
    assert str(told["as_of"][1]) == "2025-05-01 02:00:00"


def test_what_is_beyond_reach_is_in_no_file() -> None:
    own = Reach(agent_id=BEN)
    found = lines(items_file(REPORT, ask(own), "solved", FileKind.CSV, base_url=BASE))
    assert len(found) == 3
    assert {row["agent"] for row in found} == {"Ben"}
    with pytest.raises(NotFound):
        items_file(REPORT, ask(own, Only({Segment.AGENT: ANA})), "solved", FileKind.CSV, base_url=BASE)
    with pytest.raises(NotFound):
        items_file(REPORT, ask(), "nothing", FileKind.CSV, base_url=BASE)
