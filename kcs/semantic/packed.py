"""Vectors as they are stored: one signed byte a dimension, scaled so that the largest is 127."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]
Places = NDArray[np.int64]


def pack(vectors: Floats) -> Bytes:
    """Return vectors as signed bytes. Their lengths are lost: an encoder's vectors all have length 1."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    scale = np.divide(np.float32(127), largest, out=np.zeros_like(largest), where=largest > 0)
    packed: Bytes = np.rint(vectors * scale).astype(np.int8)
    return packed


def inverse_lengths(packed: Bytes) -> Floats:
    """Return by what a packed vector is multiplied to have length 1 again; 0 for one that is all zero."""
    wide = packed.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    inverse: Floats = np.divide(np.float32(1), lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return inverse
