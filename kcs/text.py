"""One function cleans every string that comes in from outside."""

from __future__ import annotations

import unicodedata

LINE = 300
LONG = 2_000_000

_DROPPED = dict.fromkeys([0, *range(0xD800, 0xE000)])


def clean(value: str, *, limit: int = LONG) -> str:
    """Drop NUL and lone surrogates, normalise to NFC, cap at `limit` characters.

    SQLite stores NUL, PostgreSQL refuses it: the same text must pass both.
    """
    return unicodedata.normalize("NFC", value.translate(_DROPPED))[:limit]


def clean_line(value: str, *, limit: int = LINE) -> str:
    """Clean a value that is one line: every run of white space and control characters becomes one space."""
    printable = "".join(" " if unicodedata.category(char) == "Cc" else char for char in clean(value))
    return " ".join(printable.split())[:limit]


def clean_words(said: str, *, limit: int = LINE) -> str:
    """Clean as `clean_line`; what needs no cleaning stays the `Sentence` it is, and can be translated."""
    cleaned = clean_line(said, limit=limit)
    return said if cleaned == said else cleaned
