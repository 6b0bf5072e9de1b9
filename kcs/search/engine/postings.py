"""Postings as bytes: which texts of a block of 65,536 ids hold a term, and how often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Counts = NDArray[np.float32]

BLOCK_BITS = 16
BLOCK = 1 << BLOCK_BITS
MOST = 255
_BYTES = 3


def pack(low: NDArray[np.int64], counts: NDArray[np.int64]) -> bytes:
    """Return the bytes of one block: the low 16 bits of the ids, ascending, then the counts up to 255."""
    return low_bytes(low) + np.minimum(counts, MOST).astype("u1").tobytes()


def low_bytes(ids: NDArray[np.int64]) -> bytes:
    """Return the low 16 bits of ids as a block keeps them."""
    return (ids & (BLOCK - 1)).astype("<u2").tobytes()


def unpack(block: int, content: bytes) -> tuple[Ids, Counts]:
    """Return the ids and counts of one block. Raises ValueError for bytes that are no block."""
    size, rest = divmod(len(content), _BYTES)
    if rest:
        raise ValueError(f"{len(content)} bytes are no postings: not a multiple of {_BYTES}")
    low = np.frombuffer(content, "<u2", size).astype(np.int64)
    counts = np.frombuffer(content, "u1", size, size * 2).astype(np.float32)
    return low | (block << BLOCK_BITS), counts


def size_of(length: int) -> int:
    """Return how many ids a block of `length` bytes holds."""
    return length // _BYTES


def changed(content: bytes, gone: Ids, low: NDArray[np.int64], counts: NDArray[np.int64]) -> bytes:
    """Return a block without the ids in `gone` and with the ids in `low`; all are low 16 bits."""
    size = size_of(len(content))
    before = np.frombuffer(content, "<u2", size).astype(np.int64)
    numbers = np.frombuffer(content, "u1", size, size * 2).astype(np.int64)
    kept = ~np.isin(before, gone)
    ids = np.concatenate([before[kept], low])
    order = np.argsort(ids, kind="stable")
    return pack(ids[order], np.concatenate([numbers[kept], counts])[order])
