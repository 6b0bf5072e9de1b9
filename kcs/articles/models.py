"""Articles and their append-only versions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base
from kcs.people.models import Agent
from workflow.article import ArticleState, Audience, Confidence, state_of
from workflow.permissions import Governance

# The parts of an article, in the order readers meet them. `body` is a plain article without this structure.
PARTS = ("issue", "environment", "resolution", "cause", "body")


class Article(Base):
    """One piece of knowledge: what it is and who may read it. Its text is in Version.

    `current_version` is what colleagues see and edit; `live_version` is what readers outside see, and only
    publishing moves it.
    """

    __tablename__ = "articles"
    __table_args__ = (Index("ix_articles_state", "confidence", "audience"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    confidence: Mapped[Confidence] = mapped_column(default=Confidence.WIP)
    audience: Mapped[Audience] = mapped_column(default=Audience.INTERNAL)
    governance: Mapped[Governance] = mapped_column(default=Governance.EXPERIENCE)
    locale: Mapped[str] = mapped_column(default="en")
    tags: Mapped[list[str]] = mapped_column(default=list)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), index=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    last_checked_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("versions.id", use_alter=True, name="fk_articles_current_version_id")
    )
    live_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("versions.id", use_alter=True, name="fk_articles_live_version_id")
    )

    current_version: Mapped[Version] = relationship(
        foreign_keys=[current_version_id], lazy="joined", post_update=True
    )
    live_version: Mapped[Version | None] = relationship(foreign_keys=[live_version_id], post_update=True)
    author: Mapped[Agent | None] = relationship(foreign_keys=[author_id])
    owner: Mapped[Agent | None] = relationship(foreign_keys=[owner_id])

    @property
    def state(self) -> ArticleState:
        """The workflow state people see."""
        return state_of(self.confidence, self.audience)

    @property
    def title(self) -> str:
        """The title of the current version."""
        return self.current_version.title

    @property
    def has_unpublished_changes(self) -> bool:
        """True when readers outside see an older text than colleagues do."""
        return self.live_version_id is not None and self.live_version_id != self.current_version_id


class Version(Base):
    """One text of an article. Never edited, never deleted; the database refuses both."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int]
    title: Mapped[str]
    parts: Mapped[dict[str, str]]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    author: Mapped[Agent | None] = relationship()

    def part(self, name: str) -> str:
        """Return one part's Markdown, empty when the version has none."""
        return self.parts.get(name, "")


class Flag(Base):
    """Somebody says that an article needs work, and why."""

    __tablename__ = "flags"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    reason: Mapped[str]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    agent: Mapped[Agent] = relationship()
