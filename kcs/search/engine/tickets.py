"""What past tickets say: those nearest to the search vote for the articles that solved them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kcs.search.engine.asking import Asked
from kcs.search.engine.postings import Ids
from kcs.search.engine.searcher import Searcher
from kcs.search.engine.store import Field, Kind
from kcs.search.engine.texts import counted, lay_out, pairs_of, places_of
from kcs.search.engine.units import Pairs, saturated, shares, unit_scores
from kcs.search.engine.weights import UNIT, WORDS_B, idf


@dataclass(frozen=True)
class Vote:
    """What past tickets say for an article: its share of the nearest, how many of these it solved, and how
    much its tickets near the search hold the search's neighbouring words."""

    share: float = 0.0
    nearest: int = 0
    pairs: float = 0.0


def votes(searcher: Searcher, asked: Asked, link_ids: Ids) -> dict[int, Vote]:
    """Return the votes for the articles that solved the tickets with these link ids."""
    texts = searcher.view.texts(Kind.TICKET, link_ids.tolist())
    if not len(texts) or not asked.groups:
        return {}
    tokens = lay_out(texts, 1, searcher.vocabulary.terms)
    articles, owner = np.unique(texts.articles, return_inverse=True)
    count = searcher.tickets
    telling = np.array(
        [group.weight * idf(group.sizes.get(Field.TICKET, 0), count) for group in asked.groups], np.float32
    )
    pair_at, places = pairs_of(tokens, asked)
    words = counted(
        tokens.text, places_of(tokens, [group.terms for group in asked.groups]), (len(texts), len(telling))
    )
    pairs = counted(tokens.text, pair_at, (len(texts), max(1, len(places))))
    known = Pairs(searcher, asked, tokens, places)
    scores = unit_scores(
        words,
        pairs,
        np.bincount(tokens.text, minlength=len(texts)),
        telling,
        known.telling(tokens.text, pairs, Field.TICKET, count),
        searcher.mean(Field.TICKET),
    )
    won, number = shares(scores, owner, len(articles))
    pooled = counted(owner[tokens.text], pair_at, (len(articles), max(1, len(places))))
    norm = searcher.norm(Field.WORDS, articles, WORDS_B)[:, None]
    together = saturated(pooled, UNIT, norm) @ known.telling(
        owner[tokens.text], pooled, Field.WORDS, searcher.articles
    )
    said = zip(articles.tolist(), won.tolist(), number.tolist(), together.tolist(), strict=True)
    return {article: Vote(*vote) for article, *vote in said}
