"""Tell the search index what changed: one row an article, written as the last thing of a transaction."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from kcs import database
from kcs.articles.models import Article
from kcs.database import db
from kcs.search.models import SearchChange

FEED_LOCK = 7402
_TOUCHED = "search_touched"


def touch(article: Article) -> None:
    """The index must look at this article again once the present transaction is committed."""
    touch_all([article.id])


def touch_all(article_ids: Iterable[int]) -> None:
    """The index must look at these articles again once the present transaction is committed."""
    db.session.info.setdefault(_TOUCHED, set()).update(article_ids)


def follow(session: object) -> None:
    """Write the feed whenever a session commits."""
    event.listen(session, "before_commit", _write_feed)
    event.listen(session, "after_rollback", _forget)


def _write_feed(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint; the commit is still to come
    touched: set[int] = session.info.pop(_TOUCHED, set())
    if not touched:
        return
    session.flush()
    # Held until the commit is through, so ids appear in the order in which readers can see them.
    database.advisory_lock(FEED_LOCK)
    # An article begun in a savepoint that was rolled back is not there.
    kept = session.execute(select(Article.id).where(Article.id.in_(touched)).order_by(Article.id)).scalars()
    session.add_all(SearchChange(article_id=article_id) for article_id in kept)


def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_TOUCHED, None)
