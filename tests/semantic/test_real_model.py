"""all-MiniLM-L6-v2 as a whole: its published figures, and what it finds among real texts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from kcs.language import language_of
from kcs.semantic.encoder import Encoder
from kcs.semantic.packed import pack
from kcs.semantic.pieces import cut
from kcs.semantic.vectors import Block

pytestmark = pytest.mark.long

DATA = Path(os.environ.get("KCS_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture(scope="module")
def encoder(minilm: Path) -> Encoder:
    """The model, loaded once."""
    return Encoder.load(minilm)


def lines(name: str) -> list[dict[str, str]]:
    """Read a file of real texts; skips where they are not there."""
    file = DATA / name
    if not file.exists():
        pytest.skip(f"{file} is not there: set KCS_TEST_DATA to a folder with the data sets")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def text_of(row: dict[str, str]) -> str:
    """Return what somebody wrote."""
    return f"{row.get('title', '')} {row.get('body', '')}".strip()


def test_the_example_of_the_model_card_has_its_published_similarities(encoder: Encoder) -> None:
    first, *others = encoder.encode(
        [
            "That is a happy person",
            "That is a happy dog",
            "That is a very happy person",
            "Today is a sunny day",
        ]
    )
    assert np.stack(others) @ first == pytest.approx([0.695, 0.943, 0.257], abs=5e-4)


def test_it_knows_english_alone(encoder: Encoder) -> None:
    assert encoder.languages == frozenset({"en"})
    for name, language in (("xquad_en", "en"), ("xquad_es", "es"), ("facqa_id", "id")):
        texts = [text_of(row) for row in lines(f"{name}/corpus.jsonl")]
        known = sum(encoder.fits(language_of(text, "en"), text) for text in texts) / len(texts)
        assert known > 0.98 if language == "en" else known < 0.02, name


@pytest.mark.parametrize(
    ("name", "tickets", "least"),
    [
        ("stackfaq_articles", "", 0.95),
        ("banking77", "", 0.60),
        ("banking77", "corpus_tickets_10.jsonl", 0.83),
    ],
)
def test_it_finds_what_was_measured_when_it_was_chosen(
    encoder: Encoder, name: str, tickets: str, least: float
) -> None:
    """The share of real questions whose article comes first, by nearness alone."""
    corpus = lines(f"{name}/corpus.jsonl")
    solved = {row["id"]: row["body"].splitlines() for row in lines(f"{name}/{tickets}")} if tickets else {}
    # The beginning of long articles is enough here, and three times as quick.
    pieces = [[*cut(row["title"], row["body"])[:3], *solved.get(row["id"], [])] for row in corpus]
    owners = np.repeat(np.arange(len(corpus)), [len(each) for each in pieces])
    block = Block.of(owners, pack(encoder.encode([text for each in pieces for text in each])))
    right: dict[str, set[str]] = {}
    for line in (DATA / name / "dev" / "qrels.tsv").read_text().splitlines():
        query, article, relevance = line.split("\t")
        right.setdefault(query, set()).update({article} if int(relevance) > 0 else set())
    asked = [row for row in lines(f"{name}/dev/queries.jsonl") if right.get(row["id"])]
    everything = np.arange(len(corpus))
    first = [
        corpus[int(np.argmax(block.nearness(vector, everything)))]["id"]
        for vector in encoder.encode([text_of(row) for row in asked], query=True)
    ]
    hits = sum(found in right[row["id"]] for found, row in zip(first, asked, strict=True))
    assert hits / len(asked) >= least
