"""The first stage: which articles and past tickets are worth a close look, by the rarest words.

The postings of a ticket's common words are most of the work and tell least, so words are taken from the
rarest on until enough postings were read; the close look counts every word.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.asking import Asked, Group
from kcs.search.engine.columns import Column
from kcs.search.engine.postings import Ids
from kcs.search.engine.searcher import Searcher
from kcs.search.engine.store import ARTICLE_FIELDS, Field
from kcs.search.engine.weights import SHORT_K1, TITLE_B, WORDS_B, idf

ARTICLES = 50
TICKETS = 100
BUDGET = 40_000

Scores = NDArray[np.float32]


def article_candidates(searcher: Searcher, asked: Asked, allowed: Ids | None, most: int = ARTICLES) -> Ids:
    """Return the ids of the articles that score best by the telling words; `allowed` keeps only these."""
    scores = np.zeros(max(1, len(searcher.columns[Column.TITLE])), np.float32)
    scratch = np.zeros_like(scores)
    for group in _affordable(
        searcher, asked.groups, lambda group: asked.article_idf(group, *ARTICLE_FIELDS), ARTICLE_FIELDS
    ):
        _add_short(searcher, asked, group, scores, scratch)
        _add_body(searcher, asked, group, scores)
    return _best(scores, allowed, most)


def ticket_candidates(searcher: Searcher, asked: Asked) -> Ids:
    """Return the link ids of the past tickets nearest by the telling words."""
    scores = np.zeros(max(1, len(searcher.columns[Column.TICKET])), np.float32)
    count = searcher.tickets
    telling = {id(group): idf(group.sizes.get(Field.TICKET, 0), count) for group in asked.groups}
    curve = searcher.curve(Field.TICKET)
    for group in _affordable(searcher, asked.groups, lambda group: telling[id(group)], (Field.TICKET,)):
        ids, counts = searcher.postings(group.terms, Field.TICKET)
        norm = curve.k1 * searcher.norm(Field.TICKET, ids, curve.b)
        scores[ids] += group.weight * telling[id(group)] * counts * (curve.k1 + 1) / (counts + norm)
    return _best(scores, None, TICKETS)


def _affordable(
    searcher: Searcher, groups: list[Group], telling: Callable[[Group], float], fields: tuple[Field, ...]
) -> list[Group]:
    """The most telling words whose postings may be read; they are read here, all at once."""
    read, chosen = 0, []
    for _, group in sorted(enumerate(groups), key=lambda each: (-telling(each[1]), each[0])):
        size = sum(group.sizes.get(each, 0) for each in fields)
        if read and read + size > BUDGET:
            break
        if size:
            read += size
            chosen.append(group)
    searcher.read((term for group in chosen for term in group.terms), fields)
    return chosen


def _add_short(searcher: Searcher, asked: Asked, group: Group, scores: Scores, scratch: Scores) -> None:
    """Title, issue and the words of tickets as one field (BM25F)."""
    weights = searcher.weights
    touched = []
    for of, weight, b in (
        (Field.TITLE, weights.title, TITLE_B),
        (Field.ISSUE, weights.issue, WORDS_B),
        (Field.WORDS, weights.words, WORDS_B),
    ):
        if group.sizes.get(of):
            ids, counts = searcher.postings(group.terms, of)
            scratch[ids] += weight * counts / searcher.norm(of, ids, b)
            touched.append(ids)
    if not touched:
        return
    ids = np.concatenate(touched)
    telling = group.weight * asked.article_idf(group, Field.TITLE, Field.ISSUE, Field.WORDS)
    # An id touched twice is given the same value twice.
    scores[ids] = scores[ids] + weights.short * telling * scratch[ids] * (SHORT_K1 + 1) / (
        scratch[ids] + SHORT_K1
    )
    scratch[ids] = 0


def _add_body(searcher: Searcher, asked: Asked, group: Group, scores: Scores) -> None:
    if not group.sizes.get(Field.BODY):
        return
    ids, counts = searcher.postings(group.terms, Field.BODY)
    curve = searcher.curve(Field.BODY)
    norm = curve.k1 * searcher.norm(Field.BODY, ids, curve.b)
    telling = group.weight * asked.article_idf(group, Field.BODY)
    scores[ids] += searcher.weights.body * telling * counts * (curve.k1 + 1) / (counts + norm)


def _best(scores: Scores, allowed: Ids | None, most: int) -> Ids:
    found = np.flatnonzero(scores)
    if allowed is not None:
        found = found[np.isin(found, allowed, assume_unique=True)]
    if len(found) > most:
        least = np.partition(scores[found], -most)[-most]
        better = found[scores[found] > least]
        found = np.concatenate([better, found[scores[found] == least][: most - len(better)]])
    return np.asarray(found[np.lexsort((found, -scores[found]))], np.int64)
