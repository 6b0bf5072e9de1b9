"""What the log tells: figures, a sample to judge, and what was judged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs import database
from kcs.activity.models import Activity
from kcs.database import db
from kcs.people.models import Agent
from kcs.search.log import Searched, keep_opening, keep_search
from kcs.search.models import Judgement, Place, SearchLog
from kcs.search.sampling import DAYS, Trouble, figures, judgements, sample
from tests.factories import make_agent, make_article, sign_in
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

SHOWN = [f"KB-{number}" for number in range(1, 13)]


def logged(words: str, results: int, opened: int = 0, place: Place = Place.PAGE, age: int = 0) -> None:
    """Log a search that had so many results, of which the one at a place was opened."""
    searched = Searched.of(words, place, None, words, results, SHOWN[:results])
    keep_search(searched, str)
    if opened:
        keep_opening(searched, SHOWN[opened - 1], str)
    row = db.session.query(SearchLog).filter_by(nonce=words).one()
    row.searched_at = database.now() - timedelta(days=age)
    db.session.commit()


@pytest.fixture
def admin(app: Flask) -> Agent:  # on its database
    return make_agent(Licence.PUBLISHER, (Role.ADMIN,), email="ada@example.com")


@pytest.fixture
def client(app: Flask, admin: Agent) -> FlaskClient:
    make_article(key="KB-1", title="Printer jams", author=admin)
    make_article(ArticleState.PUBLISHED, key="KB-2", title="Printer offline", author=admin)
    return sign_in(app.test_client(), admin)


@pytest.mark.usefixtures("app")
def test_the_figures_count_what_people_did() -> None:
    none = figures()
    assert (none.searches, none.nothing, none.people, none.abandoned, none.opened) == (0, 0, 0, 0, 0)
    for number, rank in enumerate((1, 1, 2, 3, 4, 5, 11)):
        logged(f"opened {number}", 12, rank)
    logged("nothing", 0)
    logged("nothing through a script", 0, place=Place.API)
    logged("given to a script", 3, place=Place.API)
    logged("abandoned", 3, place=Place.HELP_CENTRE)
    logged("long ago", 0, age=DAYS + 1)
    counted = figures()
    assert (counted.searches, counted.nothing, counted.people, counted.abandoned) == (11, 2, 9, 1)
    assert dict(counted.ranks) == {"1": 2, "2": 1, "3": 1, "4 to 5": 2, "6 to 10": 0, "11 and lower": 1}
    assert counted.unjudged == {Trouble.NOTHING: 2, Trouble.ABANDONED: 1, Trouble.LOW: 3}
    assert {sample(Trouble.ABANDONED) for _ in range(3)} == {
        db.session.query(SearchLog).filter_by(nonce="abandoned").one()
    }


def test_a_search_is_judged_once_and_what_was_said_last_holds(client: FlaskClient, admin: Agent) -> None:
    logged("printer", 2)
    shown = client.get("/admin/search/sample/").text
    assert "“<bdi>printer</bdi>”" in shown
    assert 'name="hit-KB-1"' in shown
    assert "100 %" in shown
    both = {"hit-KB-1": "yes", "none": "1", "kind": "abandoned"}
    refused = client.post("/admin/search/sample/1", data=both)
    assert refused.status_code == 422
    assert "Either an article answers it, or none does" in refused.text
    assert db.session.query(Judgement).count() == 0

    said = {"hit-KB-1": "yes", "hit-KB-2": "no", "hit-KB-3": "", "kind": "abandoned"}
    assert client.post("/admin/search/sample/1", data=said).status_code == 303
    ids = [each.article_id for each in db.session.query(Judgement).order_by(Judgement.id)]
    assert list(judgements()) == [("printer", ids[0], True), ("printer", ids[1], False)]
    assert sample(Trouble.ABANDONED) is None
    assert "Nothing left to judge" in client.get("/admin/search/sample/").text
    assert db.session.query(Activity).filter_by(kind="search.judged", agent_id=admin.id).count() == 1
    db.session.commit()

    client.post("/admin/search/sample/1", data={"hit-KB-1": "no"})
    client.post("/admin/search/sample/1", data={"none": "1"})
    assert list(judgements()) == [
        ("printer", ids[1], False),
        ("printer", ids[0], False),
        ("printer", None, True),
    ]
    assert client.post("/admin/search/sample/99", data={"none": "1"}).status_code == 404


def test_a_visitors_search_is_made_again_as_a_visitor(client: FlaskClient) -> None:
    logged("printer", 1, place=Place.HELP_CENTRE)
    shown = client.get("/admin/search/sample/?kind=abandoned").text
    assert 'name="hit-KB-2"' in shown
    assert 'name="hit-KB-1"' not in shown
    assert "Searched in the help centre" in shown


def test_without_searches_the_page_says_so(client: FlaskClient) -> None:
    assert "No searches yet" in client.get("/admin/search/sample/?kind=low").text
