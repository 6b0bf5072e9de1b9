"""An article begins: its row, and a key that no other article has."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from kcs import database
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.text import clean_line
from workflow.permissions import Governance

# They mean something else in an address.
UNUSABLE_KEYS = frozenset({".", "..", "new", "images", "compare", "merge", "bulk"})
FIRST_NUMBER = 1000


def new_article(
    *,
    locale: str,
    tags: tuple[str, ...],
    author: Agent | None,
    key: str | None = None,
    governance: Governance = Governance.EXPERIENCE,
) -> Article:
    """Add an article without a text: the caller gives it one in the same transaction."""
    moment = database.now()
    article = Article(
        key=f"new-{secrets.token_hex(8)}" if key is None else _free_key(key),
        locale=clean_line(locale, limit=20),
        tags=[clean_line(tag, limit=60) for tag in tags],
        governance=governance,
        author_id=author.id if author else None,
        owner_id=author.id if author else None,
        created_at=moment,
        changed_at=moment,
    )
    db.session.add(article)
    db.session.flush()
    if key is None:
        _give_key(article)
    return article


def _free_key(given: str) -> str:
    key = clean_line(given, limit=120)
    if not key or "/" in key or key in UNUSABLE_KEYS:
        raise InvalidInput(
            "'%(given)s' cannot be an article's key.",
            given=given,
            errors={"key": [Sentence("cannot be a key")]},
        )
    if db.session.execute(select(Article.id).where(Article.key == key)).first():
        raise InvalidInput(
            "There is an article %(key)s already.", key=key, errors={"key": [Sentence("already in use")]}
        )
    return key


def _give_key(article: Article) -> None:
    """Name the article by its own id, so that two written at once never get the same key."""
    key = f"KB-{FIRST_NUMBER + article.id}"
    while db.session.execute(select(Article.id).where(Article.key == key)).first():
        # An imported article bears this number already.
        key += "a"
    article.key = key
    db.session.flush()
