"""What a found article must and must not have: facets, phrases, words left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kcs.language import stem, words
from kcs.search.documents import facet
from kcs.search.engine.columns import Column
from kcs.search.engine.postings import Ids
from kcs.search.engine.searcher import Searcher
from kcs.search.engine.store import Field, Kind
from kcs.search.engine.texts import Tokens, lay_out
from kcs.search.engine.vocabulary import FACET
from kcs.search.wanted import Wanted

_TEXT = (Field.TITLE, Field.ISSUE, Field.BODY)
# A phrase is looked for in this many texts that hold its words, the best first.
LOOKED_THROUGH = 400

Phrase = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Restriction:
    """The ids that are allowed (None: all), and the phrases their texts must and must not hold."""

    allowed: Ids | None
    phrases: tuple[Phrase, ...] = ()
    without: tuple[Phrase, ...] = ()

    @property
    def looks_at_texts(self) -> bool:
        """True when ids alone do not decide."""
        return bool(self.phrases or self.without)


def restrict(searcher: Searcher, wanted: Wanted, languages: list[str]) -> Restriction:
    """Return what a search allows, as far as the postings tell."""
    allowed: Ids | None = None
    for name in dict.fromkeys(name for name, _ in wanted.only):
        held = _with_facets(searcher, [each for each in wanted.only if each[0] == name])
        allowed = held if allowed is None else np.intersect1d(allowed, held, assume_unique=True)
    phrases = tuple(_phrase(searcher, each, languages) for each in wanted.phrases)
    for phrase in phrases:
        for terms in phrase:
            held = _holding(searcher, terms)
            allowed = held if allowed is None else np.intersect1d(allowed, held, assume_unique=True)
    left_out = [_phrase(searcher, each, languages) for each in wanted.without]
    for (terms,) in (each for each in left_out if len(each) == 1):
        if allowed is None:
            allowed = np.flatnonzero(searcher.columns[Column.TITLE]).astype(np.int64)
        allowed = np.setdiff1d(allowed, _holding(searcher, terms), assume_unique=True)
    several = tuple(each for each in left_out if len(each) > 1)
    return Restriction(allowed, tuple(each for each in phrases if len(each) > 1), several)


def kept(searcher: Searcher, restriction: Restriction, ids: Ids) -> Ids:
    """Return those of `ids` whose texts hold every phrase and none of those left out."""
    if not restriction.looks_at_texts or not len(ids):
        return ids
    looked = ids[:LOOKED_THROUGH]
    stored = searcher.view.texts(Kind.ARTICLE, looked.tolist())
    tokens = lay_out(stored, 3, searcher.vocabulary.terms)
    good = np.ones(len(stored), bool)
    for phrase in restriction.phrases:
        good &= _texts_with(tokens, phrase)
    for phrase in restriction.without:
        good &= ~_texts_with(tokens, phrase)
    return looked[np.isin(looked, stored.ids[good])]


def _texts_with(tokens: Tokens, phrase: Phrase) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    running = np.isin(tokens.term, phrase[0])
    for terms in phrase[1:]:
        after = np.zeros(len(running), bool)
        after[1:] = running[:-1] & tokens.follows[1:]
        running = after & np.isin(tokens.term, terms)
    found = np.zeros(tokens.texts, bool)
    found[tokens.text[running]] = True
    return found


def _phrase(searcher: Searcher, phrase: str, languages: list[str]) -> Phrase:
    """The terms each word of a phrase may stand under; a word that is nowhere makes it match nothing."""
    found: list[tuple[int, ...]] = []
    for word in words(phrase):
        known = searcher.view.term_ids({stem(word, each) for each in languages} | {word})
        rows = searcher.view.execute(
            "SELECT term FROM {v}_words WHERE word = ? AND language <> ?", (word, FACET)
        )
        found.append(tuple(sorted({*known.values(), *(row[0] for row in rows)})))
    return tuple(found)


def _with_facets(searcher: Searcher, wanted: Iterable[tuple[str, str]]) -> Ids:
    names = [FACET + ":".join(facet(*each)) for each in wanted]
    return _holding(searcher, tuple(searcher.view.term_ids(names).values()), (Field.FACET,))


def _holding(searcher: Searcher, terms: tuple[int, ...], fields: tuple[Field, ...] = _TEXT) -> Ids:
    searcher.read(terms, fields)
    held = [searcher.postings((term,), field)[0] for term in terms for field in fields]
    return np.unique(np.concatenate(held)) if held else np.empty(0, np.int64)
