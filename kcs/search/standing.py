"""What speaks for an article beside its words: it is trusted, was checked, and solves tickets of this kind.

Small on purpose: it decides between articles that match about as well, and never lifts one that does not
match.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, case, column, func, select, table, union_all

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
_passed_over = table("passed_over", column("article_id"))
# Of so few links none says much: the share is taken of this many at least.
_LEAST_LINKS = 5
# Passed over says less than a link taken back: nobody had opened the article, let alone used it.
_PASSED_OVER = 0.3


@dataclass(frozen=True)
class Context:
    """What is known of a ticket beside its text: its tags, the domain they belong to, and its language."""

    tags: frozenset[str] = frozenset()
    domain_id: int | None = None
    language: str | None = None


def _taken_back() -> Select[int, float, float]:
    """How many links of each article were taken back, of how many: written once, asked with every search."""
    ids: BindParameter[Any] = bindparam("ids", expanding=True)
    gone = func.sum(case((_links.c.removed_at.is_not(None), 1.0), else_=0.0))
    linked = (
        select(_links.c.article_id, gone.label("gone"), func.count().label("links"))
        .where(_links.c.article_id.in_(ids), _links.c.role == "resolution")
        .group_by(_links.c.article_id)
    )
    counted_for = func.count() * _PASSED_OVER
    passed = (
        select(_passed_over.c.article_id, counted_for.label("gone"), counted_for.label("links"))
        .where(_passed_over.c.article_id.in_(ids))
        .group_by(_passed_over.c.article_id)
    )
    both = union_all(linked, passed).subquery()
    return select(both.c.article_id, func.sum(both.c.gone), func.sum(both.c.links)).group_by(
        both.c.article_id
    )


_TAKEN_BACK = _taken_back()


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
    """Return for each article the share of its resolution links that somebody took back.

    "Not this one" for a ticket counts as part of a link that was taken back at once.
    """
    rows = db.session.execute(_TAKEN_BACK, {"ids": list(article_ids)})
    return {article_id: float(gone) / max(_LEAST_LINKS, float(links)) for article_id, gone, links in rows}
