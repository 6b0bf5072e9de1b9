"""What nobody used or checked for its domain's interval is archived where the domain says so."""

from __future__ import annotations

from sqlalchemy import Exists, exists, select

from kcs import database
from kcs.articles.domains import domain_of
from kcs.articles.models import Article, Flag
from kcs.articles.policy import Expiry
from kcs.articles.retiring import retire
from kcs.articles.services import lock
from kcs.articles.trust import is_unchecked, unchecked_articles
from kcs.database import db
from kcs.reviews.models import ReviewRequest, ReviewState

WAITING = (ReviewState.OPEN, ReviewState.RETURNED)
BATCH = 50


def archive_expired(*, limit: int = BATCH) -> int:
    """Archive a batch of expired articles that nobody is working on; return how many.

    One with an open flag or review waits until that is settled. An archived article can be restored.
    """
    now = database.now()
    query = (
        select(Article)
        .where(unchecked_articles(now, Expiry.ARCHIVE), ~_flagged(), ~_in_review())
        .order_by(Article.id)
        .limit(limit)
    )
    archived = [article for article in db.session.execute(query).scalars().all() if _archive(article)]
    db.session.commit()
    return len(archived)


def _archive(article: Article) -> bool:
    lock(article)
    domain = domain_of(article)
    if not is_unchecked(article, database.now()):
        return False  # used or checked while we waited for the lock
    reason = f"neither used nor checked for {domain.check_days} days"
    retire(article, authority=f"policy:{domain.key}", reason=reason)
    return True


def _flagged() -> Exists:
    return exists().where(Flag.article_id == Article.id, Flag.closed_at.is_(None))


def _in_review() -> Exists:
    return exists().where(ReviewRequest.article_id == Article.id, ReviewRequest.state.in_(WAITING))
