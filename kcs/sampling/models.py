"""Samples that coaches judged, and where an organisation's questions differ from the shipped ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.activity.models import Activity
from kcs.articles.models import Version
from kcs.database import Base
from kcs.people.models import Agent
from kcs.sampling.questions import Kind
from kcs.solving.models import Link
from kcs.tickets.models import Ticket


class Sample(Base):
    """One coach's latest judgement of one thing: what the pages list. The answers are in the log.

    `agent_id` is whose work it is. Exactly one of version, ticket and link is given, by `kind`.
    """

    __tablename__ = "samples"
    __table_args__ = (
        UniqueConstraint("version_id", "coach_id"),
        UniqueConstraint("ticket_id", "coach_id"),
        UniqueConstraint("link_id", "coach_id"),
        Index("ix_samples_agent", "agent_id", "judged_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind]
    coach_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("links.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    judged_at: Mapped[datetime]

    coach: Mapped[Agent] = relationship(foreign_keys=[coach_id])
    agent: Mapped[Agent] = relationship(foreign_keys=[agent_id])
    version: Mapped[Version | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    link: Mapped[Link | None] = relationship()
    activity: Mapped[Activity] = relationship(lazy="joined")

    @property
    def thing_id(self) -> int:
        """The id of what was judged."""
        return self.version_id or self.ticket_id or self.link_id or 0

    @property
    def answers(self) -> dict[str, bool | None]:
        """What was answered to each question, None for not applicable."""
        return dict(self.activity.detail["answers"])

    @property
    def yes(self) -> int:
        """How many scored questions were answered yes."""
        return int(self.activity.detail["yes"])

    @property
    def asked(self) -> int:
        """How many scored questions were answered yes or no."""
        return int(self.activity.detail["asked"])


class SampleQuestion(Base):
    """A question the organisation added, or a shipped one it switched off. Never deleted: answers name it."""

    __tablename__ = "sample_questions"

    kind: Mapped[Kind] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(default="")
    asked: Mapped[bool] = mapped_column(default=True)
