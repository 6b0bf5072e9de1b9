"""From the forms of a word to one term: Snowball by language, light rules for Hebrew and Korean."""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Lock

import snowballstemmer

from kcs.language.affixes import hebrew, korean
from kcs.language.folding import fold
from kcs.language.segments import words

# Word forms remembered for each language, twice over: about 12 MB for a language in full use.
REMEMBERED = 50_000

_SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ms": "indonesian", "nb": "norwegian",
    "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_OWN: dict[str, Callable[[str], str]] = {"he": hebrew, "ko": korean}
STEMMED = frozenset({*_SNOWBALL, *_OWN})

# Endings that tell by their accent, which people leave out, and plurals Snowball does not bring together: put
# right before the stemmer looks.
_ENDINGS = {
    "ca": {"cio": "ció", "cions": "ció", "sio": "sió", "sions": "sió"},
    "es": {"cion": "ción", "sion": "sión"},
    "fr": {"ee": "ée", "ees": "ée", "ites": "ité", "bilite": "bilité", "alite": "alité", "ions": "ion"},
    "pt": {
        "cao": "ção", "coes": "ção", "sao": "são", "soes": "são", "avel": "ável", "aveis": "ável",
        "ivel": "ível", "iveis": "ível", "encia": "ência", "encias": "ência", "ancia": "ância",
        "ancias": "ância",
    },
}  # fmt: skip
# Languages whose accents carry grammar and are written: stemmed as written, folded after.
_AS_WRITTEN = frozenset({"cs", "hu", "lt", "pl", "ro", "tr"})
_DIGIT = re.compile(r"\d")
_SHORTEST = 3
# Longer ones are encoded data rather than words: neither stemmed nor remembered.
_LONGEST = 60


def stem(word: str, language: str) -> str:
    """Return the term for one word of `language` (a primary subtag): its stem, folded.

    A word with a digit, a very short one and one of a language without a stemmer stand for themselves.
    """
    memory = _memory(language)
    return fold(word) if memory is None else memory[word.casefold()]


def terms(text: str, language: str) -> list[str]:
    """Return the terms of a text in their order: the stems of its words."""
    memory = _memory(language)
    found = words(text, japanese=_ideographs(language), as_written=language in _AS_WRITTEN)
    return found if memory is None else list(map(memory.__getitem__, found))


def _ideographs(language: str) -> bool | None:
    return language == "ja" if language in {"ja", "zh"} else None


class _Memory(dict[str, str]):
    """Terms by word of one language, worked out at first use.

    Bounded without a clean-up that forgets everything: full, it becomes the old generation, and what is asked
    for again comes back from there. Snowball's stemmers keep state while they work, so they take turns.
    """

    def __init__(self, stemmer: Callable[[str], str]) -> None:
        super().__init__()
        self._stemmer = stemmer
        self._old: dict[str, str] = {}
        self._turn = Lock()

    def __missing__(self, word: str) -> str:
        if len(word) > _LONGEST:
            return fold(word)
        term = self._old.get(word)
        if term is None:
            with self._turn:
                term = self._stemmer(word)
        if len(self) >= REMEMBERED:
            self._old = dict(self)
            self.clear()
        self[word] = term
        return term


def _memory(language: str) -> _Memory | None:
    if language not in STEMMED:
        return None
    with _MAKING:
        if language not in _MEMORIES:
            _MEMORIES[language] = _Memory(_stemmer(language))
        return _MEMORIES[language]


_MEMORIES: dict[str, _Memory] = {}
_MAKING = Lock()


def _stemmer(language: str) -> Callable[[str], str]:
    one = _OWN[language] if language in _OWN else _snowball(language)

    def term(word: str) -> str:
        folded = fold(word)
        if len(folded) < _SHORTEST or _DIGIT.search(folded):
            return folded
        stemmed = fold(one(word if language in _AS_WRITTEN else folded))
        return folded if stemmed == folded else stemmed

    return term


def _snowball(language: str) -> Callable[[str], str]:
    stemmer = snowballstemmer.stemmer(_SNOWBALL[language])
    endings = _ENDINGS.get(language, {})
    longest = max(map(len, endings), default=0)

    def one(word: str) -> str:
        for length in range(min(longest, len(word)), 1, -1):
            accented = endings.get(word[-length:])
            if accented is not None:
                word = word[:-length] + accented
                break
        stemmed: str = stemmer.stemWord(word)
        return stemmed

    return one
