"""What the return is worked out with: figures that people put in, each with where it comes from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base
from kcs.people.models import Agent


class Input(StrEnum):
    """What has to be put in; money is in the organisation's own currency."""

    MINUTES_SAVED = "minutes_saved"
    COST_PER_MINUTE = "cost_per_minute"
    COST_PER_TICKET = "cost_per_ticket"
    PROGRAMME_COST = "programme_cost"


class ReportInput(Base):
    """What an input was said to be, and by whom. Never edited: of a moment holds the last one before it.

    `source` says in words where the figures come from.
    """

    __tablename__ = "report_inputs"
    __table_args__ = (Index("ix_report_inputs_name", "name", "recorded_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Input]
    low: Mapped[float]
    likely: Mapped[float]
    high: Mapped[float]
    source: Mapped[str]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    recorded_at: Mapped[datetime]

    set_by: Mapped[Agent] = relationship()
