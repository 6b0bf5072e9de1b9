"""Reading what was published where."""

from __future__ import annotations

import re

from sqlalchemy import select

from kcs.articles.addresses import Address, parse
from kcs.articles.models import Article
from kcs.database import db
from kcs.publishing.models import Publication

# Desks put the article's number first in the last part of its address, and a title that may change after it.
_NUMBERED = re.compile(r"([0-9]{1,20})(?:-.*)?", re.ASCII | re.DOTALL)
ARTICLES = "articles"


def article_published_at(address: Address) -> str | None:
    """Return the key of the article that a help centre shows at this address, in whatever language and title.

    The host must be the one the help centre gave when the article was written there.
    """
    remote_id = _remote_id(address)
    if remote_id is None:
        return None
    rows = db.session.execute(
        select(Publication.url, Article.key)
        .join(Article, Article.id == Publication.article_id)
        .where(Publication.remote_id == remote_id)
        .order_by(Publication.id)
    )
    return next((key for url, key in rows if url and _is_same_place(url, address)), None)


def _is_same_place(url: str, address: Address) -> bool:
    known = parse(url)
    return known is not None and address.has_origin_of(known) and _remote_id(known) == _remote_id(address)


def _remote_id(address: Address) -> str | None:
    """Return the number in …/articles/<number>-<title>."""
    if len(address.path) < 2 or address.path[-2] != ARTICLES:
        return None
    found = _NUMBERED.fullmatch(address.path[-1])
    return found[1] if found else None
