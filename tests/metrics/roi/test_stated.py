"""What a return was worked out with is part of the report: anybody can work it out again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, render_template
from flask_babel import force_locale

from kcs.database import db
from kcs.metrics import as_json, as_text
from kcs.metrics.comparing import Compare
from kcs.metrics.files import notes
from kcs.metrics.model import Segment
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import REPORTS, roi
from kcs.metrics.roi.models import Input
from kcs.metrics.roi.services import Given, set_inputs
from kcs.metrics.services import Asked, Table, compute
from kcs.metrics.stated import stated_lines, stated_of
from kcs.people.models import Agent
from tests.factories import token_for
from tests.metrics.golden import MIA
from tests.metrics.telling import MARCH

pytestmark = pytest.mark.usefixtures("people")

FIRST = {
    Input.MINUTES_SAVED: Given(5, 10, 15.25, "a sample of 50 tickets"),
    Input.PROGRAMME_COST: Given(500, 1000, 12000, "=SUM(A1) <b>ours</b>"),
}
LATER = {Input.MINUTES_SAVED: Given(1, 2, 3, "a guess")}


def give(given: dict[Input, Given]) -> datetime:
    """Set inputs; return a moment after."""
    set_inputs(given, by=db.session.get_one(Agent, MIA))
    db.session.commit()
    return datetime.now(UTC)


def table(as_of: datetime | None = None, compare: Compare | None = None) -> Table:
    return compute(roi.REPORT, Asked(MARCH, Segment.MONTH, EVERYBODY, as_of, compare=compare))


def told(found: Table) -> list[dict[str, Any]]:
    stated: list[dict[str, Any]] = as_json.table(found)["stated"]
    return stated


def test_every_input_is_told_with_its_range_its_source_and_who_said_so_when() -> None:
    give(FIRST)
    minutes, programme = told(table())
    assert minutes.pop("since").endswith("Z")
    assert minutes == {
        "name": "minutes_saved",
        "title": "Minutes saved per known ticket",
        "low": 5,
        "likely": 10,
        "high": 15.25,
        "unit": "minutes",
        "source": "a sample of 50 tickets",
        "stated_by": db.session.get_one(Agent, MIA).name,
        "beside": False,
    }
    assert (programme["name"], programme["high"], programme["unit"]) == (
        "programme_cost",
        12000,
        "money, in the organisation's currency",
    )


def test_a_report_tells_the_inputs_of_its_own_moment() -> None:
    before = datetime.now(UTC)
    between = give(FIRST)
    give(LATER)
    assert told(table(before)) == []
    assert [each["likely"] for each in told(table(between))] == [10, 1000]
    assert [each["likely"] for each in told(table())] == [2, 1000]


def test_what_only_the_figures_beside_were_worked_out_with_is_told_as_that() -> None:
    between = give(FIRST)
    give(LATER)
    now = told(table(between, Compare.NOW))
    assert [(each["likely"], each["beside"]) for each in now] == [(10, False), (1000, False), (2, True)]
    assert [each["beside"] for each in told(table(between, Compare.PREVIOUS))] == [False, False]


def test_the_lines_for_pages_files_and_terminals(app: Flask) -> None:
    since = give(FIRST)
    found = table(since, Compare.NOW)
    first, second = stated_lines(found)
    name = db.session.get_one(Agent, MIA).name
    assert first.name == "Minutes saved per known ticket"
    assert first.value == "low 5, likely 10, high 15.25 (minutes)"
    assert first.source.startswith(f"a sample of 50 tickets ({name}, ")
    assert second.value == "low 500, likely 1,000, high 12,000 (money, in the organisation's currency)"
    with app.test_request_context(), force_locale("es"):
        assert "15,25" in stated_lines(found)[0].value
        page = render_template("metrics/_stated.html", stated=stated_lines(found))
    assert page.count("<dt>") == 2
    assert "&lt;b&gt;ours" in page


def test_a_report_that_nobody_stated_anything_for_tells_nothing(app: Flask) -> None:
    give(FIRST)
    found = compute(REPORTS["link-rate"], Asked(MARCH, Segment.MONTH, EVERYBODY))
    assert stated_of(found) == ()
    assert told(found) == []
    with app.test_request_context():
        assert "<section" not in render_template("metrics/_stated.html", stated=stated_lines(found))


def test_the_api_answers_with_it(app: Flask) -> None:
    give(FIRST)
    asked = {"from": "2025-03-01", "to": "2025-04-01"}
    token = token_for(db.session.get_one(Agent, MIA))
    found = app.test_client().get("/api/v1/reports/roi", query_string=asked, headers=token).get_json()
    assert [(each["name"], each["likely"], each["source"]) for each in found["stated"]] == [
        (name.value, given.likely, given.source) for name, given in FIRST.items()
    ]


def test_terminals_and_workbooks_hold_what_it_was_worked_out_with() -> None:
    give(FIRST)
    found = table()
    text = as_text.table(found)
    assert "Worked out with\n  Minutes saved per known ticket" in text
    assert "low 5, likely 10, high 15.25 (minutes): a sample of 50 tickets" in text
    rows = [list(row) for row in notes.definition(found, str).rows]
    assert [row[:1] for row in rows if "a sample of 50 tickets" in str(row)] == [[""]]
