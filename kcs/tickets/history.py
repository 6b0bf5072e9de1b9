"""Who solved and reopened the tickets of a desk that keeps no history, as far as it can be known.

What such a desk tells when it happens is kept; what a reading shows and nobody told is inferred from it, and
kept as well, since the next reading may show it no more. A change heard late takes the place of what was
inferred for it. Decision 0020 has the rules; `kcs.tickets.retelling` puts the pieces together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from kcs import database
from kcs.database import db
from kcs.ports import AuthorKind, DeskStatus, DeskUser, HeardChange, StatusChange, TicketSnapshot
from kcs.text import clean_line
from kcs.tickets.models import Connection, StatusMark, Ticket
from kcs.tickets.retelling import TOLERANCE, Mark, Retold, phase, retell

ONE_SECOND = timedelta(seconds=1)  # a desk tells whole seconds when it is read
KEY = ("connection_id", "remote_ticket_id", "at", "heard", "after", "author_id")


def keep_heard(connection_id: int, ticket_id: str, heard: HeardChange, *, told_at: datetime) -> bool:
    """Keep a change as its desk told it, in the present transaction; False when it is known already.

    `told_at` is when it came in, by the database's clock. Name and address are kept of agents alone. That a
    ticket was deleted, or taken back, is no move of its status.
    """
    if DeskStatus.DELETED in (heard.before, heard.after):
        return False
    author = heard.author
    is_agent = author.kind is AuthorKind.AGENT
    return _insert(
        {
            "connection_id": connection_id,
            "remote_ticket_id": ticket_id,
            "at": heard.at,
            "heard": True,
            "exact": False,
            "before": heard.before,
            "after": heard.after,
            "author_id": author.id,
            "author_kind": author.kind,
            "author_name": clean_line(author.name) if is_agent else "",
            "author_email": clean_line(author.email) if is_agent and author.email else None,
            "email_verified": is_agent and author.email_verified,
            "told_at": told_at,
        }
    )


def with_history(connection: Connection, snapshot: TicketSnapshot, *, asked_at: datetime) -> TicketSnapshot:
    """Return what was read with the changes of its status, told and inferred, in order of time.

    To be called before the reading is mirrored. One with a history of its own passes untouched. `asked_at` is
    when the desk was asked, by the database's clock: what we learnt later has a reading of its own to come,
    and so has what is newer than this one; a reading older than the mirror has no history at all.
    """
    if snapshot.history:
        return snapshot
    query = select(Ticket.last_change_id, Ticket.desk_updated_at).where(
        Ticket.connection_id == connection.id, Ticket.remote_id == snapshot.id
    )
    mirrored = db.session.execute(query).one_or_none()
    if mirrored is not None and snapshot.updated_at < mirrored.desk_updated_at:
        return replace(snapshot, changes=())
    rows = _rows(connection, snapshot, asked_at)
    retold = _infer(connection, snapshot, _borne_out([_mark(row) for row in rows], snapshot))
    told = {row.author_id: _author(row) for row in rows if row.author_kind is not None}
    changes = _as_followed(retold, mirrored.last_change_id if mirrored else None)
    return replace(snapshot, changes=changes, users={**told, **snapshot.users})


def _rows(connection: Connection, snapshot: TicketSnapshot, asked_at: datetime) -> Sequence[StatusMark]:
    query = select(StatusMark).where(
        StatusMark.connection_id == connection.id,
        StatusMark.remote_ticket_id == snapshot.id,
        StatusMark.told_at <= asked_at,
        StatusMark.at <= snapshot.updated_at + TOLERANCE,
    )
    return db.session.execute(query.order_by(StatusMark.at, StatusMark.id)).scalars().all()


def _borne_out(marks: list[Mark], snapshot: TicketSnapshot) -> list[Mark]:
    """Leave out what was told of a time after this reading, unless the ticket is as was told.

    Times may differ by a little; but a reading may lag behind what happened, and a body may say anything.
    """
    if phase(retell(marks, "").status) is phase(snapshot.status):
        return marks
    return [mark for mark in marks if not mark.heard or mark.at < snapshot.updated_at + ONE_SECOND]


def _infer(connection: Connection, snapshot: TicketSnapshot, marks: list[Mark]) -> Retold:
    """Return the history with what this reading tells beyond the marks, which is kept from now on."""
    assignee_id = snapshot.assignee_id or ""

    def seen(name: str, at: datetime, status: DeskStatus, *, exact: bool = False) -> Mark:
        return Mark(name, at, status, assignee_id, exact=exact)

    at_moments = [seen(status, at, status, exact=exact) for status, at, exact in _moments(snapshot)]
    retold = retell([*marks, *at_moments], assignee_id)
    news = [*retold.unseen, *(mark for mark in at_moments if mark.id in retold.telling)]
    marks = [*marks, *(_keep(connection, snapshot, mark) for mark in news)]
    retold = retell(marks, assignee_id)
    if phase(retold.status) is not phase(snapshot.status):
        # What is known to lie within the same second came before.
        latest = max((mark.at for mark in marks), default=snapshot.updated_at)
        mark = seen("now", max(snapshot.updated_at, latest), snapshot.status)
        retold = retell([*marks, _keep(connection, snapshot, mark)], assignee_id)
    return retold


def _moments(snapshot: TicketSnapshot) -> list[tuple[DeskStatus, datetime, bool]]:
    """Return status, time, and whether each other time means another change. Closing may count as solving."""
    found = dict(snapshot.moments)
    solved, closed = found.get(DeskStatus.SOLVED), found.get(DeskStatus.CLOSED)
    if solved is not None and closed is not None and abs(closed - solved) <= TOLERANCE:
        del found[DeskStatus.SOLVED]
    return [(status, at, status is DeskStatus.SOLVED) for status, at in found.items()]


def _keep(connection: Connection, snapshot: TicketSnapshot, mark: Mark) -> Mark:
    values = {
        "connection_id": connection.id,
        "remote_ticket_id": snapshot.id,
        "at": mark.at,
        "heard": False,
        "exact": mark.exact,
        "after": mark.after,
        "author_id": mark.author_id,
        "told_at": database.now(),
    }
    _insert(values)
    query = select(StatusMark.id).filter_by(**{name: values[name] for name in KEY})
    return replace(mark, id=str(db.session.execute(query).scalar_one()))


def _insert(values: dict[str, object]) -> bool:
    made = database.insert(StatusMark).values(**values).on_conflict_do_nothing().returning(StatusMark.id)
    return db.session.execute(made).first() is not None


def _as_followed(retold: Retold, last_change_id: str | None) -> tuple[StatusChange, ...]:
    """Return the changes; the last one taken into account keeps its id, whatever explains it by now."""
    changes = list(retold.changes)
    place = retold.place.get(last_change_id or "")
    if place is not None and last_change_id is not None:
        changes[place] = replace(changes[place], id=last_change_id)
    return tuple(changes)


def _mark(row: StatusMark) -> Mark:
    return Mark(str(row.id), row.at, row.after, row.author_id, row.heard, row.before, row.exact)


def _author(row: StatusMark) -> DeskUser:
    return DeskUser(
        row.author_id,
        row.author_kind or AuthorKind.SYSTEM,
        row.author_name,
        row.author_email,
        email_verified=row.email_verified,
    )
