"""The return on investment: counted by hand, with its range, as of a moment; without an input no figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from kcs.activity.models import Activity
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed
from kcs.metrics.model import Number, Scope, Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY, Reach
from kcs.metrics.reports.roi import REPORT, Returns
from kcs.metrics.roi.models import Input, ReportInput
from kcs.metrics.roi.services import SET, inputs_as_of, set_input
from kcs.metrics.roi.working_out import figures, months_in
from kcs.metrics.services import Asked, compute
from kcs.people.models import Agent
from tests.factories import sign_in
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, MIA, at
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
        "saved": 1400,
        "cost": 1000,
        "roi_low": pytest.approx(-0.775),
        "roi": pytest.approx(0.4),
        "roi_high": pytest.approx(3),
    }


@pytest.mark.parametrize("missing", Input)
def test_without_an_input_there_is_no_figure(missing: Input) -> None:
    found = figures(100, 50, inputs({name: of for name, of in GIVEN.items() if name != missing}), MARCH)
    assert [found[name] for name in ("saved", "cost", "roi_low", "roi", "roi_high")] == [None] * 5
    assert (found["known"], found["deflected"]) == (100, 50)


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


@pytest.fixture
def people(app: Flask) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())


def person(number: int) -> Agent:
    return db.session.get_one(Agent, number)


@pytest.mark.usefixtures("people")
def test_an_input_holds_from_when_it_was_set_and_the_log_says_so() -> None:
    before = datetime.now(UTC)
    set_input(Input.MINUTES_SAVED, low=1, likely=2, high=3, source=" payroll ", by=person(MIA))
    db.session.commit()
    between = datetime.now(UTC)
    set_input(Input.MINUTES_SAVED, low=4, likely=5, high=6, source="payroll", by=person(ADA))
    db.session.commit()
    assert inputs_as_of(before) == {}
    assert inputs_as_of(between)[Input.MINUTES_SAVED].likely == 2
    assert inputs_as_of(datetime.now(UTC))[Input.MINUTES_SAVED].likely == 5
    rows = db.session.execute(select(Activity).where(Activity.kind == SET)).scalars().all()
    assert [(row.agent_id, row.detail) for row in rows] == [
        (MIA, {"name": "minutes_saved"}),
        (ADA, {"name": "minutes_saved"}),
    ]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"source": "  "}, "source"),
        ({"low": 3.0}, "likely"),
        ({"high": 1.0}, "likely"),
        ({"low": -1.0}, "low"),
        ({"high": float("inf")}, "low"),
        ({"likely": float("nan")}, "low"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, float | str], field: str) -> None:
    given: dict[str, float | str] = {"low": 1.0, "likely": 2.0, "high": 3.0, "source": "payroll", **changed}
    with pytest.raises(InvalidInput) as refused:
        set_input(
            Input.COST_PER_MINUTE,
            low=float(given["low"]),
            likely=float(given["likely"]),
            high=float(given["high"]),
            source=str(given["source"]),
            by=person(MIA),
        )
    assert list(refused.value.errors) == [field]


class Fixed:
    """A report that says the same of every window."""

    def __init__(self, **figures: Number) -> None:
        self._figures = figures

    def total(self, scope: Scope) -> Mapping[str, Number | None]:
        return self._figures


@pytest.mark.usefixtures("people")
def test_the_report_takes_its_counts_from_the_others_and_says_what_is_missing() -> None:
    reader = Returns(Fixed(known=100), Fixed(deflected=50))  # type: ignore[arg-type] # only its total is asked
    scope = Scope(MARCH, datetime.now(UTC), EVERYBODY)
    assert [path for _, path in reader.hints(scope)] == ["/reports/roi/inputs"] * 4
    for name, (_, likely, _) in GIVEN.items():
        set_input(name, low=likely, likely=likely, high=likely, source="x", by=person(MIA))
    db.session.commit()
    now = Scope(MARCH, datetime.now(UTC), EVERYBODY)
    assert reader.hints(now) == ()
    assert reader.total(now)["roi"] == pytest.approx(0.4)
    assert reader.total(scope)["roi"] is None


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


@pytest.mark.usefixtures("people")
def test_the_page_is_for_managers_and_keeps_what_was_typed(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    path = "/reports/roi/inputs"
    form = {"low": "1", "likely": "2,5", "high": "4", "source": "payroll 2025"}
    manager = sign_in(app.test_client(), person(MIA))
    assert manager.get(path).text.count("Not set: there is no figure") == 4
    report = manager.get("/reports/roi").text
    assert report.count("There is no figure without") == 4
    assert report.count(f'href="{path}"') == 1  # one way to all that is missing
    wrong = manager.post(f"{path}/cost_per_minute", data={**form, "likely": "two"})
    assert (wrong.status_code, "&#39;two&#39; is no number" in wrong.text) == (422, True)
    done = manager.post(f"{path}/cost_per_minute", data=form, follow_redirects=True)
    assert "Cost of a minute of work is set from now on." in done.text
    assert done.text.count("Not set: there is no figure") == 3
    assert "payroll 2025" in done.text
    assert manager.post(f"{path}/bonus", data=form).status_code == 422
    agent = sign_in(app.test_client(), person(ANA))
    assert agent.get(path).status_code == 403
    assert agent.post(f"{path}/cost_per_minute", data=form).status_code == 403
