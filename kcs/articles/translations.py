"""Translations: articles of their own that give the text of one article, their source, in other languages.

Groups are one level deep: a translation leads to its source, and has no translations itself.
"""

from __future__ import annotations

from sqlalchemy import select

from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.sentences import Sentence
from workflow.article import Confidence

CLOSED = (Confidence.ARCHIVED, Confidence.DELETED)


def root_of(article: Article) -> Article:
    """Return the article whose translations these are, the article itself when it is none."""
    return article.translation_of or article


def group_of(root: Article) -> list[Article]:
    """Return an article and its translations: the source first, then in the order they were begun."""
    query = select(Article).where(Article.translation_of_id == root.id).order_by(Article.id)
    return [root, *db.session.execute(query).scalars()]


def living_group(article: Article) -> list[Article]:
    """Return the article's whole group without what was archived or deleted."""
    return [each for each in group_of(root_of(article)) if each.confidence not in CLOSED]


def refuse_language(source: Article, locale: str) -> None:
    """Raise InvalidInput unless the group of `source` can have one more text, in this language."""
    taken = {_language(each.locale): each.key for each in living_group(source)}
    if not locale.strip():
        raise InvalidInput(
            "Say in which language the translation is.", errors={"locale": [Sentence("is needed")]}
        )
    if _language(locale) in taken:
        raise InvalidInput(
            "%(key)s is the text in '%(locale)s' already.",
            key=taken[_language(locale)],
            locale=locale,
            errors={"locale": [Sentence("has a text already")]},
        )
    if root_of(source).confidence in CLOSED:
        raise InvalidInput("%(key)s is archived: restore it first.", key=root_of(source).key)


def _language(locale: str) -> str:
    return locale.strip().replace("_", "-").lower()
