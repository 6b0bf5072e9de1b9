"""Near-duplicates over a whole base of texts: pure functions, no database.

A text is the set of its runs of words (shingles). Sets that share many have like MinHash signatures (Broder,
"On the resemblance and containment of documents", 1997); bands of a signature that are the same throw their
texts into one bucket, and only texts of one bucket are compared, exactly. Titles are a second way to meet.
Nothing here is left to chance: seeds are fixed, and the same texts give the same pairs.
"""

from __future__ import annotations

import os
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from kcs.language import words
from kcs.search.signatures import close_rows, signatures

LIKENESS = 0.5  # pairs from this likeness on are told
MOST_EACH = 10  # a pair is told when it is among so many of the most alike of either text
# Texts of at most SHORT words are compared by single words and pairs of them, those of at least LONG by runs
# of three; a text in between by both, so that no two of like length miss one another.
SHORT, LONG = 60, 30
# What stands in more texts than this, and in more than this share of them, is a form that people fill in.
FORM_TEXTS, FORM_SHARE = 25, 0.002
# A text of which less than this is its own is compared with its form as well.
OWN_SHARE = 0.25
# Titles this alike make a pair to look at; one that more texts carry names a kind of text ("Release notes").
TITLE_LIKENESS, TITLE_TEXTS = 0.75, 20

_SLOTS = 1 << 23
_MANY = np.iinfo(np.uint16).max
_BATCH = 500

Hashes = NDArray[np.uint32]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """Two texts by id, the lower id first. `likeness`: 0, nothing in common, to 1, the same."""

    first: int
    second: int
    likeness: float


def near_duplicates(texts: Iterable[tuple[int, str, str]], *, likeness: float = LIKENESS) -> Iterator[Pair]:
    """Return the pairs of texts (id, title, body) that say much the same, the most alike first.

    `likeness` of two texts is the share of their shingles that both have, or, where that is more, the middle
    between it and the share of their titles' words: the same title makes 0.5 whatever stands below it. Words
    of a form that many texts have do not count. A pair is told when it is among the ten most alike of either
    text; of texts that are the same throughout, each is paired with the first. Memory: about 1.5 kB a text
    and 40 MB; shingles wait in a temporary file.
    """
    with _Texts() as base:
        for text_id, title, body in texts:
            base.add(text_id, title, body)
        base.close()
        found = base.alike(likeness)
    yield from sorted(_nearest(found), key=lambda pair: (-pair.likeness, pair.first, pair.second))


class _Texts:
    """What is kept of the texts while they are compared."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._short, self._long = _Shingles(), _Shingles()
        self._titles: list[Hashes] = []

    def __enter__(self) -> _Texts:
        return self

    def __exit__(self, *_: object) -> None:
        for shingles in (self._short, self._long):
            shingles.forget()

    def add(self, text_id: int, title: str, body: str) -> None:
        named, said = _word_hashes(title), _word_hashes(f"{title}\n{body}")
        self._ids.append(text_id)
        self._titles.append(_set(named))
        self._short.add(np.concatenate([_runs(said, 1), _runs(said, 2)]) if len(said) <= SHORT else _NONE)
        self._long.add(_runs(said, 3) if len(said) >= LONG else _NONE)

    def close(self) -> None:
        for shingles in (self._short, self._long):
            shingles.leave_forms_out()

    def alike(self, least: float) -> dict[tuple[int, int], float]:
        found: dict[tuple[int, int], float] = {}
        for shingles in (self._short, self._long):
            for first, second in shingles.candidates(least):
                self._keep(found, first, second, least)
        for first, second in self._same_titles():
            self._keep(found, first, second, least)
        return found

    def _keep(self, found: dict[tuple[int, int], float], first: int, second: int, least: float) -> None:
        one, other = sorted((self._ids[first], self._ids[second]))
        if one == other or (one, other) in found:
            return
        text = max(shingles.likeness(first, second) for shingles in (self._short, self._long))
        titles = _jaccard(self._titles[first], self._titles[second])
        measured = max(text, (text + titles) / 2 if titles >= TITLE_LIKENESS else 0.0)
        if measured >= least:
            found[one, other] = measured

    def _same_titles(self) -> Iterator[tuple[int, int]]:
        """Pairs of texts with titles of the same words, or nearly."""
        seen: dict[bytes, list[int]] = defaultdict(list)
        for row, title in enumerate(self._titles):
            if len(title):
                seen[title.tobytes()].append(row)
        few = {key: rows for key, rows in seen.items() if len(rows) <= TITLE_TEXTS}
        for rows in few.values():
            yield from combinations(rows, 2)
        yield from self._like_titles(list(few.values()))

    def _like_titles(self, groups: list[list[int]]) -> Iterator[tuple[int, int]]:
        """Titles that differ in a word: they agree when that word is left out of each."""
        rests, owners = [], []
        for number, rows in enumerate(groups):
            title = self._titles[rows[0]].astype(np.uint64)
            if len(title) >= 3:
                rests.append(title.sum() - np.r_[np.uint64(0), title])
                owners.append(np.full(len(title) + 1, number))
        if not rests:
            return
        rest, owner = np.concatenate(rests), np.concatenate(owners)
        order = np.argsort(rest, kind="stable")
        starts = np.flatnonzero(np.r_[True, rest[order][1:] != rest[order][:-1]])
        sizes = np.diff(np.r_[starts, len(order)])
        some = (sizes > 1) & (sizes <= TITLE_TEXTS)
        for start, size in zip(starts[some].tolist(), sizes[some].tolist(), strict=True):
            for one, other in combinations(owner[order[start : start + size]].tolist(), 2):
                for first in groups[one]:
                    yield from ((first, second) for second in groups[other])


class _Shingles:
    """The shingles of all texts in a temporary file, by row; a row may be empty."""

    def __init__(self) -> None:
        self._file = cast("BinaryIO", tempfile.TemporaryFile(prefix="kcs-duplicates-"))  # noqa: SIM115 -- forget()
        self._ends: list[int] = [0]
        self._counts = np.zeros(_SLOTS, np.uint16)

    def add(self, shingles: Hashes) -> None:
        unique = np.unique(shingles)
        self._file.write(unique.tobytes())
        self._ends.append(self._ends[-1] + len(unique))
        slots = unique & (_SLOTS - 1)
        self._counts[slots] = np.minimum(self._counts[slots], _MANY - 1) + 1

    def forget(self) -> None:
        self._file.close()

    def leave_forms_out(self) -> None:
        """Write the shingles anew without those of forms; a text with little else keeps them."""
        texts = sum(1 for row in range(self._rows) if self._ends[row + 1] > self._ends[row])
        form = self._counts > max(FORM_TEXTS, texts * FORM_SHARE)
        self._file.flush()
        own = cast("BinaryIO", tempfile.TemporaryFile(prefix="kcs-duplicates-"))  # noqa: SIM115 -- forget()
        ends = [0]
        for row in range(self._rows):
            whole = self.of(row)
            kept = whole[~form[whole & (_SLOTS - 1)]]
            if len(kept) < len(whole) * OWN_SHARE:
                kept = whole
            own.write(kept.tobytes())
            ends.append(ends[-1] + len(kept))
        self._file.close()
        self._file, self._ends, self._counts = own, ends, self._counts[:0]
        self._file.flush()

    @property
    def _rows(self) -> int:
        return len(self._ends) - 1

    def of(self, row: int) -> Hashes:
        start, end = self._ends[row], self._ends[row + 1]
        return np.frombuffer(os.pread(self._file.fileno(), (end - start) * 4, start * 4), np.uint32)

    def likeness(self, first: int, second: int) -> float:
        return _jaccard(self.of(first), self.of(second))

    def candidates(self, least: float) -> Iterator[tuple[int, int]]:
        """Pairs of rows that may be at least this alike. Of the same texts only the first is looked at."""
        same: dict[bytes, int] = {}
        rows: list[int] = []
        for row in range(self._rows):
            shingles = self.of(row)
            if not len(shingles):
                continue
            first = same.setdefault(_digest(shingles), row)
            if first == row:
                rows.append(row)
            else:
                yield first, row
        signed = signatures(self._in_batches(rows), len(rows))
        for one, other in close_rows(signed, least):
            yield rows[one], rows[other]

    def _in_batches(self, rows: list[int]) -> Iterator[list[Hashes]]:
        for start in range(0, len(rows), _BATCH):
            yield [self.of(row) for row in rows[start : start + _BATCH]]


_NONE: Hashes = np.zeros(0, np.uint32)


def _word_hashes(text: str) -> NDArray[np.uint64]:
    return np.array([zlib.crc32(word.encode()) for word in words(text)], np.uint64)


def _runs(hashed: NDArray[np.uint64], length: int) -> Hashes:
    """Hashes of all runs of `length` words."""
    if len(hashed) < length:
        return _NONE
    mixed = np.full(len(hashed) - length + 1, length, np.uint64)
    for place in range(length):
        mixed = _mix(mixed + hashed[place : place + len(mixed)])
    return cast("Hashes", (mixed >> np.uint64(32)).astype(np.uint32))


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _set(hashed: NDArray[np.uint64]) -> Hashes:
    return np.unique(hashed.astype(np.uint32))


def _digest(shingles: Hashes) -> bytes:
    return b"%d-%d" % (len(shingles), int(np.bitwise_xor.reduce(_mix(shingles.astype(np.uint64)))))


def _jaccard(one: Hashes, other: Hashes) -> float:
    if not len(one) or not len(other):
        return 0.0
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both / (len(one) + len(other) - both)


def _nearest(found: dict[tuple[int, int], float]) -> Iterator[Pair]:
    """The pairs that are among the most alike of either text."""
    told: defaultdict[int, int] = defaultdict(int)
    for (first, second), measured in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        if min(told[first], told[second]) < MOST_EACH:
            told[first] += 1
            told[second] += 1
            yield Pair(first, second, measured)
