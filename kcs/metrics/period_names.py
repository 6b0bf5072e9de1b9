"""What pages and mails call a period: as the reader's language writes dates.

Files, the API and the command line keep the short name that is the key of its row (2026-W40).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from kcs import i18n
from kcs.metrics.model import PERIODS, Row, Segment
from kcs.metrics.periods import GRAINS, PeriodName, Window, day_of
from kcs.sentences import Sentence


def name_of(window: Window, by: str) -> PeriodName:
    """Return the name of the whole day, week, month or quarter that a window is of, or a part of."""
    grain = GRAINS[by]
    first = grain.first(day_of(window.start, window.zone))
    return _NAMES[by](first, grain.next(first) - timedelta(1))


def called(rows: Iterable[Row], by: Segment) -> tuple[Row, ...]:
    """Return rows with their periods called so; rows of anything else as they are."""
    if by not in PERIODS:
        return tuple(rows)
    return tuple(replace(row, label=name_of(row.window, by)) for row in rows)


def _day(first: date, _last: date) -> PeriodName:
    return PeriodName(
        i18n.day(first), short=i18n.short_day(first), brief=i18n.brief_day(first), year=first.year
    )


def _week(first: date, last: date) -> PeriodName:
    week = first.isocalendar().week
    full = i18n.translated(Sentence("%(days)s (week %(week)s)", days=i18n.days(first, last), week=week))
    return PeriodName(full, short=i18n.short_day(first), brief=i18n.brief_day(first), year=first.year)


def _month(first: date, _last: date) -> PeriodName:
    name = i18n.month(first)
    return PeriodName(name, short=name, brief=name, year=first.year)


def _quarter(first: date, _last: date) -> PeriodName:
    name = i18n.quarter(first)
    return PeriodName(name, short=name, brief=name, year=first.year)


_NAMES: Mapping[str, Callable[[date, date], PeriodName]] = {
    "day": _day,
    "week": _week,
    "month": _month,
    "quarter": _quarter,
}
