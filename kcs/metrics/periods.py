"""The window a report looks at and the calendar periods inside it, in the organisation's time zone.

Boundaries are worked out here, not in SQL: a local day has 23, 24 or 25 hours, and both databases must agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from kcs.errors import InvalidInput
from kcs.sentences import Sentence

DEFAULT_DAYS = 30
LONGEST_YEARS = 3


class By(StrEnum):
    """What the rows of a report stand for."""

    AGENT = "agent"
    TEAM = "team"
    DESK = "desk"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Window:
    """From `start` up to, not including, `end`, in the calendar of `zone`."""

    start: datetime
    end: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class Period:
    """One day, ISO week or month. `partial` says that the window cuts it."""

    label: str
    start: datetime
    end: datetime
    partial: bool


@dataclass(frozen=True)
class Grain:
    """How a calendar is cut: the first day of the period a day is in, of the next one, and its name."""

    first: Callable[[date], date]
    next: Callable[[date], date]
    label: Callable[[date], str]


def _week_label(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


GRAINS = {
    By.DAY: Grain(lambda day: day, lambda day: day + timedelta(1), date.isoformat),
    By.WEEK: Grain(lambda day: day - timedelta(day.weekday()), lambda day: day + timedelta(7), _week_label),
    By.MONTH: Grain(
        lambda day: day.replace(day=1),
        lambda day: (day + timedelta(31)).replace(day=1),
        lambda day: f"{day:%Y-%m}",
    ),
}


def moment(value: date | datetime, zone: ZoneInfo) -> datetime:
    """Return the moment meant, in UTC: a date is the start of its day, a time without offset is local."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(UTC)


def window(
    start: date | datetime | None, end: date | datetime | None, *, zone: ZoneInfo, now: datetime
) -> Window:
    """Return the window from `start` to `end`; without either, the last 30 days with today.

    Raises InvalidInput, naming the field, when it is empty or longer than three years.
    """
    if end is None:
        end = now.astimezone(zone).date() + timedelta(1)
    if start is None:
        start = moment(end, zone).astimezone(zone).date() - timedelta(DEFAULT_DAYS)
    found = Window(moment(start, zone), moment(end, zone), zone)
    if found.start >= found.end:
        raise _wrong(
            "to",
            Sentence(
                "The period is empty: it begins at %(start)s and ends before %(end)s. Choose a later 'to'.",
                start=start,
                end=end,
            ),
        )
    if found.end > moment(_years_after(found.start.astimezone(zone), LONGEST_YEARS), zone):
        raise _wrong(
            "from",
            Sentence(
                "From %(start)s to %(end)s is more than %(years)s years. Choose a later 'from'.",
                start=start,
                end=end,
                years=LONGEST_YEARS,
            ),
        )
    return found


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors={field: [message]})


def _years_after(start: datetime, years: int) -> datetime:
    naive = start.replace(tzinfo=None)
    try:
        return naive.replace(year=naive.year + years)
    except ValueError:  # 29 February
        return naive.replace(year=naive.year + years, month=3, day=1)


def periods(within: Window, by: By) -> list[Period]:
    """Return the days, weeks or months that `within` touches, cut to it, in order."""
    grain = GRAINS[by]
    day = grain.first(within.start.astimezone(within.zone).date())
    found = []
    while (begins := moment(day, within.zone)) < within.end:
        following = grain.next(day)
        ends = moment(following, within.zone)
        start, end = max(begins, within.start), min(ends, within.end)
        if start < end:  # a day that a zone skipped altogether has no hours
            found.append(Period(grain.label(day), start, end, (start, end) != (begins, ends)))
        day = following
    return found
