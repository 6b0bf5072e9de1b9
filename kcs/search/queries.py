"""Finding articles: what matches, may be read, and why it was found."""

from __future__ import annotations

from dataclasses import dataclass

from kcs import database
from kcs.articles.models import Article
from kcs.articles.queries import articles_by_id
from kcs.articles.trust import Trust, trust_of
from kcs.people.models import Agent
from kcs.search.index import Hit, SearchIndex
from workflow.article import ArticleState

MOST_WORDS_NAMED = 5
OVERFETCH = 4


@dataclass(frozen=True)
class Found:
    """An article that was found, with its score, the reasons in words, and what speaks for it."""

    article: Article
    score: float
    reasons: tuple[str, ...]
    trust: Trust


def find(index: SearchIndex, text: str, *, reader: Agent | None, limit: int = 10) -> list[Found]:
    """Return what `reader` may read of the best matches; None is a visitor, who sees live text only."""
    hits = index.search(text, public=reader is None, limit=limit * OVERFETCH)
    allowed = articles_by_id([hit.article_id for hit in hits], reader)
    kept = [hit for hit in hits if hit.article_id in allowed][:limit]
    trust = trust_of((allowed[hit.article_id] for hit in kept), now=database.now())
    return [
        Found(
            allowed[hit.article_id],
            hit.score,
            _reasons(hit, allowed[hit.article_id]),
            trust[hit.article_id],
        )
        for hit in kept
    ]


def _reasons(hit: Hit, article: Article) -> tuple[str, ...]:
    named = ", ".join(hit.words[:MOST_WORDS_NAMED])
    reasons = [f"same words: {named}"]
    if "title" in hit.fields:
        reasons.append("in the title")
    if "words" in hit.fields:
        reasons.append("customers of tickets it solved wrote the same")
    if article.state is ArticleState.WIP:
        reasons.append("still work in progress")
    return tuple(reasons)
