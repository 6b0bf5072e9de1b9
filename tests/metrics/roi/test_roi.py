"""The return on investment: counted by hand, with its range, as of a moment; without an input no figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from kcs.config import Settings
from kcs.database import db
from kcs.errors import NotAllowed
from kcs.metrics.commands import report
from kcs.metrics.model import Number, Scope, Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY, Reach
from kcs.metrics.reports.roi import REPORT, Returns
from kcs.metrics.roi.models import Input, ReportInput
from kcs.metrics.roi.services import INPUTS, Given, set_inputs
from kcs.metrics.roi.working_out import figures, months_in
from kcs.metrics.services import Asked, compute
from kcs.people.models import Agent
from tests.factories import sign_in
from tests.metrics.golden import ANA, MIA, at
from tests.metrics.telling import check_pages

MADRID = ZoneInfo("Europe/Madrid")
MARCH = Window(at("2025-02-28T23:00"), at("2025-03-31T22:00"), MADRID)
GIVEN: Mapping[Input, tuple[float, float, float]] = {
    Input.MINUTES_SAVED: (5, 10, 15),
    Input.COST_PER_MINUTE: (0.5, 1, 1),
    Input.COST_PER_TICKET: (4, 8, 10),
    Input.PROGRAMME_COST: (500, 1000, 2000),
}


def inputs(given: Mapping[Input, tuple[float, float, float]] = GIVEN) -> dict[Input, ReportInput]:
    return {
        name: ReportInput(name=name, low=low, likely=likely, high=high)
        for name, (low, likely, high) in given.items()
    }


def test_the_figures_are_those_worked_out_by_hand() -> None:
    # 100 known, 50 deflected, one month.
    # likely: 100 * 10 * 1 + 50 * 8 = 1400, cost 1000: 0.4
    # low: 100 * 5 * 0.5 + 50 * 4 = 450, cost 2000: -0.775;  high: 100 * 15 * 1 + 50 * 10 = 2000, cost 500: 3
    found = figures(100, 50, inputs(), MARCH)
    assert found == {
        "known": 100,
        "deflected": 50,
        "saved_known": 1000,
        "saved_deflected": 400,
        "saved": 1400,
        "cost": 1000,
        "roi_low": pytest.approx(-0.775),
        "roi": pytest.approx(0.4),
        "roi_high": pytest.approx(3),
    }


RETURNS = {"roi_low", "roi", "roi_high"}
# what there is not; what cannot be worked out without it
LEFT_OUT: list[tuple[set[str], set[str]]] = [
    ({"minutes_saved"}, {"saved_known", "saved", *RETURNS}),
    ({"cost_per_minute"}, {"saved_known", "saved", *RETURNS}),
    ({"cost_per_ticket"}, {"saved_deflected", "saved", *RETURNS}),
    ({"programme_cost"}, {"cost", *RETURNS}),
    # What was saved on known tickets can be told all the same.
    ({"deflected"}, {"deflected", "saved_deflected", "saved", *RETURNS}),
    ({"deflected", "minutes_saved"}, {"deflected", "saved_known", "saved_deflected", "saved", *RETURNS}),
    (set(Input), {"saved_known", "saved_deflected", "saved", "cost", *RETURNS}),
]


@pytest.mark.parametrize(("missing", "left_out"), LEFT_OUT)
def test_a_figure_is_left_out_that_lacks_what_it_is_made_of_and_no_other(
    missing: set[str], left_out: set[str]
) -> None:
    there = {name: of for name, of in GIVEN.items() if name not in missing}
    found = figures(100, None if "deflected" in missing else 50, inputs(there), MARCH)
    assert {name for name, figure in found.items() if figure is None} == left_out


def test_without_a_count_or_a_cost_there_is_no_return() -> None:
    assert figures(100, None, inputs(), MARCH)["roi"] is None
    free = figures(100, 50, inputs({**GIVEN, Input.PROGRAMME_COST: (0, 0, 0)}), MARCH)
    assert (free["saved"], free["cost"], free["roi"]) == (1400, 0, None)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        # March has an hour less: it is one month all the same.
        ("2025-02-28T23:00", "2025-03-31T22:00", 1),
        ("2024-12-31T23:00", "2025-12-31T23:00", 12),
        ("2025-03-31T22:00", "2025-04-15T22:00", 0.5),
        ("2025-04-15T22:00", "2025-06-30T22:00", 2.5),
    ],
)
def test_a_part_of_a_month_costs_its_share(start: str, end: str, months: float) -> None:
    assert months_in(Window(at(start), at(end), MADRID)) == pytest.approx(months)


def person(number: int) -> Agent:
    return db.session.get_one(Agent, number)


class Fixed:
    """A report that says the same of every window."""

    def __init__(self, **figures: Number) -> None:
        self._figures = figures

    def total(self, scope: Scope) -> Mapping[str, Number | None]:
        return self._figures


INPUTS_PATH = "/reports/roi/inputs"
NO_CONTACT, CONTACT = None, "https://example.com/ask"


def with_contact(app: Flask, contact: str | None) -> Settings:
    settings: Settings = app.config["KCS"]
    return replace(settings, help_centre_contact=contact)


def give(given: Mapping[Input, tuple[float, float, float]] = GIVEN) -> None:
    set_inputs({name: Given(*figures, "x") for name, figures in given.items()}, by=person(MIA))
    db.session.commit()


@pytest.mark.usefixtures("people")
def test_the_report_takes_its_counts_from_the_others_and_its_inputs_as_of_its_moment(app: Flask) -> None:
    reader = Returns(Fixed(known=100), Fixed(deflected=50))  # type: ignore[arg-type] # only its total is asked
    before = Scope(MARCH, datetime.now(UTC), EVERYBODY)
    give()
    now = Scope(MARCH, datetime.now(UTC), EVERYBODY)
    assert reader.total(now)["roi"] == pytest.approx(0.4)
    assert reader.total(before)["roi"] is None
    assert [
        (hint.words, hint.missing)
        for hint in reader.hints(now, reader.total(now), with_contact(app, CONTACT))
    ] == [("The return is worked out with figures that people put in.", False)]
    later = [hint.words for hint in reader.hints(before, reader.total(before), with_contact(app, CONTACT))]
    assert len(later) == 4
    assert "Cost of a ticket was set only after the moment this report is as of." in later


# the inputs set, deflection, where one asks a person; words of each reason, whether it leads to the inputs
WHY = [
    ({}, 50, CONTACT, [(f"Without {INPUTS[name].title} there is", True) for name in Input]),
    (GIVEN, None, NO_CONTACT, [("KCS_HELP_CENTRE_CONTACT names no page", False)]),
    (GIVEN, None, CONTACT, [("a visit of the help centre whose need was not met", False)]),
    ({**GIVEN, Input.PROGRAMME_COST: (0, 1, 2)}, 50, CONTACT, [("no return on a cost of nought", True)]),
]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(("given", "helped", "contact", "reasons"), WHY)
def test_what_is_missing_has_its_reason_and_there_is_always_one_way_to_the_inputs(
    app: Flask,
    given: Mapping[Input, tuple[float, float, float]],
    helped: int | None,
    contact: str | None,
    reasons: list[tuple[str, bool]],
) -> None:
    give(given)
    scope = Scope(MARCH, datetime.now(UTC), EVERYBODY)
    reader = REPORT.reader
    assert isinstance(reader, Returns)
    hints = reader.hints(scope, {"deflected": helped}, with_contact(app, contact))
    missing = [hint for hint in hints if hint.missing]
    assert [hint.url == INPUTS_PATH for hint in missing] == [leads for _, leads in reasons]
    assert all(said in hint.words for hint, (said, _) in zip(missing, reasons, strict=True))
    assert any(hint.url == INPUTS_PATH for hint in hints)


@pytest.mark.usefixtures("people")
def test_where_nothing_was_counted_the_cost_and_the_reasons_are_there(app: Flask) -> None:
    app.config["KCS"] = with_contact(app, NO_CONTACT)
    give()
    days = {"from": "2024-03-01", "to": "2024-04-01", "by": "month"}
    page = sign_in(app.test_client(), person(MIA)).get("/reports/roi", query_string=days).text
    assert "KCS_HELP_CENTRE_CONTACT names no page" in page
    assert page.count(f'href="{INPUTS_PATH}"') == 1
    assert "Nothing to count in this period" not in page
    assert ">1,000" in page
    said = app.test_cli_runner().invoke(report, ["roi", "--from", days["from"], "--to", days["to"]]).output
    assert "KCS_HELP_CENTRE_CONTACT names no page" in said
    assert "worked out with figures that people put in" not in said


@pytest.mark.usefixtures("people")
def test_months_add_up_to_what_the_other_reports_count() -> None:
    window = Window(at("2025-03-23T23:00"), at("2025-04-06T22:00"), MADRID)
    table = compute(REPORT, Asked(window, Segment.MONTH, EVERYBODY, at("2025-05-01")))
    assert [row.key for row in table.rows] == ["2025-03", "2025-04"]
    assert sum(int(row.figures["known"] or 0) for row in table.rows) == table.total.figures["known"]
    assert table.total.figures["roi"] is None
    check_pages(REPORT, table.scope, "known")
    with pytest.raises(NotAllowed):
        compute(REPORT, Asked(window, Segment.MONTH, Reach(agent_id=ANA), at("2025-05-01")))
