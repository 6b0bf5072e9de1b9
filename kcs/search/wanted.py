"""What somebody wants found: the words that rank, and what a found article must and must not have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """A search as the index takes it.

    `text` ranks. `also` are words of the same meaning, which rank at half the weight. `beginning` is a word
    still being typed, which any word it begins satisfies. `phrases` must all stand in the article, their
    words next to one another; `without` must not (words or phrases). `only` are facets that must all hold, as
    (name, value): `tag`, `product`, `domain`, `state`, `language`; several values of one name are
    alternatives. `language` is the language the text is known to be in.
    """

    text: str = ""
    also: tuple[str, ...] = ()
    beginning: str = ""
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    only: tuple[tuple[str, str], ...] = ()
    language: str | None = None
