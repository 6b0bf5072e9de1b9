"""What is kept of the app in a desk's pages: tokens that were used, and saves that passed unasked."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base
from kcs.people.models import Agent

# A page that was away may tell of saves this long ago.
TOLD_WITHIN = timedelta(days=7)


class UsedVisit(Base):
    """A token that a page of the app was opened with, as a hash: good once, kept while it is valid."""

    __tablename__ = "app_visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    expires_at: Mapped[datetime]


class PassReason(StrEnum):
    """Why a ticket was saved as solved without an answer from us."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    SERVER_ERROR = "server_error"
    SIGNED_OUT = "signed_out"
    NOT_KNOWN = "not_known"
    REFUSED = "refused"
    UNEXPECTED = "unexpected"


class PassedSave(Base):
    """A ticket that the desk saved as solved though we could not be asked: numbers and a reason, no words."""

    __tablename__ = "passed_saves"
    __table_args__ = (Index("ix_passed_saves_latest", "connection_id", "happened_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    remote_ticket_id: Mapped[str]
    reason: Mapped[PassReason]
    happened_at: Mapped[datetime]
    reported_at: Mapped[datetime]

    agent: Mapped[Agent] = relationship()
