"""What was found by looking through the whole base: patterns, kept until the next look. Ids only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from kcs.database import Base, Json


class PatternKind(StrEnum):
    """One symptom with several causes, or one cause with several symptoms."""

    SYMPTOM = "one_symptom"
    CAUSE = "one_cause"


class Pattern(Base):
    """Articles that share their symptom and differ in their answer, or the other way round.

    `parts` are the lists of what differs: ids of articles, or, where one article (`article_id`) answers
    tickets unlike one another, ids of its tickets. `tickets` is how many tickets all of it answered in the
    year before the look.
    """

    __tablename__ = "patterns"
    __table_args__ = (Index("ix_patterns_kind", "kind", "tickets"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PatternKind]
    article_id: Mapped[int | None]
    parts: Mapped[list[list[int]]] = mapped_column(Json)
    tickets: Mapped[int]


class PatternLook(Base):
    """The latest look through the base: when, and at how many articles. One row, none before the first."""

    __tablename__ = "pattern_looks"

    id: Mapped[int] = mapped_column(primary_key=True)
    finished_at: Mapped[datetime]
    articles: Mapped[int]
