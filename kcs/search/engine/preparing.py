"""From articles to numbers: the words of a batch, numbered by whoever prepares, before the index is touched.

What takes most of a build is here, and needs neither the database nor the index: it may be done anywhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcs.language import fold, identifiers, words
from kcs.search.engine.runs import Numbers, distinct
from kcs.search.engine.store import VIEWS, Field, Kind, text_key
from kcs.search.engine.vocabulary import EXACT, FACET, LONGEST, marked
from kcs.search.entries import Entry

# A mention's place as one number: field, id of the text.
IDENTITY_BITS = 32
OWN_FIELDS = (Field.TITLE, Field.ISSUE, Field.BODY)
_IDEOGRAPHS = {"ja": True, "zh": False}


@dataclass(frozen=True)
class Prepared:
    """The articles of a batch in one view, as numbers of one preparer.

    `words` are those it had not met before, marked with their language: they have the next numbers.
    `own` are the numbers of the words in articles' own texts, and `used` in how many articles each is.
    `flat` are the words of all sections, 0 between passages; `places` and `lengths` are of each section.
    `texts` are (key, article id, number of sections) of the texts to keep, which are the first sections in
    their order; after them come the pooled words of solved tickets.
    """

    preparer: str
    words: list[str]
    own: Numbers
    used: Numbers
    flat: NDArray[np.uint32]
    places: Numbers
    lengths: Numbers
    texts: list[tuple[int, int, int]]
    articles: int


class Preparer:
    """Prepares batches; words keep their numbers, so that each is told once. For one thread."""

    def __init__(self) -> None:
        self._name = secrets.token_hex(8)
        self._numbers = {name: _Numbers() for name in VIEWS}

    def prepare(self, entries: Iterable[Entry]) -> dict[str, Prepared]:
        """Return the articles of a batch, by view; each view has words of its own."""
        batches = {name: _Batch(numbers) for name, numbers in self._numbers.items()}
        for entry in entries:
            batches[entry.view].put(entry)
        return {name: batch.prepared(self._name) for name, batch in batches.items() if batch.articles}


def passages(text: str, language: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the words and the exact names of each passage that has any."""
    for passage in text.split("\n"):
        found = words(passage, japanese=_IDEOGRAPHS.get(language))
        exact = identifiers(passage)
        if found or exact:
            yield found, exact


def names_of(entry: Entry) -> list[str]:
    """Return what stands in the title as an exact name: the key, for whoever pastes one wants that article.

    A key that is a mere word would be found by everybody who writes the word.
    """
    return [EXACT + fold(entry.key)] if entry.key and not entry.key.isalpha() else []


def properties_of(entry: Entry) -> list[str]:
    """Return an article's facets as words."""
    return [f"{name}:{value}" for name, value in entry.facets]


class _Numbers:
    """The words of a view, numbered from 1 as they come; `new` are those since the last batch."""

    def __init__(self) -> None:
        self.new: list[str] = []
        self._known = 0
        self._languages: dict[str, Callable[[str], int]] = {}

    def of(self, language: str) -> Callable[[str], int]:
        """Return what gives the number of a word of a language."""
        if language not in self._languages:
            self._languages[language] = _Language(language, self).__getitem__
        return self._languages[language]

    def next(self, word: str, language: str) -> int:
        """Number a new word."""
        self.new.append(marked(word, language))
        self._known += 1
        return self._known


class _Language(dict[str, int]):
    """Numbers of the words of one language, given as they come; overlong ones are cut."""

    def __init__(self, language: str, numbers: _Numbers) -> None:
        super().__init__()
        self._language = language
        self._numbers = numbers

    def __missing__(self, word: str) -> int:
        long = len(word) > LONGEST
        self[word] = number = self[word[:LONGEST]] if long else self._numbers.next(word, self._language)
        return number


class _Batch:
    def __init__(self, numbers: _Numbers) -> None:
        self.articles = 0
        self._numbers = numbers
        self._exact = numbers.of(EXACT)
        self._facets = numbers.of(FACET)
        self._flat: list[int] = []
        self._places: list[int] = []
        self._lengths: list[int] = []
        self._texts: list[tuple[int, int, int]] = []
        self._pooled: list[tuple[int, list[int]]] = []

    def put(self, entry: Entry) -> None:
        article, word = entry.article_id, self._numbers.of(entry.language)
        sections = [self._read(text, entry.language, word) for text in (entry.title, entry.issue, entry.body)]
        sections[0] += map(self._exact, names_of(entry))
        for field, section in zip(OWN_FIELDS, sections, strict=True):
            self._section(field, article, section)
        self._section(Field.FACET, article, list(map(self._facets, properties_of(entry))))
        self._texts.append((text_key(Kind.ARTICLE, article), article, len(OWN_FIELDS) + 1))
        pooled: list[int] = []
        for link, text in entry.tickets:
            held = self._read(text, entry.language, word)
            self._section(Field.TICKET, link, held)
            self._texts.append((text_key(Kind.TICKET, link), article, 1))
            pooled += held
        self._pooled.append((article, pooled))
        self.articles += 1

    def prepared(self, preparer: str) -> Prepared:
        for article, pooled in self._pooled:
            self._section(Field.WORDS, article, pooled)
        flat = np.array(self._flat, np.uint32)
        places, lengths = np.array(self._places, np.int64), np.array(self._lengths, np.int64)
        words_, self._numbers.new = self._numbers.new, []
        own, used = _uses(flat, np.repeat(places, lengths))
        return Prepared(preparer, words_, own, used, flat, places, lengths, self._texts, self.articles)

    def _section(self, field: Field, identity: int, numbers: list[int]) -> None:
        self._flat += numbers
        self._places.append(field << IDENTITY_BITS | identity)
        self._lengths.append(len(numbers))

    def _read(self, text: str, language: str, word: Callable[[str], int]) -> list[int]:
        """The words of a text, exact names after the words of their passage, 0 between passages."""
        held: list[int] = []
        for found, exact in passages(text, language):
            held += map(word, found)
            held += map(self._exact, exact)
            held.append(0)
        return held[:-1]


def _uses(flat: NDArray[np.uint32], places: Numbers) -> tuple[Numbers, Numbers]:
    """The words of articles' own texts, and in how many articles each is."""
    own = (places >> IDENTITY_BITS <= Field.BODY) & (flat > 0)
    identity = places[own] & ((1 << IDENTITY_BITS) - 1)
    once, _ = distinct(flat[own].astype(np.int64) << IDENTITY_BITS | identity)
    return distinct(once >> IDENTITY_BITS)
