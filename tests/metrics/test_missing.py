"""No figure is missing without a reason, in JSON and in workbooks; and no reason is told without need."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from flask import Flask

from kcs.config import Settings
from kcs.database import db
from kcs.metrics import as_json
from kcs.metrics.commands import report as report_command
from kcs.metrics.comparing import Compare
from kcs.metrics.files.sheets import FileKind
from kcs.metrics.files.tables import report_file
from kcs.metrics.hints import hints_of
from kcs.metrics.missing import NOTHING_COUNTED, NOTHING_FOR_READER, missing_of
from kcs.metrics.model import EVERYTHING, Key, Row, Scope, Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import REPORTS, roi
from kcs.metrics.roi.models import Input, ReportInput
from kcs.metrics.roi.services import Given, inputs_as_of, set_inputs
from kcs.metrics.roi.working_out import figures
from kcs.metrics.services import TOTAL, Asked, Table, compute
from kcs.people.models import Agent
from tests.docs.doc_pages import codes, rows, section, text_of
from tests.factories import sign_in, token_for
from tests.metrics import golden
from tests.metrics.golden import MIA, at
from tests.metrics.telling import MADRID

MARCH = Window(at("2025-02-28T23:00"), at("2025-03-31T22:00"), MADRID)
NO_CONTACT, CONTACT = None, "https://example.com/ask"
GIVEN = {
    Input.MINUTES_SAVED: Given(5, 10, 15, "x"),
    Input.COST_PER_MINUTE: Given(0.5, 1, 1, "x"),
    Input.COST_PER_TICKET: Given(4, 8, 10, "x"),
    Input.PROGRAMME_COST: Given(500, 1000, 2000, "x"),
}
RETURNS = ("roi", "roi_high", "roi_low")
OF_DEFLECTION = ("deflected", "saved_deflected", "saved", *RETURNS)
# What a row has beside its figures.
MEMBERS = {"key", "label", "from", "to", "partial", "opens", "missing"}
Told = dict[str, Any]


@pytest.fixture(autouse=True)
def log(app: Flask) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())


def person(number: int) -> Agent:
    return db.session.get_one(Agent, number)


def give(given: Mapping[Input, Given] = GIVEN) -> None:
    set_inputs(given, by=person(MIA))
    db.session.commit()


def with_contact(app: Flask, contact: str | None) -> None:
    settings: Settings = app.config["KCS"]
    app.config["KCS"] = replace(settings, help_centre_contact=contact)


def cells(found: Told) -> Iterator[Told]:
    """Yield all that has figures: rows, the total, and what stands beside them."""
    yield from (*found["rows"], found["total"], *(found["compared"] or {}).values())


def returns(*deflected: int | None) -> Table:
    """Return a report on the return as of now, each row with 100 known tickets and so many deflected."""
    scope = Scope(MARCH, datetime.now(UTC), EVERYBODY)
    inputs = inputs_as_of(scope.as_of)
    some = tuple(_row(key, each, inputs) for key, each in enumerate(deflected))
    total = _row(TOTAL, sum(each or 0 for each in deflected), inputs)
    asked = Asked(MARCH, Segment.MONTH, EVERYBODY)
    return Table(roi.REPORT, asked, Segment.MONTH, scope, scope.as_of, some, total)


def _row(key: Key, deflected: int | None, inputs: Mapping[Input, ReportInput]) -> Row:
    return Row(key, str(key), figures(100, deflected, inputs, MARCH), EVERYTHING, MARCH)


@pytest.mark.parametrize("name", REPORTS)
def test_every_missing_figure_of_every_report_has_a_reason_and_no_other_has(name: str) -> None:
    report = REPORTS[name]
    names = {count.name for count in report.counts} | {metric.name for metric in report.metrics}
    assert not names & MEMBERS
    asked = Asked(MARCH, report.segments[0], EVERYBODY, at("2025-05-01"), compare=Compare.PREVIOUS)
    found = as_json.table(compute(report, asked))
    for cell in cells(found):
        assert set(cell["missing"]) == {figure for figure in names if cell[figure] is None}
        assert all(cell["missing"].values())
    told = {code for cell in cells(found) for some in cell["missing"].values() for code in some}
    assert set(found["reasons"]) == told
    assert all(reason["words"] for reason in found["reasons"].values())


def unset(*names: Input) -> dict[Input, Given]:
    return {name: given for name, given in GIVEN.items() if name not in names}


def every(names: tuple[str, ...], *told: str) -> dict[str, list[str]]:
    return {name: list(told) for name in names}


# the inputs set, how many deflected, where one asks a person; by figure the codes of what it lacks
LACKING: list[tuple[Mapping[Input, Given], int | None, str | None, dict[str, list[str]]]] = [
    (GIVEN, 50, CONTACT, {}),
    (
        unset(Input.MINUTES_SAVED, Input.PROGRAMME_COST),
        50,
        CONTACT,
        {
            **every(("saved_known", "saved"), "minutes_saved_not_set"),
            "cost": ["programme_cost_not_set"],
            **every(RETURNS, "minutes_saved_not_set", "programme_cost_not_set"),
        },
    ),
    (GIVEN, None, NO_CONTACT, every(OF_DEFLECTION, "no_contact_page")),
    (GIVEN, None, CONTACT, every(OF_DEFLECTION, "deflection_not_estimated")),
    ({**GIVEN, Input.PROGRAMME_COST: Given(0, 1, 2, "x")}, 50, CONTACT, {"roi_high": ["cost_of_nought"]}),
    (
        {**unset(Input.COST_PER_TICKET), Input.PROGRAMME_COST: Given(0, 0, 2, "x")},
        50,
        CONTACT,
        {
            **every(("saved_deflected", "saved"), "cost_per_ticket_not_set"),
            "roi_low": ["cost_per_ticket_not_set"],
            "roi": ["cost_per_ticket_not_set", "cost_of_nought"],
            "roi_high": ["cost_per_ticket_not_set", "cost_of_nought"],
        },
    ),
]


@pytest.mark.parametrize(("given", "deflected", "contact", "lacking"), LACKING)
def test_each_figure_of_the_return_has_its_own_reasons(
    app: Flask,
    given: Mapping[Input, Given],
    deflected: int | None,
    contact: str | None,
    lacking: dict[str, list[str]],
) -> None:
    with_contact(app, contact)
    give(given)
    (row,) = as_json.table(returns(deflected))["rows"]
    assert row["missing"] == lacking


def test_a_month_without_an_estimate_says_so_and_the_others_do_not(app: Flask) -> None:
    with_contact(app, CONTACT)
    give()
    found = as_json.table(returns(50, None))
    first, second = (row["missing"] for row in found["rows"])
    assert first == found["total"]["missing"] == {}
    assert second["saved"] == ["deflection_not_estimated"]
    assert found["reasons"]["deflection_not_estimated"]["url"] is None


# where one asks a person; why there is no estimate, in the report on self-service and in that on the return
SAME_REASON = [(NO_CONTACT, "no_contact_page"), (CONTACT, "deflection_not_estimated")]


@pytest.mark.parametrize(("contact", "code"), SAME_REASON)
def test_one_missing_estimate_has_one_reason_in_both_reports(
    app: Flask, contact: str | None, code: str
) -> None:
    with_contact(app, contact)
    give()
    for name in ("self-service", "roi"):
        asked = Asked(MARCH, Segment.WEEK, EVERYBODY, at("2025-05-01"))
        found = as_json.table(compute(REPORTS[name], asked))
        assert {tuple(cell["missing"]["deflected"]) for cell in cells(found)} == {(code,)}


def test_what_rows_lack_that_the_total_has_is_told_once_beside_it(app: Flask) -> None:
    with_contact(app, CONTACT)
    give()
    *of_total, of_rows = hints_of(returns(None, 50, None))
    assert not any(hint.missing for hint in of_total)
    assert of_rows.words.startswith("2 of 3 rows lack figures that the total has")
    assert "whose need was not met" in of_rows.words
    assert set(of_rows.figures) == set(OF_DEFLECTION)
    assert not any(hint.missing for hint in hints_of(returns(50)))


def test_what_the_total_lacks_too_is_told_of_it_alone(app: Flask) -> None:
    with_contact(app, NO_CONTACT)
    give()
    table = returns(None, None)
    nothing = replace(table, total=_row(TOTAL, None, inputs_as_of(table.as_of)))
    (told,) = (hint for hint in hints_of(nothing) if hint.missing)
    assert told.code == "no_contact_page"
    assert "rows lack" not in told.words


def test_what_stands_beside_has_the_reasons_of_its_own_moment() -> None:
    before = datetime.now(UTC)
    give()
    asked = Asked(MARCH, Segment.MONTH, EVERYBODY, before, compare=Compare.NOW)
    found = as_json.table(compute(roi.REPORT, asked))
    assert found["total"]["missing"]["cost"] == ["programme_cost_set_later"]
    assert "cost" not in found["compared"]["total"]["missing"]
    assert found["reasons"]["programme_cost_set_later"] == {
        "words": "Cost of the programme a month was set only after the moment this report is as of.",
        "url": "/reports/roi/inputs",
    }


def test_what_nothing_stands_beside_lacks_everything_there() -> None:
    table = compute(
        REPORTS["link-rate"],
        Asked(MARCH, Segment.AGENT, EVERYBODY, at("2025-05-01"), compare=Compare.PREVIOUS),
    )
    assert missing_of(table).beside("nobody")["solved"] == (NOTHING_COUNTED,)


def test_the_api_the_page_and_the_command_give_the_same_reasons(app: Flask) -> None:
    query = {"from": "2025-03-01", "to": "2025-04-01"}
    api = (
        app.test_client()
        .get("/api/v1/reports/roi", query_string=query, headers=token_for(person(MIA)))
        .get_json()
    )
    page = sign_in(app.test_client(), person(MIA)).get("/reports/roi.json", query_string=query)
    said = app.test_cli_runner().invoke(
        report_command, ["roi", "--from", query["from"], "--to", query["to"], "--json"]
    )
    for found in (json.loads(page.text), json.loads(said.output)):
        assert found["reasons"] == api["reasons"]
        assert found["total"]["missing"] == api["total"]["missing"]
    assert "minutes_saved_not_set" in api["total"]["missing"]["roi"]
    assert api["reasons"]["minutes_saved_not_set"]["words"].startswith("Without Minutes saved")


def workbook(table: Table, **said: Any) -> Any:
    content = b"".join(report_file(table, FileKind.XLSX, **said).pieces)
    return openpyxl.load_workbook(io.BytesIO(content))


def test_a_workbook_tells_why_cells_are_empty_on_a_sheet_of_its_own(app: Flask) -> None:
    with_contact(app, CONTACT)
    give()
    book = workbook(returns(50, None, None), say=str.upper)
    assert book.sheetnames == ["RETURN ON INVESTMENT", "DEFINITION", "MISSING FIGURES"]
    headings, *told = [[cell.value for cell in row] for row in book.worksheets[2].rows]
    assert headings == ["COLUMN", "TITLE", "EMPTY CELLS", "CODE", "WHY"]
    by_name = {name: (title, number, code) for name, title, number, code, _ in told}
    assert by_name["saved"] == ("SAVED", 2, "deflection_not_estimated")
    assert set(by_name) == set(OF_DEFLECTION)
    assert "VISIT OF THE HELP CENTRE" in told[0][4]


def test_a_workbook_in_which_nothing_is_missing_has_no_such_sheet(app: Flask) -> None:
    with_contact(app, CONTACT)
    give()
    assert len(workbook(returns(50)).sheetnames) == 2


def test_a_workbook_tells_of_what_stands_beside_too() -> None:
    asked = Asked(MARCH, Segment.AGENT, EVERYBODY, at("2025-05-01"), compare=Compare.PREVIOUS)
    table = compute(REPORTS["link-rate"], asked)
    figures, _, why = workbook(table).worksheets
    empty = {
        name: [cell.value for cell in column[1:]].count(None)
        for name, column in zip([cell.value for cell in figures[1]], figures.columns, strict=True)
    }
    told = {row[1].value: row[2].value for row in list(why.rows)[1:]}
    # Whoever has no row beside has no times there either: no figure is missing.
    assert told == {
        name: number
        for name, number in empty.items()
        if number and name not in ("Beginning before", "End before")
    }
    assert "Link rate before" in told


def test_csv_has_the_columns_it_had() -> None:
    content = b"".join(report_file(returns(None), FileKind.CSV).pieces).decode()
    (header, *_) = csv.reader(io.StringIO(content))
    assert not {"missing", "reasons"} & set(header)


def test_the_page_on_the_api_tells_every_code() -> None:
    told = {code for row in rows(section(text_of("api.md"), "Missing figures")) for code in codes(row[0])}
    inputs = {f"{name.value}_{when}" for name in Input for when in ("not_set", "set_later")}
    others = {"no_contact_page", "deflection_not_estimated", "cost_of_nought", NOTHING_COUNTED.code}
    others.add(NOTHING_FOR_READER)
    assert told == inputs | others
