"""What stands beside a report: like beside like, and together what stands beside the total."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from kcs.metrics.comparing import Compare, window_beside
from kcs.metrics.model import PERIODS, Segment
from kcs.metrics.periods import Window, moment, periods
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import REPORTS
from kcs.metrics.roi.working_out import months_in
from kcs.metrics.services import TOTAL, Asked, Table, compute
from tests.metrics import autumn
from tests.metrics.golden import at

MADRID = ZoneInfo("Europe/Madrid")
PREVIOUS, YEAR = Compare.PREVIOUS, Compare.YEAR
HOUR = timedelta(hours=1)  # the one that is told twice in October
DAY, WEEK, MONTH, QUARTER = Segment.DAY, Segment.WEEK, Segment.MONTH, Segment.QUARTER
AGENT, DESK, ARTICLE = Segment.AGENT, Segment.DESK, Segment.ARTICLE


def days(start: str, end: str) -> Window:
    first, after = (moment(datetime.fromisoformat(each), MADRID) for each in (start, end))
    return Window(first, after, MADRID)


def beside(window: Window, by: Segment, compare: Compare) -> list[str]:
    """Return the first days of what the rows are put beside, and the day after the last."""
    rows = [Window(row.start, row.end, MADRID) for row in periods(window, by)] if by in PERIODS else []
    found = window_beside(window, by, compare, rows)
    ends = found.cuts or (found.start,)
    assert ends[0] == found.start
    return [f"{each.astimezone(MADRID):%m-%d}" for each in (*ends, found.end)]


@pytest.mark.parametrize(
    ("window", "by", "compare", "expected"),
    [
        # Monday to Tuesday of the third week: weeks beside seven days each, a day beside a day.
        (("2026-11-09", "2026-11-24"), WEEK, PREVIOUS, ["10-25", "11-01", "11-08", "11-09"]),
        (("2026-11-09", "2026-11-23"), WEEK, PREVIOUS, ["10-26", "11-02", "11-09"]),
        (("2026-11-09", "2026-11-11"), DAY, PREVIOUS, ["11-07", "11-08", "11-09"]),
        # Whole months beside whole months, however long they are.
        (("2026-12-01", "2027-01-01"), MONTH, PREVIOUS, ["11-01", "12-01"]),
        (("2026-12-01", "2027-01-01"), AGENT, PREVIOUS, ["11-01", "12-01"]),
        (("2026-07-01", "2026-10-01"), MONTH, PREVIOUS, ["04-01", "05-01", "06-01", "07-01"]),
        (("2026-07-01", "2026-10-01"), QUARTER, PREVIOUS, ["04-01", "07-01"]),
        (("2026-01-01", "2027-01-01"), QUARTER, PREVIOUS, ["01-01", "04-01", "07-01", "10-01", "01-01"]),
        (("2026-10-15", "2026-11-16"), MONTH, PREVIOUS, ["09-13", "09-30", "10-15"]),
        # Months do not hold equally many days and weeks: as many days before.
        (
            ("2026-03-01", "2026-04-01"),
            WEEK,
            PREVIOUS,
            ["01-29", "01-30", "02-06", "02-13", "02-20", "02-27", "03-01"],
        ),
        (("2026-10-24", "2026-10-27"), DAY, PREVIOUS, ["10-21", "10-22", "10-23", "10-24"]),
        (("2026-11-09", "2026-11-24"), WEEK, YEAR, ["11-09", "11-16", "11-23", "11-24"]),
        (("2024-02-28", "2024-03-02"), DAY, YEAR, ["02-28", "03-01", "03-01", "03-02"]),
        (("2024-02-01", "2024-02-29"), AGENT, YEAR, ["02-01", "03-01"]),
    ],
)
def test_a_window_is_put_beside_one_like_it(
    window: tuple[str, str], by: Segment, compare: Compare, expected: list[str]
) -> None:
    assert beside(days(*window), by, compare) == expected


def test_hours_are_put_beside_as_many_hours_before() -> None:
    hours = Window(at("2026-11-09T10:00"), at("2026-11-10T22:00"), MADRID)
    found = window_beside(hours, AGENT, PREVIOUS, [])
    assert (found.start, found.end) == (at("2026-11-07T22:00"), hours.start)


@pytest.fixture
def log(app: Flask) -> None:
    autumn.tell()


def _asked(report: str, window: Window, by: Segment) -> Table:
    return compute(REPORTS[report], Asked(window, by, EVERYBODY, compare=PREVIOUS))


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("by", PERIODS)
@pytest.mark.parametrize("report", ["link-rate", "known", "activity", "reuse"])
def test_what_stands_beside_the_rows_adds_up_to_what_stands_beside_the_total(
    report: str, by: Segment
) -> None:
    for window in (days("2025-10-24", "2025-11-08"), days("2025-11-01", "2025-12-01")):
        table = _asked(report, window, by)
        assert table.compared is not None
        assert table.compared.keys() == {TOTAL, *(row.key for row in table.rows)}
        beside = [table.compared[row.key] for row in table.rows]
        assert all(one.window.end == two.window.start for one, two in pairwise(beside))
        for count in table.report.counts:
            told = [row.figures[count.name] or 0 for row in beside]
            assert sum(told) == table.compared[TOTAL].figures[count.name]
        assert any(table.compared[TOTAL].figures.values())


@pytest.mark.usefixtures("log")
def test_a_row_is_put_beside_what_the_earlier_report_says_of_that_time() -> None:
    table = _asked("link-rate", days("2025-10-24", "2025-11-08"), WEEK)
    assert table.compared is not None
    for row in table.rows:
        other = table.compared[row.key]
        alone = compute(table.report, Asked(other.window, AGENT, EVERYBODY, table.as_of)).total
        assert (other.figures, other.window) == (alone.figures, alone.window)
        assert other.window.end - other.window.start <= row.window.end - row.window.start + HOUR


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(("report", "by"), [("link-rate", AGENT), ("link-rate", DESK), ("reuse", ARTICLE)])
def test_what_one_side_has_alone_is_a_row_of_both(report: str, by: Segment) -> None:
    """Nothing on the other side is a count of 0: rows add up to the total on both sides."""
    window = days("2025-10-21", "2025-10-22")
    before = window_beside(window, by, PREVIOUS, [])
    alone, other = (
        {row.key for row in compute(REPORTS[report], Asked(each, by, EVERYBODY)).rows}
        for each in (window, before)
    )
    assert alone != other
    table = _asked(report, window, by)
    assert table.compared is not None
    assert {row.key for row in table.rows} == alone | other
    assert [row.label for row in table.rows] == sorted((row.label for row in table.rows), key=str.casefold)
    for count in table.report.counts:
        here = [row.figures[count.name] or 0 for row in table.rows]
        there = [table.compared[row.key].figures[count.name] or 0 for row in table.rows]
        assert (sum(here), sum(there)) == (
            table.total.figures[count.name],
            table.compared[TOTAL].figures[count.name],
        )
    for row in table.rows:
        assert (row.key in alone) is any(row.figures.values())
        assert (row.key in other) is any(table.compared[row.key].figures.values())


@pytest.mark.usefixtures("log")
def test_a_report_of_nothing_is_not_empty_beside_something() -> None:
    then = Asked(days("2025-10-20", "2025-10-21"), AGENT, EVERYBODY, at("2025-10-20T05:00"))
    assert compute(REPORTS["link-rate"], then).is_empty
    later = replace(then, compare=Compare.NOW)
    table = compute(REPORTS["link-rate"], later)
    assert table.compared is not None
    assert not any(table.total.figures.values())
    assert not table.is_empty
    assert [(row.key, row.figures["solved"]) for row in table.rows] == [
        (row.key, 0) for row in compute(REPORTS["link-rate"], replace(later, as_of=None, compare=None)).rows
    ]


def test_the_programme_costs_by_the_months_of_the_window_beside() -> None:
    window = window_beside(
        days("2026-11-09", "2026-11-24"), WEEK, PREVIOUS, [days("2026-11-09", "2026-11-24")]
    )
    assert window.cuts
    assert months_in(window) == months_in(Window(window.start, window.end, MADRID))
