"""The weights of a network, read from safetensors and checked against what config.json promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from kcs.errors import ConfigError
from kcs.semantic.folder import ModelFolder
from kcs.semantic.packed import Floats

KINDS = ("F32", "F16")
DISTANCES = 32


@dataclass(frozen=True)
class Linear:
    """`x @ weight.T + bias`; the same pair scales and shifts after a normalisation."""

    weight: Floats
    bias: Floats


@dataclass(frozen=True)
class Layer:
    """One layer: attention (query, key and value in one matrix), then two dense steps."""

    attention: Linear
    joined: Linear
    attention_norm: Linear
    wide: Linear
    narrow: Linear
    output_norm: Linear


@dataclass(frozen=True)
class Weights:
    """All weights, in float32. `relative_bias` is (distances, heads), for MPNet alone."""

    words: Floats
    positions: Floats
    norm: Linear
    layers: tuple[Layer, ...]
    relative_bias: Floats | None


def read_weights(folder: ModelFolder) -> Weights:
    """Read the weights of a model folder. Raises ConfigError naming the file and the tensor that is wrong."""
    try:
        opened: Any = safe_open(folder.weights, framework="numpy")  # its methods carry no types
        with opened as file:
            return _Reader(folder, file).read()
    except (SafetensorError, OSError) as error:
        raise ConfigError(
            f"{folder.weights} cannot be read ({error}). Copy the model folder again."
        ) from error


class _Reader:
    def __init__(self, folder: ModelFolder, file: Any) -> None:
        self._folder, self._file = folder, file
        names = set(file.keys())
        prefix = folder.family.prefix
        self._names = {name.removeprefix(prefix): name for name in names}

    def read(self) -> Weights:
        folder, width = self._folder, self._folder.width
        positions = self._tensor("embeddings.position_embeddings.weight", folder.positions, width)
        if folder.family.token_types:
            # A single text is of the first type throughout.
            positions = positions + self._tensor("embeddings.token_type_embeddings.weight", None, width)[0]
        bias = folder.family.relative_bias
        return Weights(
            words=self._tensor("embeddings.word_embeddings.weight", folder.vocabulary, width),
            positions=positions,
            norm=self._linear("embeddings.LayerNorm", width),
            layers=tuple(self._layer(number) for number in range(folder.layers)),
            relative_bias=self._tensor(bias, DISTANCES, folder.heads) if bias else None,
        )

    def _layer(self, number: int) -> Layer:
        width, inner = self._folder.width, self._folder.inner
        name = {part: text.format(number) for part, text in self._folder.family.layer.items()}
        parts = [self._linear(name[part], width, width) for part in ("query", "key", "value")]
        return Layer(
            attention=Linear(
                np.concatenate([part.weight for part in parts]), np.concatenate([part.bias for part in parts])
            ),
            joined=self._linear(name["joined"], width, width),
            attention_norm=self._linear(name["attention_norm"], width),
            wide=self._linear(name["wide"], inner, width),
            narrow=self._linear(name["narrow"], width, inner),
            output_norm=self._linear(name["output_norm"], width),
        )

    def _linear(self, name: str, *shape: int) -> Linear:
        return Linear(self._tensor(f"{name}.weight", *shape), self._tensor(f"{name}.bias", shape[0]))

    def _tensor(self, name: str, *shape: int | None) -> Floats:
        if name not in self._names:
            raise ConfigError(
                f"{self._folder.weights} holds no '{name}'. Its config.json describes another model: "
                "copy the model folder again."
            )
        held = self._file.get_slice(self._names[name])
        found = held.get_shape()
        if len(found) != len(shape) or any(
            want is not None and want != size for want, size in zip(shape, found, strict=True)
        ):
            wanted = " × ".join("any" if size is None else str(size) for size in shape)
            raise ConfigError(
                f"{self._folder.weights}: '{name}' is {' × '.join(map(str, found))}, "
                f"config.json says {wanted}. Copy the model folder again."
            )
        if held.get_dtype() not in KINDS:
            raise ConfigError(
                f"{self._folder.weights}: '{name}' is stored as {held.get_dtype()}. "
                "Save the model in float32 or float16."
            )
        return np.ascontiguousarray(self._file.get_tensor(self._names[name]), dtype=np.float32)
