"""From what somebody wants to the terms to look up: each word with all its forms and how much it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from kcs.language import POLITE_WORDS, STOP_WORDS, fold, identifiers, language_of, stem, words
from kcs.search.engine.searcher import Searcher
from kcs.search.engine.store import Field, View
from kcs.search.engine.vocabulary import EXACT, FACET, grams
from kcs.search.engine.weights import Weights, idf
from kcs.search.wanted import Wanted

# Words of a long text that are looked at, and how many of these, the rarest, are searched.
MOST_LOOKED_AT = 200
MOST_WORDS = 24
MOST_TYPED = 4_000
_LONGEST = 64
SMALL = 0.5
NAME = 1.5
_BEGINNINGS = 40
# A word that occurs nowhere is a slip of the finger more often than not.
_LIKE_ENOUGH = 0.4
_SHORT_LIKE_ENOUGH = 0.6
_SHORT = 4
_MOST_LIKE = 3
_MOST_GUESSED = 3
_MOST_PIECES = 40
_EDGES = ".,;:!?()[]{}<>\"'"
_IDEOGRAPHS = {"ja": True, "zh": False}


@dataclass
class Group:
    """A wanted word: the terms it may stand under, and in how many texts they are, by field.

    `guessed`: what was asked for is nowhere, and this word is spelt like it. `telling`: it is no small word.
    """

    word: str
    terms: tuple[int, ...]
    weight: float = 1.0
    sizes: dict[Field, int] = field(default_factory=dict)
    guessed: bool = False
    telling: bool = True

    def holds(self, terms: tuple[int, ...]) -> bool:
        """True when all of these stand for this word."""
        return terms[0] in self.terms and all(term in self.terms for term in terms)

    @property
    def exact(self) -> bool:
        """True for an error code, a path, a version: what is the same or is not."""
        return self.word.startswith(EXACT)


@dataclass
class Asked:
    """A search in the terms of one view. `pairs` are neighbouring words, as places in `sequence`."""

    groups: list[Group]
    sequence: list[tuple[int, ...]]
    sequence_words: list[str]
    unknown: list[str]
    articles: int
    _idfs: dict[tuple[str, tuple[Field, ...]], float] = field(default_factory=dict)

    @property
    def says_nothing(self) -> bool:
        """True when no words are asked for: what restricts the search is all there is."""
        return not self.groups and not self.sequence_words and not self.unknown

    def article_idf(self, group: Group, *fields: Field) -> float:
        """Return how telling a word is in these fields together, taking them as independent."""
        known = (group.word, fields)
        if known not in self._idfs:
            missing = 1.0
            for each in fields:
                missing *= 1 - min(1.0, group.sizes.get(each, 0) / max(1, self.articles))
            self._idfs[known] = idf(self.articles * (1 - missing), self.articles)
        return self._idfs[known]


def ask(searcher: Searcher, wanted: Wanted, languages: list[str]) -> Asked:
    """Return the groups to look up, words that occur in any text alone."""
    view, weights = searcher.view, searcher.weights
    text = wanted.text[: MOST_TYPED * 10]
    language = language_of(text, wanted.language or (languages[0] if languages else None))
    sequence = [word[:_LONGEST] for word in words(text, japanese=_IDEOGRAPHS.get(language))][:MOST_TYPED]
    telling = _telling(sequence, language)
    exact = list(dict.fromkeys([*(each[:_LONGEST] for each in identifiers(text)), *_keys(view, text)]))
    forms = _forms(view, dict.fromkeys([*sequence, *exact]), [language, *languages])
    asked = Asked([], [], [], [], searcher.articles)
    chosen = _rarest(view, {**telling, **{name: _exactness(name, weights) for name in exact}}, forms)
    searcher.size_up(term for word in chosen for term in forms.get(word, ()))
    for word, weight in chosen.items():
        _take(searcher, asked, word, forms.get(word, ()), weight, telling=weight != SMALL)
    _guess(searcher, asked, chosen)
    _take_also(searcher, asked, wanted.also, [language, *languages])
    if wanted.beginning:
        _take_beginning(searcher, asked, wanted.beginning)
    asked.sequence_words = sequence[:MOST_LOOKED_AT]
    asked.sequence = [forms.get(word, ()) for word in asked.sequence_words]
    return asked


def _telling(sequence: list[str], language: str) -> dict[str, float]:
    """The distinct words worth searching, and how much each counts: small and polite ones less.

    Left out, they cost 2 points of R@1 on short questions ("can I", "do you"), and counted in full as well.
    """
    small = STOP_WORDS.get(language, frozenset()) | POLITE_WORDS
    distinct = [word for word in dict.fromkeys(sequence) if len(word) > 1 or not word.isascii()]
    return {word: SMALL if word in small else 1.0 for word in distinct[:MOST_LOOKED_AT]}


def _exactness(name: str, weights: Weights) -> float:
    """A name that only its capitals tell from words ("GitHub") counts less than a code, path or version."""
    return NAME if name[1:].isalpha() else weights.exact


def _keys(view: View, text: str) -> list[str]:
    """What stands in the text as it is and is the key of an article, or another exact name that is known."""
    pieces = (fold(piece.strip(_EDGES)) for piece in text.split()[:_MOST_PIECES])
    # A mere word is no exact name, though there may be one spelt like it ("GitHub").
    fit = (EXACT + each for each in pieces if each.isprintable() and not each.isalpha())
    held = list(dict.fromkeys(each for each in fit if 1 < len(each) <= _LONGEST))
    rows = view.select_in("SELECT word FROM {v}_words WHERE language = ? AND word IN ({some})", held, EXACT)
    known = {row[0] for row in rows}
    return [piece for piece in held if piece in known]


def _forms(view: View, distinct: Iterable[str], languages: list[str]) -> dict[str, tuple[int, ...]]:
    """The terms each word may stand under: as seen in any language, or stemmed by a language of the texts."""
    held = [word for word in distinct if word]
    seen: dict[str, dict[int, None]] = {word: {} for word in held}
    rows = view.select_in(
        "SELECT word, term FROM {v}_words WHERE language <> ? AND word IN ({some})", held, FACET
    )
    for word, term in rows:
        seen[word][term] = None
    stems = {word: {stem(word, each) for each in languages} for word in held if not word.startswith(EXACT)}
    known = view.term_ids({each for some in stems.values() for each in some})
    for word, some in stems.items():
        seen[word].update((known[each], None) for each in sorted(some) if each in known)
    return {word: tuple(found) for word, found in seen.items()}


def _take(
    searcher: Searcher,
    asked: Asked,
    word: str,
    terms: tuple[int, ...],
    weight: float,
    *,
    telling: bool = True,
) -> None:
    if terms and any(group.holds(terms) for group in asked.groups):
        return  # another form of a word that is there already
    sizes = searcher.sizes(terms)
    if any(size for each, size in sizes.items() if each is not Field.FACET):
        asked.groups.append(Group(word, terms, weight, sizes, telling=telling))
        return
    if word.startswith(EXACT):
        return
    asked.unknown.append(word)


def _guess(searcher: Searcher, asked: Asked, weights: dict[str, float]) -> None:
    """Add what words that are nowhere may have meant, as far as it was not asked for anyway."""
    known = {term for group in asked.groups for term in group.terms}
    telling = [word for word in asked.unknown if weights.get(word, 1.0) != SMALL]
    for word in telling[:_MOST_GUESSED]:
        alike = [each for each in _alike(searcher.view, word) if each.term not in known]
        if alike:
            terms = tuple(dict.fromkeys(each.term for each in alike))
            known.update(terms)
            weight = weights.get(word, 1.0) * alike[0].share ** 2
            asked.groups.append(Group(alike[0].word, terms, weight, searcher.sizes(terms), guessed=True))


def _take_also(searcher: Searcher, asked: Asked, also: tuple[str, ...], languages: list[str]) -> None:
    for meant in also:
        found = words(meant)
        forms = _forms(searcher.view, found, languages)
        for word in found:
            if forms[word] and all(word != group.word for group in asked.groups):
                _take(searcher, asked, word, forms[word], searcher.weights.also / len(found))


def _take_beginning(searcher: Searcher, asked: Asked, beginning: str) -> None:
    for word in words(beginning)[-1:]:
        rows = searcher.view.execute(
            "SELECT DISTINCT term FROM (SELECT term FROM {v}_words"
            " WHERE word >= ? AND word < ? AND language <> ? ORDER BY used DESC, word LIMIT ?)",
            (word, f"{word}\U0010ffff", FACET, _BEGINNINGS),
        )
        terms = tuple(sorted(row[0] for row in rows))
        if terms:
            _take(searcher, asked, word, terms, 1.0)


@dataclass(frozen=True)
class _Alike:
    word: str
    term: int
    share: float


def _alike(view: View, word: str) -> list[_Alike]:
    """The words spelt most like one that occurs nowhere, the nearest first."""
    pieces = grams(word)
    held = []
    for gram in pieces:
        row = view.execute("SELECT words FROM {v}_grams WHERE gram = ?", (gram,)).fetchone()
        if row is not None:
            held.append(np.frombuffer(row[0], "<u4"))
    if not held:
        return []
    ids, shared = np.unique(np.concatenate(held), return_counts=True)
    best = ids[np.lexsort((ids, -shared))][:40].tolist()
    counts = dict(zip(ids.tolist(), shared.tolist(), strict=True))
    rows = view.select_in("SELECT id, word, term FROM {v}_words WHERE used > 0 AND id IN ({some})", best)
    least = _LIKE_ENOUGH if len(word) > _SHORT else _SHORT_LIKE_ENOUGH
    found = [
        _Alike(like, term, 2 * counts[number] / (len(pieces) + len(grams(like))))
        for number, like, term in rows
    ]
    near = sorted(
        (each for each in found if each.share >= least), key=lambda each: (-each.share, each.word, each.term)
    )
    words_ = list(dict.fromkeys(each.word for each in near))[:_MOST_LIKE]
    return [each for each in near if each.word in words_]


def _rarest(view: View, wanted: dict[str, float], forms: dict[str, tuple[int, ...]]) -> dict[str, float]:
    """Of many words the rarest: a long text's common words cost most and tell least."""
    if len(wanted) <= MOST_WORDS:
        return wanted
    uses = view.uses({term for word in wanted for term in forms.get(word, ())})
    often = {word: sum(uses.get(term, 0) for term in forms.get(word, ())) for word in wanted}
    # What occurs nowhere may be a slip of the finger, but a long text has other words to go by.
    known = [word for word in wanted if often[word]] or list(wanted)
    kept = set(sorted(known, key=often.__getitem__)[:MOST_WORDS])  # the first of those as rare
    return {word: weight for word, weight in wanted.items() if word in kept}
