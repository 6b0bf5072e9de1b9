"""Editing over the API and on the page: nobody is overwritten, and nothing typed is lost."""

from __future__ import annotations

import html

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.articles import services
from kcs.articles.models import Article
from kcs.database import db
from kcs.people.models import Agent
from tests.factories import make_agent, make_article, sign_in, token_for
from workflow.article import ArticleState
from workflow.permissions import Licence

THEIRS = {"issue": "Their issue", "resolution": "Their resolution"}


@pytest.fixture
def ann(app: Flask) -> Agent:
    return make_agent(Licence.CONTRIBUTOR)


@pytest.fixture
def article(ann: Agent) -> Article:
    found = make_article(parts={"issue": "First issue", "resolution": "First resolution"})
    db.session.commit()
    return found


def save_theirs(article: Article) -> None:
    services.save_version(article, "Their title", THEIRS, by=make_agent(), base=1)
    db.session.commit()


def test_over_the_api_the_etag_read_is_the_if_match_written(
    client: FlaskClient, article: Article, ann: Agent
) -> None:
    auth, url = token_for(ann), f"/api/v1/articles/{article.key}"
    read = client.get(url, headers=auth)
    assert read.headers["ETag"] == '"1"'
    etag = {"If-Match": read.headers["ETag"]}
    patch = {"parts": {"resolution": "Anew"}, "note": "clearer"}
    written = client.patch(url, json=patch, headers={**auth, **etag})
    assert (written.status_code, written.headers["ETag"]) == (200, '"2"')
    assert written.json is not None
    assert written.json["parts"] == {"issue": "First issue", "resolution": "Anew"}
    again = client.patch(url, json=patch, headers={**auth, **etag})
    assert (again.status_code, again.headers["ETag"]) == (200, '"2"')


def test_over_the_api_an_older_text_is_409_with_the_present_one(
    client: FlaskClient, article: Article, ann: Agent
) -> None:
    auth = token_for(ann)
    save_theirs(article)
    answer = client.patch(
        f"/api/v1/articles/{article.key}", json={"title": "Mine"}, headers={**auth, "If-Match": '"1"'}
    )
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "stale_version"
    assert answer.json["errors"]["present"] == {"number": 2, "title": "Their title", **THEIRS}
    assert article.title == "Their title"


NO_ETAGS = [None, "", "1", '"x"', "*", '"1", "2"', '"99999999999999999999"', "\xb2"]


def test_over_the_api_an_edit_names_what_it_began_from(
    client: FlaskClient, article: Article, ann: Agent
) -> None:
    auth = token_for(ann)
    for if_match in NO_ETAGS:
        headers = auth | ({} if if_match is None else {"If-Match": if_match})
        answer = client.patch(f"/api/v1/articles/{article.key}", json={"title": "Mine"}, headers=headers)
        assert answer.status_code == 422, if_match
        assert answer.json is not None
        assert answer.json["errors"] == {"If-Match": ["needed"]}
    assert article.current_version.number == 1


NO_PATCHES: list[dict[str, object]] = [
    {"title": ""},
    {"title": "x" * 251},
    {"parts": {"unheard_of": "x"}},
    {"confidence": "validated"},
    {"author": "me"},
    {"parts": "x"},
]


def test_over_the_api_what_cannot_be_edited_is_refused(
    client: FlaskClient, article: Article, ann: Agent
) -> None:
    headers = token_for(ann) | {"If-Match": '"1"'}
    for body in NO_PATCHES:
        answer = client.patch(f"/api/v1/articles/{article.key}", json=body, headers=headers)
        assert answer.status_code == 422, body
        assert answer.json is not None
        assert answer.json["code"] == "invalid_input"
    assert article.current_version.number == 1


def test_over_the_api_a_move_says_whether_right_state_or_reason_is_missing(
    client: FlaskClient, article: Article, ann: Agent
) -> None:
    auth, url = token_for(ann), f"/api/v1/articles/{article.key}/transitions"

    def move(**named: str) -> tuple[int, str]:
        answer = client.post(url, json=named, headers=auth)
        return answer.status_code, (answer.json or {}).get("code", "")

    assert move(name="publish", audience="public") == (403, "not_allowed")
    assert move(name="restore") == (409, "wrong_state")
    assert move(name="doubt") == move(name="doubt", reason=" ") == (422, "invalid_input")
    assert move(name="explode") == (422, "invalid_input")
    assert move(name="doubt", reason="It failed twice") == (200, "")
    assert article.state is ArticleState.NOT_VALIDATED


def test_on_the_page_an_older_text_is_409_with_both_texts(
    client: FlaskClient, article: Article, ann: Agent
) -> None:
    sign_in(client, ann)
    save_theirs(article)
    mine = {
        "title": "My title",
        "part-issue": "My issue",
        "part-resolution": "My <resolution>",
        "part-cause": "",
        "note": "Mine",
    }
    answer = client.post(f"/articles/{article.key}/edit", data={**mine, "base": "1"})
    shown = html.unescape(answer.text)
    assert answer.status_code == 409
    for words in ("My title", "My issue", "My <resolution>", "Mine", "Their title", *THEIRS.values()):
        assert words in shown, words
    assert 'name="base" value="2"' in shown
    saved = client.post(f"/articles/{article.key}/edit", data={**mine, "base": "2"})
    assert (saved.status_code, article.title, article.current_version.number) == (303, "My title", 3)


def test_on_the_page_a_missing_title_keeps_what_was_typed(
    client: FlaskClient, article: Article, ann: Agent
) -> None:
    sign_in(client, ann)
    for url in (f"/articles/{article.key}/edit", "/articles/new"):
        typed = {"title": " ", "part-issue": "Typed with care", "base": "1"}
        answer = client.post(url, data=typed)
        assert answer.status_code == 422
        assert "Typed with care" in answer.text
        assert "write a title" in answer.text
    assert db.session.query(Article).count() == 1


def test_on_the_page_parts_the_form_does_not_show_stay(client: FlaskClient, ann: Agent) -> None:
    article = make_article(parts={"environment": "Reports 4.2", "resolution": "All of it"})
    sign_in(client, ann)
    client.post(f"/articles/{article.key}/edit", data={"title": "T", "part-resolution": "Anew", "base": "1"})
    assert article.current_version.parts == {"environment": "Reports 4.2", "resolution": "Anew"}


def test_on_the_page_a_form_without_its_beginning_overwrites_nobody(
    client: FlaskClient, article: Article, ann: Agent
) -> None:
    sign_in(client, ann)
    for base in ("", "0", "x", "-1", "9" * 30):
        answer = client.post(f"/articles/{article.key}/edit", data={"title": "Mine", "base": base})
        assert (answer.status_code, article.current_version.number) == (409, 1), base


def test_a_title_is_text_wherever_it_is_shown(client: FlaskClient) -> None:
    title = "<script>alert(1)</script>{{ 7*7 }}"
    article = make_article(ArticleState.PUBLISHED, title=title, parts={"body": f"<b>{title}</b>"})
    sign_in(client, make_agent(Licence.PUBLISHER))
    places = [f"/articles/{article.key}", f"/articles/{article.key}/edit", "/articles", "/search?q=alert"]
    places += ["/help/", f"/help/articles/{article.key}"]
    for place in places:
        answer = client.get(place)
        assert answer.status_code == 200, place
        assert "<script>alert" not in answer.text, place
        assert "&lt;script&gt;" in answer.text, place
        assert "{{ 7*7 }}" in answer.text, place
