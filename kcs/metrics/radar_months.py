"""The months in which a person may be put beside others: whole ones, each as it stood when it ended.

Of two periods that overlap, or of one period as of two moments, the averages could be subtracted, and the
difference would be what somebody did in between. Months do not overlap, and one that is over stays as it was.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.periods import GRAINS, Window, day_of, moment, periods


def months_over(now: datetime, zone: ZoneInfo) -> dict[str, Window]:
    """Return by name the months that are over and of which the log knew something then, the latest first."""
    began = db.session.execute(select(func.min(Activity.recorded_at))).scalar_one()
    first, end = (moment(GRAINS["month"].first(day_of(each, zone)), zone) for each in (began or now, now))
    found = periods(Window(first, end, zone), "month")
    return {month.label: Window(month.start, month.end, zone) for month in reversed(found)}
