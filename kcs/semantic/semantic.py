"""Finding by meaning: how near articles are to a text by a sentence-embedding model.

Optional, off by default. Nothing here needs the extra's libraries until a model is set.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from kcs.config import Settings
from kcs.errors import ConfigError
from kcs.language import language_of
from kcs.semantic import building
from kcs.semantic.folder import read_folder
from kcs.semantic.packed import Floats
from kcs.semantic.pieces import INSIDE, PUBLIC
from kcs.semantic.vectors import Vectors

if TYPE_CHECKING:  # its libraries are an extra
    from kcs.semantic.encoder import Encoder

EXTRA = ("tokenizers", "safetensors")
QUERIES_KEPT = 256
CHORE_SECONDS = 10.0
JUDGED_BY = 10
COVERED = 0.8


class Semantic:
    """A model, loaded when first needed, and the articles' vectors by it; safe for many threads."""

    def __init__(self, path: Path, languages: frozenset[str] | None = None) -> None:
        self._path, self._languages = path, languages
        self._loading = threading.Lock()
        self._encoder: Encoder | None = None
        self._vectors: dict[str, Vectors] = {}
        self._encoded = lru_cache(QUERIES_KEPT)(self._encode)

    def cosines(
        self, text: str, language: str, *, public: bool, limit: int, among: Sequence[int] = ()
    ) -> dict[int, float] | None:
        """Return how near the `limit` nearest articles are to `text`, and those of `among`, by article id.

        `among` are the articles that words found, best first. One of them that has no vectors (not encoded
        yet, or in a language the model does not know) is given the median of the others, so that its words
        decide. Nearness is the mean of two cosines: of the nearest piece, and of the middle of all pieces.

        None when the model does not know `language` (empty: guessed from the text), and when most of what
        words found has no vectors: a model must not put what it happens to know before what fits.
        """
        encoder = self.encoder
        if not text.strip() or not encoder.knows(language or language_of(text), text):
            return None
        vectors = self._vectors[PUBLIC if public else INSIDE]
        vectors.refresh()
        if not len(vectors):
            return None
        best = vectors.best(self._encoded(text), limit, among)
        first = [best[article] for article in among[:JUDGED_BY] if article in best]
        if len(first) < COVERED * len(among[:JUDGED_BY]):
            return None
        return {**dict.fromkeys(among, median(first)), **best} if first else best

    def build(
        self, *, seconds: float = CHORE_SECONDS, progress: Callable[[int], None] = lambda _: None
    ) -> int:
        """Encode what is due for at most about `seconds`; return how many articles were looked at."""
        return building.build(self.encoder, seconds=seconds, progress=progress)

    def state(self) -> tuple[int, int]:
        """Return how many articles are encoded and how many are due."""
        return building.state(self.encoder)

    @property
    def encoder(self) -> Encoder:
        """The model. Raises ConfigError when a file of it is unusable."""
        with self._loading:
            if self._encoder is None:
                # Here and not above: without a model set nobody needs the extra.
                from kcs.semantic.encoder import Encoder  # noqa: PLC0415

                self._encoder = Encoder.load(self._path, self._languages)
                self._vectors = {view: Vectors(self._encoder.fingerprint, view) for view in (INSIDE, PUBLIC)}
            return self._encoder

    def _encode(self, text: str) -> Floats:
        vector: Floats = self.encoder.encode([text], query=True)[0]
        return vector


def semantic_of(settings: Settings) -> Semantic | None:
    """Return finding by meaning as the settings want it, None when no model is set.

    Raises ConfigError when the extra is not installed, or the model's folder does not hold what it must.
    """
    if settings.embedding_model is None:
        return None
    if any(importlib.util.find_spec(name) is None for name in EXTRA):
        raise ConfigError(
            "KCS_EMBEDDING_MODEL is set, but what it needs is not installed: "
            'pip install "kcs-engine[semantic]", or unset it.'
        )
    read_folder(settings.embedding_model)
    return Semantic(settings.embedding_model, settings.embedding_languages or None)
