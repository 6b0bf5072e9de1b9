"""The pages on which an administrator keeps the search's words."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.database import db
from kcs.search.models import BestBet, Meaning
from tests.factories import make_agent, make_article, sign_in
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

HOME = "/admin/search/"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    admin = make_agent(Licence.PUBLISHER, (Role.ADMIN,), email="ada@example.com")
    make_article(ArticleState.PUBLISHED, key="KB-1", title="Sign in from abroad", author=admin)
    make_article(ArticleState.WIP, key="KB-2", title="Login of test users", author=admin)
    return sign_in(app.test_client(), admin)


def send(client: FlaskClient, path: str, status: int = 303, **form: str) -> str:
    db.session.commit()
    answer = client.post(HOME + path, data=form)
    assert answer.status_code == status, answer.text
    return answer.text


def test_words_are_kept_changed_and_removed(client: FlaskClient) -> None:
    assert "No words yet" in client.get(HOME).text
    send(client, "meanings/new", kind="acronym", terms="SSO\nsingle sign-on\n\n")
    shown = client.get(HOME).text
    assert "SSO ↔ single sign-on" in shown
    assert "Kept: SSO, single sign-on." in shown
    assert "single sign-on</textarea>" in client.get(f"{HOME}meanings/1").text
    send(client, "meanings/1", kind="same", terms="login\nsign in")
    assert "login = sign in" in client.get(HOME).text
    for form, problem in [
        ({"kind": "same", "terms": "login"}, "at least two"),
        ({"kind": "odd", "terms": "a\nb"}, "is no kind of meaning"),
        ({}, "is no kind of meaning"),
    ]:
        assert problem in send(client, "meanings/1", 422, **form)
    send(client, "meanings/1/remove")
    assert db.session.query(Meaning).count() == 0
    assert client.get(f"{HOME}meanings/1").status_code == 404


def test_best_bets_are_kept_changed_and_removed(client: FlaskClient) -> None:
    assert "No best bets yet" in client.get(HOME).text
    assert ">abroad</textarea>" in client.get(f"{HOME}best-bets/new?terms=abroad").text.replace("\n", "")
    send(client, "best-bets/new", terms="abroad", article="KB-1", ends_on="2020-01-31")
    shown = client.get(HOME).text
    assert "until 31 Jan 2020" in shown
    assert "not now" in shown
    assert 'value="2020-01-31"' in client.get(f"{HOME}best-bets/1").text
    send(client, "best-bets/1", terms="abroad\ntravel", article=" KB-2 ")
    assert "abroad, travel" in client.get(HOME).text
    for form, problem in [
        ({"terms": "a", "article": "KB-9"}, "There is no article KB-9"),
        ({"terms": "a", "article": "KB-1", "starts_on": "31.1."}, "is no day"),
    ]:
        assert problem in send(client, "best-bets/1", 422, **form)
    send(client, "best-bets/1/remove")
    assert db.session.query(BestBet).count() == 0


def test_a_search_can_be_tried_as_a_colleague_and_as_a_visitor(client: FlaskClient) -> None:
    send(client, "meanings/new", kind="same", terms="login\nsign in")
    send(client, "best-bets/new", terms="login", article="KB-2")
    tried = client.get(f"{HOME}?q=login+state:odd").text
    assert "There is no state “odd”" in tried
    assert "<dd>sign in</dd>" in tried
    assert tried.index("/articles/KB-2") < tried.index("/articles/KB-1")
    tried = client.get(f"{HOME}?q=login&visitor=1").text
    tried = tried[tried.index('id="tried"') : tried.index('id="meanings"')]
    assert "/articles/KB-1" in tried
    assert "/articles/KB-2" not in tried
    assert "Choose a best bet for it" in client.get(f"{HOME}?q=zebra").text
