"""Stored texts laid out as flat arrays: a close look at a hundred of them is a few array operations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.asking import Asked
from kcs.search.engine.store import Texts

Numbers = NDArray[np.int64]
Floats = NDArray[np.float32]

TITLE, ISSUE, BODY = range(3)


@dataclass(frozen=True)
class Tokens:
    """The words of several texts, one after the other, without breaks.

    For each word: its id, its term, which text and section it is in, and its passage (counted over all
    texts). `follows` is true where a word stands right after the one before it in the array.
    """

    word: Numbers
    term: Numbers
    text: Numbers
    section: Numbers
    passage: Numbers
    follows: NDArray[np.bool_]
    texts: int
    space: int

    @property
    def passages(self) -> int:
        """How many passages there are."""
        return int(self.passage[-1]) + 1 if len(self.passage) else 0


def lay_out(texts: Texts, sections: int, terms: Numbers) -> Tokens:
    """Lay out the first `sections` sections of texts; `terms` is the term of each word."""
    word, part = _words(texts, sections)
    kept = word > 0
    begins = np.ones(len(word), bool)
    begins[1:] = (part[1:] != part[:-1]) | (word[:-1] == 0)
    passage = np.cumsum(begins & kept)[kept] - 1
    word, part = word[kept], part[kept]
    # Every term's id is below this: what is looked up by term is an array.
    space = int(terms.max()) + 1
    follows = np.zeros(len(word), bool)
    follows[1:] = passage[1:] == passage[:-1]
    return Tokens(word, terms[word], part // sections, part % sections, passage, follows, len(texts), space)


def _words(texts: Texts, sections: int) -> tuple[Numbers, Numbers]:
    """The words of these sections with their breaks, and for each its section, counted over all texts."""
    if not len(texts):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    held = int(texts.flat[texts.starts[0]])  # texts of one kind have as many sections
    sizes = texts.flat[texts.starts[:, None] + np.arange(1, held + 1)]
    head = np.full((len(texts), 1), 1 + held)
    part = np.full((len(texts), 1 + held), -1, np.int64)
    part[:, 1 : 1 + sections] = np.arange(len(texts) * sections).reshape(-1, sections)
    of_word = np.repeat(part.ravel(), np.concatenate([head, sizes], axis=1).ravel().astype(np.int64))
    inside = of_word >= 0
    return texts.flat[inside].astype(np.int64), of_word[inside]


def places_of(tokens: Tokens, wanted: Iterable[tuple[int, ...]]) -> Numbers:
    """Return for each word the place of the first set of terms that holds its term, -1 for none."""
    places = np.full(tokens.space, -1, np.int16)
    for place, terms in reversed(list(enumerate(wanted))):
        places[list(terms)] = place
    return places[tokens.term].astype(np.int64)


def distinct_of(numbers: Numbers, space: int) -> tuple[Numbers, Numbers]:
    """Return the distinct numbers, ascending, and for each number its place among them.

    All are below `space`: for many small numbers that is quicker than sorting them.
    """
    present = np.zeros(space, bool)
    present[numbers] = True
    places = np.cumsum(present) - 1
    return np.flatnonzero(present), places[numbers]


def pairs_of(tokens: Tokens, asked: Asked) -> tuple[Numbers, list[tuple[int, int]]]:
    """Return which wanted pair of neighbours ends at each word (-1: none), and the pairs as places."""
    pairs: list[tuple[int, int]] = []
    keys: dict[int, int] = {}
    seen: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()
    wanted_terms = {group.terms for group in asked.groups}
    for place in range(len(asked.sequence) - 1):
        first, second = asked.sequence[place], asked.sequence[place + 1]
        # Of a long text only the rarest words are wanted, and neighbours of these.
        telling = first in wanted_terms or second in wanted_terms
        if first and second and telling and (first, second) not in seen:
            seen.add((first, second))
            keys.update((a << 32 | b, len(pairs)) for a in first for b in second)
            pairs.append((place, place + 1))
    found = np.full(len(tokens.term), -1, np.int64)
    if keys:
        wanted = places_of(tokens, [tuple({term for terms in asked.sequence for term in terms})]) == 0
        ends = np.flatnonzero(wanted[1:] & wanted[:-1] & tokens.follows[1:]) + 1
        found[ends] = _looked_up(tokens.term[ends - 1] << 32 | tokens.term[ends], sorted(keys.items()))
    return found, pairs


def _looked_up(values: Numbers, table: list[tuple[int, int]]) -> Numbers:
    """Return the number a sorted table gives each value, -1 where it has none."""
    keys, numbers = (np.array(column, np.int64) for column in zip(*table, strict=True))
    place = np.minimum(np.searchsorted(keys, values), len(keys) - 1)
    return np.where(keys[place] == values, numbers[place], -1)


def counted(rows: Numbers, columns: Numbers, shape: tuple[int, int], weights: Floats | None = None) -> Floats:
    """Return how often each (row, column) occurs; a column of -1 counts nowhere."""
    kept = columns >= 0
    flat = rows[kept] * shape[1] + columns[kept]
    held = None if weights is None else weights[kept]
    return np.bincount(flat, held, shape[0] * shape[1]).reshape(shape).astype(np.float32)
