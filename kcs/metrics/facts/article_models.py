"""What is kept of the log about articles and the tickets they are linked to, quick to count."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from kcs.database import Base


class LinkFact(Base):
    """A link of an article to a ticket that stood from one moment of recording to another.

    `made_id` is the row of the log that made it. `linked_id` is the article that was linked, `article_id` the
    one it counts for since that may have gone into another. A ticket counts once for an article: with its
    answer rather than a background link, else with the older link. `drafted` says that the article was begun
    in this ticket by that very act, `reused` that it answered this ticket and was begun elsewhere.
    """

    __tablename__ = "link_facts"
    __table_args__ = (
        Index("ix_link_facts_happened_at", "happened_at"),
        Index("ix_link_facts_ticket", "ticket_id"),
        Index("ix_link_facts_article", "article_id", "happened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int]
    known_from: Mapped[datetime]
    known_to: Mapped[datetime]
    made_id: Mapped[int]
    happened_at: Mapped[datetime]
    linked_id: Mapped[int]
    article_id: Mapped[int]
    agent_id: Mapped[int | None]
    team_id: Mapped[int | None]
    connection_id: Mapped[int | None]
    authority: Mapped[str]
    resolution: Mapped[int] = mapped_column(SmallInteger)
    drafted: Mapped[int] = mapped_column(SmallInteger)
    reused: Mapped[int] = mapped_column(SmallInteger)


class ArticleBirth(Base):
    """How an article began, by the first row of its log; one from before there was a log has none."""

    __tablename__ = "article_births"

    article_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    happened_at: Mapped[datetime]
    agent_id: Mapped[int | None]
    team_id: Mapped[int | None]
    ticket_id: Mapped[int | None]


class ArticleWriter(Base):
    """By which row of the log somebody first wrote in an article, from one moment of recording to another."""

    __tablename__ = "article_writers"
    __table_args__ = (Index("ix_article_writers_article", "article_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int]
    known_from: Mapped[datetime]
    known_to: Mapped[datetime]
    agent_id: Mapped[int]
    team_id: Mapped[int | None]
    written_id: Mapped[int]


class ArticleSpell(Base):
    """How long an article was in a state, as was known from one moment of recording to another.

    `since` and `until` are when it happened; FOREVER until it is in another state.
    """

    __tablename__ = "article_spells"
    __table_args__ = (
        Index("ix_article_spells_article", "article_id"),
        Index("ix_article_spells_until", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int]
    known_from: Mapped[datetime]
    known_to: Mapped[datetime]
    state: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]
