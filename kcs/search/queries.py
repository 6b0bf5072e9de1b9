"""Finding articles: what matches, may be read, can be trusted, and why it was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kcs import database
from kcs.articles.models import Article
from kcs.articles.queries import articles_by_id
from kcs.articles.trust import Trust, trust_of
from kcs.people.models import Agent
from kcs.search.engine.ranking import Facts
from kcs.search.index import Hit, SearchIndex
from kcs.search.meaning import mix
from kcs.search.reasons import reasons_of
from kcs.search.standing import Context, factor, unlinked_shares
from kcs.search.tuned import current_weights
from kcs.search.wanted import Wanted

# Looked at for each one given: some may not be read, and what speaks for an article may change the order.
OVERFETCH = 2


@dataclass(frozen=True)
class Found:
    """An article that was found, with its score, the reasons in words, and what speaks for it.

    `words` are the words of the search that it holds, folded, for highlighting.
    """

    article: Article
    score: float
    reasons: tuple[str, ...]
    trust: Trust
    words: tuple[str, ...] = ()


def find(index: SearchIndex, wanted: Wanted | str, *, reader: Agent | None, limit: int = 10) -> list[Found]:
    """Return what `reader` may read of the best matches; None is a visitor, who sees live text only."""
    return find_with_facts(index, wanted, reader=reader, limit=limit)[0]


def find_with_facts(
    index: SearchIndex,
    wanted: Wanted | str,
    *,
    reader: Agent | None,
    limit: int = 10,
    context: Context | None = None,
) -> tuple[list[Found], Facts]:
    """Return what `find` does, and what the ranking says about whether there is an answer at all."""
    asked = Wanted(wanted) if isinstance(wanted, str) else wanted
    public, most, weights = reader is None, limit * OVERFETCH, current_weights()
    ranking = index.rank(asked, public=public, limit=most, weights=weights)
    if index.semantic is not None:
        ranking = mix(
            index.semantic,
            asked,
            ranking,
            lambda also: index.rank(
                asked, public=public, limit=most + len(also), weights=weights, also_look_at=also
            ),
            public=public,
        )
    allowed = articles_by_id([hit.article_id for hit in ranking.hits], reader)
    kept = [hit for hit in ranking.hits if hit.article_id in allowed]
    return _in_order(kept, allowed, reader, context)[:limit], ranking.facts


def _in_order(
    hits: Iterable[Hit], articles: dict[int, Article], reader: Agent | None, context: Context | None
) -> list[Found]:
    held = list(hits)
    trust = trust_of((articles[hit.article_id] for hit in held), now=database.now())
    unlinked = unlinked_shares([hit.article_id for hit in held]) if reader is not None else {}
    found = []
    for hit in held:
        article, known = articles[hit.article_id], trust[hit.article_id]
        # A visitor's order is made of what a visitor may know.
        standing = (
            factor(article, known, unlinked.get(article.id, 0.0), context) if reader is not None else 1.0
        )
        reasons = reasons_of(hit, article, known, inside=reader is not None)
        found.append(Found(article, round(hit.score * standing, 4), reasons, known, (*hit.words, *hit.near)))
    return sorted(found, key=lambda each: (-each.score, each.article.id))
