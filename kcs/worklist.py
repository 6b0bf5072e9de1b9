"""Work kept in the database: claim with a lease and a fencing number, finish, try again, or park.

The inbox and the outbox are two such lists. At most one row of a subject (a ticket, an article in one help
centre) is worked on at a time; a unique index makes sure. A worker that lost its lease cannot commit: its
fencing number is old.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import ColumnElement, Index, and_, exists, func, or_, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, aliased, declared_attr, mapped_column

from kcs import database
from kcs.database import Base, db
from kcs.errors import RemoteError
from kcs.text import clean_line

log = structlog.get_logger()

FIRST_GAP = 5.0
LONGEST_GAP = 3600.0
OUTLIVED = "Every attempt ended without a word: the worker was killed, or took longer than its lease."


class WorkState(StrEnum):
    """Where a row stands. A committed row ends as done, or parked with its reason."""

    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    PARKED = "parked"


class LeaseLostError(Exception):
    """Another worker took the row over; nothing of this attempt may be committed."""


class WorkItem(Base):
    """The columns every worklist has. `background` rows wait until nothing else is due."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    background: Mapped[bool] = mapped_column(default=False)
    state: Mapped[WorkState] = mapped_column(default=WorkState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index, ...]:  # noqa: N805
        name = cls.__tablename__
        leased = text("state = 'leased'")
        return (
            Index(f"ix_{name}_due", "state", "background", "not_before"),
            Index(f"ix_{name}_subject", "subject", "state"),
            Index(
                f"uq_{name}_leased_subject",
                "subject",
                unique=True,
                sqlite_where=leased,
                postgresql_where=leased,
            ),
        )


@dataclass(frozen=True)
class Claim:
    """One attempt at one row; `last` when there will be none after it."""

    id: int
    subject: str
    fence: int
    attempts: int
    claimed_at: datetime
    lease_seconds: int
    last: bool


@dataclass(frozen=True)
class Worklist:
    """A table of work with what does it.

    `work` gets a claim, does everything and calls `finish` in the transaction that holds the effects.
    """

    model: type[WorkItem]
    work: Callable[[Claim], None]
    lease_seconds: int
    max_attempts: int


def _expired(model: type[WorkItem], moment: datetime) -> ColumnElement[bool]:
    return and_(model.state == WorkState.LEASED, model.lease_until < moment, _is_free(model))


def _waiting(model: type[WorkItem], moment: datetime) -> ColumnElement[bool]:
    return and_(model.state == WorkState.WAITING, model.not_before <= moment, _is_free(model))


def _is_free(model: type[WorkItem]) -> ColumnElement[bool]:
    """True where no other row of the same subject is worked on."""
    other = aliased(model)
    return ~exists().where(
        other.subject == model.subject, other.state == WorkState.LEASED, other.id != model.id
    )


def due_count(model: type[WorkItem], *, limit: int = 1000) -> int:
    """Return how many rows could be worked on now, counting no further than `limit`."""
    moment = database.now()
    due = or_(_waiting(model, moment), _expired(model, moment))
    rows = select(model.id).where(due).limit(limit).subquery()
    return db.session.execute(select(func.count()).select_from(rows)).scalar_one()


def claim(worklist: Worklist) -> Claim | None:
    """Lease the row that is due longest, in a transaction of its own; None when nothing is due.

    A background row gets its turn when no other one is due.
    """
    for _ in range(5):
        try:
            return _claim_once(worklist)
        except IntegrityError:
            # Another worker leased a row of the same subject between our look and our update.
            db.session.rollback()
    return None


def _claim_once(worklist: Worklist) -> Claim | None:
    model, moment = worklist.model, database.now()
    row_id = _next_due(model, moment, background=False) or _next_due(model, moment, background=True)
    if row_id is None:
        db.session.rollback()
        return None
    row = db.session.execute(
        update(model)
        .where(model.id == row_id)
        .values(
            state=WorkState.LEASED,
            fence=model.fence + 1,
            attempts=model.attempts + 1,
            lease_until=moment + timedelta(seconds=worklist.lease_seconds),
        )
        .returning(model.id, model.subject, model.fence, model.attempts)
    ).one()
    db.session.commit()
    last = row.attempts >= worklist.max_attempts
    return Claim(row.id, row.subject, row.fence, row.attempts, moment, worklist.lease_seconds, last)


def _next_due(model: type[WorkItem], moment: datetime, *, background: bool) -> int | None:
    """Return the row to take: one that a worker left behind, else the one that waits longest.

    Asked for apart, each is found in the index at once, however many rows wait.
    """
    for due in (_expired, _waiting):
        query = select(model.id).where(model.background.is_(background), due(model, moment))
        query = query.order_by(model.not_before, model.id).limit(1)
        if database.is_postgresql():
            query = query.with_for_update(skip_locked=True)
        found = db.session.execute(query).scalar_one_or_none()
        if found is not None:
            return found
    return None


def hold(model: type[WorkItem], held: Claim) -> None:
    """Lease the row for its full time again, in the present transaction.

    For what may be done by its holder alone: the row is locked until the transaction ends. Raises
    LeaseLostError when it is ours no more.
    """
    until = database.now() + timedelta(seconds=held.lease_seconds)
    _change_held(model, held, lease_until=until)


def finish(model: type[WorkItem], held: Claim, *, reason: str = "") -> None:
    """Mark the row done inside the present transaction. Raises LeaseLostError when it is ours no more."""
    _settle(model, held, state=WorkState.DONE, finished_at=database.now(), reason=reason)


def finish_others(model: type[WorkItem], held: Claim) -> int:
    """Finish waiting rows of the same subject that came before this claim: what was read covers them."""
    result = db.session.execute(
        update(model)
        .where(
            model.subject == held.subject,
            model.state == WorkState.WAITING,
            model.created_at <= held.claimed_at,
            model.id != held.id,
        )
        .values(
            state=WorkState.DONE,
            lease_until=None,
            finished_at=database.now(),
            reason=f"covered by {held.id}",
        )
        .returning(model.id)
    )
    return len(result.all())


def _settle(model: type[WorkItem], held: Claim, **values: object) -> None:
    _change_held(model, held, lease_until=None, **values)


def _change_held(model: type[WorkItem], held: Claim, **values: object) -> None:
    changed = db.session.execute(
        update(model)
        .where(model.id == held.id, model.fence == held.fence, model.state == WorkState.LEASED)
        .values(**values)
        .returning(model.id)
    ).all()
    if not changed:
        raise LeaseLostError(f"{model.__tablename__} row {held.id} was taken over by another worker")


def gap(attempts: int, retry_after: float | None) -> float:
    """Return the seconds to wait before the next attempt: growing, jittered, capped; a wish is obeyed."""
    grown = min(LONGEST_GAP, FIRST_GAP * 2.0 ** min(attempts - 1, 12))
    return max(retry_after or 0.0, grown * random.uniform(0.5, 1.0))


def run(worklist: Worklist, held: Claim) -> None:
    """Do one claimed row; whatever happens it ends done, waiting for its next attempt, or parked."""
    if held.attempts > worklist.max_attempts:
        _failed(worklist, held, OUTLIVED, True, None)
        return
    try:
        worklist.work(held)
    except LeaseLostError as error:
        db.session.rollback()
        log.warning("lease_lost", reason=str(error))
    except RemoteError as error:
        _failed(worklist, held, error.message, error.permanent, error.retry_after)
    except Exception as error:
        # One row's poison must not stop the others: it is logged, kept with the row and shown.
        log.exception("work_failed", table=worklist.model.__tablename__, row=held.id)
        _failed(worklist, held, f"{type(error).__name__}: {error}", False, None)


def _failed(worklist: Worklist, held: Claim, reason: str, permanent: bool, retry_after: float | None) -> None:
    db.session.rollback()
    reason = clean_line(reason, limit=500)
    try:
        if permanent or held.last:
            _settle(worklist.model, held, state=WorkState.PARKED, reason=reason)
        else:
            later = database.now() + timedelta(seconds=gap(held.attempts, retry_after))
            _settle(worklist.model, held, state=WorkState.WAITING, not_before=later, reason=reason)
        db.session.commit()
    except LeaseLostError as error:
        db.session.rollback()
        log.warning("lease_lost", reason=str(error))


def drain(worklist: Worklist, *, limit: int = 100, go_on: Callable[[], bool] = lambda: True) -> int:
    """Work through up to `limit` due rows, as long as `go_on` says so; return how many were taken."""
    done = 0
    while done < limit and go_on():
        held = claim(worklist)
        if held is None:
            break
        run(worklist, held)
        db.session.remove()
        done += 1
    return done


def replay(model: type[WorkItem], row_id: int) -> bool:
    """Put a parked row back to work; False when there is no parked row with this id."""
    changed = db.session.execute(
        update(model)
        .where(model.id == row_id, model.state == WorkState.PARKED)
        .values(state=WorkState.WAITING, attempts=0, not_before=database.now())
        .returning(model.id)
    ).all()
    return bool(changed)
