"""Who gets which report by mail, and which mails went out."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base
from kcs.people.models import Agent


class Every(StrEnum):
    """How often: with each Monday about the week before, with each first about the month before."""

    WEEK = "week"
    MONTH = "month"


class ReportSubscription(Base):
    """A report as somebody wants it sent: `by` what its rows stand for, `filters` what it is narrowed to.

    One that was stopped stays as a row; asked for anew, it is a new one.
    """

    __tablename__ = "report_subscriptions"
    __table_args__ = (Index("ix_report_subscriptions_agent_id", "agent_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    report: Mapped[str]
    by: Mapped[str]
    filters: Mapped[dict[str, str]] = mapped_column(default=dict)
    every: Mapped[Every]
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]

    agent: Mapped[Agent] = relationship()


class ReportDigest(Base):
    """One mail of a subscription about one period, by its first day. The constraint: there is never a second.

    `as_of` is the moment its figures are of, so that a mail sent again says the same.
    """

    __tablename__ = "report_digests"
    __table_args__ = (UniqueConstraint("subscription_id", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("report_subscriptions.id"))
    period: Mapped[str]
    as_of: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    subscription: Mapped[ReportSubscription] = relationship()
