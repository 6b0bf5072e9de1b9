"""Vectors of articles, kept in the database so that they are computed once for all processes and machines."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from kcs.database import Base


class EmbeddedArticle(Base):
    """An article whose texts a model has encoded, also one that has none (archived, or in another language).

    `model` is the fingerprint of the model its vectors come from. `change` grows in commit order over all
    articles, so that a process which holds vectors in memory misses no change.
    """

    __tablename__ = "embedded_articles"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    model: Mapped[str]
    change: Mapped[int] = mapped_column(unique=True)


class Embedding(Base):
    """The vector of one piece of an article, as readers of `view` ("inside" or "public") may read it.

    `vector` holds one signed byte a dimension; `text_hash` is the digest of the piece, so that what did not
    change is not encoded again. Pieces are numbered from 0.
    """

    __tablename__ = "embeddings"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    view: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(LargeBinary)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class EmbeddingRun(Base):
    """How far the articles are encoded by one plan: a model, its languages, the way of cutting.

    The articles are walked by id first (`walked` is the last one looked at, None when the walk is over); then
    the change feed is followed from `position`, where it stood when the walk began.
    """

    __tablename__ = "embedding_runs"

    plan: Mapped[str] = mapped_column(primary_key=True)
    walked: Mapped[int | None]
    position: Mapped[int]
