"""Reading articles, always through what the reader may see."""

from __future__ import annotations

from collections.abc import Collection

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, and_, func, select

from kcs.articles.models import Article, Flag, Version
from kcs.database import db
from kcs.errors import NotFound
from kcs.people.models import Agent
from kcs.text import clean_line
from workflow.article import ArticleState, Audience, Confidence

PER_PAGE = 25

STATE_FILTERS: dict[ArticleState, ColumnElement[bool]] = {
    ArticleState.WIP: Article.confidence == Confidence.WIP,
    ArticleState.NOT_VALIDATED: Article.confidence == Confidence.NOT_VALIDATED,
    ArticleState.VALIDATED: and_(
        Article.confidence == Confidence.VALIDATED, Article.audience == Audience.INTERNAL
    ),
    ArticleState.PUBLISHED: and_(
        Article.confidence == Confidence.VALIDATED, Article.audience != Audience.INTERNAL
    ),
    ArticleState.ARCHIVED: Article.confidence == Confidence.ARCHIVED,
}


def readable_by(_reader: Agent) -> ColumnElement[bool]:
    """What a colleague may read: everything that was not thrown away, work in progress included."""
    return Article.confidence != Confidence.DELETED


def readable_by_visitors() -> ColumnElement[bool]:
    """What anybody may read: the live text of validated public articles."""
    return and_(
        Article.confidence == Confidence.VALIDATED,
        Article.audience == Audience.PUBLIC,
        Article.live_version_id.is_not(None),
    )


def get_article(key: str, reader: Agent) -> Article:
    """Return an article by key. Raises NotFound, also for one the reader may not see."""
    found = db.session.execute(
        select(Article).where(Article.key == clean_line(key), readable_by(reader))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no article {key}.")
    return found


def get_public_article(key: str) -> Article:
    """Return an article visitors may read. Raises NotFound."""
    found = db.session.execute(
        select(Article).where(Article.key == clean_line(key), readable_by_visitors())
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such article.")
    return found


def articles_by_id(ids: Collection[int], reader: Agent | None) -> dict[int, Article]:
    """Return those of `ids` the reader may see; `reader` None is a visitor."""
    allowed = readable_by(reader) if reader is not None else readable_by_visitors()
    rows = db.session.execute(select(Article).where(Article.id.in_(ids), allowed)).scalars()
    return {article.id: article for article in rows}


def page_of_articles(
    reader: Agent, *, page: int, state: ArticleState | None = None, author_id: int | None = None
) -> Pagination:
    """Return one page of articles, last changed first; archived ones only when asked for."""
    query = select(Article).where(readable_by(reader))
    if state is not None:
        query = query.where(STATE_FILTERS[state])
    else:
        query = query.where(Article.confidence != Confidence.ARCHIVED)
    if author_id is not None:
        query = query.where(Article.author_id == author_id)
    query = query.order_by(Article.changed_at.desc(), Article.id.desc())
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def page_of_public_articles(*, page: int) -> Pagination:
    """Return one page of what visitors may read, latest published first."""
    query = select(Article).where(readable_by_visitors())
    query = query.order_by(Article.published_at.desc(), Article.id.desc())
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def count_by_state(reader: Agent) -> dict[ArticleState, int]:
    """Return how many articles the reader sees in each state."""
    return {
        state: db.session.execute(
            select(func.count()).select_from(Article).where(readable_by(reader), condition)
        ).scalar_one()
        for state, condition in STATE_FILTERS.items()
    }


def versions_of(article: Article) -> list[Version]:
    """Return the latest hundred versions, newest first."""
    query = select(Version).where(Version.article_id == article.id).order_by(Version.number.desc())
    return list(db.session.execute(query.limit(100)).scalars())


def open_flags(article: Article) -> list[Flag]:
    """Return the flags nobody has closed yet, oldest first."""
    query = select(Flag).where(Flag.article_id == article.id, Flag.closed_at.is_(None)).order_by(Flag.id)
    return list(db.session.execute(query.limit(100)).scalars())
