"""The emulated REST API: the incremental exports by cursor [Incremental Exports].

Rows come in the order in which the account last touched them, so a row changed while one reads comes once
more at the end. For administrators.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.zendesk.emulator import measures
from integrations.zendesk.emulator.http import ApiError
from integrations.zendesk.emulator.records import Ticket, User

MOST = 1000
RECENT_SECONDS = 60

api = Blueprint("exports", __name__, url_prefix="/api/v2/incremental")


class Numbered(Protocol):
    """A record that has its place in an export."""

    sequence: int


Row = TypeVar("Row", bound=Numbered)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor after them; `end` when there are no more now."""

    rows: Sequence[Row]
    cursor: str
    end: bool

    def links(self) -> dict[str, object]:
        """Return what every page ends with [Incremental Exports: recorded]."""
        kept = {key: value for key, value in request.args.items() if key not in ("start_time", "cursor")}
        url = f"{request.base_url}?{urlencode({**kept, 'cursor': self.cursor})}"
        return {
            "after_url": url,
            "before_url": None,
            "after_cursor": self.cursor,
            "before_cursor": None,
            "end_of_stream": self.end,
        }


@api.get("/tickets/cursor")
def export_tickets() -> Response:
    """Deleted and archived tickets too; `include` may name users and groups [Incremental Exports]."""
    with g.desk.lock:
        ripe = g.now - g.desk.export_lag
        page = _page([t for t in g.desk.tickets.values() if _shown(t, ripe)], _touched)
        rows = [ticket.exported() for ticket in page.rows]
    return answer({"tickets": rows, **_included(page.rows), **page.links()})


@api.get("/users/cursor")
def export_users() -> Response:
    """Those who left are exported too [Incremental Exports]."""
    with g.desk.lock:
        page = _page(list(g.desk.users.values()), _updated)
        rows = [user.as_json() for user in page.rows]
    return answer({"users": rows, **page.links()})


def _page(records: Sequence[Row], moment: Callable[[Row], float]) -> Page[Row]:
    """Return the rows after the cursor, or from `start_time` on [Incremental Exports].

    The cursor says only how far one has come, so an old one reads the same rows again. Raises ApiError.
    """
    most = min(MOST, max(1, request.args.get("per_page", MOST, type=int)))
    cursor = request.args.get("cursor")
    ordered = sorted(records, key=lambda record: record.sequence)
    if cursor is not None:
        after = _read(cursor)
        left = [record for record in ordered if record.sequence > after]
    else:
        start, after = _start(), 0
        left = [record for record in ordered if moment(record) >= start]
    shown = left[:most]
    last = shown[-1].sequence if shown else max(after, ordered[-1].sequence if ordered else 0)
    return Page(shown, _written(last), len(left) <= most)


def _start() -> int:
    """Return `start_time`, in seconds; it must lie a minute back [Incremental Exports]. Raises ApiError."""
    text = request.args.get("start_time", "")
    if not text.isascii() or not text.isdigit():
        raise ApiError(400, "InvalidValue", "start_time must be a whole number of seconds")
    if int(text) > g.now.timestamp() - RECENT_SECONDS:
        sentence = "Too recent start_time. Use a start_time older than 60 seconds"
        raise ApiError(422, "InvalidValue", sentence)
    return int(text)


def _included(tickets: Sequence[Ticket]) -> dict[str, object]:
    """Return the people, groups and metrics of the rows that `include` asks for [Side-loading]."""
    asked = request.args.get("include", "").split(",")
    found: dict[str, object] = {}
    if "users" in asked:
        named = {number for ticket in tickets for number in (ticket.requester_id, ticket.assignee_id)}
        users = [g.desk.users[number] for number in sorted(filter(None, named)) if number in g.desk.users]
        found["users"] = [user.as_json() for user in users]
    if "groups" in asked:
        groups = {t.group_id for t in tickets if t.group_id is not None and t.group_id in g.desk.groups}
        found["groups"] = [g.desk.groups[number].as_json() for number in sorted(groups)]
    return {**found, **measures.beside(g.desk, tickets)}


def _shown(ticket: Ticket, ripe: datetime) -> bool:
    return not g.desk.export_lag or ticket.generated_at <= ripe


def _touched(ticket: Ticket) -> float:
    return ticket.generated_at.timestamp()


def _updated(user: User) -> float:
    return user.updated_at.timestamp()


def _written(sequence: int) -> str:
    return base64.urlsafe_b64encode(f"{sequence}|".encode()).decode()


def _read(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().rstrip("|"))
    except (binascii.Error, ValueError) as exc:
        raise ApiError(400, "InvalidPaginationParameter", "cursor is not one of ours") from exc
