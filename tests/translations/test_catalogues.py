"""The catalogues hold every word for people, translated, and what is compiled is what is written."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from kcs.translations import catalogues
from kcs.translations.catalogues import LANGUAGES

AGAIN = "run `make translations`, translate what it names, and run it again (docs/translating.md)"


@pytest.fixture(scope="module")
def messages() -> Catalog:
    return catalogues.extract()


def test_words_are_found_wherever_people_meet_them(messages: Catalog) -> None:
    ids = {message.id for message in messages}
    for said in (
        "Skip to content",  # a template
        "There is no article %(key)s.",  # an error of a service
        "Every field needs a label.",  # a sentence of a service
        "Say why: a reason is needed.",  # a refusal of the workflow
        "This list",  # a script
        ("%(num)s open flag", "%(num)s open flags"),  # a plural
    ):
        assert said in ids, said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str, messages: Catalog) -> None:
    assert list(catalogues.faults(language, messages)) == [], AGAIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    assert catalogues.mo_file(language).read_bytes() == catalogues.compiled(language), AGAIN
    assert catalogues.script_file(language).read_text("utf-8") == catalogues.script_words(language), AGAIN


@pytest.mark.parametrize(
    ("translation", "fault"),
    [
        ("", "not translated"),
        ("Editar", "other placeholders"),
        ("Editar %(name)s", "other placeholders"),
        ('Editar "%(key)s"', "a straight quote"),
    ],
)
def test_a_wrong_translation_is_named(translation: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    english, spanish = Catalog(locale="en"), Catalog(locale="es")
    english.add("Edit %(key)s")
    spanish.add("Edit %(key)s", translation)
    monkeypatch.setattr(catalogues, "read", lambda _language: spanish)
    found = list(catalogues.faults("es", english))
    assert len(found) == 1
    assert fault in found[0]


def test_right_to_left_values_keep_their_own_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    hebrew = Catalog(locale="he", charset="utf-8")
    hebrew.add("Edit %(key)s", "לערוך את %(key)s")
    monkeypatch.setattr(catalogues, "read", lambda _language: hebrew)
    assert "לערוך את \u2068%(key)s\u2069".encode() in catalogues.compiled("he")
