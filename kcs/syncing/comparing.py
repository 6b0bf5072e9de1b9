"""Comparing what a desk lists with what the mirror holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from kcs.database import db
from kcs.ports import DeskStatus, TicketGlimpse
from kcs.syncing.models import Reason
from kcs.tickets.models import Ticket

ONE_SECOND = timedelta(seconds=1)  # desks tell times in whole seconds
IDS_AT_ONCE = 500  # SQLite takes only so many values in one statement


@dataclass(frozen=True)
class Mirrored:
    """A ticket as the mirror has it."""

    status: DeskStatus
    updated_at: datetime
    read_at: datetime | None = None

    @property
    def is_sure(self) -> bool:
        """False when it was read within the second of its change: another change may have followed in it."""
        return self.read_at is None or self.read_at >= self.updated_at + ONE_SECOND


def behind(listed: TicketGlimpse, here: Mirrored | None) -> Reason | None:
    """Say in what the mirror is behind what the desk lists; None when it is not.

    A list may lag behind the ticket itself: what is older there than here says nothing.
    """
    deleted = listed.status is DeskStatus.DELETED
    if here is None:
        return None if deleted else Reason.ABSENT
    if deleted or here.status is DeskStatus.DELETED:
        if deleted == (here.status is DeskStatus.DELETED):
            return None
        return Reason.DELETED if deleted else Reason.RESTORED
    return _behind_in_time(listed, here)


def _behind_in_time(listed: TicketGlimpse, here: Mirrored) -> Reason | None:
    if listed.updated_at != here.updated_at:
        return Reason.OLDER if listed.updated_at > here.updated_at else None
    if listed.status is not here.status:
        return Reason.STATUS
    return None if here.is_sure else Reason.UNSURE


def all_behind(connection_id: int, listed: Iterable[TicketGlimpse]) -> list[tuple[str, Reason]]:
    """Return the tickets of a page that the mirror must read again, each once, with the reason."""
    latest = {each.id: each for each in listed}
    here = _mirrored(connection_id, list(latest))
    reasons = ((each.id, behind(each, here.get(each.id))) for each in latest.values())
    return [(ticket_id, reason) for ticket_id, reason in reasons if reason is not None]


def _mirrored(connection_id: int, ids: Sequence[str]) -> dict[str, Mirrored]:
    found: dict[str, Mirrored] = {}
    for start in range(0, len(ids), IDS_AT_ONCE):
        query = select(Ticket.remote_id, Ticket.status, Ticket.desk_updated_at, Ticket.read_at).where(
            Ticket.connection_id == connection_id, Ticket.remote_id.in_(ids[start : start + IDS_AT_ONCE])
        )
        found |= {
            row.remote_id: Mirrored(row.status, row.desk_updated_at, row.read_at)
            for row in db.session.execute(query)
        }
    return found
