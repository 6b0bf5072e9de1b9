"""The words of a view: which term each stands for, and the pieces by which like spellings are told.

A word is a surface form in a language; its term is its stem, under which it is found. Exact names (error
codes, paths, versions) and facets (tags, states) are kept as words of languages of their own.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kcs.language import stem
from kcs.search.engine.store import View

EXACT = "="
FACET = "@"
_GRAM = 3
LONGEST = 64
# Pieces whose numbers are remembered: those of a few languages, in some megabytes.
_REMEMBERED = 20_000


def grams(word: str) -> list[int]:
    """Return the distinct three-letter pieces of a word with its ends, as numbers."""
    held = f" {word[:LONGEST]} "
    pieces = {held[start : start + _GRAM] for start in range(max(1, len(held) - _GRAM + 1))}
    return sorted(map(_number_of, pieces))


@lru_cache(_REMEMBERED)
def _number_of(piece: str) -> int:
    return zlib.crc32(piece.encode("utf-8", "surrogatepass"))


def marked(word: str, language: str) -> str:
    """Return a word with its language in front: one string for what one word of the index is."""
    return f"{language} {word}"


def unmarked(word: str) -> tuple[str, str]:
    """Return the word and the language of a marked one."""
    language, _, bare = word.partition(" ")
    return bare, language


def pieces_of(word: str, language: str) -> list[int]:
    """Return the pieces by which a word's like spellings are told; exact names and facets have none."""
    return [] if language in {EXACT, FACET} else grams(word)


def term_of(word: str, language: str) -> str:
    """Return the term a word of a language is found under."""
    if language == FACET:
        return FACET + word
    return word if language == EXACT else stem(word, language)


class Vocabulary:
    """The words in memory, by id: terms and pieces. `follow` takes in what was written since."""

    def __init__(self) -> None:
        self.terms = np.zeros(1, np.int64)
        self._ends = np.zeros(1, np.int64)
        self._pieces = np.zeros(0, np.uint32)

    def follow(self, view: View) -> None:
        """Read the words that are new since the last look."""
        rows = list(
            view.execute(
                "SELECT first, content FROM {v}_vocabulary WHERE first >= ? ORDER BY first",
                (len(self.terms),),
            )
        )
        if not rows:
            return
        blocks = [_read_block(content) for _, content in rows]
        terms = np.concatenate([each[0] for each in blocks])
        sizes = np.concatenate([each[1] for each in blocks])
        if rows[0][0] != len(self.terms):
            raise ValueError(f"The vocabulary skips from word {len(self.terms)} to word {rows[0][0]}")
        self._ends = np.concatenate([self._ends, self._ends[-1] + np.cumsum(sizes)])
        self._pieces = np.concatenate([self._pieces, *(each[2] for each in blocks)])
        self.terms = np.concatenate([self.terms, terms])

    def likeness(self, words: NDArray[np.int64], wanted: list[str]) -> NDArray[np.float32]:
        """Return how alike each of `words` is to each wanted word: Dice's coefficient of their pieces."""
        pieces = [grams(word) for word in wanted]
        known, column = flat_pieces(pieces)
        starts, ends = self._ends[words - 1], self._ends[words]
        sizes = ends - starts
        rows = np.repeat(np.arange(len(words)), sizes)
        offsets = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        held = self._pieces[np.repeat(starts, sizes) + offsets]
        shared = np.zeros((len(words), len(wanted)), np.float32)
        # A piece may be in several wanted words: each further one of the same number is another round.
        left = np.searchsorted(known, held, "left")
        right = np.searchsorted(known, held, "right")
        while (hits := left < right).any():
            np.add.at(shared, (rows[hits], column[left[hits]]), 1)
            left = left + 1
        own = np.array([len(each) for each in pieces], np.float32)
        return np.asarray(2 * shared / (sizes[:, None] + own[None, :]), np.float32)


class Words:
    """Words looked up and added: ids in the file, remembered as long as this lives.

    `added` counts the new ones by language, until somebody clears it.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._ids: dict[str, dict[str, int]] = {}
        self._terms: dict[str, int] = {}
        row = view.execute("SELECT coalesce(max(id), 0) FROM {v}_words").fetchone()
        self._next = int(row[0]) + 1
        row = view.execute("SELECT coalesce(max(id), 0) FROM {v}_terms").fetchone()
        self._next_term = int(row[0]) + 1
        self._new: list[tuple[int, str, str, int]] = []
        self._new_terms: list[tuple[int, str]] = []
        self.added: Counter[str] = Counter()

    def ids(self, words: list[str], language: str) -> list[int]:
        """Return the ids of words, adding those that are not there yet."""
        known = self._ids.setdefault(language, {})
        try:
            return [known[word] for word in words]
        except KeyError:
            missing = list(dict.fromkeys(word for word in words if word not in known))
            self._look_up(missing, language, known)
            for word in missing:
                if word not in known:
                    long = len(word) > LONGEST
                    known[word] = (
                        self.ids([word[:LONGEST]], language)[0] if long else self._add(word, language)
                    )
            return [known[word] for word in words]

    def flush(self) -> None:
        """Write what was added: the words, their terms, and the pieces they are found by."""
        if not self._new:
            return
        self._view.execute_many("INSERT INTO {v}_terms (id, term) VALUES (?, ?)", self._new_terms)
        self._view.execute_many(
            "INSERT INTO {v}_words (id, word, language, term) VALUES (?, ?, ?, ?)", self._new
        )
        pieces = [pieces_of(word, language) for _, word, language, _ in self._new]
        block = pack_block([term for *_, term in self._new], pieces)
        self._view.execute("INSERT INTO {v}_vocabulary VALUES (?, ?)", (self._new[0][0], block))
        self._add_pieces([row[0] for row in self._new], pieces)
        self._new, self._new_terms = [], []

    def _look_up(self, words: list[str], language: str, known: dict[str, int]) -> None:
        known.update(
            self._view.select_in(
                "SELECT word, id FROM {v}_words WHERE language = ? AND word IN ({some})", words, language
            )
        )

    def _add(self, word: str, language: str) -> int:
        identity, self._next = self._next, self._next + 1
        self._new.append((identity, word, language, self._term(term_of(word, language))))
        self.added[language] += 1
        return identity

    def _term(self, term: str) -> int:
        if term not in self._terms:
            self._terms.update(self._view.term_ids([term]))
        if term not in self._terms:
            self._terms[term], self._next_term = self._next_term, self._next_term + 1
            self._new_terms.append((self._terms[term], term))
        return self._terms[term]

    def _add_pieces(self, words: list[int], pieces: list[list[int]]) -> None:
        flat, owner = flat_pieces(pieces)
        numbers = np.asarray(words, np.int64)[owner].astype("<u4")
        starts = np.flatnonzero(np.diff(flat.astype(np.int64), prepend=-1)).tolist()
        rows = []
        for start, end in pairwise([*starts, len(flat)] if starts else []):
            gram = int(flat[start])
            held = self._view.execute("SELECT words FROM {v}_grams WHERE gram = ?", (gram,)).fetchone()
            rows.append((gram, (held[0] if held else b"") + numbers[start:end].tobytes()))
        self._view.execute_many("INSERT OR REPLACE INTO {v}_grams VALUES (?, ?)", rows)


def flat_pieces(pieces: list[list[int]]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return all pieces ascending, and for each the place of the word it belongs to."""
    flat = np.array([piece for each in pieces for piece in each], np.uint32)
    owner = np.repeat(np.arange(len(pieces)), [len(each) for each in pieces])
    order = np.argsort(flat, kind="stable")
    return flat[order], owner[order]


def pack_block(terms: Iterable[int], pieces: list[list[int]]) -> bytes:
    """Return the bytes of a block of words: their terms, and the pieces of each."""
    numbers = np.fromiter(terms, "<u4")
    sizes = np.array([len(each) for each in pieces], "u1")
    flat = np.array([piece for each in pieces for piece in each], "<u4")
    return struct.pack("<I", len(numbers)) + numbers.tobytes() + sizes.tobytes() + flat.tobytes()


def _read_block(content: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint32]]:
    (count,) = struct.unpack_from("<I", content)
    terms = np.frombuffer(content, "<u4", count, 4).astype(np.int64)
    sizes = np.frombuffer(content, "u1", count, 4 + 4 * count).astype(np.int64)
    flat = np.frombuffer(content, "<u4", int(sizes.sum()), 4 + 5 * count)
    return terms, sizes, flat
