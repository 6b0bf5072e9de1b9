"""The forward pass of a BERT-like network in plain numpy, float32.

The texts of a batch lie one behind another without padding: every dense step is one matrix product over all
their tokens, and attention is done for texts of the same length together. No mask is needed, and a text's
vector does not depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from kcs.semantic.packed import Floats, Places
from kcs.semantic.weights import DISTANCES, Layer, Linear, Weights

BLOCK = 32_768
FARTHEST = 128


class Transformer:
    """Turns rows of token ids into the last layer's token vectors."""

    def __init__(
        self, weights: Weights, *, heads: int, epsilon: float, activation: str, position_offset: int
    ) -> None:
        self._weights = weights
        self._heads = heads
        self._epsilon = epsilon
        self._activate = _ACTIVATIONS[activation]
        self._offset = position_offset

    def run(self, rows: Sequence[Sequence[int]]) -> Floats:
        """Return the token vectors of all rows, one below another; rows of one length belong together."""
        runs = [(length, len(list(same))) for length, same in groupby(map(len, rows))]
        places = [np.arange(self._offset, self._offset + len(row)) for row in rows]
        weights = self._weights
        x = weights.words[np.concatenate(rows)] + weights.positions[np.concatenate(places)]
        x = _normalised(x, weights.norm, self._epsilon)
        biases = {length: self._bias(length) for length, _ in runs}
        for layer in weights.layers:
            x = self._layer(x, layer, runs, biases)
        return x

    def _layer(
        self, x: Floats, layer: Layer, runs: list[tuple[int, int]], biases: dict[int, Floats | None]
    ) -> Floats:
        seen = np.empty_like(x)
        mixed = _linear(x, layer.attention)
        start = 0
        for length, count in runs:
            end = start + length * count
            seen[start:end] = self._attention(mixed[start:end], length, biases[length])
            start = end
        x = _normalised(_linear(seen, layer.joined) + x, layer.attention_norm, self._epsilon)
        wide = _linear(x, layer.wide)
        flat = wide.T.reshape(-1)
        for begin in range(0, flat.size, BLOCK):  # in pieces that stay in the processor's cache
            self._activate(flat[begin : begin + BLOCK])
        return _normalised(_linear(wide, layer.narrow) + x, layer.output_norm, self._epsilon)

    def _attention(self, mixed: Floats, length: int, bias: Floats | None) -> Floats:
        """Attention of texts of one length; `mixed` holds query, key and value side by side."""
        width = mixed.shape[1] // 3
        size = width // self._heads
        query, key, value = mixed.reshape(-1, length, 3, self._heads, size).transpose(2, 0, 3, 1, 4)
        scores = query @ key.swapaxes(-1, -2)
        scores *= np.float32(1 / np.sqrt(size))
        if bias is not None:
            scores += bias
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        seen: Floats = (scores @ value).transpose(0, 2, 1, 3).reshape(-1, width)
        return seen

    def _bias(self, length: int) -> Floats | None:
        """MPNet's bias by distance, (heads, length, length)."""
        table = self._weights.relative_bias
        if table is None:
            return None
        places = np.arange(length)
        bias: Floats = np.moveaxis(table[_buckets(places[None, :] - places[:, None])], -1, 0)
        return bias


def _linear(x: Floats, step: Linear) -> Floats:
    # The weights on the left and tokens as columns: for the few tokens of a query a third less time.
    made: Floats = step.weight @ x.T
    made += step.bias[:, None]
    return made.T


def _normalised(x: Floats, step: Linear, epsilon: float) -> Floats:
    """Give each row mean 0 and variance 1, then scale and shift; `x` is overwritten."""
    x -= x.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", x, x) / np.float32(x.shape[1])
    x /= np.sqrt(variance + np.float32(epsilon))[:, None]
    x *= step.weight
    x += step.bias
    return x


def _buckets(distance: Places) -> Places:
    """Number distances as MPNet does: half the buckets for each side, small ones exact, then by logarithm."""
    side = DISTANCES // 2
    exact = side // 2
    far = np.abs(distance)
    logarithm = np.log(np.maximum(far, 1) / exact) / np.log(FARTHEST / exact) * (side - exact)
    coarse = np.minimum(exact + logarithm.astype(np.int64), side - 1)
    numbered: Places = np.where(distance > 0, side, 0) + np.where(far < exact, far, coarse)
    return numbered


def _gelu(x: Floats) -> None:
    """x · Φ(x), in place; Φ by the error function of Abramowitz and Stegun 7.1.26, off by 1.5e-7 at most."""
    z = np.abs(x)
    z *= np.float32(np.sqrt(0.5))
    t = z * np.float32(0.3275911)
    t += np.float32(1)
    np.reciprocal(t, out=t)
    z *= z
    np.negative(z, out=z)
    np.exp(z, out=z)
    tail = np.full_like(t, 1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail *= t
        tail += np.float32(factor)
    tail *= t
    tail *= z  # now 1 - erf(|x| / √2)
    tail *= np.float32(0.5)
    # Φ(x) is 1 - tail on the right of 0 and tail on the left.
    np.subtract(np.float32(1), tail, out=tail, where=x > 0)
    x *= tail


def _gelu_tanh(x: Floats) -> None:
    """The approximation by tanh that some models were trained with, in place."""
    inner = x * x
    inner *= np.float32(0.044715)
    inner += np.float32(1)
    inner *= x
    inner *= np.float32(np.sqrt(2 / np.pi))
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= np.float32(0.5)
    x *= inner


def _relu(x: Floats) -> None:
    np.maximum(x, np.float32(0), out=x)


_ACTIVATIONS = {
    "gelu": _gelu,
    "gelu_new": _gelu_tanh,
    "gelu_fast": _gelu_tanh,
    "gelu_pytorch_tanh": _gelu_tanh,
    "relu": _relu,
}
