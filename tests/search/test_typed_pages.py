"""The search page, the API and the help centre, as somebody who types gets them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.articles.models import Article
from kcs.database import db
from kcs.people.models import Agent
from kcs.search.models import MeaningKind
from kcs.search.vocabulary_acts import save_bet, save_meaning
from tests.factories import make_agent, make_article, sign_in, token_for
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

SECRET = "Zephyr"


def article(key: str, title: str, state: ArticleState, *tags: str, issue: str = "Paper") -> Article:
    made = make_article(state, key=key, title=title, parts={"issue": issue, "resolution": "Open tray 2."})
    made.tags = list(tags)
    return made


@pytest.fixture
def admin(app: Flask) -> Agent:
    return make_agent(Licence.PUBLISHER, (Role.ADMIN,), email="ada@example.com")


@pytest.fixture
def client(app: Flask, admin: Agent) -> FlaskClient:
    article("KB-1", "Printer jams", ArticleState.PUBLISHED, "hardware", issue="The printer has a paper jam")
    article("KB-2", "Printer offline", ArticleState.WIP, "network", "product:LaserJet")
    article("KB-3", "Invoice <b>missing</b>", ArticleState.VALIDATED, "past due")
    return sign_in(app.test_client(), admin)


def page(client: FlaskClient, path: str, **query: str) -> str:
    db.session.commit()
    answer = client.get(path, query_string=query, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_page_finds_marks_and_narrows(client: FlaskClient) -> None:
    for typed, finds in [
        ("printer", {"KB-1", "KB-2"}),
        ('"paper jam" printer', {"KB-1"}),
        ("printer -offline", {"KB-1"}),
        ("tag:hardware", {"KB-1"}),
        ('tag:"Past  Due"', {"KB-3"}),
        ("printer state:wip", {"KB-2"}),
        ('printer state:"Work in progress"', {"KB-2"}),
        ("printer product:laserjet", {"KB-2"}),
        ("printer language:en-GB language:en", {"KB-1", "KB-2"}),
        ("printer state:publshed", {"KB-1", "KB-2"}),
    ]:
        shown = page(client, "/search", q=typed)
        assert {key for key in ("KB-1", "KB-2", "KB-3") if f"/articles/{key}?" in shown} == finds, typed
    shown = page(client, "/search", q="printer jams")
    assert "<mark>Printer</mark> <mark>jams</mark>" in shown
    assert "The <mark>printer</mark> has a paper <mark>jam</mark>" in shown
    assert 'href="/search?q=printer+jams+product:LaserJet"' in shown
    assert "Invoice &lt;b&gt;<mark>missing</mark>&lt;/b&gt;" in page(client, "/search", q="missing")


def test_what_was_not_understood_stands_beside_the_results(client: FlaskClient) -> None:
    shown = page(client, "/search", q="printer state:publshed")
    assert "There is no state “publshed”: use work in progress, not validated, validated, published." in shown
    assert "Printer" in shown


def test_a_choice_from_a_list_is_written_into_the_search(client: FlaskClient) -> None:
    db.session.commit()
    answer = client.get("/search?q=printer+state:wip&add=state:published&add=language:en&add=")
    assert (answer.status_code, answer.location) == (302, "/search?q=printer+state:published+language:en")
    shown = page(client, "/search", q="printer state:published")
    assert 'class="chip" href="/search?q=printer"' in shown


def test_a_slip_of_the_finger_is_offered_mended(client: FlaskClient) -> None:
    shown = page(client, "/search", q="pritner tag:hardware")
    assert 'href="/search?q=printer+tag:hardware"' in shown
    assert "Did you mean" not in page(client, "/search", q="printer")


def test_while_somebody_types_words_begun_find_and_can_be_finished(client: FlaskClient) -> None:
    shown = page(client, "/search/results", q="printer offl")
    assert "/articles/KB-2?" in shown
    assert '<a href="/search?q=printer+offline">printer offline</a>' in shown
    assert "<mark>offline</mark>" in shown
    assert "<html" not in shown


def test_nothing_found_and_nothing_asked_say_what_to_do(app: Flask, client: FlaskClient) -> None:
    nothing = page(client, "/search", q="zebra")
    assert 'href="/articles/new?title=zebra"' in nothing
    assert "Search as you would say it" in page(client, "/search")
    reader = sign_in(app.test_client(), make_agent(None, email="rea@example.com"))
    assert "/articles/new" not in page(reader, "/search", q="zebra")


def test_the_api_takes_the_same_and_says_how_a_search_could_go_on(
    app: Flask, client: FlaskClient, admin: Agent
) -> None:
    save_bet(None, ["printer"], "KB-2", None, None, by=admin)
    headers = token_for(admin)
    ask = app.test_client().get
    found = ask("/api/v1/search", query_string={"q": "printer -invoice state:published"}, headers=headers)
    assert [each["article"]["key"] for each in found.get_json()] == ["KB-1"]
    found = ask("/api/v1/search?q=printer", headers=headers).get_json()
    assert found[0]["article"]["key"] == "KB-2"
    assert found[0]["reasons"][0] == "chosen by Ada: best answer for “printer”"
    hints = ask("/api/v1/search/completions?q=pritner+tags:x", headers=headers).get_json()
    assert hints["did_you_mean"] == "printer tags:x"
    assert hints["not_understood"] == ["There is no filter “tags:”, so it was searched as words: use tag:x."]
    hints = ask("/api/v1/search/completions?q=printer+offl", headers=headers).get_json()
    assert hints["completions"] == ["printer offline"]
    assert ask("/api/v1/search/completions?q=", headers=headers).status_code == 422


def test_words_of_the_same_meaning_find_and_are_marked(client: FlaskClient, admin: Agent) -> None:
    save_meaning(None, MeaningKind.SAME, ["plotter", "printer"], by=admin)
    shown = page(client, "/search", q="plotter")
    assert "<mark>Printer</mark> jams" in shown
    assert "Did you mean" not in shown


def test_a_visitor_searches_with_what_visitors_have(app: Flask, client: FlaskClient) -> None:
    visitor = app.test_client()
    assert "/help/articles/KB-1?" in page(visitor, "/help/", q='"paper jam" tag:hardware language:en')
    assert "/help/articles/KB-1" not in page(visitor, "/help/", q="printer -jams")
    article("KB-4", "Printer on fire", ArticleState.PUBLISHED, "safety", "product:LaserJet")
    shown = page(visitor, "/help/", q="printer language:en")
    assert 'href="/help/?q=printer+language:en+tag:safety">safety</a>' in shown
    assert 'class="chip" href="/help/?q=printer"' in shown
    assert "LaserJet" not in shown  # visitors have no filter by product
    shown = page(visitor, "/help/", q="pritner state:wip")
    assert "There is no filter “state:”, so it was searched as words: use tag: or language:." in shown
    assert '<a href="/help/?q=printer+state:wip">' in shown


# --- what is secret stays secret ---


def test_nothing_tells_a_visitor_of_an_article_they_may_not_read(
    app: Flask, client: FlaskClient, admin: Agent
) -> None:
    secret = article("KB-9", f"{SECRET} printer recall", ArticleState.VALIDATED, f"{SECRET}tag", "hardware")
    secret.locale = "pt"
    save_bet(None, ["printer"], "KB-9", None, None, by=admin)
    save_meaning(None, MeaningKind.SAME, ["printer", f"{SECRET} recall"], by=admin)
    visitor = app.test_client()
    before = page(visitor, "/help/", q="printer")
    assert "/help/articles/KB-1?" in before
    for typed in (
        "printer",
        "printer recall",
        f"{SECRET} recall",
        f"{SECRET[:4]}",
        f"{SECRET[:-1]}",  # a slip that only the secret text would mend
        "Zpehyr printer",
        f'"{SECRET} printer"',
        f"tag:{SECRET}tag",
        "tag:hardware",
        "language:pt",
        "language:xx",
        "state:validated",
        "KB-9",
        "-jams printer",
    ):
        shown = page(visitor, "/help/", q=typed).replace(typed, "").lower()
        told = shown.replace("&#34;", "").replace(typed.lower(), "")
        for word in (SECRET.lower(), "recall", "kb-9", "ada"):
            if word not in typed.lower():
                assert word not in told, (typed, word)
    assert "There is no language “pt”: use en." in page(visitor, "/help/", q="language:pt")
    index = app.extensions["kcs.search"]
    assert index.completions(SECRET[:3].lower(), public=True) == []
    assert index.spelling(["zpehyr"], public=True) == {}
    assert index.search(SECRET, public=True) == []
    assert "KB-9" in page(client, "/search", q=SECRET)
