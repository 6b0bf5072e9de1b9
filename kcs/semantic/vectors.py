"""The vectors of one view in memory: loaded from the database in blocks, following its changes.

A block holds the vectors of 1,024 consecutive article ids and is never changed: a change puts another in its
place, so that readers need no lock. A vector takes a byte a dimension, and an eighth of that for its signs.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func, select

from kcs.database import db
from kcs.semantic.models import EmbeddedArticle, Embedding
from kcs.semantic.packed import Bytes, Floats, Places, inverse_lengths

ARTICLES_PER_BLOCK = 1024
ASKED_AT_ONCE = 500
# Up to here every vector is compared; beyond it, those whose signs agree most with the query's.
EXACT_ROWS = 20_000
NEAR_ROWS = 2_000


@dataclass(frozen=True)
class Block:
    """Vectors of some articles: `rows` ordered by article, `starts` says where each article's begin.

    `scales` bring a row to length 1, `focus` brings the mean of an article's rows to length 1.
    """

    articles: Places
    starts: Places
    counts: Places
    rows: Bytes
    scales: Floats
    focus: Floats
    signs: NDArray[np.uint64]

    @classmethod
    def of(cls, owners: Places, rows: Bytes) -> Block:
        """Make a block of rows in any order; the rows of one article stay in theirs."""
        order = np.argsort(owners, kind="stable")
        owners, rows = owners[order], rows[order]
        articles, starts, counts = np.unique(owners, return_index=True, return_counts=True)
        scales = inverse_lengths(rows)
        lengths = _lengths_of_means(rows * scales[:, None], starts, counts)
        focus = np.divide(np.float32(1), lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return cls(articles, starts, counts, rows, scales, focus, np.ascontiguousarray(signs_of(rows).T))

    @property
    def owners(self) -> Places:
        """The article of each row."""
        return np.repeat(self.articles, self.counts)

    def nearness(self, query: Floats, chosen: Places) -> Floats:
        """Return how near the chosen articles (by their place in the block) are to a query.

        It is the mean of two cosines: that of the nearest piece, and that of the middle of all pieces.
        """
        counts = self.counts[chosen]
        ends = np.cumsum(counts)
        firsts = ends - counts
        places = np.repeat(self.starts[chosen] - firsts, counts) + np.arange(ends[-1])
        cosines = (self.rows[places].astype(np.float32) @ query) * self.scales[places]
        middle = np.add.reduceat(cosines, firsts) / counts * self.focus[chosen]
        near: Floats = ((np.maximum.reduceat(cosines, firsts) + middle) / 2).astype(np.float32)
        return near

    def disagreements(self, query_signs: NDArray[np.uint64]) -> NDArray[np.uint16]:
        """Return in how many dimensions the sign of each row differs from the query's."""
        differ = np.zeros(len(self.rows), dtype=np.uint16)
        for held, asked in zip(self.signs, query_signs, strict=True):
            differ += np.bitwise_count(held ^ asked)
        return differ


class Vectors:
    """All vectors of one model and view; safe for many threads."""

    def __init__(self, model: str, view: str) -> None:
        self._model, self._view = model, view
        self._blocks: dict[int, Block] = {}
        self._seen = 0
        self._turn = threading.Lock()

    def __len__(self) -> int:
        return sum(len(block.rows) for block in self._blocks.values())

    def refresh(self) -> None:
        """Take in what changed in the database since the last look; one thread does, others go on."""
        newest = db.session.execute(select(func.max(EmbeddedArticle.change))).scalar() or 0
        if newest == self._seen or not self._turn.acquire(blocking=self._seen == 0):
            return
        try:
            if newest == 0:
                self._blocks = {}
            elif (
                newest < self._seen or self._seen == 0
            ):  # an earlier state of the database, or the first look
                self._load()
            else:
                self._follow()
            self._seen = newest
        finally:
            self._turn.release()

    def best(self, query: Floats, limit: int, among: Collection[int] = ()) -> dict[int, float]:
        """Return the nearness of the `limit` nearest articles, and of those in `among` that have vectors."""
        blocks = self._blocks
        found = [
            (block.articles[chosen], block.nearness(query, chosen)) for block, chosen in _near(blocks, query)
        ]
        best = _top(_joined(found), limit)
        best.update(_paired(_joined(_nearness_of(blocks, query, among))))
        return best

    def _load(self) -> None:
        lowest, highest = db.session.execute(
            select(func.min(EmbeddedArticle.article_id), func.max(EmbeddedArticle.article_id))
        ).one()
        blocks: dict[int, Block] = {}
        for number in range(lowest // ARTICLES_PER_BLOCK, highest // ARTICLES_PER_BLOCK + 1):
            first = number * ARTICLES_PER_BLOCK
            owners, rows = self._read(Embedding.article_id.between(first, first + ARTICLES_PER_BLOCK - 1))
            if len(owners):
                blocks[number] = Block.of(owners, rows)
        self._blocks = blocks

    def _follow(self) -> None:
        changed = select(EmbeddedArticle.article_id).where(EmbeddedArticle.change > self._seen)
        ids = sorted(db.session.execute(changed).scalars())
        blocks = dict(self._blocks)
        for start in range(0, len(ids), ASKED_AT_ONCE):
            self._replace(blocks, ids[start : start + ASKED_AT_ONCE])
        self._blocks = blocks

    def _replace(self, blocks: dict[int, Block], ids: list[int]) -> None:
        owners, rows = self._read(Embedding.article_id.in_(ids))
        for number in {article // ARTICLES_PER_BLOCK for article in ids}:
            here = owners // ARTICLES_PER_BLOCK == number
            new_owners, new_rows = owners[here], rows[here]
            old = blocks.pop(number, None)
            if old is not None:
                kept = ~np.isin(old.owners, ids)
                new_owners = np.concatenate((old.owners[kept], new_owners))
                new_rows = np.concatenate((old.rows[kept], new_rows)) if len(new_rows) else old.rows[kept]
            if len(new_owners):
                blocks[number] = Block.of(new_owners, new_rows)

    def _read(self, which: ColumnElement[bool]) -> tuple[Places, Bytes]:
        query = (
            select(Embedding.article_id, Embedding.vector)
            .join(EmbeddedArticle, EmbeddedArticle.article_id == Embedding.article_id)
            .where(EmbeddedArticle.model == self._model, Embedding.view == self._view, which)
            .order_by(Embedding.article_id, Embedding.number)
        )
        held = db.session.execute(query).all()
        owners = np.array([row.article_id for row in held], dtype=np.int64)
        rows = np.frombuffer(b"".join(row.vector for row in held), dtype=np.int8)
        return owners, rows.reshape(len(held), -1) if held else rows.reshape(0, 0)


def _lengths_of_means(rows: Floats, starts: Places, counts: Places) -> Floats:
    """Return the length of the mean of each article's rows; articles with as many rows are done together."""
    lengths = np.empty(len(starts), dtype=np.float32)
    for count in np.unique(counts):
        alike = np.flatnonzero(counts == count)
        means = rows[starts[alike][:, None] + np.arange(count)].mean(axis=1)
        lengths[alike] = np.sqrt(np.einsum("ij,ij->i", means, means))
    return lengths


def signs_of(vectors: Bytes | Floats) -> NDArray[np.uint64]:
    """Return the sign of each dimension as a bit, (vectors, dimensions / 64 rounded up)."""
    bits = np.packbits(vectors > 0, axis=1)
    missing = -bits.shape[1] % 8
    return np.ascontiguousarray(np.pad(bits, ((0, 0), (0, missing)))).view(np.uint64)


def _near(blocks: dict[int, Block], query: Floats) -> Iterable[tuple[Block, Places]]:
    """Yield which articles of each block are worth comparing."""
    held = [blocks[number] for number in sorted(blocks)]
    if sum(len(block.rows) for block in held) <= EXACT_ROWS:
        return ((block, np.arange(len(block.articles))) for block in held)
    signs = signs_of(query[None, :])[0]
    differ = [block.disagreements(signs) for block in held]
    most = np.partition(np.concatenate(differ), NEAR_ROWS)[NEAR_ROWS]
    chosen = (
        np.unique(np.searchsorted(block.starts, np.flatnonzero(here <= most), side="right") - 1)
        for block, here in zip(held, differ, strict=True)
    )
    return ((block, places) for block, places in zip(held, chosen, strict=True) if len(places))


def _nearness_of(
    blocks: dict[int, Block], query: Floats, articles: Collection[int]
) -> list[tuple[Places, Floats]]:
    by_block: dict[int, list[int]] = {}
    for article in articles:
        by_block.setdefault(article // ARTICLES_PER_BLOCK, []).append(article)
    found = []
    for number, wanted in by_block.items():
        block = blocks.get(number)
        chosen = np.flatnonzero(np.isin(block.articles, wanted)) if block else _NOTHING[0]
        if block is not None and len(chosen):
            found.append((block.articles[chosen], block.nearness(query, chosen)))
    return found


_NOTHING: tuple[Places, Floats] = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))


def _joined(found: Sequence[tuple[Places, Floats]]) -> tuple[Places, Floats]:
    articles, near = zip(_NOTHING, *found, strict=True)
    return np.concatenate(articles), np.concatenate(near)


def _top(found: tuple[Places, Floats], limit: int) -> dict[int, float]:
    """Return the nearest, nearest first; equal ones by article id."""
    articles, near = found
    if len(near) > limit:
        # All that reach the last one's nearness, so that who is left out among equals is decided below.
        least = np.partition(near, len(near) - limit)[len(near) - limit]
        articles, near = articles[near >= least], near[near >= least]
    order = np.lexsort((articles, -near))[:limit]
    return _paired((articles[order], near[order]))


def _paired(found: tuple[Places, Floats]) -> dict[int, float]:
    articles, near = found
    return dict(zip(articles.tolist(), near.tolist(), strict=True))
