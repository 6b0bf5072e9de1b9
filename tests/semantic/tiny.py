"""Tiny models with random weights, in folders as sentence-transformers writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

Array = NDArray[Any]

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WORDS = [
    *("export", "button", "grey", "report", "invoice", "card", "pin", "reset", "print", "paper", "jam"),
    *("the", "a", "is", "my", "cannot", "how", "do", "i"),
]
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
PIECES = [*".,:-", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
VOCABULARY = [*SPECIAL, *WORDS, *(piece for piece in PIECES if piece not in WORDS)]
WIDTH, HEADS, LAYERS, INNER, POSITIONS = 16, 2, 2, 24, 20

BERT = {
    "model_type": "bert",
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "intermediate_size": INNER,
    "vocab_size": len(VOCABULARY),
    "max_position_embeddings": POSITIONS,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
}
DISTILBERT = {
    "model_type": "distilbert",
    "dim": WIDTH,
    "n_layers": LAYERS,
    "n_heads": HEADS,
    "hidden_dim": INNER,
    "vocab_size": len(VOCABULARY),
    "max_position_embeddings": POSITIONS,
    "activation": "gelu",
}
CONFIGS: dict[str, dict[str, Any]] = {
    "bert": BERT,
    "roberta": {**BERT, "model_type": "roberta", "layer_norm_eps": 1e-5},
    "xlm-roberta": {**BERT, "model_type": "xlm-roberta", "hidden_act": "gelu_new"},
    "mpnet": {**BERT, "model_type": "mpnet", "hidden_act": "relu"},
    "distilbert": DISTILBERT,
}
PARTS = {
    "bert": [
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "attention.output.LayerNorm",
        "intermediate.dense",
        "output.dense",
        "output.LayerNorm",
    ],
    "mpnet": [
        "attention.attn.q",
        "attention.attn.k",
        "attention.attn.v",
        "attention.attn.o",
        "attention.LayerNorm",
        "intermediate.dense",
        "output.dense",
        "output.LayerNorm",
    ],
    "distilbert": [
        "attention.q_lin",
        "attention.k_lin",
        "attention.v_lin",
        "attention.out_lin",
        "sa_layer_norm",
        "ffn.lin1",
        "ffn.lin2",
        "output_layer_norm",
    ],
}
SHAPES = [*[(WIDTH, WIDTH)] * 4, (WIDTH,), (INNER, WIDTH), (WIDTH, INNER), (WIDTH,)]


def parts_of(kind: str) -> list[str]:
    """Return the names of a layer's parts in this kind of network, in the order of their work."""
    return PARTS.get(kind, PARTS["bert"])


def layer_name(kind: str, number: int, part: str) -> str:
    """Return the name of a part of a layer."""
    stem = "transformer" if kind == "distilbert" else "encoder"
    return f"{stem}.layer.{number}.{part}"


def random_weights(kind: str, *, seed: int = 0) -> dict[str, Array]:
    """Return weights for every tensor this kind of network has; what is the same for all tokens is small."""
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> Array:
        return rng.standard_normal(shape).astype(np.float32) * np.float32(0.5)

    weights = {
        "embeddings.word_embeddings.weight": some(len(VOCABULARY), WIDTH),
        "embeddings.position_embeddings.weight": some(POSITIONS, WIDTH) / 10,
        "embeddings.LayerNorm.weight": some(WIDTH),
        "embeddings.LayerNorm.bias": some(WIDTH) / 10,
    }
    if kind in ("bert", "roberta", "xlm-roberta"):
        weights["embeddings.token_type_embeddings.weight"] = some(2 if kind == "bert" else 1, WIDTH) / 10
    if kind == "mpnet":
        weights["encoder.relative_attention_bias.weight"] = some(32, HEADS)
    for number in range(LAYERS):
        for part, shape in zip(parts_of(kind), SHAPES, strict=True):
            weights[f"{layer_name(kind, number, part)}.weight"] = some(*shape)
            weights[f"{layer_name(kind, number, part)}.bias"] = some(shape[0]) / 10
    return weights


def tokenizer() -> Tokenizer:
    """Return a WordPiece tokenizer that knows a few words, every letter and every digit."""
    made = Tokenizer(WordPiece({word: number for number, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    made.normalizer = BertNormalizer(lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made


def make_model(
    folder: Path,
    kind: str = "bert",
    *,
    pooling: str = "mean",
    seed: int = 0,
    prefix: str = "",
    language: str | list[str] | None = None,
    longest: int | None = None,
) -> Path:
    """Write a model folder and return it."""
    (folder / "1_Pooling").mkdir(parents=True)
    write_json(folder / "config.json", CONFIGS[kind])
    names = {
        "mean": "pooling_mode_mean_tokens",
        "cls": "pooling_mode_cls_token",
        "max": "pooling_mode_max_tokens",
    }
    write_json(folder / "1_Pooling" / "config.json", {name: mode == pooling for mode, name in names.items()})
    if longest is not None:
        write_json(folder / "sentence_bert_config.json", {"max_seq_length": longest})
    if language is not None:
        (folder / "README.md").write_text(f"---\nlanguage: {json.dumps(language)}\n---\n# A model\n")
    tokenizer().save(str(folder / "tokenizer.json"))
    weights = {prefix + name: tensor for name, tensor in random_weights(kind, seed=seed).items()}
    save_file(weights, folder / "model.safetensors")
    return folder


def write_json(file: Path, held: object) -> None:
    """Write a JSON file."""
    file.write_text(json.dumps(held))
