"""What is kept of the log in a form that is quick to count."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kcs.database import Base

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
NO_ID, NO_CODE = 0, ""


def _flag() -> Mapped[int]:
    return mapped_column(SmallInteger)


class SolvedFact(Base):
    """What the log said of one solved ticket, from one moment of recording to the next.

    A report as of a moment reads the facts with `known_from` < moment <= `known_to`: so a late link, an
    unlink, a reopening or a merge ends one fact and begins another, and nothing that was once reported is
    lost. Durations are in seconds. `day` is the number of the day it was solved on, in the organisation's
    time zone.
    """

    __tablename__ = "solved_facts"
    __table_args__ = (
        Index("ix_solved_facts_solved_at", "solved_at"),
        Index("ix_solved_facts_agent", "agent_id", "solved_at"),
        Index("ix_solved_facts_ticket", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int]
    known_from: Mapped[datetime]
    known_to: Mapped[datetime]
    solved_at: Mapped[datetime]
    day: Mapped[int]
    agent_id: Mapped[int | None]
    team_id: Mapped[int | None]
    connection_id: Mapped[int | None]
    licence: Mapped[str | None]
    domain_id: Mapped[int | None]
    product_id: Mapped[int | None]
    outcome: Mapped[str]
    inferred: Mapped[int] = _flag()
    reused: Mapped[int] = _flag()
    created: Mapped[int] = _flag()
    modified: Mapped[int] = _flag()
    known: Mapped[int] = _flag()
    new: Mapped[int] = _flag()
    reopened: Mapped[int] = _flag()
    contacted: Mapped[int] = _flag()
    one_contact: Mapped[int] = _flag()
    rated: Mapped[int] = _flag()
    satisfied: Mapped[int] = _flag()
    relief: Mapped[int | None]
    first_reply: Mapped[int | None]
    worked: Mapped[int | None]


class SolvedTag(Base):
    """A tag of the ticket of a fact."""

    __tablename__ = "solved_tags"

    fact_id: Mapped[int] = mapped_column(ForeignKey("solved_facts.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(primary_key=True)


class DailySolved(Base):
    """The facts that hold at present, added up by day and by whom, where and of what they are.

    0 and the empty text stand for none: rows are found by their key, and NULL equals nothing.
    """

    __tablename__ = "daily_solved"
    __table_args__ = (
        UniqueConstraint("day", "agent_id", "team_id", "connection_id", "licence", "domain_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[int]
    agent_id: Mapped[int]
    team_id: Mapped[int]
    connection_id: Mapped[int]
    licence: Mapped[str]
    domain_id: Mapped[int]
    product_id: Mapped[int]
    solved: Mapped[int]
    linked: Mapped[int]
    exempt: Mapped[int]
    inferred: Mapped[int]
    reused: Mapped[int]
    created: Mapped[int]
    modified: Mapped[int]
    known: Mapped[int]
    new: Mapped[int]
    reopened: Mapped[int]
    contacted: Mapped[int]
    one_contact: Mapped[int]
    rated: Mapped[int]
    satisfied: Mapped[int]


class DailyActs(Base):
    """What people did for knowledge, added up by day and person. 0 stands for none."""

    __tablename__ = "daily_acts"
    __table_args__ = (UniqueConstraint("day", "agent_id", "team_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[int]
    agent_id: Mapped[int]
    team_id: Mapped[int]
    linked: Mapped[int]
    created: Mapped[int]
    modified: Mapped[int]
    flagged: Mapped[int]


class FactsState(Base):
    """How far the log has been taken into the facts: one row, none before the first time.

    Everything recorded before `until` is in them; `last_id` is the highest number taken. While they are made
    anew `ticket_id` is the last ticket done of `tickets`, None otherwise. `zone` is the one whose days are
    counted.
    """

    __tablename__ = "facts_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    last_id: Mapped[int]
    zone: Mapped[str]
    article_id: Mapped[int | None]
    ticket_id: Mapped[int | None]
    tickets: Mapped[int]
