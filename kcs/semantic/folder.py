"""What a model folder says about its model: the files sentence-transformers writes, read and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from kcs.errors import ConfigError
from kcs.semantic.families import ACTIVATIONS, FAMILIES, Family

POOLINGS = ("mean", "cls", "max")
MODULES = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True)
class ModelFolder:
    """A sentence-embedding model as its folder describes it.

    Widths and counts are those of the network; `longest` is in tokens, special ones included. `languages` is
    None when the folder names none; `query_prefix` and `text_prefix` are what this model wants in front.
    """

    path: Path
    family: Family
    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float
    activation: str
    pooling: str
    longest: int
    lower: bool
    languages: frozenset[str] | None
    query_prefix: str
    text_prefix: str

    @property
    def weights(self) -> Path:
        """The file that holds the weights."""
        return self.path / "model.safetensors"


def read_folder(path: Path) -> ModelFolder:
    """Read a model folder. Raises ConfigError naming the file that is missing or unusable, and what to do."""
    if not path.is_dir():
        raise ConfigError(
            f"KCS_EMBEDDING_MODEL is {path}, which is no folder. Name the folder with the model's "
            "config.json, tokenizer.json and model.safetensors."
        )
    config = read_json(path / "config.json", needed=True)
    family = _family(path, config)
    _refuse_other_weights(path)
    _refuse_other_modules(path)
    own = read_json(path / "kcs.json")
    prompts = read_json(path / "config_sentence_transformers.json").get("prompts") or {}
    positions = _number(path, config, family, "positions")
    sentence = read_json(path / "sentence_bert_config.json")
    return ModelFolder(
        path=path,
        family=family,
        width=_number(path, config, family, "width"),
        layers=_number(path, config, family, "layers"),
        heads=_number(path, config, family, "heads"),
        inner=_number(path, config, family, "inner"),
        vocabulary=_number(path, config, family, "vocabulary"),
        positions=positions,
        epsilon=float(config.get("layer_norm_eps", 1e-12)),
        activation=_activation(path, config, family),
        pooling=_pooling(path),
        longest=_longest(path, sentence, positions - family.position_offset),
        lower=bool(sentence.get("do_lower_case")),
        languages=_languages(path, own),
        query_prefix=str(own.get("query_prefix", prompts.get("query", ""))),
        text_prefix=str(own.get("text_prefix", prompts.get("document", prompts.get("passage", "")))),
    )


def read_json(file: Path, *, needed: bool = False) -> dict[str, Any]:
    """Return the object a JSON file holds, {} without the file. Raises ConfigError naming the file."""
    if not file.exists() and not needed:
        return {}
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"{file} is missing: KCS_EMBEDDING_MODEL must be the folder of a sentence-embedding model."
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file} cannot be read ({error}). Copy the model folder again.") from error
    if not isinstance(held, dict):
        raise ConfigError(f"{file} holds no JSON object. Copy the model folder again.")
    return held


def _family(path: Path, config: Mapping[str, Any]) -> Family:
    kind = config.get("model_type")
    if kind not in FAMILIES:
        raise ConfigError(
            f"{path / 'config.json'} describes a model of type '{kind}'. "
            f"Supported are: {', '.join(sorted(FAMILIES))}."
        )
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise ConfigError(
            f"{path / 'config.json'} asks for '{config['position_embedding_type']}' positions. "
            "Supported are models with absolute positions."
        )
    return FAMILIES[kind]


def _refuse_other_weights(path: Path) -> None:
    if (path / "model.safetensors").exists():
        return
    if (path / "model.safetensors.index.json").exists():
        raise ConfigError(
            f"{path} holds its weights in several files. Save them as one model.safetensors "
            "(save_pretrained with a larger max_shard_size)."
        )
    if any(path.glob("*.bin")):
        raise ConfigError(
            f"{path} holds its weights as PyTorch files (.bin) alone. Get the model's model.safetensors, "
            "or save the model anew where PyTorch is installed (save_pretrained writes safetensors)."
        )
    raise ConfigError(f"{path / 'model.safetensors'} is missing. Copy the model folder again.")


def _refuse_other_modules(path: Path) -> None:
    """A model with further steps would give other vectors than its makers measured."""
    file = path / "modules.json"
    if not file.exists():
        return
    try:
        kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in json.loads(file.read_text("utf-8"))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{file} cannot be read ({error}). Copy the model folder again.") from error
    other = [kind for kind in kinds if kind not in MODULES]
    if other:
        raise ConfigError(f"{file} asks for a step '{other[0]}'. Supported are: {', '.join(MODULES)}.")


def _number(path: Path, config: Mapping[str, Any], family: Family, what: str) -> int:
    name = family.config[what]
    value = config.get(name)
    if not isinstance(value, int) or value < 1:
        raise ConfigError(
            f"{path / 'config.json'} has '{name}': {value!r}; it must be a whole number above 0."
        )
    return value


def _activation(path: Path, config: Mapping[str, Any], family: Family) -> str:
    name = str(config.get(family.config["activation"], "gelu"))
    if name not in ACTIVATIONS:
        raise ConfigError(
            f"{path / 'config.json'} asks for the activation '{name}'. "
            f"Supported are: {', '.join(sorted(ACTIVATIONS))}."
        )
    return name


def _pooling(path: Path) -> str:
    """Return how token vectors become one; mean where the folder does not say, as sentence-transformers."""
    file = path / "1_Pooling" / "config.json"
    config = read_json(file)
    if not config:
        return "mean"
    named = config.get("pooling_mode")
    chosen = [str(named)] if named else [mode for mode, name in _POOLING_NAMES.items() if config.get(name)]
    if len(chosen) != 1 or chosen[0] not in POOLINGS:
        raise ConfigError(
            f"{file} asks for pooling by {' and '.join(chosen) or 'nothing'}. "
            f"Supported is one of: {', '.join(POOLINGS)}."
        )
    return chosen[0]


_POOLING_NAMES = {
    "cls": "pooling_mode_cls_token",
    "mean": "pooling_mode_mean_tokens",
    "max": "pooling_mode_max_tokens",
    "the mean by root of length": "pooling_mode_mean_sqrt_len_tokens",
    "weighted mean": "pooling_mode_weightedmean_tokens",
    "the last token": "pooling_mode_lasttoken",
}


def _longest(path: Path, sentence: Mapping[str, Any], most: int) -> int:
    wish = sentence.get("max_seq_length") or read_json(path / "tokenizer_config.json").get("model_max_length")
    return min(int(wish), most) if isinstance(wish, int | float) and wish >= 3 else most


def _languages(path: Path, own: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the languages the folder names: kcs.json first, then the front matter of the model card."""
    named = own.get("languages")
    if named is None:
        named = _card(path / "README.md").get("language")
    if isinstance(named, str):
        named = [named]
    if not isinstance(named, list) or not named:
        return None
    return frozenset(str(each).lower() for each in named)


def _card(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        return dict(frontmatter.loads(file.read_text(encoding="utf-8")).metadata)
    except (OSError, ValueError, yaml.YAMLError):
        return {}  # a card is for people: one that cannot be read says nothing about languages
