"""Translations: one source, one text for each language, begun on a page or over the API."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.articles.models import Article
from kcs.articles.services import create_article, move_article
from kcs.articles.translations import group_of, living_group
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from tests.factories import make_agent, make_article, sign_in, token_for
from workflow.article import ArticleState, Move
from workflow.permissions import Licence


@pytest.fixture
def ana(app: Flask) -> Agent:
    """Somebody who writes and publishes."""
    return make_agent(Licence.PUBLISHER, email="ana@example.com")


@pytest.fixture
def source(ana: Agent) -> Article:
    """An article in English."""
    return make_article(ArticleState.VALIDATED, key="KB-1", author=ana)


def translate(source: Article, locale: str, by: Agent) -> Article:
    """Begin a translation."""
    return create_article("Botón", {"resolution": "Permita."}, by=by, locale=locale, translation_of=source)


def test_a_translation_of_a_translation_belongs_to_the_same_source(source: Article, ana: Agent) -> None:
    spanish = translate(source, "es", ana)
    german = translate(spanish, "de", ana)
    assert [spanish.translation_of, german.translation_of] == [source, source]
    assert group_of(source) == [source, spanish, german]
    assert [each.locale for each in living_group(german)] == ["en", "es", "de"]


@pytest.mark.parametrize("locale", ["en", "EN", "es", "es ", "", " "])
def test_each_language_has_one_text(source: Article, ana: Agent, locale: str) -> None:
    translate(source, "es", ana)
    with pytest.raises(InvalidInput) as refused:
        translate(source, locale, ana)
    assert "locale" in refused.value.errors


def test_an_archived_translation_makes_room(source: Article, ana: Agent) -> None:
    spanish = translate(source, "es", ana)
    move_article(spanish, Move.DELETE, by=ana)
    assert translate(source, "es", ana) in living_group(source)
    assert spanish not in living_group(source)


def test_the_api_begins_one_and_says_of_what_it_is_a_translation(
    client: FlaskClient, source: Article, ana: Agent
) -> None:
    given = {"title": "Botón", "parts": {"resolution": "Permita."}, "locale": "es", "translation_of": "KB-1"}
    made = client.post("/api/v1/articles", json=given, headers=token_for(ana))
    assert (made.status_code, made.get_json()["translation_of"]) == (201, "KB-1")
    again = client.post("/api/v1/articles", json=given, headers=token_for(ana))
    assert again.status_code == 422
    assert client.get("/api/v1/articles/KB-1", headers=token_for(ana)).get_json()["translation_of"] is None


def test_the_page_opens_the_text_to_write_over_and_asks_for_the_language(
    client: FlaskClient, source: Article, ana: Agent
) -> None:
    sign_in(client, ana)
    assert "/articles/new?translation_of=KB-1" in client.get("/articles/KB-1").text
    form = client.get("/articles/new?translation_of=KB-1").text
    assert source.title in form
    fields = {"title": "Botón", "part-resolution": "Permita.", "translation_of": "KB-1"}
    refused = client.post("/articles/new", data=fields)
    assert (refused.status_code, "Say in which language" in refused.text or "is needed" in refused.text) == (
        422,
        True,
    )
    assert client.post("/articles/new", data={**fields, "locale": "es"}).status_code == 303
    db.session.expire_all()
    assert [each.locale for each in group_of(source)] == ["en", "es"]
    assert 'hreflang="es"' in client.get("/articles/KB-1").text
