"""Keeping the organisation's calendar as rows, from the first act to a good while ahead."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select

from kcs import database
from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.bi.models import ReportDay
from kcs.metrics.periods import day_number, moment

AHEAD = 400


def keep_days(zone: ZoneInfo) -> int:
    """Add the days that are missing, all of them anew where the zone is another; return how many. Commits."""
    now = database.now()
    first = db.session.execute(select(func.min(Activity.happened_at))).scalar_one() or now
    there = _there(zone)
    wanted = range(day_number(min(first, now), zone), day_number(now, zone) + AHEAD)
    rows = [
        {"day": day, "starts_at": moment(date.fromordinal(day), zone), "zone": zone.key}
        for day in wanted
        if day not in there
    ]
    if rows:
        db.session.execute(database.insert(ReportDay).on_conflict_do_nothing(), rows)
    db.session.commit()
    return len(rows)


def _there(zone: ZoneInfo) -> frozenset[int]:
    """Return the days there are; those of another zone are taken away."""
    others = db.session.execute(select(ReportDay.day).where(ReportDay.zone != zone.key).limit(1)).first()
    if others is not None:
        db.session.execute(delete(ReportDay))
    return frozenset(db.session.execute(select(ReportDay.day)).scalars())
