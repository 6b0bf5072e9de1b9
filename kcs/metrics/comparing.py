"""What stands beside a report: the window before, the same a year before, or what its own window says now.

Each row is put beside as much time as it has itself: the earlier window is cut where the rows' periods begin,
moved back as far as the window is, so that what stands beside them adds up to what stands beside the total.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from kcs.metrics.model import PERIODS, Segment
from kcs.metrics.periods import Window, a_year_before, months_before

Move = Callable[[datetime], datetime]
SHORT = (Segment.DAY, Segment.WEEK)


class Compare(StrEnum):
    """What a report is put beside: the window before, a year before, or what the same window says now."""

    PREVIOUS = "previous"
    YEAR = "year"
    NOW = "now"


def window_beside(window: Window, by: Segment, compare: Compare, rows: Iterable[Window]) -> Window:
    """Return the window that a report by `by` is put beside; its periods are cut as `rows` are.

    Whole months are put beside as many months before, unless rows are days or weeks, which months do not
    hold equally many of.
    """
    if compare is Compare.NOW:
        return window
    back = _a_year(window) if compare is Compare.YEAR else _its_length(window, by)
    cuts = tuple(back(row.start) for row in rows) if by in PERIODS else ()
    return replace(window, start=back(window.start), end=back(window.end), cuts=cuts)


def _a_year(window: Window) -> Move:
    return lambda at: a_year_before(at, window.zone)


def _its_length(window: Window, by: Segment) -> Move:
    months = 0 if by in SHORT else window.whole_months
    if months:
        return lambda at: months_before(at, months, window.zone)
    if window.whole_days:
        first, after = window.days
        return lambda at: window.start_of_day(window.day_number(at) - (after - first))
    return lambda at: at - (window.end - window.start)
