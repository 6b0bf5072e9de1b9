"""Windows and calendar periods, in zones where a day is not always 24 hours long."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.errors import InvalidInput
from kcs.metrics.periods import GRAINS, Period, Window, a_year_before, moment, periods, usual, window
from tests.metrics.golden import at

MADRID = ZoneInfo("Europe/Madrid")
NOW = at("2025-06-15T22:30")  # 16 June in Madrid


def days(start: str, end: str, zone: ZoneInfo = MADRID) -> Window:
    return window(date.fromisoformat(start), date.fromisoformat(end), zone=zone, now=NOW)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2025-03-30", "Europe/Madrid", "2025-03-29T23:00"),
        ("2025-03-31", "Europe/Madrid", "2025-03-30T22:00"),
        ("2025-10-26", "Europe/Madrid", "2025-10-25T22:00"),
        ("2025-10-27", "Europe/Madrid", "2025-10-26T23:00"),
        ("2025-03-31", "Asia/Kolkata", "2025-03-30T18:30"),
        ("2025-04-25", "Africa/Cairo", "2025-04-24T22:00"),  # 00:00 did not exist there: 01:00
        ("2025-03-30T02:30", "Europe/Madrid", "2025-03-30T01:30"),  # did not exist: 03:30
        ("2025-10-26T02:30", "Europe/Madrid", "2025-10-26T00:30"),  # came twice: the first
        ("2025-03-30T12:00+05:00", "Europe/Madrid", "2025-03-30T07:00"),
    ],
)
def test_a_date_is_the_start_of_its_day_there(text: str, zone: str, expected: str) -> None:
    value = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    assert moment(value, ZoneInfo(zone)) == at(expected)


@pytest.mark.parametrize(
    ("by", "start", "end", "expected"),
    [
        ("day", "2025-03-29", "2025-04-01", "2025-03-29 24h, 2025-03-30 23h, 2025-03-31 24h"),
        ("day", "2025-10-25", "2025-10-28", "2025-10-25 24h, 2025-10-26 25h, 2025-10-27 24h"),
        ("week", "2025-03-24", "2025-04-07", "2025-W13 167h, 2025-W14 168h"),
        ("week", "2025-03-26", "2025-04-02", "2025-W13 119h cut, 2025-W14 48h cut"),
        ("week", "2024-12-30", "2025-01-06", "2025-W01 168h"),
        ("week", "2021-01-01", "2021-01-04", "2020-W53 72h cut"),
        ("month", "2024-01-31", "2024-03-02", "2024-01 24h cut, 2024-02 696h, 2024-03 24h cut"),
        ("month", "2025-03-01", "2025-04-01", "2025-03 743h"),
        ("quarter", "2025-01-01", "2025-07-01", "2025-Q1 2159h, 2025-Q2 2184h"),
        ("quarter", "2024-12-31", "2025-01-02", "2024-Q4 24h cut, 2025-Q1 24h cut"),
    ],
)
def test_periods_follow_the_calendar(by: str, start: str, end: str, expected: str) -> None:
    def told(period: Period) -> str:
        hours = (period.end - period.start) // timedelta(hours=1)
        return f"{period.label} {hours}h{' cut' if period.partial else ''}"

    assert ", ".join(map(told, periods(days(start, end), by))) == expected


def test_a_period_knows_the_days_it_is_made_of() -> None:
    day = date.toordinal
    assert [period.days for period in periods(days("2025-03-26", "2025-04-02"), "week")] == [
        (day(date(2025, 3, 26)), day(date(2025, 3, 31))),
        (day(date(2025, 3, 31)), day(date(2025, 4, 7))),
    ]


@pytest.mark.parametrize(
    ("start", "end", "zone", "whole"),
    [
        ("2025-03-29T23:00", "2025-03-30T22:00", "Europe/Madrid", True),  # a day of 23 hours
        ("2025-03-29T23:00", "2025-03-30T23:00", "Europe/Madrid", False),  # 24 hours, but not that day
        ("2025-10-25T22:00", "2025-10-26T23:00", "Europe/Madrid", True),
        ("2025-03-29T23:01", "2025-03-30T22:00", "Europe/Madrid", False),
        ("2025-04-24T22:00", "2025-04-25T21:00", "Africa/Cairo", True),  # begins at 01:00
        ("2025-03-30T00:00", "2025-03-31T00:00", "UTC", True),
    ],
)
def test_a_window_of_whole_days_knows_them(start: str, end: str, zone: str, whole: bool) -> None:
    found = Window(at(start), at(end), ZoneInfo(zone))
    assert found.whole_days is whole
    if whole:
        first, after = found.days
        assert after == first + 1
        assert found.start_of_day(first) == found.start
        assert found.start_of_day(after) == found.end


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2025-03-30T22:00", "2024-03-30T23:00"),  # midnight there, in summer time; winter time then
        ("2024-02-28T23:00", "2023-02-28T23:00"),  # the 29th there: the end of February then
        ("2025-01-01T12:00", "2024-01-01T12:00"),
    ],
)
def test_a_year_before_is_the_same_time_of_the_same_day_there(now: str, then: str) -> None:
    assert a_year_before(at(now), MADRID) == at(then)


def test_a_day_that_never_was_has_no_row() -> None:
    apia = days("2011-12-29", "2012-01-01", ZoneInfo("Pacific/Apia"))
    assert [period.label for period in periods(apia, "day")] == ["2011-12-29", "2011-12-31"]


USUAL = {
    "2025-06-15T22:30": {  # Monday the 16th in Madrid
        "last_days": ("2025-05-18", "2025-06-17"),
        "last_weeks": ("2025-03-17", "2025-06-16"),
        "this_month": ("2025-06-01", "2025-06-17"),
        "last_month": ("2025-05-01", "2025-06-01"),
        "this_quarter": ("2025-04-01", "2025-06-17"),
        "last_quarter": ("2025-01-01", "2025-04-01"),
        "this_year": ("2025-01-01", "2025-06-17"),
        "last_year": ("2024-01-01", "2025-01-01"),
    },
    "2024-12-31T23:30": {  # the first of January there
        "last_month": ("2024-12-01", "2025-01-01"),
        "this_month": ("2025-01-01", "2025-01-02"),
        "last_quarter": ("2024-10-01", "2025-01-01"),
        "this_quarter": ("2025-01-01", "2025-01-02"),
        "this_year": ("2025-01-01", "2025-01-02"),
    },
    "2024-03-31T21:59": {  # the last minute of a quarter, in summer time
        "last_month": ("2024-02-01", "2024-03-01"),
        "this_quarter": ("2024-01-01", "2024-04-01"),
        "last_quarter": ("2023-10-01", "2024-01-01"),
        "last_weeks": ("2023-12-25", "2024-03-25"),
    },
}


@pytest.mark.parametrize(
    ("now", "name", "expected"),
    [(now, name, expected) for now, named in USUAL.items() for name, expected in named.items()],
)
def test_the_usual_periods_are_those_of_the_calendar_there(
    now: str, name: str, expected: tuple[str, str]
) -> None:
    assert usual(at(now), MADRID)[name] == days(*expected)


@given(
    zone=st.sampled_from(["Europe/Madrid", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "UTC"]),
    start=st.datetimes(datetime(2010, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001 -- the zone is drawn too
    hours=st.integers(1, 3000),
    by=st.sampled_from(list(GRAINS)),
)
def test_periods_cover_the_window_without_gap_or_overlap(
    zone: str, start: datetime, hours: int, by: str
) -> None:
    begins = moment(start, ZoneInfo(zone))
    within = Window(begins, begins + timedelta(hours=hours), ZoneInfo(zone))
    found = periods(within, by)
    assert found[0].start == within.start
    assert found[-1].end == within.end
    assert all(before.end == after.start for before, after in pairwise(found))
    assert all(period.start < period.end for period in found)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, ("2025-05-18", "2025-06-17")),
        ("2025-06-01", None, ("2025-06-01", "2025-06-17")),
        (None, "2025-03-31", ("2025-03-01", "2025-03-31")),
    ],
)
def test_a_window_left_open_is_thirty_days_with_today(
    start: str | None, end: str | None, expected: tuple[str, str]
) -> None:
    first, last = (None if text is None else date.fromisoformat(text) for text in (start, end))
    assert window(first, last, zone=MADRID, now=NOW) == days(*expected)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2025-04-01", "2025-04-01", "to"),
        ("2025-04-02", "2025-04-01", "to"),
        ("2022-04-01", "2025-04-02", "from"),
        ("2022-03-26T00:00:00", "2025-03-26T00:00:01", "from"),
        ("2024-02-29", "2027-03-02", "from"),
    ],
)
def test_an_empty_or_endless_window_is_refused_by_field(start: str, end: str, field: str) -> None:
    parse = datetime.fromisoformat if "T" in start else date.fromisoformat
    with pytest.raises(InvalidInput, match=start[:10]) as refused:
        window(parse(start), parse(end), zone=MADRID, now=NOW)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize(("start", "end"), [("2022-04-01", "2025-04-01"), ("2024-02-29", "2027-03-01")])
def test_three_years_to_the_day_are_allowed(start: str, end: str) -> None:
    assert days(start, end).zone is MADRID
