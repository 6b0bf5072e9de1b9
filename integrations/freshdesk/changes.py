"""The list of changed tickets: three lists one after the other, living tickets, the bin, and the spam.

[List all tickets]: without `updated_since` only tickets of the last thirty days are listed, and a list ends
after 300 pages. Rows move while one turns pages, since what changes goes to the end. So the place is a time:
after each page the list is asked again from the time of its last row on, and pages are turned only within a
second that fills more than one. That the bin and the spam heed time and order is not said, though public
connectors count on it [?]: their rows are taken in whatever order they come.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.freshdesk.client import MAX_PAGES, PAGE_SIZE, FreshdeskClient
from integrations.freshdesk.schemas import GlimpseIn, is_deleted, read
from integrations.freshdesk.statuses import desk_status
from integrations.reading import moment
from kcs.ports import DeskStatus, TicketGlimpse, TicketPage

LISTS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("living", {}),
    ("deleted", {"filter": "deleted"}),
    ("spam", {"filter": "spam"}),
)
# What was written may be listed a little later, and clocks differ: each list begins again a little earlier.
OVERLAP = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
ORDER = {"order_by": "updated_at", "order_type": "asc", "per_page": PAGE_SIZE}


@dataclass(frozen=True)
class Leg:
    """How far one list has been read: asked from `since` on, seen up to `seen`."""

    since: datetime
    seen: datetime
    page: int = 1

    def after(self, rows: list[dict[str, Any]]) -> Leg:
        """Return where to go on when more follows these rows."""
        times = [row["updated_at"] for row in rows]
        seen = max([self.seen, *times])
        step = times[-1].replace(microsecond=0) if times and times == sorted(times) else self.since
        if step > self.since:
            return Leg(step, seen)
        if self.page < MAX_PAGES:
            return Leg(self.since, seen, self.page + 1)
        return Leg(self.since + SECOND, seen)

    def at_end(self, rows: list[dict[str, Any]]) -> Leg:
        """Return where to begin the next time when nothing follows these rows."""
        seen = max([self.seen, *(row["updated_at"] for row in rows)])
        return Leg(seen.replace(microsecond=0) - OVERLAP, seen)


@dataclass(frozen=True)
class Place:
    """Where one is in all the lists together; `number` is that of the list being read."""

    legs: Mapping[str, Leg] = field(default_factory=dict)
    number: int = 0

    @classmethod
    def beginning(cls, since: datetime) -> Place:
        """Return the place before everything that changed since then."""
        begun = since.astimezone(UTC).replace(microsecond=0)
        return cls({name: Leg(begun, begun) for name, _ in LISTS})

    @classmethod
    def read(cls, cursor: str | None, since: datetime) -> Place:
        """Return the place a cursor leads to; the beginning for none, and for one that cannot be read."""
        try:
            held = json.loads(cursor or "")
            legs = {name: _leg(held["legs"][name]) for name, _ in LISTS}
            number = int(held["list"])
        except (ValueError, LookupError, TypeError):
            return cls.beginning(since)
        return cls(legs, number) if 0 <= number < len(LISTS) else cls.beginning(since)

    def __str__(self) -> str:
        """Return the cursor of this place."""
        legs = {
            name: [leg.since.isoformat(), leg.seen.isoformat(), leg.page] for name, leg in self.legs.items()
        }
        return json.dumps({"list": self.number, "legs": legs}, separators=(",", ":"))


def changed_tickets(client: FreshdeskClient, since: datetime, cursor: str | None) -> TicketPage:
    """Return what changed since then, or what follows a cursor, a page of one list. Raises RemoteError."""
    place = Place.read(cursor, since)
    name, kind = LISTS[place.number]
    leg = place.legs[name]
    asked = {**kind, **ORDER, "updated_since": f"{leg.since:%Y-%m-%dT%H:%M:%SZ}", "page": str(leg.page)}
    items, more = client.page("/tickets", asked)
    rows = [read(GlimpseIn, item, "a row of the tickets") for item in items]
    reached = leg.after(rows) if more else leg.at_end(rows)
    following = place.number + (0 if more else 1)
    at_end = following == len(LISTS)
    place = replace(place, legs={**place.legs, name: reached}, number=0 if at_end else following)
    wanted = [row for row in rows if row["updated_at"] >= leg.since]
    return TicketPage(tuple(_glimpse(row, gone=bool(kind)) for row in wanted), str(place), at_end)


def _leg(held: Any) -> Leg:
    since, seen, page = moment(held[0]), moment(held[1]), int(held[2])
    if since is None or seen is None or page < 1:
        raise ValueError("no place in a list")
    return Leg(since, seen, page)


def _glimpse(row: Mapping[str, Any], *, gone: bool) -> TicketGlimpse:
    deleted = gone or is_deleted(row)
    status = DeskStatus.DELETED if deleted else desk_status(row["status"])
    return TicketGlimpse(row["id"], status, row["updated_at"])
