"""The organisation's own words: what means the same, what is short for what, and which article answers best.

An administrator keeps them (`kcs.search.vocabulary_acts`); every search asks here, in one place.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from kcs.database import db, once
from kcs.language import words
from kcs.search.models import BestBet, Meaning, MeaningKind
from kcs.search.wanted import Wanted

MOST_ALSO = 20  # terms one search gets beside its own
LONGEST_TERM = 8  # words; see vocabulary_acts
LOOKED_THROUGH = 200  # words of a long text; what says which article is meant stands early
# An acronym this short is a word as well ("it", "us"): only capitals mean the acronym.
MISTAKABLE = 2

Key = tuple[str, ...]
Kept = TypeVar("Kept")
Term = TypeVar("Term", bound=Hashable)


@dataclass(frozen=True)
class Vocabulary:
    """Every kept term that finds others, by its folded words."""

    meanings: dict[Key, tuple[str, ...]]
    capitals: dict[str, tuple[str, ...]]


def vocabulary() -> Vocabulary:
    """Return what the administrators keep, read once in a transaction."""
    return once("search vocabulary", _load)


def kept_bets() -> dict[Key, tuple[tuple[int, str], ...]]:
    """Return the best bets by the folded words they are on, read once in a transaction."""
    return once("search bets", _load_bets)


def expand(wanted: Wanted) -> Wanted:
    """Return the same search with words of the same meaning in `also`; doing it again adds nothing.

    What must stand as it is, a phrase, gets none.
    """
    kept = vocabulary()
    if not kept.meanings and not kept.capitals:
        return wanted
    text = _without_phrases(wanted)
    found = [*_meant(kept.meanings, text), *_meant_by_capitals(kept.capitals, text)]
    said = _key(wanted.text)
    added = [term for term in found if not _stands_in(_key(term), said)]
    also = tuple(dict.fromkeys((*wanted.also, *added)))[: max(MOST_ALSO, len(wanted.also))]
    return replace(wanted, also=also)


def is_kept(word: str) -> bool:
    """Tell whether a word is one the organisation keeps: no slip of the finger then."""
    kept = vocabulary()
    return _key(word) in kept.meanings or word.strip() in kept.capitals or _key(word) in kept_bets()


def best_bets(text: str, *, today: date) -> list[tuple[BestBet, str]]:
    """Return the bets on words of `text` that hold today, each with the term that was met, in that order."""
    met: dict[int, str] = {}
    for bet_id, term in _meant(kept_bets(), text):
        met.setdefault(bet_id, term)
    if not met:
        return []
    rows = {bet.id: bet for bet in db.session.execute(select(BestBet).where(BestBet.id.in_(met))).scalars()}
    chosen = ((rows[bet_id], term) for bet_id, term in met.items() if bet_id in rows)
    return [(bet, term) for bet, term in chosen if holds_on(bet, today)]


def holds_on(bet: BestBet, day: date) -> bool:
    """Tell whether a bet holds on a day; without days it always does."""
    return (bet.starts_on is None or bet.starts_on <= day) and (bet.ends_on is None or day <= bet.ends_on)


def term_words(term: str) -> int:
    """Return how many words a term has; one without any would never be met."""
    return len(_key(term))


def _load() -> Vocabulary:
    meanings: dict[Key, list[str]] = {}
    capitals: dict[str, list[str]] = {}
    for row in db.session.execute(select(Meaning).order_by(Meaning.id)).scalars():
        for term, others in _finds(row):
            if row.kind is MeaningKind.ACRONYM and term == row.terms[0] and len(term) <= MISTAKABLE:
                capitals.setdefault(term, []).extend(others)
            else:
                meanings.setdefault(_key(term), []).extend(others)
    return Vocabulary(_fixed(meanings), _fixed(capitals))


def _load_bets() -> dict[Key, tuple[tuple[int, str], ...]]:
    bets: dict[Key, list[tuple[int, str]]] = {}
    for bet in db.session.execute(select(BestBet).order_by(BestBet.id)).scalars():
        for term in bet.terms:
            bets.setdefault(_key(term), []).append((bet.id, term))
    return _fixed(bets)


def _finds(row: Meaning) -> Iterator[tuple[str, list[str]]]:
    first, *others = row.terms
    if row.kind is MeaningKind.SAME:
        yield from ((term, [each for each in row.terms if each != term]) for term in row.terms)
        return
    yield first, others
    if row.kind is MeaningKind.ACRONYM:
        yield from ((long, [first]) for long in others)


def _fixed(kept: dict[Term, list[Kept]]) -> dict[Term, tuple[Kept, ...]]:
    return {term: tuple(dict.fromkeys(values)) for term, values in kept.items()}


def _meant(kept: dict[Key, tuple[Kept, ...]], text: str) -> list[Kept]:
    """Return what is kept for any run of words of `text`, in the order of the runs."""
    said = _key(text)[:LOOKED_THROUGH]
    runs = (
        said[start:end]
        for start in range(len(said))
        for end in range(start + 1, min(start + LONGEST_TERM, len(said)) + 1)
    )
    return [value for run in runs for value in kept.get(run, ())]


def _meant_by_capitals(kept: dict[str, tuple[str, ...]], text: str) -> list[str]:
    return [term for word in text.split()[:LOOKED_THROUGH] for term in kept.get(word.strip(".,;:!?()"), ())]


def _without_phrases(wanted: Wanted) -> str:
    text = wanted.text
    for phrase in wanted.phrases:
        text = text.replace(phrase, " \n ")
    return text


def _stands_in(term: Key, said: Key) -> bool:
    return any(said[start : start + len(term)] == term for start in range(len(said) - len(term) + 1))


def _key(text: str) -> Key:
    return tuple(words(text))
