"""What pages call a period: as the reader's language writes dates; its key stays the short name of files."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from kcs.metrics.model import EVERYTHING, Row, Segment
from kcs.metrics.period_names import called, name_of
from kcs.metrics.periods import Window, moment, periods

MADRID = ZoneInfo("Europe/Madrid")
NAMES = [
    ("en", "day", "2026-09-28", "28 Sept 2026", "28/09/26", "28 Sept"),
    ("en", "week", "2026-09-28", "28 Sept – 4 Oct 2026 (week 40)", "28/09/26", "28 Sept"),
    ("en", "week", "2025-12-29", "29 Dec 2025 – 4 Jan 2026 (week 1)", "29/12/25", "29 Dec"),
    ("en", "month", "2026-09-01", "Sept 2026", "Sept 2026", "Sept 2026"),
    ("en", "quarter", "2026-07-01", "Q3 2026", "Q3 2026", "Q3 2026"),
    ("es", "day", "2026-09-28", "28 sept 2026", "28/9/26", "28 sept"),
    ("es", "week", "2026-09-28", "28 sept – 4 oct 2026 (semana 40)", "28/9/26", "28 sept"),
    ("es", "quarter", "2026-07-01", "T3 2026", "T3 2026", "T3 2026"),
    ("id", "week", "2026-09-28", "28 Sep – 4 Okt 2026 (minggu 40)", "28/09/26", "28 Sep"),
    ("he", "day", "2026-09-28", "28 בספט׳ 2026", "28.9.26", "28 בספט׳"),
    ("he", "month", "2026-09-01", "ספט׳ 2026", "ספט׳ 2026", "ספט׳ 2026"),
]


@pytest.mark.parametrize(("language", "by", "first", "full", "short", "brief"), NAMES)
def test_a_period_is_called_as_the_reader_writes_dates(
    app: Flask, language: str, by: str, first: str, full: str, short: str, brief: str
) -> None:
    begins = date.fromisoformat(first)
    window = Window(moment(begins, MADRID), moment(begins + timedelta(1), MADRID), MADRID)
    with app.test_request_context(headers={"Accept-Language": language}):
        name = name_of(window, by)
    spaces = str.maketrans("\u2009\u202f\xa0", "   ")
    assert (name.translate(spaces), name.short, name.brief, name.year) == (full, short, brief, begins.year)


@pytest.mark.parametrize("by", ["day", "week", "month", "quarter"])
def test_what_the_window_cuts_is_called_as_the_whole_period(app: Flask, by: str) -> None:
    within = Window(datetime(2025, 3, 26, 15, tzinfo=MADRID), datetime(2025, 4, 2, 9, tzinfo=MADRID), MADRID)
    cut, whole = (periods(each, by) for each in (within, _whole(within, by)))
    with app.test_request_context():
        names = [
            [name_of(Window(each.start, each.end, MADRID), by) for each in some] for some in (cut, whole)
        ]
    assert names[0] == names[1]
    assert len(set(names[0])) == len(cut)


def test_rows_keep_their_keys_and_names_that_are_no_periods(app: Flask) -> None:
    window = Window(moment(date(2026, 9, 1), MADRID), moment(date(2026, 10, 1), MADRID), MADRID)
    row = Row("2026-09", "2026-09", {}, EVERYTHING, window)
    with app.test_request_context():
        [month] = called([row], Segment.MONTH)
        assert (month.key, month.label) == ("2026-09", "Sept 2026")
        assert called([row], Segment.TEAM) == (row,)


def _whole(within: Window, by: str) -> Window:
    """Widen a window to the periods it touches."""
    year = Window(moment(date(2025, 1, 1), MADRID), moment(date(2026, 1, 1), MADRID), MADRID)
    touched = [each for each in periods(year, by) if each.start < within.end and each.end > within.start]
    return Window(touched[0].start, touched[-1].end, MADRID)
