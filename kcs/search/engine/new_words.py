"""The words of an index that is built: numbered in memory, written once, with what is counted of them."""

from __future__ import annotations

from array import array
from collections import Counter
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.runs import Numbers
from kcs.search.engine.store import View
from kcs.search.engine.vocabulary import flat_pieces, pack_block, pieces_of, term_of, unmarked

# Words whose pieces are worked out at a time.
_AT_ONCE = 20_000


class NewWords:
    """Numbers words and their terms from 1, as they come; `added` counts the words by language."""

    def __init__(self, view: View) -> None:
        self.added: Counter[str] = Counter()
        self._view = view
        self._words: dict[str, int] = {}
        self._terms: dict[str, int] = {}
        self._term_of = array("q", [0])
        self._waiting: list[str] = []
        self._pieces: list[tuple[NDArray[np.uint32], NDArray[np.uint32]]] = []

    def __len__(self) -> int:
        return len(self._words)

    def ids(self, words: list[str]) -> Numbers:
        """Return the numbers of words marked with their language, adding those that are new."""
        known = self._words
        for word in words:
            if word not in known:
                self._add(word)
        if len(self._waiting) >= _AT_ONCE:
            self._take_apart()
        return np.fromiter(map(known.__getitem__, words), np.int64, len(words))

    def terms(self) -> Numbers:
        """Return the term of each word; there is no word 0."""
        return np.array(self._term_of, np.int64)

    def write(self, used: Numbers, spread: Numbers) -> None:
        """Write words, terms and the pieces words are found by.

        `used` is in how many articles' own texts each word is, `spread` in how many fields of texts a term.
        """
        self._view.execute_many(
            "INSERT INTO {v}_terms (id, term, used) VALUES (?, ?, ?)",
            ((number, term, int(spread[number])) for term, number in self._terms.items()),
        )
        self._view.execute_many(
            "INSERT INTO {v}_words (id, word, language, term, used) VALUES (?, ?, ?, ?, ?)",
            (
                (number, *unmarked(word), self._term_of[number], int(used[number]))
                for word, number in self._words.items()
            ),
        )
        self._take_apart()
        self._write_pieces()

    def _add(self, word: str) -> None:
        bare, language = unmarked(word)
        term = term_of(bare, language)
        self._words[word] = len(self._words) + 1
        self._waiting.append(word)
        self._term_of.append(self._terms.setdefault(term, len(self._terms) + 1))
        self.added[language] += 1

    def _take_apart(self) -> None:
        """Write the pieces of the words that wait, as a block, and keep which word each is in."""
        first = len(self._words) - len(self._waiting) + 1
        pieces = [pieces_of(*unmarked(word)) for word in self._waiting]
        if pieces:
            block = pack_block(self._term_of[first:], pieces)
            self._view.execute("INSERT INTO {v}_vocabulary VALUES (?, ?)", (first, block))
            flat, owner = flat_pieces(pieces)
            self._pieces.append((flat, (owner + first).astype("<u4")))
        self._waiting = []

    def _write_pieces(self) -> None:
        """Write for each piece the words it is in."""
        if not self._pieces:
            return
        flat, words = (np.concatenate([each[at] for each in self._pieces]) for at in (0, 1))
        order = np.argsort(flat, kind="stable")
        flat, content = flat[order], words[order].tobytes()
        starts = np.flatnonzero(np.diff(flat.astype(np.int64), prepend=-1)).tolist()
        self._view.execute_many(
            "INSERT INTO {v}_grams VALUES (?, ?)",
            (
                (int(flat[start]), content[4 * start : 4 * end])
                for start, end in pairwise([*starts, len(flat)] if starts else [])
            ),
        )
