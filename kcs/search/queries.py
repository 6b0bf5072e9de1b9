"""Finding articles: what matches, may be read, and why it was found."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import column, func, select, table

from kcs.articles.models import Article
from kcs.articles.queries import articles_by_id
from kcs.database import db
from kcs.people.models import Agent
from kcs.search.index import Hit, SearchIndex
from workflow.article import ArticleState

MOST_WORDS_NAMED = 5
OVERFETCH = 4

_links = table("links", column("article_id"), column("role"), column("source"), column("removed_at"))


@dataclass(frozen=True)
class Found:
    """An article that was found, with its score and the reasons in words."""

    article: Article
    score: float
    reasons: tuple[str, ...]


def find(index: SearchIndex, text: str, *, reader: Agent | None, limit: int = 10) -> list[Found]:
    """Return what `reader` may read of the best matches; None is a visitor, who sees live text only."""
    hits = index.search(text, public=reader is None, limit=limit * OVERFETCH)
    allowed = articles_by_id([hit.article_id for hit in hits], reader)
    kept = [hit for hit in hits if hit.article_id in allowed][:limit]
    solved = solved_counts([hit.article_id for hit in kept]) if reader is not None else {}
    return [
        Found(
            allowed[hit.article_id],
            hit.score,
            _reasons(hit, allowed[hit.article_id], solved.get(hit.article_id, 0)),
        )
        for hit in kept
    ]


def solved_counts(article_ids: list[int]) -> dict[int, int]:
    """Return how many tickets each article resolves, those it was drafted from left out."""
    query = (
        select(_links.c.article_id, func.count().label("tickets"))
        .where(
            _links.c.article_id.in_(article_ids),
            _links.c.role == "resolution",
            _links.c.source != "created",
            _links.c.removed_at.is_(None),
        )
        .group_by(_links.c.article_id)
    )
    return {row.article_id: row.tickets for row in db.session.execute(query)}


def _reasons(hit: Hit, article: Article, solved: int) -> tuple[str, ...]:
    named = ", ".join(hit.words[:MOST_WORDS_NAMED])
    reasons = [f"same words: {named}"]
    if "title" in hit.fields:
        reasons.append("in the title")
    if "words" in hit.fields:
        reasons.append("customers of tickets it solved wrote the same")
    if solved:
        reasons.append("solved 1 ticket" if solved == 1 else f"solved {solved} tickets")
    if article.state is ArticleState.WIP:
        reasons.append("still work in progress")
    return tuple(reasons)
