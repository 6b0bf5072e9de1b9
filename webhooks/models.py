"""The inbox: every delivery that proved where it comes from, one durable row each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from kcs.worklist import WorkItem


class Delivery(WorkItem):
    """A verified webhook request. `delivery_hash` names the invocation, `event_hash` the event behind it."""

    __tablename__ = "deliveries"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    delivery_hash: Mapped[str] = mapped_column(unique=True)
    event_hash: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str]
    remote_ticket_id: Mapped[str | None]
    happened_at: Mapped[datetime | None]
    body: Mapped[bytes] = mapped_column(LargeBinary)
