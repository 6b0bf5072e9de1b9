"""The change feed the derived search index follows."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kcs.database import Base


class SearchChange(Base):
    """An article whose text, rights or links changed; ids grow in commit order, so a reader misses none."""

    __tablename__ = "search_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
