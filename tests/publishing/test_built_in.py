"""The built-in help centre: what anybody may read, cacheable, without a cookie."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from kcs.articles.models import Article
from kcs.database import db
from tests.factories import make_article
from tests.publishing.conftest import Press
from workflow.article import ArticleState, Audience, Move

HIDDEN = [state for state in ArticleState if state not in ("published", "deleted")]
WORD = "zyzzyva"


def article_with_word(state: ArticleState, word: str = WORD) -> Article:
    parts = {"issue": f"The {word} fails", "resolution": f"Restart the {word}."}
    article = make_article(state, title=f"How to mend a {word}", parts=parts)
    db.session.commit()
    return article


def pages(article: Article, word: str = WORD) -> list[str]:
    return ["/help/", f"/help/articles/{article.key}", f"/help/?q={word}"]


def test_a_published_article_is_listed_shown_and_found(client: FlaskClient) -> None:
    article = article_with_word(ArticleState.PUBLISHED)
    db.session.remove()
    for page in pages(article):
        answer = client.get(page)
        assert answer.status_code == 200
        assert f"How to mend a {WORD}" in answer.text


@pytest.mark.parametrize("state", HIDDEN)
def test_what_is_not_published_is_neither_listed_nor_shown_nor_found(
    client: FlaskClient, state: ArticleState
) -> None:
    article = article_with_word(state)
    db.session.remove()
    listed, shown, found = (client.get(page) for page in pages(article))
    assert (listed.status_code, shown.status_code, found.status_code) == (200, 404, 200)
    assert f"mend a {WORD}" not in listed.text + shown.text + found.text


@pytest.mark.parametrize("audience", [Audience.PARTNER, Audience.CUSTOMER])
def test_what_is_for_partners_or_customers_is_not_for_visitors(
    client: FlaskClient, press: Press, audience: Audience
) -> None:
    article = article_with_word(ArticleState.VALIDATED)
    press.publish(article.id, audience)
    db.session.remove()
    assert client.get(f"/help/articles/{article.key}").status_code == 404
    assert f"mend a {WORD}" not in client.get(f"/help/?q={WORD}").text


def test_readers_see_and_find_the_live_text_alone(client: FlaskClient, press: Press) -> None:
    article = article_with_word(ArticleState.VALIDATED)
    press.publish(article.id)
    press.edit(article.id, "Replace the quixotry.")
    db.session.remove()
    shown = client.get(f"/help/articles/{article.key}").text
    assert f"Restart the {WORD}." in shown
    assert "quixotry" not in shown
    assert f"mend a {WORD}" not in client.get("/help/?q=quixotry").text


def test_a_withdrawn_article_is_gone_for_readers_at_once(client: FlaskClient, press: Press) -> None:
    article = article_with_word(ArticleState.VALIDATED)
    press.publish(article.id)
    db.session.remove()
    assert client.get(f"/help/articles/{article.key}").status_code == 200
    press.move(article.id, Move.WITHDRAW)
    db.session.remove()
    assert client.get(f"/help/articles/{article.key}").status_code == 404
    assert f"mend a {WORD}" not in client.get(f"/help/?q={WORD}").text


def test_public_pages_keep_no_session(client: FlaskClient) -> None:
    """What tells visits apart names nobody, and is left out for who does not want to be followed."""
    article = article_with_word(ArticleState.PUBLISHED)
    db.session.remove()
    for page in pages(article):
        assert "kcs=" not in client.get(page).headers.get("Set-Cookie", "")
        assert "Set-Cookie" not in client.get(page, headers={"DNT": "1"}).headers


@pytest.mark.parametrize(
    "q", ["%00", "'\"<script>", "(" * 500, "%ff", "AND OR NOT *", "a" * 5000, "%F0%9F%92%A5"]
)
def test_no_search_breaks_the_help_centre(client: FlaskClient, q: str) -> None:
    assert client.get(f"/help/?q={q}").status_code in (200, 400)


@pytest.mark.parametrize("key", ["KB-9999", "%00", "..%2f", "a" * 3000])
def test_an_article_that_is_not_there_is_a_404(client: FlaskClient, key: str) -> None:
    assert client.get(f"/help/articles/{key}").status_code in (400, 404)
