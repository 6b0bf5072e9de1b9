"""The families of networks the encoder can run: how their files name things, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass, field

# Names in the weights of one layer: our part -> the file's name. Each has a weight and a bias.
_BERT_LAYER = {
    "query": "encoder.layer.{}.attention.self.query",
    "key": "encoder.layer.{}.attention.self.key",
    "value": "encoder.layer.{}.attention.self.value",
    "joined": "encoder.layer.{}.attention.output.dense",
    "attention_norm": "encoder.layer.{}.attention.output.LayerNorm",
    "wide": "encoder.layer.{}.intermediate.dense",
    "narrow": "encoder.layer.{}.output.dense",
    "output_norm": "encoder.layer.{}.output.LayerNorm",
}
_MPNET_LAYER = {
    **_BERT_LAYER,
    "query": "encoder.layer.{}.attention.attn.q",
    "key": "encoder.layer.{}.attention.attn.k",
    "value": "encoder.layer.{}.attention.attn.v",
    "joined": "encoder.layer.{}.attention.attn.o",
    "attention_norm": "encoder.layer.{}.attention.LayerNorm",
}
_DISTILBERT_LAYER = {
    "query": "transformer.layer.{}.attention.q_lin",
    "key": "transformer.layer.{}.attention.k_lin",
    "value": "transformer.layer.{}.attention.v_lin",
    "joined": "transformer.layer.{}.attention.out_lin",
    "attention_norm": "transformer.layer.{}.sa_layer_norm",
    "wide": "transformer.layer.{}.ffn.lin1",
    "narrow": "transformer.layer.{}.ffn.lin2",
    "output_norm": "transformer.layer.{}.output_layer_norm",
}
_CONFIG = {
    "width": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "inner": "intermediate_size",
    "vocabulary": "vocab_size",
    "positions": "max_position_embeddings",
    "activation": "hidden_act",
}
_DISTILBERT_CONFIG = {
    **_CONFIG,
    "width": "dim",
    "layers": "n_layers",
    "heads": "n_heads",
    "inner": "hidden_dim",
    "activation": "activation",
}

ACTIVATIONS = frozenset({"gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "relu"})


@dataclass(frozen=True)
class Family:
    """Networks that compute alike.

    `position_offset` is the number of the first token's position: RoBERTa and its kin count on from their
    padding. `relative_bias` names the table of biases by distance that MPNet adds to attention.
    """

    prefix: str
    position_offset: int = 0
    token_types: bool = False
    relative_bias: str | None = None
    layer: dict[str, str] = field(default_factory=lambda: _BERT_LAYER)
    config: dict[str, str] = field(default_factory=lambda: _CONFIG)


_ROBERTA = Family("roberta.", position_offset=2, token_types=True)
FAMILIES = {
    "bert": Family("bert.", token_types=True),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "distilbert": Family("distilbert.", layer=_DISTILBERT_LAYER, config=_DISTILBERT_CONFIG),
    "mpnet": Family(
        "mpnet.",
        position_offset=2,
        relative_bias="encoder.relative_attention_bias.weight",
        layer=_MPNET_LAYER,
    ),
}
