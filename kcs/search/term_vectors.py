"""Texts as unit vectors over their telling terms: pure functions, no database.

A term that is rare among the texts weighs more than one that many have. All is kept in arrays, some 2 kB a
text: ten thousand long articles as dictionaries of words would take a hundred times the room.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kcs.language import POLITE_WORDS, STOP_WORDS, language_of, primary, stem, words

TERMS = 40  # of a long text, its most telling ones
# A term in more texts than this share, or in one alone, tells nothing of what some of them share.
COMMON_SHARE, COMMON_TEXTS = 0.1, 20
SHORTEST_WORD = 3
DULL = -1
# How a question is asked says nothing of what it is about.
_QUESTIONS = """
    how what when where which who why can cant could does doesnt dont get got isnt not wont way want
    como cual cuales cuando cuanto donde que quien puedo puede hay
    comment quand quel quelle quoi pourquoi
    wie wann warum welche welcher welches wer wieso kann nicht
    hoe wanneer waarom welke wat waar
    quando quale onde qual
    bagaimana kapan apa apakah siapa mengapa kenapa mana
    איך מתי איפה למה מה מי איזה האם
"""
QUESTION_WORDS = frozenset(_QUESTIONS.split())

Numbers = NDArray[np.signedinteger]
Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Terms:
    """The telling terms of texts by number, with the number of the form each text has them in first.

    Those of the text in row `n` are from `starts[n]` to `starts[n + 1]`. `names` are the terms by number,
    `written` the forms, `ids` the texts by row.
    """

    ids: list[int]
    starts: Numbers
    terms: Numbers
    forms: Numbers
    names: list[str]
    written: list[str]

    def of(self, row: int) -> Iterator[tuple[int, str]]:
        """Yield the terms of a text, each with the first form it has there."""
        own = slice(self.starts[row], self.starts[row + 1])
        for term, form in zip(self.terms[own].tolist(), self.forms[own].tolist(), strict=True):
            yield term, self.written[form]


def terms_of(texts: Iterable[tuple[int, str]], hidden: Mapping[int, frozenset[str]]) -> Terms:
    """Return the terms of texts (id, text); `hidden` are folded words of a text that count for nothing."""
    known = _Vocabulary()
    ids: list[int] = []
    terms, forms, ends = array("i"), array("i"), array("q", [0])
    for text_id, text in texts:
        said = dict.fromkeys(words(text))
        for word in hidden.get(text_id, ()):
            said.pop(word, None)
        # The first form a term has comes last, and stays.
        numbers = list(map(known.of(primary(language_of(text))).__getitem__, reversed(said)))
        own = dict(zip(map(known.term_of.__getitem__, numbers), numbers, strict=True))
        own.pop(DULL, None)
        ids.append(text_id)
        terms.extend(own)
        forms.extend(own.values())
        ends.append(len(terms))
    return Terms(
        ids,
        np.array(ends, np.int64),
        np.array(terms, np.int32),
        np.array(forms, np.int32),
        list(known.terms),
        known.words,
    )


class _Vocabulary:
    """Words by number, and the number of the term of each: DULL where it tells nothing."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.term_of = array("i")
        self.terms: dict[str, int] = {}
        self._languages: dict[str, _Words] = {}

    def of(self, language: str) -> _Words:
        """Return the numbers of the words of a language."""
        if language not in self._languages:
            self._languages[language] = _Words(self, language)
        return self._languages[language]

    def add(self, word: str, term: str | None) -> int:
        """Take a word in; return its number."""
        self.words.append(word)
        self.term_of.append(DULL if term is None else self.terms.setdefault(term, len(self.terms)))
        return len(self.words) - 1


class _Words(dict[str, int]):
    """Numbers by word of one language: each is looked at once, however many texts have it."""

    def __init__(self, vocabulary: _Vocabulary, language: str) -> None:
        super().__init__()
        self._vocabulary, self._language = vocabulary, language
        self._dull = STOP_WORDS.get(language, frozenset()) | POLITE_WORDS | QUESTION_WORDS

    def __missing__(self, word: str) -> int:
        tells = len(word) >= SHORTEST_WORD and word not in self._dull and not word.isdecimal()
        number = self[word] = self._vocabulary.add(word, stem(word, self._language) if tells else None)
        return number


class Vectors:
    """A unit vector for each text, and for each term the texts it stands in.

    In `whole` texts a term that no other has makes its text unlike the others.
    """

    def __init__(self, told: Terms, *, whole: bool) -> None:
        self.count = len(told.ids)
        texts = np.bincount(told.terms, minlength=len(told.names))
        most = int(max(COMMON_TEXTS, self.count * COMMON_SHARE))
        logs = [0.0, 0.0, *(float(np.log(1 + self.count / number)) for number in range(2, most + 1))]
        self.weight: Weights = np.array(logs)[np.where(texts <= most, texts, 0)]
        self._starts, terms = self._most_telling(told, texts)
        rows = np.repeat(np.arange(self.count), np.diff(self._starts))
        squares = np.array([each**2 for each in logs])[texts[terms]]
        lengths = np.bincount(rows, squares, self.count).astype(np.float64)
        if whole:
            alone = np.diff(_sums(texts[told.terms] == 1)[told.starts])
            lengths += np.minimum(TERMS, alone) * float(np.log(1 + self.count)) ** 2
        self._terms, self._weights = terms, self.weight[terms] / np.sqrt(lengths)[rows]
        order = np.argsort(terms, kind="stable")
        self._texts, self._in_texts = rows[order], self._weights[order]
        self._term_starts = _sums(np.bincount(terms, minlength=len(told.names)))

    def _most_telling(self, told: Terms, texts: Numbers) -> tuple[Numbers, Numbers]:
        """What each text is compared by, the rarest first, of equals by the alphabet.

        Returned are where each text begins, and the terms.
        """
        telling = np.flatnonzero(self.weight).tolist()
        in_order = np.array(sorted(telling, key=lambda term: (texts[term], told.names[term])), np.int32)
        place = np.full(len(told.names), len(telling), np.int32)
        place[in_order] = np.arange(len(telling), dtype=np.int32)
        kept = [np.sort(place[told.terms[start:end]])[:TERMS] for start, end in pairwise(told.starts)]
        kept = [places[places < len(telling)] for places in kept]
        return _sums(list(map(len, kept))), in_order[np.concatenate([place[:0], *kept])]

    def near(self, row: int, close: float) -> tuple[Numbers, Weights]:
        """Return the other texts at least this close to one, with how close they are."""
        own = slice(self._starts[row], self._starts[row + 1])
        terms = self._terms[own]
        starts = self._term_starts[terms]
        lengths = self._term_starts[terms + 1] - starts
        places = np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
        shares = self._in_texts[places] * np.repeat(self._weights[own], lengths)
        cosines: Weights = np.bincount(self._texts[places], shares, self.count).astype(np.float64)
        cosines[row] = 0.0
        found: Numbers = np.flatnonzero(cosines >= close).astype(np.int64)
        return found, cosines[found]


def _sums(numbers: ArrayLike) -> Numbers:
    """The sum of what stands before each of them, and of all."""
    return np.append(0, np.cumsum(numbers, dtype=np.int64))
