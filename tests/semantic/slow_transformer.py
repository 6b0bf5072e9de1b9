"""The forward pass once more, written number by number from the papers: slow, and plain to see right.

It shares nothing with the code under test but the names of the tensors.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from tests.semantic.tiny import CONFIGS, HEADS, LAYERS, WIDTH, Array, layer_name, parts_of

Vector = list[float]

ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "gelu": lambda x: x * 0.5 * (1 + math.erf(x / math.sqrt(2))),
    "gelu_new": lambda x: 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "relu": lambda x: max(x, 0.0),
}


def token_vectors(kind: str, weights: dict[str, Array], ids: list[int]) -> list[Vector]:
    """Return the last layer's vector of each token."""
    config = CONFIGS[kind]
    epsilon = config.get("layer_norm_eps", 1e-12)
    activate = ACTIVATIONS[config.get("hidden_act", "gelu")]

    def dense(name: str, x: Vector) -> Vector:
        weight, bias = weights[f"{name}.weight"].tolist(), weights[f"{name}.bias"].tolist()
        return [
            sum(w * v for w, v in zip(row, x, strict=True)) + b for row, b in zip(weight, bias, strict=True)
        ]

    def norm(name: str, x: Vector) -> Vector:
        mean = sum(x) / len(x)
        spread = math.sqrt(sum((v - mean) ** 2 for v in x) / len(x) + epsilon)
        scale, shift = weights[f"{name}.weight"].tolist(), weights[f"{name}.bias"].tolist()
        return [(v - mean) / spread * s + t for v, s, t in zip(x, scale, shift, strict=True)]

    def added(x: Vector, y: Vector) -> Vector:
        return [a + b for a, b in zip(x, y, strict=True)]

    offset = 2 if kind in ("roberta", "xlm-roberta", "mpnet") else 0
    types = weights.get("embeddings.token_type_embeddings.weight")
    rows = []
    for place, token in enumerate(ids):
        x = weights["embeddings.word_embeddings.weight"][token].tolist()
        x = added(x, weights["embeddings.position_embeddings.weight"][place + offset].tolist())
        if types is not None:
            x = added(x, types[0].tolist())
        rows.append(norm("embeddings.LayerNorm", x))
    for number in range(LAYERS):
        query, key, value, joined, first_norm, wide, narrow, last_norm = (
            layer_name(kind, number, part) for part in parts_of(kind)
        )
        asked, held, told = ([dense(name, x) for x in rows] for name in (query, key, value))
        seen = [attended(kind, weights, here, asked[here], held, told) for here in range(len(rows))]
        rows = [norm(first_norm, added(dense(joined, s), x)) for s, x in zip(seen, rows, strict=True)]
        inner = [[activate(v) for v in dense(wide, x)] for x in rows]
        rows = [norm(last_norm, added(dense(narrow, w), x)) for w, x in zip(inner, rows, strict=True)]
    return rows


def attended(
    kind: str, weights: dict[str, Array], here: int, asked: Vector, held: list[Vector], told: list[Vector]
) -> Vector:
    """Return what the token at `here` takes from all tokens, head by head."""
    size = WIDTH // HEADS
    mixed: Vector = []
    for head in range(HEADS):
        cut = slice(head * size, (head + 1) * size)
        scores = [
            sum(a * b for a, b in zip(asked[cut], other[cut], strict=True)) / math.sqrt(size)
            + bias(kind, weights, there - here, head)
            for there, other in enumerate(held)
        ]
        powers = [math.exp(score) for score in scores]
        for place in range(cut.start, cut.stop):
            mixed.append(sum(power * v[place] for power, v in zip(powers, told, strict=True)) / sum(powers))
    return mixed


def bias(kind: str, weights: dict[str, Array], distance: int, head: int) -> float:
    """MPNet's bias by distance: 16 buckets a side, the first 8 exact, then by logarithm up to 128."""
    if kind != "mpnet":
        return 0.0
    far = abs(distance)
    bucket = far if far < 8 else min(15, 8 + int(math.log(far / 8) / math.log(128 / 8) * 8))
    return float(
        weights["encoder.relative_attention_bias.weight"][bucket + (16 if distance > 0 else 0), head]
    )
