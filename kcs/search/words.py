"""From a text somebody wrote to the words worth searching for."""

from __future__ import annotations

import re
from collections.abc import Callable

MOST_WORDS = 12
MOST_LOOKED_AT = 80
TELLING_SHARE = 0.4
FEW = 10

_WORD = re.compile(r"\w+", re.UNICODE)


def tokens(text: str) -> list[str]:
    """Return the distinct words of `text` in their order, at most 80, single letters left out."""
    words = (word for word in _WORD.findall(text.lower()) if len(word) > 1)
    return list(dict.fromkeys(words))[:MOST_LOOKED_AT]


def choose(words: list[str], frequency: Callable[[str], int], articles: int) -> list[str]:
    """Return the words to search: those that occur, and of many the twelve rarest.

    Words of more than four in ten articles tell nothing apart, and go unless there are no others. Dropping
    a ticket's common words makes a search many times quicker and no worse (measured).
    """
    counted = [(frequency(word), place, word) for place, word in enumerate(words)]
    found = sorted(entry for entry in counted if entry[0])
    telling = [entry for entry in found if entry[0] <= max(FEW, articles * TELLING_SHARE)]
    return [word for _, _, word in (telling or found)[:MOST_WORDS]]


def match_any(words: list[str]) -> str:
    """Return an FTS5 query for any of the words, each quoted so that none is read as an operator."""
    return " OR ".join('"' + word.replace('"', '""') + '"' for word in words)
