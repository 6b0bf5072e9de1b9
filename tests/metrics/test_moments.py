"""A moment in a form: by the clock of the organisation where it can say it, else as it was written."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcs.errors import InvalidInput
from kcs.metrics.moments import SHORTEST, moment_field
from kcs.metrics.periods import moment
from kcs.metrics.schemas import ReportQuery, read_moment

MADRID = ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("2025-05-01", "2025-05-01T00:00"),
        ("2025-05-01T18:30", "2025-05-01T18:30"),
        ("2025-05-01T18:30:05", "2025-05-01T18:30:05"),
        ("2025-05-01T00:00Z", "2025-05-01T02:00"),
        ("2025-05-01T12:00+05:00", "2025-05-01T09:00"),
        ("2025-05-01T00:00:00.123456Z", "2025-05-01T02:00:00.123"),
        (" 2025-05-01 ", "2025-05-01T00:00"),
    ],
)
def test_a_moment_is_shown_on_the_clock_there(text: str, shown: str) -> None:
    field = moment_field(text, MADRID)
    assert (field.type, field.value) == ("datetime-local", shown)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2025-13-01",
        "0001-01-01",
        "9999-12-31T23:59",
        "2025-10-26T01:30Z",  # 02:30 there, the second time
    ],
)
def test_what_the_clock_cannot_say_stays_as_it_was_written(text: str) -> None:
    field = moment_field(text, MADRID)
    assert (field.type, field.value) == ("text", text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("soon", "'soon' is no date."),
        ("1969-12-31", "'1969-12-31' is before 1970, where reports begin. Choose a later date."),
        ("0001-01-01T00:00:00Z", "'0001-01-01T00:00:00Z' is before 1970, where reports begin."),
        ("2200-01-01", "'2200-01-01' is after 2199, where reports end. Choose an earlier date."),
    ],
)
def test_a_date_out_of_range_is_told_from_what_is_no_date(text: str, said: str) -> None:
    assert read_moment(text) is None
    for name in ("from", "to", "as_of"):
        with pytest.raises(InvalidInput) as caught:
            ReportQuery().load({name: text})
        assert str(caught.value.errors[name]).startswith(f'["{said}')


@pytest.mark.parametrize("text", ["1970-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_are_dates(text: str) -> None:
    assert read_moment(text) == date.fromisoformat(text)


@given(
    exact=st.datetimes(timezones=st.just(ZoneInfo("UTC"))).filter(lambda each: 1971 < each.year < 2199),
    zone=st.sampled_from(["Europe/Madrid", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "UTC"]),
)
def test_a_moment_sent_again_is_the_same_but_for_less_than_a_control_tells(exact: object, zone: str) -> None:
    there = ZoneInfo(zone)
    before = read_moment(str(exact))
    after = read_moment(moment_field(str(exact), there).value)
    assert before is not None
    assert after is not None
    assert timedelta() <= moment(before, there) - moment(after, there) < SHORTEST
