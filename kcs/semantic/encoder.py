"""Texts to vectors with a sentence-embedding model from a local folder, in numpy: no PyTorch, no network."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from kcs.language import primary
from kcs.semantic.folder import ModelFolder, read_folder
from kcs.semantic.packed import Floats
from kcs.semantic.tokens import Tokens
from kcs.semantic.transformer import Transformer
from kcs.semantic.weights import read_weights

TOKENS_AT_ONCE = 2048
EVERY_LANGUAGE = "multilingual"
WORDS_THAT_TELL = 8
FOREIGN_TOKENS = 1.7
DESCRIBING = (
    "config.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "tokenizer.json",
    "vocab.txt",
)


class Encoder:
    """A model ready to encode; safe for many threads.

    `fingerprint` names the model by the content of its files. `languages` are those it is used for, None
    where nobody has said.
    """

    def __init__(
        self,
        folder: ModelFolder,
        tokens: Tokens,
        network: Transformer,
        languages: frozenset[str] | None,
    ) -> None:
        self.folder = folder
        self.fingerprint = _fingerprint(folder)
        self.languages = languages
        self._tokens = tokens
        self._network = network

    @classmethod
    def load(cls, path: Path, languages: frozenset[str] | None = None) -> Encoder:
        """Load the model in a folder, for `languages` rather than those the folder names.

        Raises ConfigError naming the file that does not fit, and what to do.
        """
        folder = read_folder(path)
        network = Transformer(
            read_weights(folder),
            heads=folder.heads,
            epsilon=folder.epsilon,
            activation=folder.activation,
            position_offset=folder.family.position_offset,
        )
        return cls(folder, Tokens(folder), network, languages or folder.languages)

    def knows(self, language: str, text: str = "") -> bool:
        """Tell whether the model is of use for a language, given as a primary subtag or a locale.

        Where nobody has said which languages it knows, how whole the words of `text` are in its vocabulary
        decides.
        """
        if self.languages is None:
            return self._tokens.carry(text)
        return EVERY_LANGUAGE in self.languages or primary(language) in {
            primary(each) for each in self.languages
        }

    def fits(self, language: str, text: str) -> bool:
        """Tell whether the model is of use for an article, said to be in `language`, with this text.

        The vocabulary of a model of one language is that language's: a text it must cut to pieces is in
        another, whatever its label says (imported articles are often all labelled alike).
        """
        if not self.knows(language, text):
            return False
        telling = self._of_one_language and len(text.split()) >= WORDS_THAT_TELL
        return not telling or self._tokens.carry(text, most=FOREIGN_TOKENS)

    @property
    def _of_one_language(self) -> bool:
        """Whether the folder, and nobody overruling it, names one language."""
        named = self.folder.languages
        return (
            named is not None and self.languages == named and len(named - {EVERY_LANGUAGE}) == len(named) == 1
        )

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return self.folder.width

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return one vector of length 1 a text, (texts, width); `query` for what is looked for."""
        prefix = self.folder.query_prefix if query else self.folder.text_prefix
        rows = [self._tokens.ids(prefix + text) for text in texts]
        vectors = np.empty((len(rows), self.width), dtype=np.float32)
        for batch in _batches(rows):
            chosen = [rows[number] for number in batch]
            vectors[batch] = self._pooled(self._network.run(chosen), [len(row) for row in chosen])
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Floats = np.divide(vectors, norms, out=vectors, where=norms > 0)
        return unit

    def _pooled(self, found: Floats, lengths: list[int]) -> Floats:
        starts = np.concatenate(([0], np.cumsum(lengths[:-1], dtype=np.int64)))
        pooled: Floats
        if self.folder.pooling == "cls":
            pooled = found[starts]
        elif self.folder.pooling == "max":
            pooled = np.maximum.reduceat(found, starts, axis=0)
        else:
            pooled = np.add.reduceat(found, starts, axis=0)
            pooled /= np.array(lengths, dtype=np.float32)[:, None]
        return pooled


def _batches(rows: list[list[int]]) -> Iterator[list[int]]:
    """Yield the numbers of rows to encode together: of like length, and not too many tokens at once."""
    batch: list[int] = []
    held = 0
    for number in sorted(range(len(rows)), key=lambda number: len(rows[number])):
        if batch and held + len(rows[number]) > TOKENS_AT_ONCE:
            yield batch
            batch, held = [], 0
        batch.append(number)
        held += len(rows[number])
    if batch:
        yield batch


def _fingerprint(folder: ModelFolder) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in (
        "config.json",
        "1_Pooling/config.json",
        "sentence_bert_config.json",
        "tokenizer.json",
        "vocab.txt",
    ):
        file = folder.path / name
        if file.exists():
            digest.update(name.encode() + file.read_bytes())
    digest.update(f"{folder.query_prefix}|{folder.text_prefix}".encode())
    with folder.weights.open("rb") as weights:
        while block := weights.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
