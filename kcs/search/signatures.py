"""MinHash signatures of sets of hashes, and the rows of them that are close: numpy, no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

# 42 bands of 3: a pair of likeness .5 is met with probability .996, one of .4 with .94.
BANDS, ROWS = 42, 3
SIZE = BANDS * ROWS
# A bucket of at most this many is compared pair by pair. In a greater one its rows are put in the order of
# the rest of their signatures, and each is compared with the next few: rows that are truly alike agree there
# too and stand together, and every band orders them anew.
BUCKET, NEXT = 40, 12
# A signature tells the likeness to 0.045 (one standard deviation): less than this below is looked at exactly.
SLACK = 0.15

_SEED = 1997

Signed = NDArray[np.uint32]
Pairs = NDArray[np.int64]


def signatures(batches: Iterable[list[NDArray[np.uint32]]], count: int) -> Signed:
    """Return a row of SIZE numbers for each of `count` sets, none of them empty."""
    random = np.random.default_rng(_SEED)
    factors = random.integers(1, 1 << 63, SIZE, dtype=np.uint64) | np.uint64(1)
    addends = random.integers(0, 1 << 63, SIZE, dtype=np.uint64)
    signed = np.empty((count, SIZE), np.uint32)
    row = 0
    for batch in batches:
        starts = np.cumsum([0, *(len(each) for each in batch[:-1])])
        hashes = np.concatenate(batch).astype(np.uint64)
        for place in range(SIZE):
            turned = ((hashes * factors[place] + addends[place]) >> np.uint64(32)).astype(np.uint32)
            signed[row : row + len(batch), place] = np.minimum.reduceat(turned, starts)
        row += len(batch)
    return signed


def close_rows(signed: Signed, least: float) -> Iterator[tuple[int, int]]:
    """Return the pairs of rows that may belong to sets at least this alike, each once, in order."""
    found = [np.zeros(0, np.int64)]
    for band in range(BANDS):
        for pairs in _met(signed, band):
            agree = (signed[pairs[:, 0]] == signed[pairs[:, 1]]).mean(axis=1)
            close = np.sort(pairs[agree >= least - SLACK], axis=1)
            found.append(close[:, 0] * len(signed) + close[:, 1])
        found = [np.unique(np.concatenate(found))]
    for pair in found[0].tolist():
        yield divmod(pair, len(signed))


def _met(signed: Signed, band: int) -> Iterator[Pairs]:
    """Pairs of rows in one bucket of this band, many at a time."""
    columns = signed[:, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
    keys = (columns[:, 0] << np.uint64(32) | columns[:, 1]) ^ (columns[:, 2] * np.uint64(0x9E3779B97F4A7C15))
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.r_[True, keys[order][1:] != keys[order][:-1]])
    sizes = np.diff(np.r_[starts, len(order)])
    for size in np.unique(sizes[sizes > 1]).tolist():
        first = starts[sizes == size]
        buckets = order[first[:, None] + np.arange(size)]
        if size <= BUCKET:
            one, other = np.triu_indices(size, 1)
            yield from _cut(np.stack([buckets[:, one].ravel(), buckets[:, other].ravel()], axis=1))
        else:
            for bucket in buckets:
                yield from _neighbours(signed, bucket, band)


def _neighbours(signed: Signed, bucket: Pairs, band: int) -> Iterator[Pairs]:
    rest = np.roll(signed[bucket], -(band + 1) * ROWS, axis=1)[:, : SIZE - ROWS]
    ordered = bucket[np.lexsort(rest.T[::-1])]
    for step in range(1, NEXT + 1):
        yield from _cut(np.stack([ordered[:-step], ordered[step:]], axis=1))


def _cut(pairs: Pairs) -> Iterator[Pairs]:
    """A comparison of 16,000 pairs takes 16 MB."""
    for start in range(0, len(pairs), 16_000):
        yield pairs[start : start + 16_000]
