"""Encoding: right numbers for every family, and a refusal with its reason for a folder that does not fit."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from kcs.errors import ConfigError
from kcs.semantic.encoder import Encoder
from kcs.semantic.transformer import _gelu
from tests.semantic.slow_transformer import token_vectors
from tests.semantic.tiny import (
    CONFIGS,
    POSITIONS,
    VOCABULARY,
    make_model,
    random_weights,
    tokenizer,
    write_json,
)

TEXTS = ["export button grey", "how do i reset my card pin", "paper jam", "print the report", "x"]


def pooled(rows: list[list[float]], pooling: str) -> list[float]:
    """Return one vector of length 1, number by number."""
    if pooling == "cls":
        vector = rows[0]
    else:
        columns = list(zip(*rows, strict=True))
        vector = [max(column) if pooling == "max" else sum(column) / len(rows) for column in columns]
    length = math.sqrt(sum(v * v for v in vector))
    return [v / length for v in vector]


@pytest.mark.parametrize(
    ("kind", "pooling"),
    [
        ("bert", "mean"),
        ("bert", "cls"),
        ("roberta", "max"),
        ("xlm-roberta", "mean"),
        ("mpnet", "mean"),
        ("distilbert", "cls"),
    ],
)
def test_vectors_are_those_of_a_forward_pass_number_by_number(
    tmp_path: Path, kind: str, pooling: str
) -> None:
    encoder = Encoder.load(make_model(tmp_path / "model", kind, pooling=pooling))
    weights = random_weights(kind)
    expected = [pooled(token_vectors(kind, weights, tokenizer().encode(text).ids), pooling) for text in TEXTS]
    assert encoder.encode(TEXTS).dtype == np.float32
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=2e-6)


def test_a_vector_does_not_depend_on_what_is_encoded_beside_it(tmp_path: Path) -> None:
    encoder = Encoder.load(make_model(tmp_path / "model"))
    many = [*TEXTS, *(f"{text} {text}" for text in TEXTS)] * 60  # several batches
    together = encoder.encode(many)
    np.testing.assert_allclose(
        together[: len(TEXTS)], [encoder.encode([text])[0] for text in TEXTS], atol=1e-6
    )
    np.testing.assert_allclose(together[-1], encoder.encode([f"{TEXTS[-1]} {TEXTS[-1]}"])[0], atol=1e-6)
    assert encoder.encode([]).shape == (0, encoder.width)


def test_gelu_is_exact_to_a_millionth() -> None:
    x = np.linspace(-8, 8, 4001, dtype=np.float32)
    expected = [v * 0.5 * (1 + math.erf(v / math.sqrt(2))) for v in x.tolist()]
    _gelu(x)
    np.testing.assert_allclose(x, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "longest", "tokens"),
    [("bert", 6, 6), ("bert", 500, POSITIONS), ("roberta", None, POSITIONS - 2)],
)
def test_a_text_is_cut_where_the_model_ends(
    tmp_path: Path, kind: str, longest: int | None, tokens: int
) -> None:
    encoder = Encoder.load(make_model(tmp_path / "model", kind, longest=longest))
    text = " ".join(["report"] * 40)
    cut = " ".join(["report"] * (tokens - 2))  # two are special
    shorter = " ".join(["report"] * (tokens - 3))
    assert encoder.folder.longest == tokens
    whole, at_end, before = encoder.encode([text, cut, shorter])
    np.testing.assert_allclose(whole, at_end, atol=1e-6)
    assert not np.allclose(whole, before, atol=1e-4)


def test_weights_may_carry_the_name_of_their_network_and_lie_in_half_precision(tmp_path: Path) -> None:
    plain = Encoder.load(make_model(tmp_path / "plain"))
    named = make_model(tmp_path / "named", prefix="bert.")
    np.testing.assert_array_equal(Encoder.load(named).encode(TEXTS), plain.encode(TEXTS))
    half = {name: tensor.astype(np.float16) for name, tensor in random_weights("bert").items()}
    save_file(half, named / "model.safetensors")
    np.testing.assert_allclose(Encoder.load(named).encode(TEXTS), plain.encode(TEXTS), atol=5e-3)


def test_a_vocabulary_without_tokenizer_json_does(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model")
    expected = Encoder.load(folder).encode(TEXTS)
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join([*VOCABULARY, ""]))
    np.testing.assert_array_equal(Encoder.load(folder).encode(TEXTS), expected)


def test_words_before_a_text_are_those_the_folder_asks_for(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model")
    plain = Encoder.load(folder).encode(["how do i print", "the print"])
    write_json(folder / "kcs.json", {"query_prefix": "how do i ", "text_prefix": "the "})
    prefixed = Encoder.load(folder)
    np.testing.assert_array_equal(prefixed.encode(["print"], query=True)[0], plain[0])
    np.testing.assert_array_equal(prefixed.encode(["print"])[0], plain[1])


def test_the_fingerprint_is_of_what_makes_the_vectors(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", language="en")
    before = Encoder.load(folder).fingerprint
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy" / "README.md").unlink()
    assert Encoder.load(tmp_path / "copy").fingerprint == before
    assert Encoder.load(make_model(tmp_path / "other", seed=1)).fingerprint != before
    assert Encoder.load(make_model(tmp_path / "cls", pooling="cls")).fingerprint != before


@pytest.mark.parametrize(
    ("named", "chosen", "knows", "knows_not"),
    [
        ("en", None, ["en", "en-GB", "EN"], ["es", "he"]),
        (["es", "pt-BR"], None, ["es", "pt", "pt-PT"], ["en"]),
        ("multilingual", None, ["en", "he"], []),
        ("en", frozenset({"es"}), ["es-419"], ["en"]),
    ],
)
def test_languages_are_the_folders_or_the_administrators(
    tmp_path: Path,
    named: str | list[str],
    chosen: frozenset[str] | None,
    knows: list[str],
    knows_not: list[str],
) -> None:
    encoder = Encoder.load(make_model(tmp_path / "model", language=named), chosen)
    assert [language for language in (*knows, *knows_not) if encoder.knows(language)] == knows


def test_where_nobody_names_languages_the_vocabulary_tells(tmp_path: Path) -> None:
    encoder = Encoder.load(make_model(tmp_path / "model"))
    assert encoder.languages is None
    assert encoder.knows("en", "how do i reset my card pin")
    assert not encoder.knows("es", "como restablezco el numero de mi tarjeta")
    assert not encoder.knows("he", "איך מאפסים את הקוד")


def test_a_model_of_one_language_is_not_misled_by_a_label(tmp_path: Path) -> None:
    mine, theirs = (
        "how do i reset my card pin the export button is grey",
        "como restablezco el pin de mi tarjeta de banco",
    )
    folder = make_model(tmp_path / "model", language="en")
    assert Encoder.load(folder).fits("en", mine)
    assert not Encoder.load(folder).fits("en", theirs)
    assert not Encoder.load(folder).fits("es", mine)
    assert Encoder.load(folder, frozenset({"en", "es"})).fits("es", theirs)
    assert Encoder.load(folder).fits("en", "como restablezco")


def damage_config(**values: object) -> Callable[[Path], None]:
    """Return what changes values of config.json."""
    return lambda folder: write_json(folder / "config.json", {**CONFIGS["bert"], **values})


def damage_weights(name: str, shape: tuple[int, ...] | None) -> Callable[[Path], None]:
    """Return what takes a tensor away, or gives it another shape."""

    def damage(folder: Path) -> None:
        weights = random_weights("bert")
        del weights[name]
        if shape is not None:
            weights[name] = np.zeros(shape, dtype=np.float32)
        save_file(weights, folder / "model.safetensors")

    return damage


def other_vocabulary(folder: Path) -> None:
    """Put a larger model's vocabulary in."""
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *map(str, range(185))])
    )


def damage_kind(folder: Path) -> None:
    """Store the weights as whole numbers."""
    whole = {name: tensor.astype(np.int32) for name, tensor in random_weights("bert").items()}
    save_file(whole, folder / "model.safetensors")


def only(name: str) -> Callable[[Path], None]:
    """Return what puts another file in the place of the weights."""

    def damage(folder: Path) -> None:
        (folder / "model.safetensors").rename(folder / name)

    return damage


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (shutil.rmtree, "no folder"),
        (lambda folder: (folder / "config.json").unlink(), "config.json is missing"),
        (lambda folder: (folder / "config.json").write_text("{"), "config.json cannot be read"),
        (lambda folder: (folder / "config.json").write_text("[]"), "holds no JSON object"),
        (damage_config(model_type="llama"), "type 'llama'. Supported are: bert, camembert, distilbert"),
        (damage_config(position_embedding_type="relative_key"), "'relative_key' positions"),
        (damage_config(hidden_act="swish"), "activation 'swish'"),
        (damage_config(hidden_size="wide"), "'hidden_size': 'wide'"),
        (other_vocabulary, "the tokenizer knows 190 tokens"),
        (damage_config(num_hidden_layers=3), "holds no 'encoder.layer.2.attention.self.query.weight'"),
        (only("pytorch_model.bin"), r"PyTorch files \(.bin\) alone"),
        (only("model.safetensors.index.json"), "in several files"),
        (only("weights.old"), "model.safetensors is missing"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"x" * 99), "cannot be read"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b""), "cannot be read"),
        (damage_weights("embeddings.LayerNorm.bias", None), "holds no 'embeddings.LayerNorm.bias'"),
        (damage_weights("embeddings.LayerNorm.bias", (3,)), "is 3, config.json says 16"),
        (damage_kind, "is stored as I32"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "neither tokenizer.json nor vocab.txt"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "tokenizer.json cannot be read"),
        (
            lambda folder: write_json(folder / "1_Pooling" / "config.json", {"pooling_mode_lasttoken": True}),
            "pooling by the last token",
        ),
        (
            lambda folder: write_json(
                folder / "modules.json", [{"type": "sentence_transformers.models.Dense"}]
            ),
            "a step 'Dense'",
        ),
        (lambda folder: (folder / "modules.json").write_text("{"), "modules.json cannot be read"),
    ],
)
def test_a_folder_that_does_not_fit_is_refused_with_its_reason(
    tmp_path: Path, damage: Callable[[Path], None], says: str
) -> None:
    folder = make_model(tmp_path / "model")
    damage(folder)
    with pytest.raises(ConfigError, match=says):
        Encoder.load(folder)
