"""The list of changed tickets: Zendesk's incremental export, by cursor.

It is allowed to administrators, ten calls a minute, names deleted tickets too, and leaves out what changed
within the last minute. Rows follow the order in which Zendesk last touched them, so one may show an older
time of change than the row before. Names in brackets are parts of developer.zendesk.com.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.schemas import GlimpseIn, desk_status, read
from kcs.errors import RemoteError
from kcs.ports import TicketGlimpse, TicketPage

PATH = "/incremental/tickets/cursor"
ROWS = "1000"  # the most a page may hold [Incremental Exports]
FRESHEST = timedelta(minutes=1, seconds=5)  # a later beginning is refused [Incremental Exports]


def changed_tickets(client: ZendeskClient, since: datetime, cursor: str | None, now: datetime) -> TicketPage:
    """Return what changed since then, or what follows a cursor. Raises RemoteError.

    An account that has nothing to list may give no cursor: then the place is an empty one, the beginning.
    """
    answer = client.get(PATH, _place(since, cursor, now))
    rows = answer.get("tickets")
    if not isinstance(rows, list):
        raise RemoteError("Zendesk's export holds no list of tickets.", permanent=False)
    at_end = bool(answer.get("end_of_stream", True))
    following = answer.get("after_cursor")
    if not isinstance(following, str) or not following:
        if not at_end:
            raise RemoteError("Zendesk's export goes on, but says not from where.", permanent=False)
        following = cursor or ""
    return TicketPage(tuple(map(_glimpse, rows)), following, at_end)


def _place(since: datetime, cursor: str | None, now: datetime) -> Mapping[str, str]:
    if cursor:
        return {"cursor": cursor, "per_page": ROWS}
    start = min(since, now - FRESHEST).astimezone(UTC)
    return {"start_time": str(max(1, int(start.timestamp()))), "per_page": ROWS}


def _glimpse(row: Any) -> TicketGlimpse:
    ticket = read(GlimpseIn, row, "a row of the export")
    return TicketGlimpse(
        ticket["id"], desk_status(ticket["status"], ticket["status_category"]), ticket["updated_at"]
    )
