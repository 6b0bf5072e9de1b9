"""What speaks for an article beside its words: it is trusted, was checked, and solves tickets of this kind.

Small on purpose: it decides between articles that match about as well, and never lifts one that does not
match.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, column, func, select, table

from kcs.articles.models import Article
from kcs.articles.trust import Trust
from kcs.database import db
from kcs.language import primary
from workflow.article import Confidence

CONFIDENCE = {Confidence.VALIDATED: 0.03, Confidence.NOT_VALIDATED: 0.0, Confidence.WIP: -0.04}
# By tickets solved: 100 are worth as much as a validation.
REUSE = 0.015
MOST_REUSE = 0.045
UNCHECKED = -0.02
FLAGGED = -0.02
UNLINKED = -0.15
SAME_TAG = 0.04
SAME_DOMAIN = 0.06
SAME_LANGUAGE = 0.08

# Joined by id: links belong to the solve loop, which lies above search.
_links = table("links", column("article_id"), column("role"), column("removed_at"))
# Of so few links none says much: the share is taken of this many at least.
_LEAST_LINKS = 5


@dataclass(frozen=True)
class Context:
    """What is known of a ticket beside its text: its tags, the domain they belong to, and its language."""

    tags: frozenset[str] = frozenset()
    domain_id: int | None = None
    language: str | None = None


def factor(article: Article, trust: Trust, unlinked: float, context: Context | None) -> float:
    """Return what an article's score is multiplied with; `unlinked` is the share of its links taken back."""
    value = 1 + CONFIDENCE.get(article.confidence, 0.0)
    value += min(MOST_REUSE, REUSE * math.log10(1 + trust.solved))
    value += UNCHECKED * trust.unchecked + FLAGGED * (trust.flags > 0) + UNLINKED * unlinked
    if context is not None:
        value += SAME_TAG * bool(context.tags & {tag.casefold() for tag in article.tags})
        value += SAME_DOMAIN * (context.domain_id is not None and article.domain_id == context.domain_id)
        value += SAME_LANGUAGE * (
            context.language is not None and primary(article.locale) == context.language
        )
    return value


def unlinked_shares(article_ids: Collection[int]) -> dict[int, float]:
    """Return for each article the share of its resolution links that somebody took back: "not this one"."""
    taken_back = func.sum(case((_links.c.removed_at.is_not(None), 1), else_=0))
    query = (
        select(_links.c.article_id, taken_back.label("gone"), func.count().label("links"))
        .where(_links.c.article_id.in_(article_ids), _links.c.role == "resolution")
        .group_by(_links.c.article_id)
    )
    return {row.article_id: row.gone / max(_LEAST_LINKS, row.links) for row in db.session.execute(query)}
