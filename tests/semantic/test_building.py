"""Encoding in the background: what is due is encoded once, what changed again, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask

from kcs.articles import services as articles
from kcs.articles.models import Article
from kcs.chores import run_due
from kcs.database import db, reading
from kcs.people.models import Agent
from kcs.semantic import building
from kcs.semantic.commands import semantic as command
from kcs.semantic.encoder import Encoder
from kcs.semantic.models import EmbeddedArticle, Embedding, EmbeddingRun
from kcs.semantic.packed import Floats
from kcs.semantic.pieces import PASSAGES, TICKETS_PER_ARTICLE, WORDS_PER_PASSAGE, cut
from kcs.semantic.semantic import Semantic
from kcs.solving.services import link_article, unlink
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from tests.semantic.tiny import make_model
from workflow.article import ArticleState, Move
from workflow.permissions import Licence

HOUR = 3600.0
PARTS = {"issue": "The export button is grey", "resolution": "Print the report"}


class CountingEncoder(Encoder):
    """Remembers what it was asked to encode."""

    asked: list[str]

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Encode, and remember."""
        self.asked = [*getattr(self, "asked", []), *texts]
        return super().encode(texts, query=query)

    def taken(self) -> list[str]:
        """Return what was asked since the last time, in order."""
        asked, self.asked = getattr(self, "asked", []), []
        return asked


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that knows English."""
    return make_model(tmp_path_factory.mktemp("models") / "tiny", language="en")


@pytest.fixture
def encoder(app: Flask, folder: Path) -> CountingEncoder:
    """The tiny model."""
    made = CountingEncoder.load(folder)
    assert isinstance(made, CountingEncoder)
    return made


@pytest.fixture
def publisher(app: Flask) -> Agent:
    """Somebody who may do everything with articles."""
    return make_agent(Licence.PUBLISHER)


def article(title: str, state: ArticleState = ArticleState.VALIDATED, locale: str = "en") -> Article:
    """Add an article, and commit it."""
    made = make_article(state, title=title, parts=PARTS)
    made.locale = locale
    db.session.commit()
    return made


def build(encoder: Encoder) -> int:
    """Encode what is due."""
    return building.build(encoder, seconds=HOUR)


def held(view: str = "inside") -> dict[int, int]:
    """Return how many vectors each article has in a view."""
    found: dict[int, int] = {}
    for row in db.session.query(Embedding).filter_by(view=view):
        found[row.article_id] = found.get(row.article_id, 0) + 1
    db.session.rollback()
    return found


def changes() -> dict[int, int]:
    """Return the change of each article."""
    found = {row.article_id: row.change for row in db.session.query(EmbeddedArticle)}
    db.session.rollback()
    return found


@pytest.mark.parametrize(
    ("words", "passages"),
    [(0, 0), (1, 1), (WORDS_PER_PASSAGE, 1), (WORDS_PER_PASSAGE + 1, 2), (99 * WORDS_PER_PASSAGE, PASSAGES)],
)
def test_a_body_is_cut_into_passages_under_the_title(words: int, passages: int) -> None:
    pieces = cut("Grey button", " ".join(["word"] * words))
    assert pieces[0] == "Grey button"
    assert len(pieces) == 1 + passages
    assert all(piece.startswith("Grey button. word") for piece in pieces[1:])


def test_everything_is_encoded_once(encoder: CountingEncoder) -> None:
    made = [article(f"Report {number}").id for number in range(building.BATCH + 1)]
    with reading():
        assert building.state(encoder) == (0, len(made))
    assert build(encoder) == len(made)
    assert held() == dict.fromkeys(made, 2)
    assert len(set(changes().values())) == len(made)
    with reading():
        assert building.state(encoder) == (len(made), 0)
    encoder.taken()
    assert build(encoder) == 0
    assert encoder.taken() == []


def test_a_changed_article_is_encoded_again_and_only_what_is_new_of_it(
    encoder: CountingEncoder, publisher: Agent
) -> None:
    changed, same = article("Grey button"), article("Paper jam")
    build(encoder)
    encoder.taken()
    before = changes()
    parts = {"issue": "The export button is grey", "resolution": "Reset the invoice"}
    articles.save_version(changed, "Grey button", parts, by=publisher, base=1)
    db.session.commit()
    with reading():
        assert building.state(encoder) == (2, 1)
    assert build(encoder) == 1
    assert [text.split(". ")[0] for text in encoder.taken()] == ["Grey button"]
    assert changes()[same.id] == before[same.id]
    assert changes()[changed.id] > max(before.values())


def test_a_touch_that_changes_no_text_writes_no_vector(encoder: CountingEncoder, publisher: Agent) -> None:
    kept = article("Grey button")
    build(encoder)
    before = changes()
    articles.confirm_article(kept, by=publisher)
    db.session.commit()
    build(encoder)
    assert changes() == before


def test_words_of_solved_tickets_are_pieces_for_colleagues_alone(
    encoder: CountingEncoder, publisher: Agent, desk: FakeDesk
) -> None:
    live = article("Grey button", ArticleState.PUBLISHED)
    tickets = [make_ticket(desk, subject=f"Invoice {number}", body="How do I print") for number in range(3)]
    links = [link_article(ticket, live, by=publisher) for ticket in tickets]
    db.session.commit()
    build(encoder)
    assert held() == {live.id: 2 + 3}
    assert held("public") == {live.id: 2}
    encoder.taken()
    unlink(links[0], by=publisher)
    db.session.commit()
    build(encoder)
    assert held() == {live.id: 2 + 2}
    assert encoder.taken() == []
    assert TICKETS_PER_ARTICLE >= 20


def test_what_may_not_be_found_any_more_loses_its_vectors(encoder: CountingEncoder, publisher: Agent) -> None:
    gone, inside = (
        article("Grey button", ArticleState.PUBLISHED),
        article("Paper jam", ArticleState.PUBLISHED),
    )
    build(encoder)
    assert held("public") == {gone.id: 2, inside.id: 2}
    articles.move_article(gone, Move.ARCHIVE, by=make_agent(Licence.PUBLISHER), reason="outdated")
    articles.move_article(inside, Move.WITHDRAW, by=make_agent(Licence.PUBLISHER), reason="wrong")
    db.session.commit()
    build(encoder)
    assert held() == {inside.id: 2}
    assert held("public") == {}


@pytest.mark.parametrize(("languages", "encoded"), [(None, ["en"]), ("es", ["es"]), ("en,es", ["en", "es"])])
def test_only_articles_in_languages_the_model_knows_are_encoded(
    encoder: CountingEncoder, folder: Path, languages: str | None, encoded: list[str]
) -> None:
    ids = {locale: article(f"Report {locale}", locale=locale).id for locale in ("en", "es")}
    chosen = CountingEncoder.load(folder, frozenset(languages.split(",")) if languages else None)
    build(chosen)
    assert sorted(held()) == sorted(ids[locale] for locale in encoded)


def test_another_choice_of_languages_looks_at_every_article_and_encodes_what_is_missing(
    encoder: CountingEncoder, folder: Path
) -> None:
    ids = {locale: article(f"Report {locale}", locale=locale).id for locale in ("en", "es")}
    build(encoder)
    wider = CountingEncoder.load(folder, frozenset({"en", "es"}))
    assert isinstance(wider, CountingEncoder)
    with reading():
        assert building.state(wider) == (0, 2)
    assert build(wider) == 2
    assert held() == dict.fromkeys(ids.values(), 2)
    assert all("es" in text for text in wider.taken())


def test_another_model_replaces_every_vector(encoder: CountingEncoder, tmp_path: Path) -> None:
    made = article("Grey button")
    build(encoder)
    before = {row.number: row.vector for row in db.session.query(Embedding)}
    db.session.rollback()
    other = Encoder.load(make_model(tmp_path / "other", seed=7, language="en"))
    build(other)
    row = db.session.get_one(EmbeddedArticle, made.id)
    assert row.model == other.fingerprint
    after = {row.number: row.vector for row in db.session.query(Embedding)}
    assert after.keys() == before.keys()
    assert all(after[number] != before[number] for number in after)


def test_a_text_read_before_somebody_else_moved_on_is_not_written(
    encoder: CountingEncoder, publisher: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = article("Grey button")
    build(encoder)
    articles.save_version(made, "Paper jam", PARTS, by=publisher, base=1)
    db.session.commit()
    overtaken: list[list[str]] = []

    def overtake(texts: Sequence[str], *, query: bool = False) -> Floats:
        """While the first encodes, a second one does the whole work, and the text changes once more."""
        if not overtaken:
            overtaken.append(list(texts))
            building.build(encoder, seconds=HOUR)
        return Encoder.encode(encoder, texts, query=query)

    monkeypatch.setattr(encoder, "encode", overtake)
    before = changes()
    build(encoder)
    assert overtaken[0][0] == "Paper jam"
    assert changes() == {made.id: before[made.id] + 1}


def test_a_build_that_was_interrupted_goes_on_where_it_stood(encoder: CountingEncoder) -> None:
    made = [article(f"Report {number}").id for number in range(2 * building.BATCH)]
    assert building.build(encoder, seconds=0) == building.BATCH
    late = article("Late").id
    with reading():
        assert building.state(encoder) == (building.BATCH, building.BATCH + 1)
    build(encoder)
    assert sorted(held()) == [*made, late]
    assert db.session.query(EmbeddingRun).count() == 1


def test_the_chore_encodes_and_the_command_says_how_far_it_is(make_app: AppMaker, folder: Path) -> None:
    app = make_app(EMBEDDING_MODEL=str(folder), EMBEDDING_LANGUAGES="en,es")
    runner = app.test_cli_runner()
    with app.app_context():
        article("Grey button")
        assert run_due([chore for chore in app.extensions["kcs.chores"] if chore.name == "semantic"]) == {
            "semantic": 1
        }
        article("Paper jam")
        before = runner.invoke(command, ["status", "--json"], obj=app)
        built = runner.invoke(command, ["build"], obj=app)
        after = runner.invoke(command, ["status"], obj=app)
        model: Semantic = app.extensions["kcs.semantic"]
        with reading():
            assert model.state() == (2, 0)
    assert '"languages": ["en", "es"], "encoded": 1, "due": 1' in before.output
    assert "1 articles encoded." in built.output
    assert "languages: en, es\n2 articles encoded, 0 due." in after.output
