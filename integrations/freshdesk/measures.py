"""What Freshdesk measures of a solved ticket: first reply, time tracked, what the customer said of it.

The first comes with the ticket; the others are a call each, made for solved tickets alone. Names in brackets
are parts of the REST documentation; [?] marks what it does not say, tolerated both ways.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.schemas import RatingIn, TimeEntryIn, read
from kcs.errors import RemoteError
from kcs.ports import Measures

KEPT = 3600.0  # seconds: what a plan lacks it hardly gets within the hour
# Not in the plan or not for this agent; then 400, 404 and 405 for what cannot be asked of this ticket [?].
FORBIDDEN, NOT_THERE = 403, frozenset({400, 404, 405})
SPENT = re.compile(r"([0-9]{1,6}):([0-9]{2})(?::[0-9]{2})?", re.ASCII)
RATINGS, TIMES = "satisfaction_ratings", "time_entries"
# [Satisfaction ratings]: 101 to 103 are happy, 100 is neither, -101 to -103 are unhappy.
NEUTRAL = 100

Clock = Callable[[], float]


class Lacking:
    """What an account does not tell us, for its plan or our role; shared by all that read its tickets."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def rows(self, client: FreshdeskClient, path: str, kind: str) -> list[Any] | None:
        """Return what lies below a ticket; None where it is not told. Raises RemoteError."""
        if self._until.get(kind, 0.0) > self._clock():
            return None
        try:
            return list(client.pages(f"{path}/{kind}"))
        except RemoteError as error:
            if error.answered == FORBIDDEN:
                self._until[kind] = self._clock() + KEPT
            elif error.answered not in NOT_THERE:
                raise
            return None


def measures_of(
    client: FreshdeskClient, ticket: Mapping[str, Any], path: str, lacking: Lacking
) -> Measures | None:
    """Return what is measured of a ticket, None where nothing is told of it any more. Raises RemoteError.

    That the archive has ratings and times is not said [?]: where it has none, what was known stays.
    """
    rated, times = lacking.rows(client, path, RATINGS), lacking.rows(client, path, TIMES)
    if rated is None and times is None and "/archived/" in path:
        return None
    what = f"of ticket {ticket['id']}"
    ratings = [read(RatingIn, row, f"a rating {what}") for row in rated or ()]
    entries = [read(TimeEntryIn, row, f"a time entry {what}") for row in times or ()]
    return Measures(_first_reply(ticket), _worked(entries), _satisfied(ratings))


def _first_reply(ticket: Mapping[str, Any]) -> int | None:
    answered = (ticket["stats"] or {}).get("first_responded_at")
    if answered is None or answered < ticket["created_at"]:
        return None
    passed: timedelta = answered - ticket["created_at"]
    return int(passed.total_seconds())


def _worked(entries: list[dict[str, Any]]) -> int | None:
    """Return the sum of what was tracked [Time entries]: hours and minutes, "01:30"."""
    spent = [found for entry in entries if (found := SPENT.fullmatch(entry["time_spent"].strip()))]
    if not spent:
        return None
    return sum(int(found[1]) * 3600 + int(found[2]) * 60 for found in spent)


def _satisfied(ratings: list[dict[str, Any]]) -> bool | None:
    """Return what the last rating says to the survey's first question; None for one that is neither."""
    said = [(rating["created_at"], _value(rating["ratings"])) for rating in ratings]
    last = max(said, key=lambda each: each[0], default=(None, None))[1]
    if last is None or abs(last) <= NEUTRAL:
        return None
    return last > 0


def _value(answers: object) -> int | None:
    value = answers.get("default_question") if isinstance(answers, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
