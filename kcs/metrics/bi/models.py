"""The organisation's calendar as rows: SQLite cannot tell which day a moment is in some time zone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from kcs.database import Base


class ReportDay(Base):
    """A day of the organisation: its number (`kcs.metrics.periods.day_number`) and when it begins.

    The views for reporting tools look a moment's day up here. `zone` is whose days they are.
    """

    __tablename__ = "report_days"
    __table_args__ = (Index("ix_report_days_starts_at", "starts_at"),)

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts_at: Mapped[datetime]
    zone: Mapped[str]
