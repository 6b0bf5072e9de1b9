"""Words and meaning mixed: the score by words, and how near the optional model thinks an article is.

Scores are mixed, not ranks: where the model knows nothing it says little, while ranks would carry its
ignorance into the order. Both are taken for every candidate of either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kcs.search.engine.ranking import Hit, Ranking
from kcs.search.wanted import Wanted
from kcs.semantic.semantic import Semantic

# A score by words, as a share of the best one, counts this much beside a cosine (measured: .1 to .4 are
# alike).
WORDS = 0.3
NEAREST = 30


def mix(
    semantic: Semantic,
    wanted: Wanted,
    ranking: Ranking,
    again: Callable[[list[int]], Ranking],
    *,
    public: bool,
) -> Ranking:
    """Return the ranking with the model's word in it; the one given where the model has none.

    `again` ranks once more, looking at these articles too.
    """
    if wanted.only or wanted.phrases or wanted.without or wanted.beginning:
        return ranking  # what is typed so means the words themselves
    among = [hit.article_id for hit in ranking.hits]
    near = semantic.cosines(wanted.text, wanted.language or "", public=public, limit=NEAREST, among=among)
    if not near:
        return ranking
    unseen = sorted(set(near) - set(among))
    whole = again(unseen) if unseen else ranking
    best = max((hit.score for hit in whole.hits), default=0.0) or 1.0
    floor = min(near.values())
    hits = [_mixed(hit, near.get(hit.article_id, floor), best) for hit in whole.hits]
    hits.sort(key=lambda hit: (-hit.score, hit.article_id))
    return Ranking(hits, replace(whole.facts, cosine=max(near.values())))


def _mixed(hit: Hit, cosine: float, best: float) -> Hit:
    parts = {**hit.parts, "meaning": round(cosine, 4)}
    return replace(hit, score=round(WORDS * hit.score / best + cosine, 4), parts=parts, meaning=cosine)
