"""What a search needs of one view at one moment: tables, arrays, counts; postings are read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from kcs.search.engine.columns import Column, Columns
from kcs.search.engine.postings import Counts, Ids
from kcs.search.engine.store import Field, View
from kcs.search.engine.vocabulary import Vocabulary
from kcs.search.engine.weights import SHORT, UNIT, Curve, Weights, body_curve

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
    _read: dict[tuple[int, Field], tuple[Ids, Counts]] = field(default_factory=dict)

    @property
    def articles(self) -> int:
        """How many articles the view holds."""
        return self.totals.get("articles", 0)

    @property
    def tickets(self) -> int:
        """How many past tickets the view holds."""
        return self.totals.get("ticket_texts", 0)

    def read(self, terms: Iterable[int], fields: Iterable[Field]) -> None:
        """Read the postings of these terms in these fields, all at once, for `postings` to give."""
        missing = {(term, of) for term in terms for of in fields} - self._read.keys()
        self._read.update(self.view.postings(sorted(missing)))

    def postings(self, terms: tuple[int, ...], of: Field) -> tuple[Ids, Counts]:
        """Return which texts hold any of the terms in a field, ids ascending, and how often."""
        self.read(terms, (of,))
        if len(terms) == 1:
            return self._read[terms[0], of]
        found = [self._read[term, of] for term in terms]
        ids = np.concatenate([each[0] for each in found])
        counts = np.concatenate([each[1] for each in found])
        distinct, place = np.unique(ids, return_inverse=True)
        return distinct, np.bincount(place, counts, len(distinct)).astype(np.float32)

    def size_up(self, terms: Iterable[int]) -> None:
        """Learn in how many texts these terms occur, all at once, for `sizes` to give."""
        self._sizes.update(self.view.sizes(sorted(set(terms) - self._sizes.keys())))

    def sizes(self, terms: tuple[int, ...]) -> dict[Field, int]:
        """Return in how many texts these terms occur, together, by field."""
        self.size_up(terms)
        if len(terms) == 1:
            return self._sizes[terms[0]]
        together: Counter[Field] = Counter()
        for term in terms:
            together.update(self._sizes[term])
        return dict(together)

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
        lengths = self.columns[LENGTH_OF[of]][ids].astype(np.float32)
        return np.float32(1 - b) + np.float32(b / self.mean(of)) * lengths
