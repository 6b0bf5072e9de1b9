"""The outbox: every effect on the outside world, written with the change that wants it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from kcs.worklist import WorkItem


class Effect(WorkItem):
    """One thing to bring about outside. It names what to bring in step, not what to send: ids only."""

    __tablename__ = "effects"

    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
