"""Reading articles, always through what the reader may see."""

from __future__ import annotations

from collections.abc import Collection

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from kcs import database
from kcs.articles.models import Article, Flag, Version
from kcs.articles.trust import unchecked_articles
from kcs.database import db
from kcs.errors import MergedAway, NotFound
from kcs.people.models import Agent
from kcs.text import clean_line
from workflow.article import ArticleState, Audience, Confidence

PER_PAGE = 25
_BY_ID = select(Article).where(Article.id.in_(bindparam("ids", expanding=True)))

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


def reachable_by_visitors() -> ColumnElement[bool]:
    """What has an address for anybody: public articles, and those merged into one."""
    public = select(Article.id).where(readable_by_visitors()).correlate(None)
    return or_(readable_by_visitors(), Article.merged_into_id.in_(public))


def get_article(key: str, reader: Agent) -> Article:
    """Return an article by key. Raises NotFound, also for one the reader may not see; MergedAway."""
    found = db.session.execute(
        select(Article).where(Article.key == clean_line(key), readable_by(reader))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no article %(key)s.", key=key)
    if found.merged_into is not None:
        raise MergedAway(found.key, found.merged_into.key)
    return found


def get_public_article(key: str) -> Article:
    """Return an article visitors may read. Raises NotFound, MergedAway."""
    found = db.session.execute(
        select(Article).where(Article.key == clean_line(key), reachable_by_visitors())
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such article.")
    if found.merged_into is not None:
        raise MergedAway(found.key, found.merged_into.key)
    return found


def articles_by_id(ids: Collection[int], reader: Agent | None) -> dict[int, Article]:
    """Return those of `ids` the reader may see; `reader` None is a visitor."""
    allowed = readable_by(reader) if reader is not None else readable_by_visitors()
    rows = db.session.execute(_BY_ID.where(allowed), {"ids": list(ids)}).scalars()
    return {article.id: article for article in rows}


def page_of_articles(
    reader: Agent,
    *,
    page: int,
    state: ArticleState | None = None,
    author_id: int | None = None,
    due: bool = False,
) -> Pagination:
    """Return one page of articles, last changed first; archived ones only when asked for.

    `due` keeps the reader's own that nobody checked or used for their domain's interval.
    """
    query = select(Article).where(readable_by(reader))
    if state is not None:
        query = query.where(STATE_FILTERS[state])
    else:
        query = query.where(Article.confidence != Confidence.ARCHIVED)
    if author_id is not None:
        query = query.where(Article.author_id == author_id)
    if due:
        query = query.where(due_for(reader))
    query = query.order_by(Article.changed_at.desc(), Article.id.desc())
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def due_for(owner: Agent) -> ColumnElement[bool]:
    """What its owner is asked to check: nobody checked or used it for its domain's interval."""
    return and_(Article.owner_id == owner.id, unchecked_articles(database.now()))


def count_due(owner: Agent) -> int:
    """Return how many articles this owner is asked to check."""
    query = select(func.count()).select_from(Article).where(due_for(owner))
    return db.session.execute(query).scalar_one()


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
