"""From text to words, terms and exact names, and which language it is in: no database, no framework."""

from __future__ import annotations

from kcs.language.folding import fold
from kcs.language.guess import language_of, primary
from kcs.language.identifiers import identifiers
from kcs.language.segments import words
from kcs.language.stems import STEMMED, stem, terms
from kcs.language.stop_words import POLITE_WORDS, STOP_WORDS

__all__ = [
    "POLITE_WORDS",
    "STEMMED",
    "STOP_WORDS",
    "fold",
    "identifiers",
    "language_of",
    "primary",
    "stem",
    "terms",
    "words",
]
