"""The change feed the search index follows, the words an administrator keeps, and what was searched."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.articles.models import Article
from kcs.database import Base
from kcs.people.models import Agent


class SearchChange(Base):
    """An article whose text, rights or links changed; ids grow in commit order, so a reader misses none."""

    __tablename__ = "search_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))


class MeaningKind(StrEnum):
    """How words of one meaning find one another."""

    SAME = "same"  # each finds all others
    ONE_WAY = "one_way"  # the first finds the others, which do not find it
    ACRONYM = "acronym"  # the first is short for each of the others, which are not the same as one another


class Meaning(Base):
    """Words and phrases of the same meaning, kept by an administrator."""

    __tablename__ = "search_meanings"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MeaningKind]
    terms: Mapped[list[str]]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    changed_at: Mapped[datetime]


class BestBet(Base):
    """The article an administrator chose as the best answer for some words; both days are included."""

    __tablename__ = "search_best_bets"

    id: Mapped[int] = mapped_column(primary_key=True)
    terms: Mapped[list[str]]
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    chosen_by_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    changed_at: Mapped[datetime]

    article: Mapped[Article] = relationship()
    chosen_by: Mapped[Agent] = relationship()


class Place(StrEnum):
    """Where somebody searched."""

    PAGE = "page"
    HELP_CENTRE = "help_centre"
    API = "api"
    PANEL = "panel"
    SUGGESTED = "suggested"  # nobody typed anything: what was offered for a ticket
    EDITOR = "editor"


class SearchLog(Base):
    """One search that was meant: the words without personal data, what was shown, and what was opened.

    `agent_id` None is a visitor. `nonce` is the number its links carry, so that one search is one row however
    often its page is loaded. `shown` are keys of articles, best first; ranks count from 1. A search made in a
    ticket (`ticket_id`) is evidence of that ticket, and is kept as long as it; `linked_key` is what it was
    linked to from there. `gist` are the words in one spelling, by which equal searches are found; None in
    rows that are older than it. `asked_at` is when a visitor went on from the results to ask a person.
    """

    __tablename__ = "search_log"
    __table_args__ = (Index("ix_search_log_searched_at", "searched_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    place: Mapped[Place]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), index=True)
    words: Mapped[str]
    results: Mapped[int]
    shown: Mapped[list[str]]
    opened_key: Mapped[str | None]
    opened_rank: Mapped[int | None]
    opened_at: Mapped[datetime | None]
    searched_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    linked_key: Mapped[str | None]
    linked_rank: Mapped[int | None]
    linked_at: Mapped[datetime | None]
    gist: Mapped[str | None]
    asked_at: Mapped[datetime | None]

    agent: Mapped[Agent | None] = relationship()


class SearchDay(Base):
    """What was forgotten of the log, added up by day and place, so that figures of old days stay.

    `day` is when that day began in the organisation's time zone. Nobody's name is kept: `nulls` found
    nothing, `abandoned` had results of which none was opened, `rank_sum` adds up the places of what was
    opened.
    """

    __tablename__ = "search_days"
    __table_args__ = (UniqueConstraint("day", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[datetime]
    place: Mapped[Place]
    searches: Mapped[int]
    nulls: Mapped[int]
    abandoned: Mapped[int]
    clicked: Mapped[int]
    rank_sum: Mapped[int]
    linked: Mapped[int]
    asked: Mapped[int]


class Judgement(Base):
    """A person's word on one article for one search; without an article: none answers it.

    The words are kept here, because the log is forgotten after a while and what was learnt is not.
    """

    __tablename__ = "search_judgements"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))
    good: Mapped[bool]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    judged_at: Mapped[datetime]


class SearchWeights(Base):
    """Weights of the ranking that were learnt and won; the latest are in use.

    `gain` is how many more of 100 tickets found their article first, measured on tickets not learnt from.
    """

    __tablename__ = "search_weights"

    id: Mapped[int] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]]
    gain: Mapped[float]
    tickets: Mapped[int]
    learnt_at: Mapped[datetime]
