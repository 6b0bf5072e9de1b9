"""Articles and their append-only versions, flags on them, and moves planned for later."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.articles.policy import Domain
from kcs.database import Base
from kcs.people.models import Agent
from workflow.article import ArticleState, Audience, Confidence, Move, state_of
from workflow.permissions import Governance


class Significance(StrEnum):
    """How much a new version changes for readers."""

    TYPO = "typo"
    WORDING = "wording"
    FACT = "fact"


class FlagLevel(StrEnum):
    """Whose turn it is to answer a flag."""

    OWNER = "owner"
    COACH = "coach"
    EXPERT = "expert"


class FlagOutcome(StrEnum):
    """How a flag was closed."""

    EDITED = "edited"
    DECLINED = "declined"


class PlanState(StrEnum):
    """What became of a planned move."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Article(Base):
    """One piece of knowledge: what it is and who may read it. Its text is in Version.

    `current_version` is what colleagues see and edit; `live_version` is what readers outside see, and only
    publishing moves it. `earlier_reuse` counts the tickets it solved where it was imported from,
    `earlier_helpful` and `earlier_unhelpful` how it was rated there.
    `translation_of` is the article whose text this one gives in another language; groups are one level deep.
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
    domain_id: Mapped[int | None] = mapped_column(ForeignKey("domains.id"), index=True)
    last_checked_at: Mapped[datetime | None]
    last_checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    last_used_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    translation_of_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    earlier_reuse: Mapped[int] = mapped_column(default=0)
    earlier_helpful: Mapped[int] = mapped_column(default=0)
    earlier_unhelpful: Mapped[int] = mapped_column(default=0)
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
    last_checked_by: Mapped[Agent | None] = relationship(foreign_keys=[last_checked_by_id])
    domain: Mapped[Domain | None] = relationship(lazy="joined")
    merged_into: Mapped[Article | None] = relationship(
        remote_side="Article.id", foreign_keys=[merged_into_id]
    )
    translation_of: Mapped[Article | None] = relationship(
        remote_side="Article.id", foreign_keys=[translation_of_id]
    )

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
    """One text of an article. Never edited, never deleted; the database refuses both.

    `base_id` is the version it was written on top of. A proposed version is one among the others that is
    not the article's current one; `kcs.reviews` knows what became of it. `template` None is a text from
    before there were templates.
    """

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int]
    title: Mapped[str]
    parts: Mapped[dict[str, str]]
    template: Mapped[str | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    note: Mapped[str] = mapped_column(default="")
    significance: Mapped[Significance | None]
    base_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    created_at: Mapped[datetime]

    author: Mapped[Agent | None] = relationship()
    base: Mapped[Version | None] = relationship(remote_side="Version.id")

    def part(self, name: str) -> str:
        """Return one part's Markdown, empty when the version has none."""
        return self.parts.get(name, "")


class Flag(Base):
    """Somebody says that an article needs work, and why; it waits with somebody, and is closed with a word.

    `due_at` is when it goes on to the next level: from the owner to their coach to the domain's experts.
    """

    __tablename__ = "flags"
    __table_args__ = (Index("ix_flags_open", "closed_at", "assigned_to_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    reason: Mapped[str]
    level: Mapped[FlagLevel] = mapped_column(default=FlagLevel.OWNER)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    outcome: Mapped[FlagOutcome | None]
    answer: Mapped[str] = mapped_column(default="")

    agent: Mapped[Agent] = relationship(foreign_keys=[agent_id])
    assigned_to: Mapped[Agent | None] = relationship(foreign_keys=[assigned_to_id])
    closed_by: Mapped[Agent | None] = relationship(foreign_keys=[closed_by_id])
    article: Mapped[Article] = relationship()


class PlannedMove(Base):
    """A move somebody wants made at a later moment: made with their rights then, for this text alone."""

    __tablename__ = "planned_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    move: Mapped[Move]
    audience: Mapped[Audience | None]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    state: Mapped[PlanState] = mapped_column(default=PlanState.WAITING)
    problem: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    article: Mapped[Article] = relationship()
    agent: Mapped[Agent] = relationship()


class Image(Base):
    """A picture in articles, checked and encoded anew; `name` is made of its bytes."""

    __tablename__ = "images"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    created_at: Mapped[datetime]


class ImageUse(Base):
    """A version that shows an image."""

    __tablename__ = "image_uses"

    image_id: Mapped[int] = mapped_column(ForeignKey("images.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
