"""How much each kind of evidence counts. The defaults carried over between sets of very different texts."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

_TYPICAL_LENGTH = 150
_SHORT_LENGTH = 40


@dataclass(frozen=True)
class Weights:
    """Weights of the ranking; `kcs search tune` may put others in their place.

    `title`, `issue` and `words` make one field (BM25F): a title counts as that many mentions, and the more
    tickets an article solved the more their words say. `body` is a field of its own. `pairs`: neighbouring
    words found as neighbours; `likeness`: words of like spelling; `passages` and `tickets`: the share of the
    ten nearest passages, or past tickets, that are the article's; `ticket_pairs`: neighbouring words in the
    tickets it solved; `also`: words of the same meaning.
    """

    title: float = 5.0
    issue: float = 2.0
    words: float = 1.0
    short: float = 1.0
    own_title: float = 0.2
    body: float = 1.0
    pairs: float = 0.4
    likeness: float = 0.6
    passages: float = 0.75
    tickets: float = 0.6
    ticket_pairs: float = 0.3
    exact: float = 6.0
    also: float = 0.5

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of all weights."""
        return [each.name for each in fields(cls)]


# The weights that multiply a part of the score, by the part's name.
LINEAR = ("short", "own_title", "body", "pairs", "likeness", "passages", "tickets", "ticket_pairs")


@dataclass(frozen=True)
class Curve:
    """Saturation (`k1`) and length normalisation (`b`) of BM25 for one field."""

    k1: float
    b: float


SHORT = Curve(2.0, 0.9)
TITLE_B = 0.5
SHORT_K1 = 2.0
WORDS_B = 0.9
UNIT = Curve(2.0, 0.9)


def body_curve(texts: int, tokens: int, squares: int) -> Curve:
    """Return the curve for long texts from how long they are and how much their lengths differ.

    In long texts a word said often says more (k1 grows from 1.2 to 2). Where all texts are about as long,
    their small differences say nothing, and normalising by them does harm (measured: b .5 beats .9 by 3
    points on single sentences, and loses 3 on answers of all lengths).
    """
    if texts == 0:
        return UNIT
    mean = tokens / texts
    spread = math.sqrt(max(0.0, squares / texts - mean * mean)) / mean
    share = math.log(max(mean, 1) / _SHORT_LENGTH) / math.log(_TYPICAL_LENGTH / _SHORT_LENGTH)
    return Curve(1.2 + 0.8 * min(1.0, max(0.0, share)), min(0.9, max(0.4, 1.4 * spread)))


def idf(found_in: float, texts: int) -> float:
    """Return how telling a word is that is in `found_in` of `texts` texts (BM25's, never negative)."""
    return math.log(1 + max(0.0, texts - found_in + 0.5) / (found_in + 0.5))
