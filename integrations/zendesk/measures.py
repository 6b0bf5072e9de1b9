"""What Zendesk measures of a ticket: the customer's rating, the first reply, the time agents tracked.

All of it comes with the ticket, but for which field holds the tracked time. Names in brackets are parts of
developer.zendesk.com or support.zendesk.com; [?] marks what no source shows plainly, tolerated both ways.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from integrations.zendesk.client import ZendeskClient
from kcs.errors import RemoteError
from kcs.ports import Measures

INCLUDED = "metric_sets"
WITH_METRICS = {"include": INCLUDED}
# [Time Tracking app]: the field it makes has this title and holds seconds.
TRACKED = "total time spent (sec)"
KEPT = 6 * 3600.0  # seconds: the app is installed once
REFUSED = frozenset({403, 404})
WHOLE = re.compile(r"[0-9]{1,10}", re.ASCII)
MINUTE = 60

Clock = Callable[[], float]


class TimeFields:
    """Which ticket field of an account holds the tracked time; asked for once in a while for all readers."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[str | None, float]] = {}

    def of(self, client: ZendeskClient) -> str | None:
        """Return its number; None where there is none, or we may not see. Raises RemoteError."""
        known = self._known.get(client.site)
        if known is None or known[1] <= self._clock():
            known = self._known[client.site] = _tracking_field(client), self._clock() + KEPT
        return known[0]


def measures_of(
    client: ZendeskClient, answer: Mapping[str, Any], ticket: Mapping[str, Any], time_fields: TimeFields
) -> Measures:
    """Return what is measured of a ticket, read from the answer it came in. Raises RemoteError."""
    return Measures(
        first_reply_seconds=_first_reply(answer),
        worked_seconds=_worked(client, ticket, time_fields),
        satisfied=_satisfied(ticket["satisfaction_rating"]),
    )


def _satisfied(rating: object) -> bool | None:
    """Return what was said [Satisfaction Ratings]: good or bad, with a comment or without."""
    score = rating.get("score") if isinstance(rating, Mapping) else None
    word = score.lower().partition("_")[0] if isinstance(score, str) else ""
    return {"good": True, "bad": False}.get(word)


def _first_reply(answer: Mapping[str, Any]) -> int | None:
    """Return the seconds to the first public reply [Ticket Metrics].

    The metrics stand within the ticket or beside it [?]. Seconds are told of messaging alone.
    """
    for metrics in _metric_sets(answer):
        for name, seconds in (("reply_time_in_seconds", 1), ("reply_time_in_minutes", MINUTE)):
            told = metrics.get(name)
            passed = told.get("calendar") if isinstance(told, Mapping) else None
            if isinstance(passed, int | float) and not isinstance(passed, bool) and passed >= 0:
                return int(passed * seconds)
    return None


def _metric_sets(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    ticket, beside = answer.get("ticket"), answer.get(INCLUDED)
    within = ticket.get("metric_set") if isinstance(ticket, Mapping) else None
    found = [within, *(beside if isinstance(beside, list) else [beside])]
    return [each for each in found if isinstance(each, Mapping)]


def _worked(client: ZendeskClient, ticket: Mapping[str, Any], time_fields: TimeFields) -> int | None:
    """Return the tracked seconds; which field it is is asked only of tickets that have such a number."""
    whole = {item["id"]: str(item["value"]) for item in ticket["custom_fields"] if _is_whole(item["value"])}
    number = time_fields.of(client) if whole else None
    return int(whole[number]) if number in whole else None


def _is_whole(value: object) -> bool:
    is_number = isinstance(value, int | str) and not isinstance(value, bool)
    return is_number and WHOLE.fullmatch(str(value)) is not None


def _tracking_field(client: ZendeskClient) -> str | None:
    try:
        fields = [item for item in client.pages("/ticket_fields", "ticket_fields") if isinstance(item, dict)]
    except RemoteError as error:
        if error.answered not in REFUSED:
            raise
        return None
    tracked = (item for item in fields if _is_tracking(item) and item.get("active") is not False)
    return next((str(item.get("id")) for item in tracked), None)


def _is_tracking(item: Mapping[str, Any]) -> bool:
    titles = (item.get("raw_title"), item.get("title"))
    return TRACKED in {title.strip().lower() for title in titles if isinstance(title, str)}
