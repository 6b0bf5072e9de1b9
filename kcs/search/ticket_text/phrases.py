"""Phrases by language, put together into one pattern."""

from __future__ import annotations

from collections.abc import Mapping


def any_of(phrases: Mapping[str, str]) -> str:
    """Return a pattern for any phrase of any language; each language's is a pattern, its lines joined."""
    joined = "|".join("".join(line.strip(" ") for line in each.splitlines()) for each in phrases.values())
    return f"(?:{joined})"
