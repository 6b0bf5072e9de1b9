"""An article and its translations in help centres: they share one article there, each in its own language."""

from __future__ import annotations

from sqlalchemy import or_, select

from kcs.articles.models import Article
from kcs.articles.translations import group_of, root_of
from kcs.database import db
from kcs.publishing.models import Publication


def root_named(article_id: int) -> Article:
    """Return the root of the article with this id."""
    return root_of(db.session.get_one(Article, article_id))


def publications_of(members: list[Article], target_id: int) -> list[Publication]:
    """Return how the members stand in a target, under every language they ever had there."""
    ids = [member.id for member in members]
    query = select(Publication).where(Publication.article_id.in_(ids), Publication.target_id == target_id)
    return list(db.session.execute(query.order_by(Publication.id)).scalars())


def ids_leading_to(article: Article) -> list[int]:
    """Return the articles that lead into this one's group: its members and what merged into them."""
    members = [member.id for member in group_of(root_of(article))]
    query = select(Article.id).where(or_(Article.id.in_(members), Article.merged_into_id.in_(members)))
    return list(db.session.execute(query).scalars())
