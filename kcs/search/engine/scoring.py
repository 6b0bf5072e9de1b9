"""The close look: every word of the search in every field of each candidate, and what past tickets say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.asking import Asked
from kcs.search.engine.postings import Ids
from kcs.search.engine.searcher import Searcher
from kcs.search.engine.store import Field, Kind
from kcs.search.engine.texts import (
    BODY,
    ISSUE,
    TITLE,
    Floats,
    Tokens,
    counted,
    distinct_of,
    lay_out,
    pairs_of,
    places_of,
)
from kcs.search.engine.tickets import Vote, votes
from kcs.search.engine.units import Pairs, saturated, shares, unit_scores
from kcs.search.engine.weights import SHORT_K1, TITLE_B, UNIT, WORDS_B, Curve, idf

LIKE_ENOUGH = 0.5
# From here on a like word is worth naming, and may find an article by itself.
NEAR = 0.6
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Looked:
    """What the close look found: for each candidate its score and what it is made of, by name of the weight.

    `held` tells which groups a candidate holds (candidates x groups), `in_field` in which field; `near` which
    groups it holds only in a like spelling; `tickets` how many of
    the nearest past tickets it solved.
    """

    ids: Ids
    parts: dict[str, Floats]
    held: NDArray[np.bool_]
    in_field: dict[Field, NDArray[np.bool_]]
    near: NDArray[np.bool_]
    tickets: NDArray[np.int64]

    @cached_property
    def scores(self) -> Floats:
        """The sum of all parts."""
        return np.asarray(sum(self.parts.values()), np.float32)


def look(
    searcher: Searcher, asked: Asked, candidates: Ids, link_ids: Ids, hidden: frozenset[int] = frozenset()
) -> Looked:
    """Score the candidates and the articles that solved the nearest of these past tickets.

    The words of the tickets behind the `hidden` links do not count.
    """
    voted = votes(searcher, asked, link_ids)
    known = set(candidates.tolist())
    brought = [each for each, vote in voted.items() if vote.nearest and each not in known]
    texts = searcher.view.texts(Kind.ARTICLE, [*candidates.tolist(), *brought])
    ids, tokens = texts.ids, lay_out(texts, 3, searcher.vocabulary.terms)
    close = _Close(searcher, asked, ids, tokens, hidden)
    given = [voted.get(each, Vote()) for each in ids.tolist()]
    weights = searcher.weights
    parts = {
        **close.parts(),
        "tickets": weights.tickets * np.array([vote.share for vote in given], np.float32),
        "ticket_pairs": weights.ticket_pairs * np.array([vote.pairs for vote in given], np.float32),
    }
    in_field = {field: counts > 0 for field, counts in close.counts.items()}
    held = np.any(list(in_field.values()), axis=0)
    solved = np.array([vote.nearest for vote in given], np.int64)
    return Looked(ids, parts, held, in_field, close.near & ~held, solved)


class _Close:
    """The counts of a close look, and the parts of the score made of them."""

    def __init__(
        self, searcher: Searcher, asked: Asked, ids: Ids, tokens: Tokens, hidden: frozenset[int]
    ) -> None:
        self._searcher, self._asked, self._ids, self._tokens = searcher, asked, ids, tokens
        self._places = places_of(tokens, [group.terms for group in asked.groups])
        shape = (len(ids), len(asked.groups))
        self.counts = {
            field: counted(tokens.text, np.where(tokens.section == section, self._places, -1), shape)
            for field, section in ((Field.TITLE, TITLE), (Field.ISSUE, ISSUE), (Field.BODY, BODY))
        }
        self.counts[Field.WORDS] = np.maximum(
            0, self._ticket_words(shape) - self._hidden_words(shape, hidden)
        )
        self._pair_at, self._pair_places = pairs_of(tokens, asked)
        self.pairs = counted(tokens.text, self._pair_at, (len(ids), max(1, len(self._pair_places))))
        self._pairs = Pairs(searcher, asked, tokens, self._pair_places)
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

    def _hidden_words(self, shape: tuple[int, int], hidden: frozenset[int]) -> Floats:
        texts = self._searcher.view.texts(Kind.TICKET, hidden)
        if not len(texts) or not len(self._ids):
            return np.zeros(shape, np.float32)
        tokens = lay_out(texts, 1, self._searcher.vocabulary.terms)
        row = np.minimum(np.searchsorted(self._ids, texts.articles), len(self._ids) - 1)
        places = places_of(tokens, [group.terms for group in self._asked.groups])
        looked_at = (self._ids[row] == texts.articles)[tokens.text]
        return counted(row[tokens.text], np.where(looked_at, places, -1), shape)

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
        return self._pairs.telling(self._tokens.text, self.pairs, Field.BODY, self._searcher.articles)

    def _likeness(self, curve: Curve, norm: Floats) -> Floats:
        """Words of like spelling, in title and text: other forms, slips, parts of compounds."""
        groups = [place for place, group in enumerate(self._asked.groups) if not group.exact]
        tokens = self._tokens
        if not groups or not len(tokens.word):
            return np.zeros(len(self._ids), np.float32)
        distinct, place = distinct_of(tokens.word, len(self._searcher.vocabulary.terms))
        alike = self._searcher.vocabulary.likeness(
            distinct, [self._asked.groups[each].word for each in groups]
        )
        least = [_least(self._asked.groups[each].word) for each in groups]
        alike[alike < np.array(least, np.float32)] = 0
        # Few words are like any: the others are left out before they are looked at one by one.
        some = np.flatnonzero(np.any(alike, axis=1)[place])
        token, column = np.nonzero(alike[place[some]])
        share = alike[place[some[token]], column]
        text, group = tokens.text[some[token]], np.array(groups, np.int64)[column]
        mentions = np.where(tokens.section[some[token]] == TITLE, 3, 1).astype(np.float32)
        shape = (len(self._ids), len(self._asked.groups))
        worth_naming = np.flatnonzero(share >= NEAR)
        self.near[text[worth_naming], group[worth_naming]] = True
        counts = counted(text, group, shape, share * mentions)
        return np.asarray(saturated(counts, curve, norm) @ self._idf(*_TEXT), np.float32)

    def _passages(self) -> Floats:
        tokens = self._tokens
        inside = tokens.section == BODY
        if not inside.any():
            return np.zeros(len(self._ids), np.float32)
        begins = np.flatnonzero(np.diff(tokens.passage[inside], prepend=-1))
        passage = np.repeat(np.arange(len(begins)), np.diff(begins, append=np.count_nonzero(inside)))
        owner = tokens.text[inside][begins]
        words = counted(passage, self._places[inside], (len(begins), len(self._asked.groups)))
        pairs = counted(passage, self._pair_at[inside], (len(begins), self.pairs.shape[1]))
        scores = unit_scores(
            words,
            pairs,
            np.bincount(passage),
            self._passage_idf(words, self.counts[Field.BODY], self._word_sizes()),
            self._passage_idf(pairs, self.pairs, self._pair_sizes()),
            self._searcher.mean_passage(),
        )
        return shares(scores, owner, len(self._ids))[0]

    def _passage_idf(self, units: Floats, texts: Floats, sizes: Floats) -> Floats:
        """How telling a word is among passages: in as many of them, per article, as in the candidates."""
        passages = self._searcher.totals.get("passages", 0)
        per_text = np.count_nonzero(units, axis=0) / np.maximum(1, np.count_nonzero(texts, axis=0))
        return np.array([idf(size, passages) for size in sizes * np.maximum(1, per_text)], np.float32)

    def _word_sizes(self) -> Floats:
        return np.array([group.sizes.get(Field.BODY, 0) for group in self._asked.groups], np.float32)

    def _pair_sizes(self) -> Floats:
        """In how many articles each pair is, found back from its idf."""
        articles = self._searcher.articles
        return np.asarray((articles + 1) / np.exp(self._pair_idf()) - 0.5, np.float32)


_TEXT = (Field.TITLE, Field.ISSUE, Field.BODY, Field.WORDS)


def _least(word: str) -> float:
    """How alike another word has to be. Another number is another thing, however like it looks."""
    return 1.0 if _DIGIT.search(word) else LIKE_ENOUGH
