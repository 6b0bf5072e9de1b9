"""An article and its translations are one article in a help centre, each under its own language."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kcs.articles.importing import import_article
from kcs.articles.models import Article
from kcs.articles.signals import article_changed
from kcs.database import db
from kcs.errors import RemoteError
from kcs.ports import Document, RemoteArticle
from kcs.publishing.models import Publication, PublicationState, Target
from kcs.publishing.placing import guess
from tests.fakes import FakeHelpCentre
from tests.publishing.conftest import Press
from workflow.article import Audience, Confidence, Move

WORDS = {"es": "Permita las ventanas.", "de": "Erlauben Sie Pop-ups."}


@pytest.fixture
def translations(article: int) -> dict[str, int]:
    """A validated Spanish and a German translation of the article; the target has both languages."""
    made = {}
    for locale, words in WORDS.items():
        translation = import_article(
            f"Exportar {locale}",
            {"issue": "x", "resolution": words},
            confidence=Confidence.VALIDATED,
            audience=Audience.INTERNAL,
        )
        translation.locale, translation.translation_of_id = locale, article
        made[locale] = translation.id
    target = db.session.execute(select(Target)).scalar_one()
    target.locales = {"es": "es", "de": "de"}
    db.session.commit()
    return made


def shown(help_centre: FakeHelpCentre) -> dict[str, str]:
    """Return what readers see in each language, by the article's id and locale."""
    return {
        f"{remote_id}/{locale}": text.html
        for (remote_id, locale), text in help_centre.texts.items()
        if not text.draft and remote_id in help_centre.articles
    }


def standing() -> dict[str, PublicationState]:
    db.session.expire_all()
    return {each.locale: each.state for each in db.session.execute(select(Publication)).scalars()}


def publish_all(press: Press, article: int, translations: dict[str, int]) -> None:
    for each in (article, *translations.values()):
        press.publish(each)
    press.work()


def test_every_language_is_a_text_of_one_article(
    press: Press, article: int, translations: dict[str, int], help_centre: FakeHelpCentre
) -> None:
    publish_all(press, article, translations)
    assert {
        key: WORDS.get(key[2:], "Allow pop-ups.") in html for key, html in shown(help_centre).items()
    } == {
        "1/en-us": True,
        "1/es": True,
        "1/de": True,
    }
    assert [document.marker for document in help_centre.articles.values()] == [f"kcs-{article}"]
    assert help_centre.calls.count("create_draft") == 1
    writes = [call for call in help_centre.calls if call in ("create_draft", "publish")]
    assert writes == ["create_draft", "publish", "publish", "publish"]
    assert set(standing().values()) == {PublicationState.LIVE}


def test_the_source_is_created_first_and_goes_live_last(
    press: Press, article: int, translations: dict[str, int], help_centre: FakeHelpCentre
) -> None:
    written: list[tuple[str, str]] = []
    create, publish = help_centre.create_draft, help_centre.publish

    def noted_create(document: Document) -> RemoteArticle:
        written.append(("create", document.locale))
        return create(document)

    def noted_publish(remote_id: str, document: Document) -> RemoteArticle:
        written.append(("publish", document.locale))
        return publish(remote_id, document)

    help_centre.create_draft, help_centre.publish = noted_create, noted_publish  # type: ignore[method-assign]
    publish_all(press, article, translations)
    assert written == [("create", "en-us"), ("publish", "es"), ("publish", "de"), ("publish", "en-us")]


def test_a_translation_published_later_joins_the_article(
    press: Press, article: int, translations: dict[str, int], help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    press.work()
    press.publish(translations["es"])
    press.work()
    assert set(shown(help_centre)) == {"1/en-us", "1/es"}


def test_withdrawing_one_language_leaves_the_others(
    press: Press, article: int, translations: dict[str, int], help_centre: FakeHelpCentre
) -> None:
    publish_all(press, article, translations)
    press.move(translations["es"], Move.WITHDRAW)
    press.work()
    assert set(shown(help_centre)) == {"1/en-us", "1/de"}
    assert standing() == {
        "en-us": PublicationState.LIVE,
        "es": PublicationState.WITHDRAWN,
        "de": PublicationState.LIVE,
    }


@pytest.mark.parametrize("move", [Move.WITHDRAW, Move.ARCHIVE])
@pytest.mark.parametrize("archives", [True, False])
def test_translations_stay_when_the_source_leaves(
    press: Press,
    article: int,
    translations: dict[str, int],
    help_centre: FakeHelpCentre,
    move: Move,
    archives: bool,
) -> None:
    db.session.execute(select(Target)).scalar_one().archives = archives
    publish_all(press, article, translations)
    press.move(article, move)
    press.work()
    assert set(shown(help_centre)) == {"1/es", "1/de"}
    press.edit(translations["es"], "Permita todo.")
    press.publish(translations["es"])
    press.work()
    assert "Permita todo." in shown(help_centre)["1/es"]


@pytest.mark.parametrize("archives", [True, False])
def test_an_article_archived_in_every_language_is_withdrawn_or_archived_as_the_target_says(
    press: Press, article: int, translations: dict[str, int], help_centre: FakeHelpCentre, archives: bool
) -> None:
    db.session.execute(select(Target)).scalar_one().archives = archives
    publish_all(press, article, translations)
    for each in (article, *translations.values()):
        press.move(each, Move.ARCHIVE)
    press.work()
    assert shown(help_centre) == {}
    assert help_centre.archived == ({"1"} if archives else set())
    assert set(standing().values()) == {PublicationState.WITHDRAWN}


def test_an_article_archived_there_before_is_no_error(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    db.session.execute(select(Target)).scalar_one().archives = True
    press.publish(article)
    press.work()
    help_centre.archive("1")
    press.move(article, Move.ARCHIVE)
    press.work()
    assert standing() == {"en-us": PublicationState.WITHDRAWN}


def test_a_translation_alone_may_be_outside(
    press: Press, translations: dict[str, int], help_centre: FakeHelpCentre
) -> None:
    press.publish(translations["es"])
    press.work()
    assert set(shown(help_centre)) == {"1/es"}


def test_an_article_that_becomes_a_translation_moves_into_the_other(
    press: Press, article: int, translations: dict[str, int], help_centre: FakeHelpCentre
) -> None:
    translation = db.session.get_one(Article, translations["es"])
    translation.translation_of_id = None
    db.session.commit()
    press.publish(article)
    press.publish(translations["es"])
    press.work()
    assert set(shown(help_centre)) == {"1/en-us", "2/es"}
    joined = db.session.get_one(Article, translations["es"])
    joined.translation_of_id = article
    article_changed.send(joined)
    db.session.commit()
    press.work()
    assert set(shown(help_centre)) == {"1/en-us", "1/es"}


def test_a_language_the_help_centre_does_not_have_is_said(
    press: Press, article: int, translations: dict[str, int], help_centre: FakeHelpCentre
) -> None:
    db.session.execute(select(Target)).scalar_one().locales = {"de": "de"}
    publish_all(press, article, translations)
    assert set(shown(help_centre)) == {"1/en-us", "1/de"}
    query = select(Publication).where(Publication.article_id == translations["es"])
    refused = db.session.execute(query).scalar_one()
    assert (refused.state, "no language" in refused.problem) == (PublicationState.FAILED, True)


def test_one_language_that_fails_holds_up_no_other(
    press: Press, article: int, translations: dict[str, int], help_centre: FakeHelpCentre
) -> None:
    publish = help_centre.publish

    def refusing(remote_id: str, document: Document) -> RemoteArticle:
        if document.locale == "es":
            raise RemoteError("Spanish is switched off", permanent=True)
        return publish(remote_id, document)

    help_centre.publish = refusing  # type: ignore[method-assign]
    publish_all(press, article, translations)
    assert standing() == {
        "en-us": PublicationState.LIVE,
        "es": PublicationState.FAILED,
        "de": PublicationState.LIVE,
    }


def test_a_text_somebody_wrote_there_in_our_language_is_not_written_over(
    press: Press, article: int, translations: dict[str, int], help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    press.work()
    help_centre.put("1", "es", "Exportar", "<p>Escrito por otros.</p>")
    press.publish(translations["es"])
    press.work()
    assert "otros" in help_centre.texts["1", "es"].html
    assert standing()["es"] is PublicationState.DRIFTED


@pytest.mark.parametrize(
    ("locale", "offered", "expected"),
    [
        ("en", ["de", "en-us", "en-gb"], "en-us"),
        ("en_GB", ["en-us", "en-gb"], "en-gb"),
        ("pt", ["pt-br"], "pt-br"),
        ("fr", ["en-us"], None),
        ("en", [], None),
    ],
)
def test_a_language_is_guessed_from_those_offered(
    locale: str, offered: list[str], expected: str | None
) -> None:
    assert guess(locale, offered) == expected
