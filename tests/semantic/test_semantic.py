"""Finding by meaning: off unless wanted, silent where the model knows nothing, never of a hidden text."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from flask import Flask

from kcs.database import db, reading
from kcs.errors import ConfigError
from kcs.semantic import semantic
from kcs.semantic.semantic import Semantic, semantic_of
from tests.conftest import settings_for
from tests.factories import make_article
from tests.semantic.tiny import make_model
from workflow.article import ArticleState

PARTS = {"resolution": "Print the report"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that knows English."""
    return make_model(tmp_path_factory.mktemp("models") / "tiny", language="en", seed=2)


def test_without_a_model_there_is_nothing(tmp_path: Path) -> None:
    assert semantic_of(settings_for(tmp_path)) is None


def test_what_does_not_fit_is_said_at_the_start(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="no folder"):
        semantic_of(settings_for(tmp_path, EMBEDDING_MODEL=str(tmp_path / "nowhere")))
    with pytest.raises(ConfigError, match="without KCS_EMBEDDING_MODEL"):
        settings_for(tmp_path, EMBEDDING_LANGUAGES="en")
    monkeypatch.setattr(semantic, "EXTRA", ("a_library_nobody_has",))
    with pytest.raises(ConfigError, match=r'pip install "kcs-engine\[semantic\]"'):
        semantic_of(settings_for(tmp_path, EMBEDDING_MODEL=str(folder)))
    assert importlib.util.find_spec("a_library_nobody_has") is None


def test_the_nearest_articles_come_with_their_cosine(app: Flask, folder: Path) -> None:
    model = Semantic(folder)
    titles = ["Grey button", "Paper jam", "Reset my card pin"]
    ids = [make_article(title=title, parts={"resolution": title}).id for title in titles]
    live = make_article(ArticleState.PUBLISHED, title="Export the invoice", parts=PARTS).id
    db.session.commit()
    with reading():
        assert model.cosines("card pin", "en", public=False, limit=3) is None
    model.build()
    with reading():
        for number, title in enumerate(titles):
            found = model.cosines(title, "en", public=False, limit=2)
            assert found is not None
            assert next(iter(found)) == ids[number]
            assert len(found) == 2
            assert 0.8 < found[ids[number]] <= 1.0001
        asked = model.cosines("Grey button", "en-GB", public=False, limit=1, among=[ids[2]])
        assert asked is not None
        assert set(asked) == {ids[0], ids[2]}
        assert list(model.cosines("Grey button", "en", public=True, limit=9) or {}) == [live]


def test_most_of_what_words_found_must_have_vectors(app: Flask, folder: Path) -> None:
    model = Semantic(folder)
    ids = [make_article(title=f"Report {word}", parts=PARTS).id for word in ("card", "pin", "jam", "paper")]
    db.session.commit()
    model.build()
    with reading():
        found = model.cosines("card", "en", public=False, limit=1, among=[*ids, 777])
        assert found is not None
        assert found[777] == pytest.approx(
            (sorted(found[each] for each in ids)[1] + sorted(found[each] for each in ids)[2]) / 2
        )
        assert model.cosines("card", "en", public=False, limit=9, among=[*ids, 777, 778]) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [("Grey button", "es"), ("como restablezco el pin de mi tarjeta de banco por favor", ""), (" \n", "en")],
)
def test_a_text_the_model_does_not_know_has_no_cosines(
    app: Flask, folder: Path, text: str, language: str
) -> None:
    model = Semantic(folder)
    make_article(title="Grey button", parts=PARTS)
    db.session.commit()
    model.build()
    with reading():
        assert model.cosines("Grey button", "", public=False, limit=3)
        assert model.cosines(text, language, public=False, limit=3) is None
