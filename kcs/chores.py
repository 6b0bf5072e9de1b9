"""Work that comes round by the clock: each chore runs once when it is due, whoever's sweep comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, mapped_column

from kcs import database
from kcs.database import Base, db

log = structlog.get_logger()


class ChoreRow(Base):
    """When a chore is due next."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]


@dataclass(frozen=True)
class Chore:
    """`work` does a bounded piece, commits by itself, may be repeated, and returns how much it did."""

    name: str
    every: timedelta
    work: Callable[[], int]


def run_due(chores: list[Chore]) -> dict[str, int]:
    """Run every chore that is due; return how much each did. One that fails is logged and tried next time."""
    _make_known(chores)
    return {chore.name: _run(chore) for chore in chores if _take(chore)}


def make_due(name: str) -> None:
    """Let a chore have its turn with the next sweep, because a person asks for it. Commits nothing."""
    db.session.execute(update(ChoreRow).where(ChoreRow.name == name).values(due_at=database.now()))


def _run(chore: Chore) -> int:
    try:
        return chore.work()
    except Exception:
        # Chores come from any feature: what one may raise is not known here. It is logged with its trace, the
        # chore has its next turn, and neither the other chores of this sweep nor the worker suffer from it.
        db.session.rollback()
        log.exception("chore_failed", chore=chore.name)
        return 0


def _make_known(chores: list[Chore]) -> None:
    """Write down, at once, the chores that no process has seen before; their turn is now."""
    with database.reading():
        known = set(db.session.execute(select(ChoreRow.name)).scalars())
    new = [{"name": chore.name, "due_at": database.now()} for chore in chores if chore.name not in known]
    if new:
        db.session.execute(database.insert(ChoreRow).on_conflict_do_nothing(), new)
        db.session.commit()


def _take(chore: Chore) -> bool:
    """Take the chore's turn: of all processes that look at the same time, one gets it."""
    with database.reading():
        moment = database.now()
        due = select(ChoreRow.name).where(ChoreRow.name == chore.name, ChoreRow.due_at <= moment)
        if db.session.execute(due).first() is None:
            return False
    taken = db.session.execute(
        update(ChoreRow)
        .where(ChoreRow.name == chore.name, ChoreRow.due_at <= moment)
        .values(due_at=moment + chore.every)
        .returning(ChoreRow.name)
    ).all()
    db.session.commit()
    return bool(taken)
