"""Taking over a help centre that is there already: how far it has come, and what became of each text."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.articles.models import Article
from kcs.database import Base
from kcs.publishing.models import Target


class Taken(StrEnum):
    """What became of a text that was found in a help centre."""

    OUTSIDE = "outside"  # readers outside read it here too, and it is kept in step from now on
    DRAFT = "draft"  # nobody outside reads it there, nor here
    INSIDE = "inside"  # it is live there, but here for colleagues alone; its reason says why
    OURS = "ours"  # it was written there by us
    REFUSED = "refused"  # it is not here; its reason says why


class Adoption(Base):
    """One taking over of a target's help centre. `cursor` says how far it has come; None is the beginning.

    One that is `in_background` is worked on by the chore, any other by the command that began it.
    """

    __tablename__ = "adoptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"), unique=True)
    cursor: Mapped[str | None]
    problem: Mapped[str] = mapped_column(default="")
    in_background: Mapped[bool] = mapped_column(default=False)
    begun_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    target: Mapped[Target] = relationship(lazy="joined")


class AdoptedText(Base):
    """One text of a help centre, what became of it, and what of it could not come along."""

    __tablename__ = "adopted_texts"
    __table_args__ = (
        UniqueConstraint("target_id", "remote_id", "locale"),
        Index("ix_adopted_texts_taken", "target_id", "taken"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("targets.id"))
    remote_id: Mapped[str]
    locale: Mapped[str]
    title: Mapped[str]
    url: Mapped[str]
    taken: Mapped[Taken]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")
    lost: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

    article: Mapped[Article | None] = relationship(lazy="joined")
