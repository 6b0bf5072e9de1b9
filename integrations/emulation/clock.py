"""A clock that a script can move on, so that what takes hours at the vendor takes none here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Says what time it is: that of this machine, shifted by as much as a script asked for."""

    def __init__(self, start: datetime | None = None) -> None:
        self._shift = start - datetime.now(UTC) if start else timedelta()

    def __call__(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC) + self._shift

    def advance(self, by: timedelta) -> None:
        """Move on; a clock never runs backwards. Raises ValueError."""
        if by < timedelta():
            raise ValueError(f"the clock cannot go back by {-by}")
        self._shift += by
