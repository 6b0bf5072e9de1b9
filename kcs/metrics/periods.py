"""The window a report looks at and the calendar periods inside it, in the organisation's time zone.

Boundaries are worked out here, not in SQL: a local day has 23, 24 or 25 hours, and both databases must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from kcs.errors import InvalidInput
from kcs.sentences import Sentence

DEFAULT_DAYS = 30
LONGEST_YEARS = 3
LAST_WEEKS = 13


@dataclass(frozen=True)
class Window:
    """From `start` up to, not including, `end`, in the calendar of `zone`.

    `cuts` are where its periods begin, the first with `start`, in place of where those of the calendar do.
    """

    start: datetime
    end: datetime
    zone: ZoneInfo
    cuts: tuple[datetime, ...] = ()

    @property
    def whole_days(self) -> bool:
        """True when both ends are the beginning of a day there."""
        return all(end == moment(day_of(end, self.zone), self.zone) for end in (self.start, self.end))

    @property
    def days(self) -> tuple[int, int]:
        """The numbers of the first day and of the day after the last, of a window of whole days."""
        return self.day_number(self.start), self.day_number(self.end)

    @property
    def whole_months(self) -> int:
        """How many months it is long, when both ends are the beginning of one there, else 0."""
        start, end = (day_of(each, self.zone) for each in (self.start, self.end))
        if not self.whole_days or (start.day, end.day) != (1, 1):
            return 0
        return 12 * (end.year - start.year) + end.month - start.month

    def day_number(self, at: datetime) -> int:
        """Return the number of the day a moment falls on there."""
        return day_number(at, self.zone)

    def start_of_day(self, number: int) -> datetime:
        """Return when the day of a number begins there."""
        return moment(date.fromordinal(number), self.zone)


@dataclass(frozen=True)
class Period:
    """One day, ISO week, month or quarter. `partial` says that the window cuts it.

    `days` are the numbers of its first day and of the day after its last.
    """

    label: str
    start: datetime
    end: datetime
    partial: bool
    days: tuple[int, int]


class PeriodName(str):
    """The full name of a period; `short` beside an axis, `brief` there where all are of the same `year`."""

    __slots__ = ("brief", "short", "year")

    short: str
    brief: str
    year: int

    def __new__(cls, full: str, *, short: str, brief: str, year: int) -> PeriodName:
        """Name a period."""
        made = super().__new__(cls, full)
        made.short, made.brief, made.year = short, brief, year
        return made


@dataclass(frozen=True)
class Grain:
    """How a calendar is cut: the first day of the period a day is in, of the next one, and its name."""

    first: Callable[[date], date]
    next: Callable[[date], date]
    label: Callable[[date], str]


def _week_label(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _quarter_label(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


# By the names of the segments that are periods.
GRAINS: Mapping[str, Grain] = {
    "day": Grain(lambda day: day, lambda day: day + timedelta(1), date.isoformat),
    "week": Grain(lambda day: day - timedelta(day.weekday()), lambda day: day + timedelta(7), _week_label),
    "month": Grain(
        lambda day: day.replace(day=1),
        lambda day: (day + timedelta(31)).replace(day=1),
        lambda day: f"{day:%Y-%m}",
    ),
    "quarter": Grain(
        lambda day: day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1),
        lambda day: (day + timedelta(100)).replace(day=1),
        _quarter_label,
    ),
}


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day a moment falls on there."""
    return moment.astimezone(zone).date()


def day_number(moment: datetime, zone: ZoneInfo) -> int:
    """Return the number of the day a moment falls on there: days since 31 December of the year 0."""
    return day_of(moment, zone).toordinal()


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


def usual(now: datetime, zone: ZoneInfo) -> dict[str, Window]:
    """Return the windows that people ask for most, by name. What is not over yet ends with today."""
    today = day_of(now, zone)
    after = today + timedelta(1)
    week, month, quarter = (GRAINS[name].first(today) for name in ("week", "month", "quarter"))
    year = today.replace(month=1, day=1)
    spans = {
        "last_days": (after - timedelta(DEFAULT_DAYS), after),
        "last_weeks": (week - timedelta(weeks=LAST_WEEKS), week),
        "this_month": (month, after),
        "last_month": (GRAINS["month"].first(month - timedelta(1)), month),
        "this_quarter": (quarter, after),
        "last_quarter": (GRAINS["quarter"].first(quarter - timedelta(1)), quarter),
        "this_year": (year, after),
        "last_year": (year.replace(year=year.year - 1), year),
    }
    return {
        name: Window(moment(start, zone), moment(end, zone), zone) for name, (start, end) in spans.items()
    }


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors={field: [message]})


def _years_after(start: datetime, years: int) -> datetime:
    naive = start.replace(tzinfo=None)
    try:
        return naive.replace(year=naive.year + years)
    except ValueError:  # 29 February
        return naive.replace(year=naive.year + years, month=3, day=1)


def a_year_before(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the same local time a year before; the end of February for the 29th."""
    return months_before(at, 12, zone)


def months_before(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Return the same local time so many months before; the end of a month that has no such day."""
    local = at.astimezone(zone).replace(tzinfo=None)
    year, month = divmod(12 * local.year + local.month - 1 - months, 12)
    first = local.replace(year=year, month=month + 1, day=1)
    same = first + timedelta(local.day - 1)
    after = datetime.combine(GRAINS["month"].next(first.date()), time.min)
    return moment(min(same, after), zone)


def periods(within: Window, by: str) -> list[Period]:
    """Return the days, weeks, months or quarters that `within` touches, cut to it, in order."""
    if within.cuts:
        return _as_cut(within)
    grain = GRAINS[by]
    day = grain.first(within.start.astimezone(within.zone).date())
    found = []
    while (begins := moment(day, within.zone)) < within.end:
        following = grain.first(grain.next(day))
        ends = moment(following, within.zone)
        start, end = max(begins, within.start), min(ends, within.end)
        if start < end:  # a day that a zone skipped altogether has no hours
            days = day_number(start, within.zone), following.toordinal()
            found.append(Period(grain.label(day), start, end, (start, end) != (begins, ends), days))
        day = following
    return found


def _as_cut(within: Window) -> list[Period]:
    """Return the periods of a window that says itself where they begin; one may have no time at all."""
    return [
        Period(
            day_of(start, within.zone).isoformat(),
            start,
            end,
            partial=False,
            days=(within.day_number(start), within.day_number(end)),
        )
        for start, end in pairwise((*within.cuts, within.end))
    ]
