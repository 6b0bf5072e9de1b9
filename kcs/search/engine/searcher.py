"""What a search needs of one view at one moment: tables, arrays, counts; postings are read once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kcs.search.engine.columns import Column, Columns
from kcs.search.engine.postings import Counts, Ids
from kcs.search.engine.store import Field, View
from kcs.search.engine.vocabulary import Vocabulary
from kcs.search.engine.weights import SHORT, UNIT, Curve, Weights, body_curve

_OF_ARTICLES = (Column.TITLE, Column.ISSUE, Column.BODY, Column.WORDS)
LENGTH_OF = {
    Field.TITLE: Column.TITLE,
    Field.ISSUE: Column.ISSUE,
    Field.BODY: Column.BODY,
    Field.WORDS: Column.WORDS,
    Field.TICKET: Column.TICKET,
}


@dataclass
class Searcher:
    """One view, read at one moment."""

    view: View
    columns: Columns
    vocabulary: Vocabulary
    totals: dict[str, int]
    weights: Weights
    _sizes: dict[int, dict[Field, int]] = field(default_factory=dict)
    _norms: dict[tuple[Field, float], Counts] = field(default_factory=dict)
    _read: dict[tuple[int, Field], tuple[Ids, Counts]] = field(default_factory=dict)

    @property
    def articles(self) -> int:
        """How many articles the view holds."""
        return self.totals.get("articles", 0)

    @property
    def tickets(self) -> int:
        """How many past tickets the view holds."""
        return self.totals.get("ticket_texts", 0)

    def postings(self, terms: tuple[int, ...], of: Field) -> tuple[Ids, Counts]:
        """Return which texts hold any of the terms in a field, ids ascending, and how often."""
        found = [self._one(term, of) for term in terms]
        if len(found) == 1:
            return found[0]
        ids = np.concatenate([each[0] for each in found])
        counts = np.concatenate([each[1] for each in found])
        distinct, place = np.unique(ids, return_inverse=True)
        return distinct, np.bincount(place, counts, len(distinct)).astype(np.float32)

    def size(self, term: int, of: Field) -> int:
        """Return in how many texts a term occurs in a field."""
        if term not in self._sizes:
            self._sizes[term] = self.view.sizes(term)
        return self._sizes[term].get(of, 0)

    def mean(self, of: Field) -> float:
        """Return the mean length of the texts of a field, in words."""
        name = of.name.lower()
        return max(1.0, self.totals.get(f"{name}_tokens", 0) / max(1, self.totals.get(f"{name}_texts", 0)))

    def mean_passage(self) -> float:
        """Return the mean length of a passage, in words."""
        return max(1.0, self.totals.get("body_tokens", 0) / max(1, self.totals.get("passages", 0)))

    def curve(self, of: Field) -> Curve:
        """Return the BM25 curve of a field."""
        if of is Field.BODY:
            totals = self.totals
            return body_curve(*(totals.get(f"body_{each}", 0) for each in ("texts", "tokens", "squares")))
        return SHORT if of in {Field.TITLE, Field.ISSUE, Field.WORDS} else UNIT

    def norm(self, of: Field, ids: Ids, b: float) -> Counts:
        """Return the length normalisation 1 - b + b * length / mean of texts."""
        if (of, b) not in self._norms:
            lengths = self.columns[LENGTH_OF[of]]
            # A column ends with the last text that has the field: what comes after has no words in it.
            kin = (Column.TICKET,) if of is Field.TICKET else _OF_ARTICLES
            norms = np.full(max(len(self.columns[column]) for column in kin), 1 - b, np.float32)
            norms[: len(lengths)] += np.float32(b / self.mean(of)) * lengths
            self._norms[of, b] = norms
        return self._norms[of, b][ids]

    def _one(self, term: int, of: Field) -> tuple[Ids, Counts]:
        if (term, of) not in self._read:
            self._read[term, of] = self.view.postings(term, of)
        return self._read[term, of]
