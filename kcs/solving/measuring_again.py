"""Measures tickets that were solved before: before there were measures, or before a setting changed."""

from __future__ import annotations

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Mapped, mapped_column

from kcs import database
from kcs.database import Base, db
from kcs.ports import DeskStatus
from kcs.solving.measuring import measure_all
from kcs.tickets.models import Ticket

AT_ONCE = 500
ROW = 1


class Measuring(Base):
    """How far the pass through the tickets has come: one row. Tickets up to `reached_id` are measured."""

    __tablename__ = "measuring"

    id: Mapped[int] = mapped_column(primary_key=True)
    reached_id: Mapped[int] = mapped_column(default=0)


def begin_again(_sender: object) -> None:
    """Let the pass begin anew: what tickets are told apart by has changed. Commits nothing."""
    db.session.execute(update(Measuring).where(Measuring.id == ROW).values(reached_id=0))


def measure_earlier() -> int:
    """Measure the next so many solved tickets; return how many differ from what the log said of them.

    One that is solved from now on is measured as it is solved.
    """
    with database.reading():
        reached = _reached()
        if db.session.execute(_next(reached).with_only_columns(Ticket.id).limit(1)).first() is None:
            return 0
    new = database.insert(Measuring).values(id=ROW, reached_id=0)
    db.session.execute(new.on_conflict_do_nothing())
    reached = _reached()
    query = _next(reached).order_by(Ticket.id).limit(AT_ONCE).with_for_update(of=Ticket, key_share=True)
    tickets = list(db.session.execute(query, execution_options={"populate_existing": True}).scalars())
    changed = measure_all(tickets)
    if tickets:
        unmoved = (Measuring.id == ROW, Measuring.reached_id == reached)
        db.session.execute(update(Measuring).where(*unmoved).values(reached_id=tickets[-1].id))
    db.session.commit()
    return changed


def _reached() -> int:
    found = db.session.execute(select(Measuring.reached_id).where(Measuring.id == ROW)).scalar()
    return found or 0


def _next(reached: int) -> Select[Ticket]:
    return select(Ticket).where(
        Ticket.id > reached,
        Ticket.solved_at.is_not(None),
        Ticket.merged.is_(False),
        Ticket.status != DeskStatus.DELETED,
    )
