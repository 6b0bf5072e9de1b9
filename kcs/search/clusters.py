"""Texts in groups by what they share: pure functions, no database.

Each text is its telling terms, weighted by how rare they are; a text with many others close to it gathers
them around itself, then the next of what is left (star clustering after Aslam, Pelekhov and Rus, 2004).
Unlike a chain of neighbours, no group drifts away from its centre. The same texts give the same groups.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kcs.search.term_vectors import Numbers, Vectors, Weights, terms_of

# Cosine from which on two texts are about the same. Of people's questions about web applications, nine in ten
# of a group then ask what most of it asks.
CLOSE = 0.35
SMALLEST = 2
WORDS = 12
TOLD_BY = 0.3  # of a group's texts have a word that tells what it is about


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
        self._told = terms_of(texts, hidden or {})
        self._rows = {text_id: row for row, text_id in enumerate(self._told.ids)}
        self._vectors = Vectors(self._told, whole=whole)

    def groups(self, close: float = CLOSE) -> list[Group]:
        """Return the groups among all the texts with the words they share, as `clusters` does."""
        return [self._group(rows) for rows in self._stars(close)]

    def ids(self, close: float = CLOSE) -> list[tuple[int, ...]]:
        """Return of the groups among all the texts the ids alone, in the same order."""
        return [self._ids(rows) for rows in self._stars(close)]

    def _stars(self, close: float) -> list[list[int]]:
        near = [self._vectors.near(row, close) for row in range(len(self._told.ids))]
        found = [rows for rows in _stars(near) if len(rows) >= SMALLEST]
        return sorted(found, key=lambda rows: (-len(rows), self._told.ids[rows[0]]))

    def _ids(self, rows: Iterable[int]) -> tuple[int, ...]:
        return tuple(self._told.ids[row] for row in rows)

    def _group(self, rows: Sequence[int]) -> Group:
        having: defaultdict[int, list[int]] = defaultdict(list)
        written: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for row in rows:
            for term, form in self._told.of(row):
                having[term].append(row)
                written[term][form] += 1
        least, weight, names = max(2.0, len(rows) * TOLD_BY), self._vectors.weight, self._told.names
        shared = [term for term in having if len(having[term]) >= least and weight[term] > 0]
        telling = sorted(shared, key=lambda term: (-len(having[term]) * weight[term] ** 2, names[term]))
        return Group(
            self._ids(rows),
            tuple(max(written[term].items(), key=lambda item: item[::-1])[0] for term in telling[:WORDS]),
            tuple(self._ids(having[term]) for term in telling[:WORDS]),
        )

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
