"""BM25 over texts laid out as arrays: articles, passages, tickets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.asking import Asked
from kcs.search.engine.searcher import Searcher
from kcs.search.engine.store import Field
from kcs.search.engine.texts import Floats, Numbers, Tokens, counted, places_of
from kcs.search.engine.weights import UNIT, Curve, idf

NEAREST = 10
SHARPNESS = 3.0
PAIR_IN_UNIT = 0.5


def saturated(counts: Floats, curve: Curve, norm: Floats) -> Floats:
    """Return BM25's weight of counts: more mentions say more, ever less so."""
    return np.asarray(counts * (curve.k1 + 1) / (counts + curve.k1 * norm), np.float32)


def shares(scores: Floats, owner: Numbers, owners: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return each owner's sharpened share of the ten best, times the best, and how many of the ten it has."""
    won, number = np.zeros(owners, np.float32), np.zeros(owners, np.int64)
    best = np.lexsort((np.arange(len(scores)), -scores))[:NEAREST]
    best = best[scores[best] > 0]
    if len(best):
        share = (scores[best] / scores[best[0]]) ** SHARPNESS
        np.add.at(won, owner[best], share / share.sum() * scores[best[0]])
        np.add.at(number, owner[best], 1)
    return won, number


def unit_scores(
    words: Floats, pairs: Floats, length: Numbers, telling: Floats, pair_telling: Floats, mean: float
) -> Floats:
    """Score units, passages or tickets, each as a text of its own, from their counts of words and pairs."""
    norm = np.asarray(1 - UNIT.b + UNIT.b * length / mean, np.float32)[:, None]
    return np.asarray(
        saturated(words, UNIT, norm) @ telling + PAIR_IN_UNIT * saturated(pairs, UNIT, norm) @ pair_telling,
        np.float32,
    )


class Pairs:
    """How telling each wanted pair of neighbours is in some kind of text.

    How many texts hold the rarer word is known; in which share of them the other stands beside it is taken
    from the texts that were looked at.
    """

    def __init__(
        self, searcher: Searcher, asked: Asked, tokens: Tokens, pairs: list[tuple[int, int]]
    ) -> None:
        self._searcher, self._asked, self._pairs = searcher, asked, pairs
        distinct = list(dict.fromkeys(terms for terms in asked.sequence if terms))
        self._place = {terms: place for place, terms in enumerate(distinct)}
        self._at = places_of(tokens, distinct)

    def telling(self, owner: Numbers, found: Floats, of: Field, texts: int) -> Floats:
        """Return BM25's idf of each pair; `owner` is each word's text, `found` the counts (texts x pairs)."""
        if not self._pairs:
            return np.zeros(1, np.float32)
        present = counted(owner, self._at, (len(found), len(self._place))) > 0
        values = np.zeros(len(self._pairs), np.float32)
        # A pair that none of them has needs no figure, and most have none.
        numbers = np.flatnonzero(found.any(axis=0)).tolist()
        sequence = self._asked.sequence
        self._searcher.size_up(term for each in numbers for at in self._pairs[each] for term in sequence[at])
        for number in numbers:
            one, two = (sequence[at] for at in self._pairs[number])
            sizes = [self._searcher.sizes(terms).get(of, 0) for terms in (one, two)]
            rarer = one if sizes[0] <= sizes[1] else two
            with_rarer = np.count_nonzero(present[:, self._place[rarer]])
            rate = (np.count_nonzero(found[:, number]) + 0.5) / (with_rarer + 1)
            values[number] = idf(min(sizes) * min(1.0, rate), texts)
        return values
