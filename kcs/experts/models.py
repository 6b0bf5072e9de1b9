"""Questions to experts: who was asked, in which turn, and what came back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.articles.models import Article
from kcs.database import Base
from kcs.people.models import Agent
from kcs.tickets.models import Ticket
from workflow.article import Confidence


class QuestionState(StrEnum):
    """Where a question stands."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class MayShow(StrEnum):
    """Whom the expert gave the answer for."""

    CUSTOMERS = "customers"
    INTERNAL = "internal"


class OutsideExpert(Base):
    """Somebody without a seat who is asked: their address, and their name once they said it.

    The log counts them by this row's id.
    """

    __tablename__ = "outside_experts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    @property
    def shown_name(self) -> str:
        """The name, or the address while there is none."""
        return self.name or self.email


class Question(Base):
    """What an agent asked from a ticket, with its answer.

    `quote` is what the customer wrote, personal values masked; `language` is what the mails are written in.
    `answered_at` is the first answer, `changed_at` its latest change. `article_id` is what it became.
    """

    __tablename__ = "questions"
    __table_args__ = (Index("ix_questions_state", "state", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), index=True)
    text: Mapped[str]
    quote: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    state: Mapped[QuestionState] = mapped_column(default=QuestionState.OPEN)
    created_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    may_show: Mapped[MayShow | None]
    answered_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    drafted_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship()
    asked_by: Mapped[Agent] = relationship(foreign_keys=[asked_by_id])
    article: Mapped[Article | None] = relationship()
    drafted_by: Mapped[Agent | None] = relationship(foreign_keys=[drafted_by_id])
    turns: Mapped[list[Turn]] = relationship(order_by="Turn.id", back_populates="question")

    @property
    def draft(self) -> Article | None:
        """What the answer became; a draft that was thrown away is none."""
        gone = self.article is None or self.article.confidence is Confidence.DELETED
        return None if gone else self.article

    @property
    def turn(self) -> Turn:
        """Whose turn it is, or was when the question ended."""
        return self.turns[-1]


class Turn(Base):
    """One expert's turn at a question: the first was asked, each later one had it passed on.

    `token_hash` is of the link that opens this question alone; `ended_at` is when the question was passed on,
    `remark` what was said with it.
    """

    __tablename__ = "question_turns"
    __table_args__ = (
        Index("ix_question_turns_agent", "agent_id", "ended_at"),
        Index("ix_question_turns_due", "ended_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    outside_id: Mapped[int | None] = mapped_column(ForeignKey("outside_experts.id"), index=True)
    nonce: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(default="")

    question: Mapped[Question] = relationship(back_populates="turns")
    agent: Mapped[Agent | None] = relationship(foreign_keys=[agent_id], lazy="joined")
    outside: Mapped[OutsideExpert | None] = relationship(lazy="joined")

    @property
    def name(self) -> str:
        """The expert's name."""
        return self.agent.name if self.agent else self.outside.shown_name if self.outside else ""

    @property
    def email(self) -> str:
        """The expert's address."""
        return self.agent.email if self.agent else self.outside.email if self.outside else ""

    @property
    def usable(self) -> bool:
        """False once a colleague has left: their link opens nothing more."""
        return self.agent is None or self.agent.active
