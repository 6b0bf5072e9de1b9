"""The close look: every word of the search in every field of each candidate, and what past tickets say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.asking import Asked
from kcs.search.engine.postings import Ids
from kcs.search.engine.searcher import Searcher
from kcs.search.engine.store import Field, Kind, Text
from kcs.search.engine.texts import (
    BODY,
    ISSUE,
    TITLE,
    Floats,
    Tokens,
    counted,
    lay_out,
    pairs_of,
    places_of,
)
from kcs.search.engine.weights import SHORT_K1, TITLE_B, UNIT, WORDS_B, Curve, idf

NEAREST = 10
SHARPNESS = 3.0
LIKE_ENOUGH = 0.5
PAIR_IN_UNIT = 0.4


@dataclass(frozen=True)
class Looked:
    """What the close look found: for each candidate its score and what it is made of, by name of the weight.

    `held` tells which groups a candidate holds (candidates x groups), `in_field` in which field; `near` which
    groups it holds only in a like spelling; `paired` how many of the wanted neighbours; `tickets` how many of
    the nearest past tickets it solved.
    """

    ids: Ids
    parts: dict[str, Floats]
    held: NDArray[np.bool_]
    in_field: dict[Field, NDArray[np.bool_]]
    near: NDArray[np.bool_]
    paired: Floats
    tickets: NDArray[np.int64]

    @property
    def scores(self) -> Floats:
        """The sum of all parts."""
        return np.asarray(sum(self.parts.values()), np.float32)


def look(searcher: Searcher, asked: Asked, candidates: Ids, link_ids: Ids) -> Looked:
    """Score the candidates and the articles that solved the nearest of these past tickets."""
    voted = _votes(searcher, asked, link_ids)
    ids = np.asarray(
        [*candidates.tolist(), *(each for each in voted if each not in set(candidates.tolist()))], np.int64
    )
    stored = searcher.view.texts(Kind.ARTICLE, ids.tolist())
    ids = np.array([each for each in ids.tolist() if each in stored], np.int64)
    tokens = lay_out([stored[each] for each in ids.tolist()], 3, searcher.vocabulary.terms)
    close = _Close(searcher, asked, ids, tokens)
    votes = np.array([voted.get(each, (0.0, 0))[0] for each in ids.tolist()], np.float32)
    parts = {**close.parts(), "tickets": searcher.weights.tickets * votes}
    in_field = {field: counts > 0 for field, counts in close.counts.items()}
    held = np.any(list(in_field.values()), axis=0)
    solved = np.array([voted.get(each, (0.0, 0))[1] for each in ids.tolist()], np.int64)
    return Looked(ids, parts, held, in_field, close.near & ~held, close.pairs.sum(1), solved)


class _Close:
    """The counts of a close look, and the parts of the score made of them."""

    def __init__(self, searcher: Searcher, asked: Asked, ids: Ids, tokens: Tokens) -> None:
        self._searcher, self._asked, self._ids, self._tokens = searcher, asked, ids, tokens
        self._places = places_of(tokens, asked)
        shape = (len(ids), len(asked.groups))
        self.counts = {
            field: counted(tokens.text, np.where(tokens.section == section, self._places, -1), shape)
            for field, section in ((Field.TITLE, TITLE), (Field.ISSUE, ISSUE), (Field.BODY, BODY))
        }
        self.counts[Field.WORDS] = self._ticket_words(shape)
        self._pair_at, self._pair_places = pairs_of(tokens, asked)
        self.pairs = counted(tokens.text, self._pair_at, (len(ids), max(1, len(self._pair_places))))
        self.near = np.zeros(shape, bool)

    def parts(self) -> dict[str, Floats]:
        """Return the parts of the score, weighted, by name of the weight."""
        weights, curve = self._searcher.weights, self._searcher.curve(Field.BODY)
        body = self._norm(Field.BODY, curve.b)
        return {
            "short": weights.short * self._short(),
            "own_title": weights.own_title * self._field(Field.TITLE, UNIT, self._norm(Field.TITLE, UNIT.b)),
            "body": weights.body * self._field(Field.BODY, curve, body),
            "pairs": weights.pairs * saturated(self.pairs, curve, body) @ self._pair_idf(),
            "likeness": weights.likeness * self._likeness(curve, body),
            "passages": weights.passages * self._passages(),
        }

    def _norm(self, field: Field, b: float) -> Floats:
        return self._searcher.norm(field, self._ids, b)[:, None]

    def _idf(self, *fields: Field) -> Floats:
        return np.array(
            [group.weight * self._asked.article_idf(group, *fields) for group in self._asked.groups],
            np.float32,
        )

    def _ticket_words(self, shape: tuple[int, int]) -> Floats:
        counts = np.zeros(shape, np.float32)
        for place, group in enumerate(self._asked.groups):
            if group.sizes.get(Field.WORDS):
                ids, found = self._searcher.postings(group.terms, Field.WORDS)
                at = np.minimum(np.searchsorted(ids, self._ids), len(ids) - 1)
                counts[:, place] = np.where(ids[at] == self._ids, found[at], 0)
        return counts

    def _short(self) -> Floats:
        weights = self._searcher.weights
        mentions = (
            weights.title * self.counts[Field.TITLE] / self._norm(Field.TITLE, TITLE_B)
            + weights.issue * self.counts[Field.ISSUE] / self._norm(Field.ISSUE, WORDS_B)
            + weights.words * self.counts[Field.WORDS] / self._norm(Field.WORDS, WORDS_B)
        )
        telling = self._idf(Field.TITLE, Field.ISSUE, Field.WORDS)
        return np.asarray(mentions * (SHORT_K1 + 1) / (mentions + SHORT_K1) @ telling, np.float32)

    def _field(self, field: Field, curve: Curve, norm: Floats) -> Floats:
        return np.asarray(saturated(self.counts[field], curve, norm) @ self._idf(field), np.float32)

    def _pair_idf(self) -> Floats:
        return pair_idf(self._searcher, self._asked, self._pair_places, Field.BODY)

    def _likeness(self, curve: Curve, norm: Floats) -> Floats:
        """Words of like spelling, in title and text: other forms, slips, parts of compounds."""
        groups = [place for place, group in enumerate(self._asked.groups) if not group.exact]
        tokens = self._tokens
        if not groups or not len(tokens.word):
            return np.zeros(len(self._ids), np.float32)
        distinct, place = np.unique(tokens.word, return_inverse=True)
        alike = self._searcher.vocabulary.likeness(
            distinct, [self._asked.groups[each].word for each in groups]
        )
        alike[alike < LIKE_ENOUGH] = 0
        counts = np.zeros((len(self._ids), len(self._asked.groups)), np.float32)
        mentions = np.where(tokens.section == TITLE, 3, 1).astype(np.float32)
        for column, group in enumerate(groups):
            shares = alike[place, column]
            hits = np.flatnonzero(shares)
            counts[:, group] = np.bincount(tokens.text[hits], shares[hits] * mentions[hits], len(self._ids))
        self.near = counts > 0
        return np.asarray(saturated(counts, curve, norm) @ self._idf(*_TEXT), np.float32)

    def _passages(self) -> Floats:
        tokens = self._tokens
        inside = tokens.section == BODY
        if not inside.any():
            return np.zeros(len(self._ids), np.float32)
        numbers, passage = np.unique(tokens.passage[inside], return_inverse=True)
        owner = np.zeros(len(numbers), np.int64)
        owner[passage] = tokens.text[inside]
        scores = _unit_scores(
            passage,
            len(numbers),
            self._places[inside],
            self._pair_at[inside],
            self._idf(Field.BODY),
            self._pair_idf(),
            self._searcher.mean_passage(),
        )
        return shares(scores, owner, len(self._ids))[0]


_TEXT = (Field.TITLE, Field.ISSUE, Field.BODY, Field.WORDS)


def saturated(counts: Floats, curve: Curve, norm: Floats) -> Floats:
    """Return BM25's weight of counts: more mentions say more, ever less so."""
    return np.asarray(counts * (curve.k1 + 1) / (counts + curve.k1 * norm), np.float32)


def shares(scores: Floats, owner: NDArray[np.int64], owners: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return each owner's share of the ten best, sharpened, times the best; and how many of the ten it has."""
    won, number = np.zeros(owners, np.float32), np.zeros(owners, np.int64)
    best = np.lexsort((np.arange(len(scores)), -scores))[:NEAREST]
    best = best[scores[best] > 0]
    if len(best):
        share = (scores[best] / scores[best[0]]) ** SHARPNESS
        np.add.at(won, owner[best], share / share.sum() * scores[best[0]])
        np.add.at(number, owner[best], 1)
    return won, number


def pair_idf(searcher: Searcher, asked: Asked, pairs: list[tuple[int, int]], of: Field) -> Floats:
    """How telling neighbours are: as a word would be that is in as many texts as both of them are."""
    count = searcher.tickets if of is Field.TICKET else searcher.articles
    found = [idf(searcher.together(asked.sequence[a], asked.sequence[b], of), count) for a, b in pairs]
    return np.array(found or [0.0], np.float32)


def _unit_scores(
    unit: NDArray[np.int64],
    units: int,
    places: NDArray[np.int64],
    pairs: NDArray[np.int64],
    telling: Floats,
    pair_telling: Floats,
    mean: float,
) -> Floats:
    """Score passages or tickets, each a text of its own."""
    length = np.bincount(unit, minlength=units)
    norm = np.asarray(1 - UNIT.b + UNIT.b * length / mean, np.float32)[:, None]
    words = saturated(counted(unit, places, (units, len(telling))), UNIT, norm) @ telling
    neighbours = saturated(counted(unit, pairs, (units, len(pair_telling))), UNIT, norm) @ pair_telling
    return np.asarray(words + PAIR_IN_UNIT * neighbours, np.float32)


def _votes(searcher: Searcher, asked: Asked, link_ids: Ids) -> dict[int, tuple[float, int]]:
    """Return for the articles that solved the nearest tickets their share, and how many of these they solved."""
    stored = searcher.view.texts(Kind.TICKET, link_ids.tolist())
    texts: list[Text] = [stored[each] for each in link_ids.tolist() if each in stored]
    if not texts or not asked.groups:
        return {}
    tokens = lay_out(texts, 1, searcher.vocabulary.terms)
    count = searcher.tickets
    telling = np.array(
        [group.weight * idf(group.sizes.get(Field.TICKET, 0), count) for group in asked.groups], np.float32
    )
    pair_at, pairs = pairs_of(tokens, asked)
    pair_telling = pair_idf(searcher, asked, pairs, Field.TICKET)
    scores = _unit_scores(
        tokens.text,
        len(texts),
        places_of(tokens, asked),
        pair_at,
        telling,
        pair_telling,
        searcher.mean(Field.TICKET),
    )
    articles, owner = np.unique([text.article for text in texts], return_inverse=True)
    won, number = shares(scores, owner, len(articles))
    return {
        int(article): (float(share), int(some))
        for article, share, some in zip(articles, won, number, strict=True)
        if some
    }
