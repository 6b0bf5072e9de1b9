"""Hints from the words of one view: how a word may go on, and what one that is nowhere may have meant."""

from __future__ import annotations

from itertools import pairwise

from kcs.language import words
from kcs.search.engine.store import View
from kcs.search.engine.vocabulary import EXACT, FACET, grams

_NEAR = 0.45
_LOOKED_AT = 60
_SHORTEST = 4


def completions(view: View, beginning: str, limit: int) -> list[str]:
    """Return the words of readable texts that begin so, those in most articles first."""
    held = words(beginning)
    if not held:
        return []
    rows = view.execute(
        "SELECT word FROM {v}_words WHERE word >= ? AND word < ? AND used > 0 AND language NOT IN (?, ?)"
        " GROUP BY word ORDER BY sum(used) DESC, word LIMIT ?",
        (held[-1], f"{held[-1]}\U0010ffff", EXACT, FACET, limit),
    )
    return [row[0] for row in rows]


def spelling(view: View, typed: list[str]) -> dict[str, str]:
    """Return for each word that is in no readable text the nearest one that is."""
    found: dict[str, str] = {}
    for word in dict.fromkeys(typed):
        folded = "".join(words(word)[:1])
        if len(folded) >= _SHORTEST and not folded.isdigit() and not _used(view, folded):
            nearest = _nearest(view, folded)
            if nearest:
                found[word] = nearest
    return found


def _used(view: View, word: str) -> bool:
    rows = view.execute("SELECT 1 FROM {v}_words WHERE word = ? AND used > 0 LIMIT 1", (word,))
    return rows.fetchone() is not None


def _nearest(view: View, word: str) -> str | None:
    pieces = grams(word)
    shared: dict[int, int] = {}
    for gram in pieces:
        row = view.execute("SELECT words FROM {v}_grams WHERE gram = ?", (gram,)).fetchone()
        for start in range(0, len(row[0]) if row else 0, 4):
            identity = int.from_bytes(row[0][start : start + 4], "little")
            shared[identity] = shared.get(identity, 0) + 1
    best = sorted(shared, key=lambda identity: (-shared[identity], identity))[:_LOOKED_AT]
    rows = view.select_in("SELECT word, used FROM {v}_words WHERE used > 0 AND id IN ({some})", best)
    near = [(_alike(word, like), used, like) for like, used in rows]
    near = sorted((each for each in near if each[0] >= _NEAR), key=lambda each: (-each[0], -each[1], each[2]))
    return near[0][2] if near else None


def _alike(first: str, second: str) -> float:
    """How alike two words are: neighbouring letters in common, and the first letter, which slips rarely."""
    one, two = set(pairwise(first)), set(pairwise(second))
    same = sorted(first) == sorted(second)
    share = 2 * len(one & two) / max(1, len(one) + len(two))
    return (
        0.9
        if same
        else share + (0.1 if first[0] == second[0] else -0.1) - 0.05 * abs(len(first) - len(second))
    )
