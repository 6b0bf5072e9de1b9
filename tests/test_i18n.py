"""The interface's language: whose choice counts, what follows it, and what stays English."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs import i18n
from kcs.articles.models import Article
from kcs.database import db
from kcs.people.models import Agent
from kcs.sentences import Sentence, counted, listed
from kcs.words import ARTICLE_IS
from tests.conftest import AppMaker
from tests.factories import make_article, make_ticket
from tests.people.conftest import EMAIL, Site
from workflow.article import ArticleState

# Words depend on no database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SPOKEN = {"es": ("es", "ltr"), "id": ("id", "ltr"), "he": ("he", "rtl"), "en": ("en-GB", "ltr")}


@pytest.fixture
def site(make_app: AppMaker) -> Site:
    return Site(make_app())


def frame(text: str) -> tuple[str, str]:
    """Return language and direction of a page."""
    found = re.search(r'<html lang="([^"]*)" dir="([^"]*)"', text)
    assert found is not None, text[:300]
    return found[1], found[2]


@pytest.mark.parametrize(
    ("own", "browser", "lang"),
    [
        (None, None, "en-GB"),
        (None, "es-MX,es;q=0.9,en;q=0.8", "es"),
        (None, "de,he;q=0.5", "he"),
        (None, "de", "en-GB"),
        ("id", None, "id"),
        ("he", "es", "he"),
        ("en", "es", "en-GB"),
        ("tlh", "es", "es"),
    ],
)
def test_the_own_choice_wins_then_the_browser_then_english(
    site: Site, own: str | None, browser: str | None, lang: str
) -> None:
    site.with_ana(lambda ana: setattr(ana, "language", own))
    headers = {"Accept-Language": browser} if browser else {}
    page = site.signed_in().get("/articles", headers=headers)
    assert frame(page.text)[0] == lang


@pytest.mark.parametrize("language", SPOKEN)
def test_everybody_chooses_language_and_appearance(site: Site, language: str) -> None:
    browser = site.signed_in()
    saved = browser.post("/account", data={"language": language, "theme": "dark"})
    assert saved.status_code == 302
    page = browser.get("/account").text
    assert frame(page) == SPOKEN[language]
    assert 'data-theme="dark"' in page
    assert f'<option value="{language}" selected>{i18n.LANGUAGES[language]}</option>' in page
    assert 'href="/account"' in browser.get("/tickets").text


def test_what_is_not_offered_counts_as_no_choice(site: Site) -> None:
    browser = site.signed_in()
    browser.post("/account", data={"language": "xx", "theme": "pink"})
    ana = site.do(lambda: db.session.execute(select(Agent).where(Agent.email == EMAIL)).scalar_one())
    assert (ana.language, ana.theme) == (None, None)


WORDS = {
    "/tickets": {"es": "Mis tickets abiertos", "id": "Tiket terbuka saya", "he": "הפניות הפתוחות שלי"},
    "/articles": {"es": "Todos menos archivados", "id": "Semua kecuali arsip", "he": "הכול חוץ מארכיון"},
    # What the shipped templates tell authors.
    "/articles/new": {
        "es": "La respuesta, o pasos numerados.",
        "id": "Jawabannya, atau langkah bernomor.",
        "he": "התשובה, או צעדים ממוספרים.",
    },
    "/flags": {"es": "Avisos: para mí", "id": "Tanda: untuk saya", "he": "סימונים: בשבילי"},
    "/reviews": {"es": "Revisiones", "id": "Tinjauan", "he": "סקירות"},
    "/reports/link-rate": {"es": "Tasa de vinculación", "id": "Tingkat penautan", "he": "שיעור הקישור"},
    "/search": {"es": "¿Qué buscas?", "id": "Apa yang Anda cari?", "he": "מה מחפשים?"},
    "/admin/": {"es": "Dominios de conocimiento", "id": "Domain pengetahuan", "he": "תחומי ידע"},
    "/help/": {"es": "¿Cómo podemos ayudarte?", "id": "Ada yang bisa kami bantu?", "he": "איך אפשר לעזור?"},
    "/help/articles/none": {"es": "No encontrado", "id": "Tidak ditemukan", "he": "לא נמצא"},
}


@pytest.mark.parametrize("language", ["es", "id", "he"])
def test_every_page_speaks_every_language(site: Site, language: str) -> None:
    """One process answers in all of them: nothing that one reader was shown is kept for the next."""
    browser = site.signed_in()
    for address in WORDS:
        browser.get(address)
        page = browser.get(address, headers={"Accept-Language": language}).text
        assert frame(page) == SPOKEN[language], address
        assert WORDS[address][language] in page, address
        assert f"words/{language}.js" in page, address


@pytest.mark.parametrize("language", ["es", "id", "he"])
def test_a_ticket_and_an_article_speak_every_language(site: Site, language: str) -> None:
    def make() -> tuple[str, str]:
        ticket = make_ticket()
        article = make_article()
        return f"/tickets/{ticket.connection.name}/{ticket.remote_id}", f"/articles/{article.key}"

    browser = site.signed_in()
    for address in site.do(make):
        page = browser.get(address, headers={"Accept-Language": language})
        assert page.status_code == 200, address
        assert frame(page.text) == SPOKEN[language]


class TestVisitors:
    @pytest.fixture
    def visitor(self, site: Site) -> FlaskClient:
        def publish() -> None:
            article = make_article(ArticleState.PUBLISHED)
            article.locale = "es-MX"

        site.do(publish)
        return site.browser()

    @pytest.mark.parametrize(
        ("browser", "expected"), [(None, "es"), ("de", "es"), ("en", "en-GB"), ("he,es", "he")]
    )
    def test_the_article_s_own_language_stands_in_for_a_browser_that_asks_for_none_of_ours(
        self, site: Site, visitor: FlaskClient, browser: str | None, expected: str
    ) -> None:
        key = site.do(lambda: db.session.execute(select(Article.key)).scalar_one())
        headers = {"Accept-Language": browser} if browser else {}
        page = visitor.get(f"/help/articles/{key}", headers=headers).text
        assert frame(page)[0] == expected
        assert '<article lang="es-MX" dir="auto">' in page


def test_errors_are_said_in_the_reader_s_language_and_to_scripts_in_english(site: Site) -> None:
    spanish = {"Accept-Language": "es"}
    page = site.signed_in().get("/articles/KB-404", headers=spanish)
    assert "No hay ningún artículo KB-404." in page.text
    answer = site.browser().get("/api/v1/articles/KB-404", headers={**site.token(), **spanish})
    assert answer.get_json()["message"] == "There is no article KB-404."


@pytest.mark.parametrize(
    ("said", "spanish"),
    [
        (Sentence("Saved."), "Guardado."),
        (Sentence("Edit %(key)s", key="KB-7"), "Editar KB-7"),
        (
            Sentence("%(key)s is now %(state)s.", key="KB-7", state=ARTICLE_IS["archived"]),
            "KB-7 ahora está archivado.",
        ),
        (counted("%(num)s word", "%(num)s words", 1), "1 palabra"),
        (counted("%(num)s word", "%(num)s words", 3), "3 palabras"),
        (listed("; ", [Sentence("Saved."), "as it is"]), "Guardado.; as it is"),
        ("as it is", "as it is"),
    ],
)
def test_a_sentence_is_said_from_its_parts(app: Flask, said: str, spanish: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "es"}):
        assert i18n.translated(said) == spanish


@pytest.mark.parametrize(
    ("language", "day", "moment", "clock", "number", "share"),
    [
        ("en", "3 Mar 2026", "3 Mar 2026, 22:05 UTC", "4 Mar 2026, 07:05", "12,345", "66.7 %"),
        ("es", "3 mar 2026", "3 mar 2026, 22:05 UTC", "4 mar 2026, 07:05", "12.345", "66,7\xa0%"),
        ("id", "3 Mar 2026", "3 Mar 2026 22:05 UTC", "4 Mar 2026 07:05", "12.345", "66,7%"),
        ("he", "3 במרץ 2026", "3 במרץ 2026, 22:05 UTC", "4 במרץ 2026, 07:05", "12,345", "66.7%"),
    ],
)
def test_dates_and_numbers_are_written_as_the_language_writes_them(
    app: Flask, language: str, day: str, moment: str, clock: str, number: str, share: str
) -> None:
    when = datetime(2026, 3, 3, 22, 5, tzinfo=UTC)
    with app.test_request_context(headers={"Accept-Language": language}):
        assert (i18n.day(when), i18n.moment(when)) == (day, moment)
        assert i18n.clock(when, ZoneInfo("Asia/Tokyo")) == clock
        assert (i18n.number(12345), i18n.percent(0.6667, 1)) == (number, share)
