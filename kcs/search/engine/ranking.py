"""A search from what is wanted to hits: candidates, the close look, the order, and what speaks for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from kcs.search.engine.asking import Asked, Group, ask
from kcs.search.engine.candidates import ARTICLES, article_candidates, ticket_candidates
from kcs.search.engine.postings import Ids
from kcs.search.engine.restricting import LOOKED_THROUGH, kept, restrict
from kcs.search.engine.scoring import Looked, look
from kcs.search.engine.searcher import Searcher
from kcs.search.engine.store import ARTICLE_FIELDS
from kcs.search.engine.vocabulary import EXACT, FACET
from kcs.search.wanted import Wanted

MOST_LANGUAGES = 6


@dataclass(frozen=True)
class Hit:
    """An article that matches: the higher the score the better; `fields` says where, `words` which.

    Small words are not named. `near` are words it holds that are spelt like one of the search, `exact` exact
    names it shares (error codes, versions, its key), `tickets` how many of the ten nearest past tickets it
    solved; `parts` is what the score is made of; `meaning` the cosine by a model, None without one.
    """

    article_id: int
    score: float
    fields: tuple[str, ...]
    words: tuple[str, ...]
    near: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    tickets: int = 0
    parts: dict[str, float] = field(default_factory=dict)
    meaning: float | None = None


@dataclass(frozen=True)
class Facts:
    """What a ranking says about whether any article answers, for `kcs.search.no_article`.

    `best` is the best score in units of the rarest word's weight; `margin` how far the second stays behind (0
    to 1); `covered` the share of the search's weight the best holds; `unknown` the share in words that are
    nowhere; `agreed` the best's share of the nearest past tickets; `cosine` how near a model thinks the
    nearest article is, None without one.
    """

    best: float = 0.0
    margin: float = 0.0
    covered: float = 0.0
    unknown: float = 0.0
    agreed: float = 0.0
    cosine: float | None = None


@dataclass(frozen=True)
class Ranking:
    """Hits, best first, and what they say together."""

    hits: list[Hit]
    facts: Facts


def rank(
    searcher: Searcher,
    wanted: Wanted,
    limit: int,
    also_look_at: Iterable[int] = (),
    without: frozenset[int] = frozenset(),
    hidden: frozenset[int] = frozenset(),
) -> Ranking:
    """Return the best `limit` articles for what is wanted.

    `also_look_at` are scored too; `without` are left out as if they were not there: for learning what it
    looks like when no article answers. `hidden` are links whose past tickets say nothing: a ticket that is
    asked again must not find itself.
    """
    languages = _languages(searcher)
    asked = ask(searcher, wanted, languages)
    restriction = restrict(searcher, wanted, languages)
    most = LOOKED_THROUGH if restriction.looks_at_texts else max(ARTICLES, limit)
    found = article_candidates(searcher, asked, restriction.allowed, most)
    links = np.setdiff1d(ticket_candidates(searcher, asked), list(hidden), assume_unique=True)
    if asked.says_nothing and restriction.allowed is not None:
        found = restriction.allowed[:most]
    found = np.array(list(dict.fromkeys([*found.tolist(), *also_look_at])), np.int64)
    found = kept(searcher, restriction, found)
    looked = look(searcher, asked, found, links, hidden)
    allowed = _allowed(looked.ids, restriction.allowed, found, restriction.looks_at_texts)
    allowed &= ~np.isin(looked.ids, list(without))
    if not asked.says_nothing:
        allowed &= (looked.scores > 0) & _telling(looked, asked)
    order = _order(looked, allowed)
    return Ranking(_hits(looked, asked, order[:limit]), _facts(looked, asked, order))


def _languages(searcher: Searcher) -> list[str]:
    """The languages of the view's texts, those with the most words first."""
    prefix = "language "
    counts = {
        name[len(prefix) :]: count for name, count in searcher.totals.items() if name.startswith(prefix)
    }
    written = [name for name in counts if name not in {EXACT, FACET}]
    return sorted(written, key=lambda name: (-counts[name], name))[:MOST_LANGUAGES]


def _allowed(
    ids: Ids, allowed: Ids | None, found: Ids, looked_at_texts: bool
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of the looked at may be given: what past tickets brought in must hold what was asked for too."""
    if looked_at_texts:
        return np.isin(ids, found)
    return np.isin(ids, allowed) if allowed is not None else np.ones(len(ids), bool)


def _telling(looked: Looked, asked: Asked) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which share more than small words; where small words are all that is asked for, these will do."""
    told = np.array([group.telling for group in asked.groups], bool)
    if not told.any():
        return np.full(len(looked.ids), not asked.unknown)
    return np.asarray((looked.held | looked.near)[:, told].any(axis=1))


def _order(looked: Looked, allowed: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[int]:
    ranked = np.lexsort((looked.ids, -np.round(looked.scores, 4)))
    return [int(place) for place in ranked if allowed[place]]


def _hits(looked: Looked, asked: Asked, order: list[int]) -> list[Hit]:
    """What there is to say of each of these places."""
    told = [number for number, group in enumerate(asked.groups) if group.telling] or range(len(asked.groups))
    weighty = sorted(
        told,
        key=lambda number: (
            -asked.groups[number].weight * asked.article_idf(asked.groups[number], *ARTICLE_FIELDS)
        ),
    )
    groups = [asked.groups[number] for number in weighty]
    held, near = looked.held[order][:, weighty].tolist(), looked.near[order][:, weighty].tolist()
    within = {each: looked.in_field[each][order][:, weighty] for each in ARTICLE_FIELDS}
    parts = {name: np.round(values[order].astype(float), 4).tolist() for name, values in looked.parts.items()}
    scores, ids = looked.scores[order].tolist(), looked.ids[order].tolist()
    return [
        Hit(
            ids[row],
            round(scores[row], 4),
            tuple(each.name.lower() for each in ARTICLE_FIELDS if within[each][row].any()),
            *_named(groups, held[row], near[row]),
            int(looked.tickets[order[row]]),
            {name: values[row] for name, values in parts.items()},
        )
        for row in range(len(order))
    ]


def _named(
    groups: list[Group], held: list[bool], near: list[bool]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The words an article holds, those spelt like one, and the exact names, the most telling first."""
    exact = tuple(group.word[1:] for group, holds in zip(groups, held, strict=True) if holds and group.exact)
    words, alike = [], []
    for group, holds, like in zip(groups, held, near, strict=True):
        if group.exact or group.word in exact:
            continue
        if holds and not group.guessed:
            words.append(group.word)
        elif holds or like:
            alike.append(group.word)
    return tuple(words), tuple(dict.fromkeys(alike)), exact


def _facts(looked: Looked, asked: Asked, order: list[int]) -> Facts:
    rarest = max(1e-6, float(np.log(1 + (asked.articles + 0.5) / 0.5)))
    telling = [group.weight * asked.article_idf(group, *ARTICLE_FIELDS) for group in asked.groups]
    lost = len(asked.unknown) * rarest
    total = sum(telling) + lost
    if not order or total <= 0:
        return Facts(unknown=1.0 if asked.unknown else 0.0)
    best = float(looked.scores[order[0]])
    second = float(looked.scores[order[1]]) if len(order) > 1 else 0.0
    held = looked.held[order[0]]
    covered = sum(value for number, value in enumerate(telling) if held[number])
    votes = (looked.parts["tickets"] + looked.parts["passages"])[order]
    return Facts(
        best=best / rarest,
        margin=(best - second) / best if best > 0 else 0.0,
        covered=covered / total,
        unknown=lost / total,
        agreed=float(votes[0] / votes.sum()) if votes.sum() > 0 else 0.0,
    )
