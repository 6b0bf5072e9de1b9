"""Where articles are published to, by which rules, and how each one stands there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.articles.models import Article, Version
from kcs.database import Base
from kcs.people.models import Agent
from kcs.tickets.models import Connection
from workflow.article import Audience


class PublicationState(StrEnum):
    """How far the help centre has followed: the third fact beside confidence and audience."""

    PENDING = "pending"
    LIVE = "live"
    DRIFTED = "drifted"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class DriftKind(StrEnum):
    """What happened to a text of ours in the help centre."""

    EDITED = "edited"
    UNPUBLISHED = "unpublished"
    GONE = "gone"  # archived or deleted


class Decision(StrEnum):
    """What a person can do about a drift."""

    TAKE_THEIRS = "take_theirs"
    KEEP_OURS = "keep_ours"
    BY_HAND = "by_hand"
    PUBLISH_ANEW = "publish_anew"
    ARCHIVE_HERE = "archive_here"
    BACK_TO_DRAFT = "back_to_draft"


class DriftState(StrEnum):
    """Where a drift stands; `over` is one that nobody needs to decide any more."""

    OPEN = "open"
    MERGING = "merging"  # somebody puts both texts together; their next publication settles it
    SETTLED = "settled"
    OVER = "over"


class Target(Base):
    """A place of a connection's help centre that articles go to; the built-in one needs no row.

    `locales` leads from our languages to theirs, `locale` is theirs for an article none is named for.
    `offered` is what the account last said it offers (`kcs.publishing.places`). `archives`: what is archived
    here is archived there too, not only taken from readers. `cursor` is how far its changes were read.
    """

    __tablename__ = "targets"

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), index=True)
    locale: Mapped[str] = mapped_column(default="en-us")
    settings: Mapped[dict[str, str]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    locales: Mapped[dict[str, str]] = mapped_column(default=dict)
    offered: Mapped[dict[str, Any]] = mapped_column(default=dict)
    archives: Mapped[bool] = mapped_column(default=False)
    cursor: Mapped[str | None]

    connection: Mapped[Connection] = relationship(lazy="joined")


class PublishingRule(Base):
    """Settings and labels for some of the articles of a target; empty `domain` or `locale` is any."""

    __tablename__ = "publishing_rules"
    __table_args__ = (UniqueConstraint("target_id", "domain", "audience", "locale"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"))
    domain: Mapped[str] = mapped_column(default="")
    audience: Mapped[Audience] = mapped_column(default=Audience.PUBLIC)
    locale: Mapped[str] = mapped_column(default="")
    settings: Mapped[dict[str, str]] = mapped_column(default=dict)
    labels: Mapped[list[str]] = mapped_column(default=list)


class Publication(Base):
    """One article in one target and locale: its remote id and what was last written there.

    `fingerprint` is of the text the help centre was last seen to hold, `sending` of one that may be on its
    way; any other there is a drift. `sent` is of what we last wrote, with its place. `shown`: readers there
    saw it when we last looked. `stays`: it was there before us, and keeps its place.
    """

    __tablename__ = "publications"
    __table_args__ = (
        UniqueConstraint("article_id", "target_id", "locale"),
        Index("ix_publications_remote", "remote_id", "target_id"),
        Index("ix_publications_looked", "target_id", "state", "looked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"))
    locale: Mapped[str]
    state: Mapped[PublicationState] = mapped_column(default=PublicationState.PENDING)
    remote_id: Mapped[str | None]
    url: Mapped[str | None]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    fingerprint: Mapped[str | None]
    sending: Mapped[str | None]
    sent: Mapped[str | None]
    placed: Mapped[str] = mapped_column(default="")
    shown: Mapped[bool] = mapped_column(default=False)
    stays: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")

    target: Mapped[Target] = relationship(lazy="joined")
    article: Mapped[Article] = relationship()
    version: Mapped[Version | None] = relationship()


class MovedArticle(Base):
    """An address that an article had in a help centre before it was made anew elsewhere there."""

    __tablename__ = "moved_articles"
    __table_args__ = (
        UniqueConstraint("target_id", "article_id", "remote_id"),
        Index("ix_moved_articles_remote", "remote_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    remote_id: Mapped[str]
    url: Mapped[str]
    moved_at: Mapped[datetime]

    target: Mapped[Target] = relationship(lazy="joined")
    article: Mapped[Article] = relationship()


class PublicationLink(Base):
    """An article that a published text links to, and the address it was given; empty: words without link."""

    __tablename__ = "publication_links"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, index=True)
    address: Mapped[str] = mapped_column(default="")


class KeptImage(Base):
    """A picture of ours that the help centre keeps a copy of."""

    __tablename__ = "kept_images"

    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]


class Drift(Base):
    """A text that somebody changed or took away in the help centre, and what was decided about it.

    `title` and `html` are what was found there (empty for one that is gone), `version_id` what we had written
    there, `ours_id` what we had here when it was decided, `taken_id` the version made of the decision.
    """

    __tablename__ = "drifts"
    __table_args__ = (Index("ix_drifts_state", "state", "found_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), index=True)
    kind: Mapped[DriftKind]
    state: Mapped[DriftState] = mapped_column(default=DriftState.OPEN)
    title: Mapped[str] = mapped_column(default="")
    html: Mapped[str] = mapped_column(default="")
    fingerprint: Mapped[str] = mapped_column(default="")
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    found_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    decision: Mapped[Decision | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    decided_at: Mapped[datetime | None]
    ours_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    taken_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))

    publication: Mapped[Publication] = relationship(lazy="joined")
    version: Mapped[Version | None] = relationship(foreign_keys=[version_id])
    ours: Mapped[Version | None] = relationship(foreign_keys=[ours_id])
    taken: Mapped[Version | None] = relationship(foreign_keys=[taken_id])
    decided_by: Mapped[Agent | None] = relationship()
