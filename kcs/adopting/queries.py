"""Reading what was taken over from a help centre."""

from __future__ import annotations

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, func, or_, select

from kcs.adopting.models import AdoptedText, Adoption, Taken
from kcs.articles.models import Article
from kcs.database import db
from kcs.publishing.models import MovedArticle, Publication, Target

PER_PAGE = 50


def adoption_of(target: Target) -> Adoption | None:
    """Return how far a target's help centre has been taken over, None when nobody began."""
    return db.session.execute(select(Adoption).where(Adoption.target_id == target.id)).scalar_one_or_none()


def is_adopted(target_id: int, remote_id: str, locale: str) -> bool:
    """Return whether a text was looked at before."""
    query = select(AdoptedText.id).where(
        AdoptedText.target_id == target_id,
        AdoptedText.remote_id == remote_id,
        AdoptedText.locale == locale,
    )
    return db.session.execute(query).first() is not None


def adopted_article(target_id: int, remote_id: str, locale: str) -> Article | None:
    """Return the article a text became."""
    return db.session.execute(
        select(Article)
        .join(AdoptedText, AdoptedText.article_id == Article.id)
        .where(
            AdoptedText.target_id == target_id,
            AdoptedText.remote_id == remote_id,
            AdoptedText.locale == locale,
        )
    ).scalar_one_or_none()


def is_published_by_us(target: Target, remote_id: str) -> bool:
    """Return whether an article there was written by us, and so is here already."""
    moved = select(MovedArticle.id).where(
        MovedArticle.target_id == target.id, MovedArticle.remote_id == remote_id
    )
    if db.session.execute(moved.limit(1)).first() is not None:
        return True
    query = (
        select(Publication.id)
        .join(Target, Target.id == Publication.target_id)
        .where(Target.connection_id == target.connection_id, Publication.remote_id == remote_id)
        .where(
            ~select(AdoptedText.id)
            .where(AdoptedText.target_id == target.id, AdoptedText.remote_id == remote_id)
            .exists()
        )
    )
    return db.session.execute(query.limit(1)).first() is not None


def counts_of(target: Target) -> dict[Taken, int]:
    """Return how many texts became what."""
    rows = db.session.execute(
        select(AdoptedText.taken, func.count())
        .where(AdoptedText.target_id == target.id)
        .group_by(AdoptedText.taken)
    )
    return {row[0]: row[1] for row in rows}


def page_of_texts(target: Target, *, page: int, taken: Taken | None = None) -> Pagination:
    """Return one page of what somebody should look at, or of all that became `taken`."""
    query = select(AdoptedText).where(AdoptedText.target_id == target.id)
    query = query.where(AdoptedText.taken == taken if taken else _worth_a_look())
    return db.paginate(query.order_by(AdoptedText.id), page=page, per_page=PER_PAGE, error_out=False)


def _worth_a_look() -> ColumnElement[bool]:
    return or_(AdoptedText.taken.in_((Taken.INSIDE, Taken.REFUSED)), AdoptedText.lost != "")
