"""What the solve loop leaves behind: links and exemptions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.articles.models import Article, Version
from kcs.database import Base
from kcs.people.models import Agent
from kcs.tickets.models import Ticket


class LinkRole(StrEnum):
    """What the article was to the ticket: its answer (counts in the link rate), or background."""

    RESOLUTION = "resolution"
    REFERENCE = "reference"


class LinkSource(StrEnum):
    """How a link came about."""

    PANEL = "panel"
    PASTED = "pasted"
    API = "api"
    CREATED = "created"
    IMPORTED = "imported"


class ExemptionReason(StrEnum):
    """Why a ticket needs no article."""

    NO_KNOWLEDGE = "no_knowledge"
    SPAM_OR_DUPLICATE = "spam_or_duplicate"
    WAITING_ON_PRODUCT = "waiting_on_product"
    CONFIDENTIAL = "confidential"
    OUT_OF_SCOPE = "out_of_scope"
    OTHER = "other"


class Link(Base):
    """An article used in a ticket, with the version its customer was given. Removed links stay as rows.

    One found in a reply (`pasted`) is *detected* until somebody confirms it.
    """

    __tablename__ = "links"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    role: Mapped[LinkRole]
    source: Mapped[LinkSource]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))

    ticket: Mapped[Ticket] = relationship()
    article: Mapped[Article] = relationship(lazy="joined")
    version: Mapped[Version] = relationship()
    agent: Mapped[Agent] = relationship(foreign_keys=[agent_id])

    @property
    def detected(self) -> bool:
        """True for one that was found in a reply and that nobody has confirmed yet."""
        return self.source is LinkSource.PASTED and self.confirmed_at is None


Index(
    "uq_links_present",
    Link.ticket_id,
    Link.article_id,
    unique=True,
    sqlite_where=Link.removed_at.is_(None),
    postgresql_where=Link.removed_at.is_(None),
)


class PassedOver(Base):
    """An agent said of an article offered for a ticket that it is not this one; taken back, the row is gone.

    `words` is what was searched for, without personal data; empty where nobody had typed anything. `rank` is
    the place it was offered in, from 1.
    """

    __tablename__ = "passed_over"
    __table_args__ = (UniqueConstraint("ticket_id", "article_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    words: Mapped[str] = mapped_column(default="")
    rank: Mapped[int | None]
    created_at: Mapped[datetime]

    agent: Mapped[Agent] = relationship()
    article: Mapped[Article] = relationship()


class Exemption(Base):
    """Somebody said that a ticket needs no article, and why. Ended ones stay as rows."""

    __tablename__ = "exemptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    reason: Mapped[ExemptionReason]
    note: Mapped[str] = mapped_column(default="")
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    agent: Mapped[Agent] = relationship()


Index(
    "uq_exemptions_present",
    Exemption.ticket_id,
    unique=True,
    sqlite_where=Exemption.ended_at.is_(None),
    postgresql_where=Exemption.ended_at.is_(None),
)


class PreparedDraft(Base):
    """The text of a draft got ready when a ticket was solved without knowledge; no article until it is taken.

    `agent_id` is for whom: the solver, or else the assignee.
    """

    __tablename__ = "prepared_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), unique=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), index=True)
    title: Mapped[str]
    parts: Mapped[dict[str, str]]
    created_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]

    agent: Mapped[Agent] = relationship()
