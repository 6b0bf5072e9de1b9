"""Vectors in memory: what is near is what a plain computation says, on both sides of the exact limit."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from flask import Flask

from kcs.articles.models import Article
from kcs.database import db
from kcs.semantic import vectors
from kcs.semantic.models import EmbeddedArticle, Embedding
from kcs.semantic.packed import Floats, inverse_lengths, pack
from kcs.semantic.vectors import ARTICLES_PER_BLOCK, Vectors

WIDTH = 40
MODEL = "a model"


def unit(*shape: int, seed: int = 0) -> Floats:
    """Return random vectors of length 1."""
    drawn = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    made: Floats = drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)
    return made


def bare_article(article_id: int) -> None:
    """Add an article with a number of our own; what it says plays no part here."""
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    db.session.add(Article(id=article_id, key=str(article_id), created_at=moment, changed_at=moment))
    db.session.flush()


def store(article_id: int, pieces: Floats, change: int, *, view: str = "inside", model: str = MODEL) -> None:
    """Put vectors in the place of those an article has."""
    db.session.query(Embedding).filter_by(article_id=article_id).delete()
    db.session.query(EmbeddedArticle).filter_by(article_id=article_id).delete()
    db.session.add(EmbeddedArticle(article_id=article_id, model=model, change=change))
    db.session.flush()
    for number, vector in enumerate(pack(pieces)):
        db.session.add(
            Embedding(article_id=article_id, view=view, number=number, text_hash=b"", vector=vector.tobytes())
        )
    db.session.commit()


def expected(pieces: dict[int, Floats], query: Floats) -> dict[int, float]:
    """Return the nearness of each article, one by one."""
    near = {}
    for article_id, held in pieces.items():
        packed = pack(held)
        rows = packed * inverse_lengths(packed)[:, None]
        middle = rows.mean(axis=0) / np.linalg.norm(rows.mean(axis=0))
        near[article_id] = float((max(rows @ query) + middle @ query) / 2)
    return near


def nearest(near: dict[int, float], count: int) -> dict[int, float]:
    """Return the first of them, nearest first."""
    return dict(sorted(near.items(), key=lambda item: (-item[1], item[0]))[:count])


@pytest.fixture
def held(app: Flask) -> dict[int, Floats]:
    """Articles with one to four pieces, in three blocks."""
    made = {}
    for number in range(12):
        article_id = number * 300 + 1
        bare_article(article_id)
        made[article_id] = unit(number % 4 + 1, WIDTH, seed=number)
        store(article_id, made[article_id], number + 1)
    assert len({article_id // ARTICLES_PER_BLOCK for article_id in made}) > 2
    return made


def test_a_packed_vector_is_the_vector(app: Flask) -> None:
    drawn = unit(50, 384)
    packed = pack(drawn)
    again = packed * inverse_lengths(packed)[:, None]
    assert np.abs((again * drawn).sum(axis=1) - 1).max() < 1e-4
    assert not pack(np.zeros((1, 8), dtype=np.float32)).any()


def test_the_nearest_are_those_a_plain_computation_finds(held: dict[int, Floats]) -> None:
    index, query = Vectors(MODEL, "inside"), unit(WIDTH, seed=99)
    index.refresh()
    assert len(index) == sum(len(pieces) for pieces in held.values())
    found = index.best(query, 5)
    assert list(found) == list(nearest(expected(held, query), 5))
    assert found == pytest.approx(nearest(expected(held, query), 5), abs=1e-5)
    far = sorted(set(held) - set(found))[:2]
    asked = index.best(query, 5, [*far, 777])
    assert asked == pytest.approx({**found, **{each: expected(held, query)[each] for each in far}}, abs=1e-5)


def test_beyond_the_exact_limit_the_signs_find_what_is_near(
    held: dict[int, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = Vectors(MODEL, "inside")
    index.refresh()
    monkeypatch.setattr(vectors, "EXACT_ROWS", 10)
    monkeypatch.setattr(vectors, "NEAR_ROWS", 6)
    for article_id, pieces in held.items():
        query = pieces[0] + 0.05 * unit(WIDTH, seed=article_id)
        query /= np.linalg.norm(query)
        found = index.best(query, 1)
        assert found == pytest.approx(nearest(expected(held, query), 1), abs=1e-5)


def test_equally_near_articles_come_by_their_number(app: Flask) -> None:
    same = unit(1, WIDTH)
    ids = [3, 5, 2000, 2001]
    for article_id in ids:
        bare_article(article_id)
    for change, article_id in enumerate(reversed(ids), start=1):
        store(article_id, same, change)
    index = Vectors(MODEL, "inside")
    index.refresh()
    assert list(index.best(same[0], 3)) == ids[:3]


def test_changes_are_followed_and_only_of_this_model_and_view(held: dict[int, Floats]) -> None:
    query = unit(WIDTH, seed=99)
    index, public = Vectors(MODEL, "inside"), Vectors(MODEL, "public")
    index.refresh()
    changed, gone, outside, other = list(held)[:4]
    held[changed] = unit(6, WIDTH, seed=1234)
    store(changed, held[changed], 20)
    store(gone, np.empty((0, WIDTH), dtype=np.float32), 21)
    store(outside, held[outside], 22, view="public")
    store(other, held[other], 23, model="another model")
    for left in (gone, other):
        del held[left]
    index.refresh()
    public.refresh()
    assert public.best(query, 50) == pytest.approx({outside: expected(held, query)[outside]}, abs=1e-5)
    del held[outside]
    assert index.best(query, 50) == pytest.approx(nearest(expected(held, query), 50), abs=1e-5)


def test_an_earlier_state_of_the_database_is_taken_over(held: dict[int, Floats]) -> None:
    query = unit(WIDTH, seed=99)
    index = Vectors(MODEL, "inside")
    index.refresh()
    kept = dict(list(held.items())[:3])
    for article_id in held.keys() - kept.keys():
        db.session.query(Embedding).filter_by(article_id=article_id).delete()
        db.session.query(EmbeddedArticle).filter_by(article_id=article_id).delete()
    db.session.commit()
    index.refresh()
    assert index.best(query, 50) == pytest.approx(nearest(expected(kept, query), 50), abs=1e-5)
    db.session.query(Embedding).delete()
    db.session.query(EmbeddedArticle).delete()
    db.session.commit()
    index.refresh()
    assert len(index) == 0
    assert index.best(query, 5, [1]) == {}
