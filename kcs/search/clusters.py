"""Texts in groups by what they share: pure functions, no database.

Each text is its telling terms, weighted by how rare they are; a text with many others close to it gathers
them around itself, then the next of what is left (star clustering after Aslam, Pelekhov and Rus, 2004).
Unlike a chain of neighbours, no group drifts away from its centre. The same texts give the same groups.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcs.language import POLITE_WORDS, STOP_WORDS, language_of, primary, stem, words

# Cosine from which on two texts are about the same. Of people's questions about web applications, nine in ten
# of a group then ask what most of it asks.
CLOSE = 0.35
SMALLEST = 2
TERMS = 40  # of a long text, its most telling ones
WORDS = 12
TOLD_BY = 0.3  # of a group's texts have a word that tells what it is about
# A term in more texts than this share, or in one alone, tells nothing of what some of them share.
COMMON_SHARE, COMMON_TEXTS = 0.1, 20
SHORTEST_WORD = 3
# How a question is asked says nothing of what it is about.
QUESTION_WORDS = frozenset(
    [
        "how",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "can",
        "cant",
        "could",
        "does",
        "doesnt",
        "dont",
        "get",
        "got",
        "isnt",
        "not",
        "wont",
        "way",
        "want",
        "como",
        "cual",
        "cuales",
        "cuando",
        "cuanto",
        "donde",
        "que",
        "quien",
        "puedo",
        "puede",
        "hay",
        "comment",
        "quand",
        "quel",
        "quelle",
        "quoi",
        "pourquoi",
        "wie",
        "wann",
        "warum",
        "welche",
        "welcher",
        "welches",
        "wer",
        "wieso",
        "kann",
        "nicht",
        "hoe",
        "wanneer",
        "waarom",
        "welke",
        "wat",
        "waar",
        "quando",
        "quale",
        "onde",
        "qual",
        "bagaimana",
        "kapan",
        "apa",
        "apakah",
        "siapa",
        "mengapa",
        "kenapa",
        "mana",
        "איך",
        "מתי",
        "איפה",
        "למה",
        "מה",
        "מי",
        "איזה",
        "האם",
    ]
)

Numbers = NDArray[np.int64]
Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Texts about the same: `ids`, the most central first, and the most telling words they share.

    `shared` holds for each of the words the ids of the texts it stands in.
    """

    ids: tuple[int, ...]
    words: tuple[str, ...]
    shared: tuple[tuple[int, ...], ...]


def clusters(
    texts: Iterable[tuple[int, str]],
    *,
    hidden: Mapping[int, frozenset[str]] | None = None,
    close: float = CLOSE,
) -> list[Group]:
    """Return the groups among the texts (id, text), the largest first; what stands alone is in none.

    `hidden` names folded words of a text, by its id, that neither group it nor label anything: its customer's
    name. Ten thousand short texts take a few seconds.
    """
    return Compared(texts, hidden=hidden).groups(close)


class Compared:
    """Texts (id, text) made comparable once, to be asked more than one thing. `hidden` as of `clusters`.

    Of a question most words are chance, and only those that others use say what it is about. `whole` texts
    were written with care: in them words of their own make a text unlike the others.
    """

    def __init__(
        self,
        texts: Iterable[tuple[int, str]],
        *,
        hidden: Mapping[int, frozenset[str]] | None = None,
        whole: bool = False,
    ) -> None:
        hidden = hidden or {}
        self._ids: list[int] = []
        self._forms: list[dict[str, str]] = []
        for text_id, text in texts:
            self._ids.append(text_id)
            self._forms.append(_terms(text, hidden.get(text_id, frozenset())))
        self._rows = {text_id: row for row, text_id in enumerate(self._ids)}
        self._vectors = _Vectors([list(each) for each in self._forms], whole=whole)

    def groups(self, close: float = CLOSE) -> list[Group]:
        """Return the groups among all the texts, as `clusters` does."""
        near = [self._vectors.near(row, close) for row in range(len(self._ids))]
        found = [
            _group(rows, self._ids, self._forms, self._vectors)
            for rows in _stars(near)
            if len(rows) >= SMALLEST
        ]
        return sorted(found, key=lambda group: (-len(group.ids), group.ids[0]))

    def apart(self, ids: Iterable[int], close: float = CLOSE) -> list[tuple[int, ...]]:
        """Return these texts in parts of which none is close to another, the largest first.

        Within a part each is close to one other at least. Ids of no text are left out.
        """
        left = {text_id: self._rows[text_id] for text_id in ids if text_id in self._rows}
        parts: list[tuple[int, ...]] = []
        while left:
            first = next(iter(left))
            part, waiting = [], [(first, left.pop(first))]
            while waiting:
                text_id, row = waiting.pop()
                part.append(text_id)
                near = set(self._vectors.near(row, close)[0].tolist())
                met = {other: place for other, place in left.items() if place in near}
                waiting += met.items()
                for other in met:
                    del left[other]
            parts.append(tuple(sorted(part)))
        return sorted(parts, key=lambda part: (-len(part), part))


def _terms(text: str, hidden: frozenset[str]) -> dict[str, str]:
    """Return the telling terms of a text with the first form each was written in."""
    language = primary(language_of(text))
    dull = STOP_WORDS.get(language, frozenset()) | POLITE_WORDS | QUESTION_WORDS | hidden
    found: dict[str, str] = {}
    for word in words(text):
        if len(word) >= SHORTEST_WORD and word not in dull and not word.isdecimal():
            found.setdefault(stem(word, language), word)
    return found


class _Vectors:
    """Unit vectors of the texts over their terms, and for each term the texts it stands in."""

    def __init__(self, terms: Sequence[Sequence[str]], *, whole: bool) -> None:
        self.count = len(terms)
        texts_of = Counter(term for each in terms for term in each)
        self._alone = {term for term, texts in texts_of.items() if texts == 1} if whole else set()
        most = max(COMMON_TEXTS, self.count * COMMON_SHARE)
        self.weight = {
            term: float(np.log(1 + self.count / texts))
            for term, texts in texts_of.items()
            if 1 < texts <= most
        }
        self._rows = [self._unit(each) for each in terms]
        postings: defaultdict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for row, vector in enumerate(self._rows):
            for term, weight in vector.items():
                rows, weights = postings[term]
                rows.append(row)
                weights.append(weight)
        self._postings = {
            term: (np.array(rows, np.int64), np.array(weights)) for term, (rows, weights) in postings.items()
        }

    def _unit(self, terms: Sequence[str]) -> dict[str, float]:
        telling = sorted((term for term in terms if term in self.weight), key=lambda t: (-self.weight[t], t))
        kept = telling[:TERMS]
        own = min(TERMS, sum(term in self._alone for term in terms)) * float(np.log(1 + self.count)) ** 2
        length = float(np.sqrt(own + sum(self.weight[term] ** 2 for term in kept)))
        return {term: self.weight[term] / length for term in kept}

    def near(self, row: int, close: float) -> tuple[Numbers, Weights]:
        """The other texts at least this close to one, with how close they are."""
        vector = self._rows[row]
        if not vector:
            return np.zeros(0, np.int64), np.zeros(0)
        rows = np.concatenate([self._postings[term][0] for term in vector])
        weights = np.concatenate([self._postings[term][1] * own for term, own in vector.items()])
        cosines: Weights = np.bincount(rows, weights, self.count).astype(np.float64)
        cosines[row] = 0.0
        found: Numbers = np.flatnonzero(cosines >= close).astype(np.int64)
        return found, cosines[found]


def _stars(near: Sequence[tuple[Numbers, Weights]]) -> list[list[int]]:
    """Groups of rows, each with its centre first and the others by how close they are to it.

    The texts with the most that is close to them are centres; every other goes to the closest centre.
    """
    centre: dict[int, tuple[float, int]] = {}
    centres: list[int] = []
    for row in sorted(range(len(near)), key=lambda row: (-float(near[row][1].sum()), row)):
        if row in centre:
            continue
        centres.append(row)
        centre[row] = (2.0, row)
        for other, cosine in zip(near[row][0].tolist(), near[row][1].tolist(), strict=True):
            if cosine > centre.get(other, (0.0, 0))[0]:
                centre[other] = (cosine, row)
    groups: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for row, (cosine, of) in centre.items():
        groups[of].append((-cosine, row))
    return [[row for _, row in sorted(groups[of])] for of in centres]


def _group(rows: list[int], ids: list[int], forms: list[dict[str, str]], vectors: _Vectors) -> Group:
    having: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        for term in forms[row]:
            if term in vectors.weight:
                having[term].append(row)
    least = max(2.0, len(rows) * TOLD_BY)
    shared = [term for term in having if len(having[term]) >= least]
    telling = sorted(shared, key=lambda term: (-len(having[term]) * vectors.weight[term] ** 2, term))[:WORDS]
    written = [Counter(forms[row][term] for row in having[term]) for term in telling]
    return Group(
        tuple(ids[row] for row in rows),
        tuple(max(each.items(), key=lambda item: (item[1], item[0]))[0] for each in written),
        tuple(tuple(ids[row] for row in having[term]) for term in telling),
    )
