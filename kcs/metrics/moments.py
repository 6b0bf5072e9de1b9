"""A moment as a form takes it: on the clock of the organisation, where the clock can say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kcs.metrics.periods import moment
from kcs.metrics.schemas import read_moment

# A control of a browser tells no shorter time apart.
SHORTEST = timedelta(milliseconds=1)


@dataclass(frozen=True)
class MomentField:
    """The type and the value of a control."""

    type: str
    value: str


def moment_field(text: str, zone: ZoneInfo) -> MomentField:
    """Return the control for a moment as an address gives it.

    What is no moment, and an hour that the clock shows a second time, stay as they were written: a control
    for moments would lose them.
    """
    found = read_moment(text)
    if found is None:
        return MomentField("text" if text.strip() else "datetime-local", text.strip())
    exact = moment(found, zone)
    local = _written(exact.astimezone(zone).replace(tzinfo=None))
    lost = exact - moment(datetime.fromisoformat(local), zone)
    if not timedelta() <= lost < SHORTEST:
        return MomentField("text", text.strip())
    return MomentField("datetime-local", local)


def _written(local: datetime) -> str:
    if local.microsecond >= 1000:
        return local.isoformat(timespec="milliseconds")
    return local.isoformat(timespec="seconds" if local.second else "minutes")
