"""Knowledge bases of any size, made up alike each time: words as frequent and texts as long as people's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.baselines import STOP_WORDS
from benchmarks.search.data import PastTicket, Text

WORDS = 200_000
# Zipf's law as Mandelbrot corrected it, with what fits people's texts best: the most frequent word is a
# twentieth of a text, the first hundred are six tenths, and two million words are some 75,000 different ones.
EXPONENT, SHIFT = 1.3, 5.0
CHUNK = 2_000
SEED = 20

_CONSONANTS, _VOWELS = "bcdfghklmnprstvz", "aeiou"
_SYLLABLES = [consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS]


@dataclass(frozen=True)
class Length:
    """How many words texts of one kind have: the median, and how widely it spreads (log-normal)."""

    median: float
    spread: float = 0.0


TITLE, BODY, TICKET = Length(7, 0.3), Length(70, 0.8), Length(30, 0.8)
SHORT_QUERY, LONG_QUERY = Length(10, 0.3), Length(200, 0.3)


class Writer:
    """Writes texts of words drawn by their frequency."""

    def __init__(self, seed: int = SEED) -> None:
        self._random = np.random.default_rng(seed)
        # The most frequent words of people's texts are those that every engine passes over.
        common = sorted(STOP_WORDS, key=lambda word: (len(word), word))
        self._words = np.array([*common, *(_word(rank) for rank in range(len(common), WORDS))])
        weights = (np.arange(WORDS) + 1 + SHIFT) ** -EXPONENT
        self._upto = np.cumsum(weights) / weights.sum()

    def texts(self, count: int, length: Length) -> Iterator[list[str]]:
        """Yield so many texts as lists of words."""
        for start in range(0, count, CHUNK):
            sizes = self._sizes(min(CHUNK, count - start), length)
            drawn = np.searchsorted(self._upto, self._random.random(int(sizes.sum())))
            ends = np.cumsum(sizes)
            for begin, end in zip(ends - sizes, ends, strict=True):
                yield self._words[drawn[begin:end]].tolist()

    def whole_numbers(self, count: int, below: int) -> list[int]:
        """Return so many numbers from 0, each as likely as the others."""
        return [int(number) for number in self._random.integers(0, below, count)]

    def _sizes(self, count: int, length: Length) -> NDArray[np.int64]:
        sizes = self._random.lognormal(np.log(length.median), length.spread, count)
        return np.maximum(1, sizes).astype(np.int64)


def articles(writer: Writer, count: int) -> Iterator[Text]:
    """Yield so many articles."""
    pairs = zip(writer.texts(count, TITLE), writer.texts(count, BODY), strict=True)
    for number, (title, body) in enumerate(pairs):
        yield Text(f"G-{number}", " ".join(title), " ".join(body))


def past_tickets(writer: Writer, count: int, solved_by: int) -> Iterator[PastTicket]:
    """Yield so many tickets, each solved by one of `solved_by` articles."""
    owners = writer.whole_numbers(count, solved_by)
    for number, (owner, words) in enumerate(zip(owners, writer.texts(count, TICKET), strict=True)):
        yield PastTicket(f"GT-{number}", " ".join(words), f"G-{owner}")


def queries(writer: Writer, count: int, length: Length) -> list[Text]:
    """Return so many tickets to suggest for."""
    return [
        Text(f"GQ-{number}", " ".join(words[:8]), " ".join(words[8:]))
        for number, words in enumerate(writer.texts(count, length))
    ]


def _word(rank: int) -> str:
    """Return the word of a rank: the more frequent, the shorter."""
    syllables = []
    left = rank + len(_SYLLABLES)
    while left:
        left, digit = divmod(left, len(_SYLLABLES))
        syllables.append(_SYLLABLES[digit])
    return "".join(syllables)
