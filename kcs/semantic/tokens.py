"""Texts to token ids, by the model's own tokenizer."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.implementations.bert_wordpiece import BertWordPieceTokenizer

from kcs.errors import ConfigError
from kcs.semantic.folder import ModelFolder, read_json

MOST_TOKENS = 1.5
MOST_UNKNOWN = 0.05


class Tokens:
    """The tokenizer of a model folder; safe for many threads."""

    def __init__(self, folder: ModelFolder) -> None:
        self._tokenizer = _load(folder.path)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(folder.longest)
        self._lower = folder.lower
        self._unknown = read_json(folder.path / "tokenizer_config.json").get("unk_token", "[UNK]")
        known = self._tokenizer.get_vocab_size()
        if known > folder.vocabulary:
            raise ConfigError(
                f"{folder.path}: the tokenizer knows {known} tokens, config.json {folder.vocabulary}. "
                "They belong to different models: copy the model folder again."
            )

    def ids(self, text: str) -> list[int]:
        """Return the token ids of a text, special ones included, cut at the model's longest."""
        # One at a time: a batch would start threads, which a worker that forks must not have.
        ids: list[int] = self._tokenizer.encode(text.lower() if self._lower else text).ids
        return ids

    def carry(self, text: str, *, most: float = MOST_TOKENS) -> bool:
        """Tell whether the vocabulary was made for a language like this text's: most words are in it whole.

        `most` is how many tokens a word may take on average. Measured with all-MiniLM: English takes 1.0 to
        1.3, Spanish 1.7, Indonesian 2.2.
        """
        found = self._tokenizer.encode(text.lower() if self._lower else text, add_special_tokens=False)
        words = set(found.word_ids)
        unknown = found.tokens.count(self._unknown)
        return len(found.ids) <= most * len(words) and unknown <= MOST_UNKNOWN * len(words)


def _load(path: Path) -> Tokenizer:
    whole, words = path / "tokenizer.json", path / "vocab.txt"
    if whole.exists():
        try:
            return Tokenizer.from_file(str(whole))
        except Exception as error:  # the library raises nothing narrower
            raise ConfigError(f"{whole} cannot be read ({error}). Copy the model folder again.") from error
    if not words.exists():
        raise ConfigError(f"{path} holds neither tokenizer.json nor vocab.txt. Copy the model folder again.")
    config = read_json(path / "tokenizer_config.json")
    wordpiece = BertWordPieceTokenizer(
        str(words),
        lowercase=bool(config.get("do_lower_case", True)),
        strip_accents=config.get("strip_accents"),
        handle_chinese_chars=bool(config.get("tokenize_chinese_chars", True)),
    )
    return wordpiece._tokenizer
