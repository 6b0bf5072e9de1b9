"""What we have to remember of our own writing: the pins we set, so that nobody else's is taken away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kcs.database import Base


class Pin(Base):
    """An article of the desk's help centre that we pinned to a ticket there, or are about to pin."""

    __tablename__ = "pins"
    __table_args__ = (UniqueConstraint("ticket_id", "remote_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    remote_id: Mapped[str]
    created_at: Mapped[datetime]
