"""The log of searches: what is kept of whose search, what an opened result adds, and when it is forgotten."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from kcs import database
from kcs.database import db
from kcs.people.models import Agent
from kcs.search.log import Searched, forget_old, keep_opening, keep_search
from kcs.search.models import Place, SearchLog
from tests.factories import make_agent, make_article, sign_in, token_for
from workflow.article import ArticleState


@pytest.fixture
def agent() -> Agent:
    return make_agent(email="ana@example.com")


@pytest.fixture
def client(app: Flask, agent: Agent) -> FlaskClient:
    make_article(title="Printer jams", key="KB-1", author=agent)
    make_article(ArticleState.PUBLISHED, title="Printer jams for all", key="KB-2", author=agent)
    return sign_in(app.test_client(), agent)


def get(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> str:
    """Ask for a page to its end: the log is written when the answer is sent."""
    db.session.commit()  # the log's own transaction must not wait for this test's
    answer = client.get(path, buffered=True, headers=headers)
    db.session.rollback()  # what it read is of before the log was written
    db.session.expire_all()
    assert answer.status_code in (200, 302), answer.text
    return answer.text if answer.status_code == 200 else answer.location


def logged() -> list[SearchLog]:
    rows = list(db.session.query(SearchLog).order_by(SearchLog.id))
    db.session.commit()
    return rows


def link_to(page: str, key: str) -> str:
    found = re.search(rf'href="(/(?:help/)?articles/{key}\?from=[^"]+)"', page)
    assert found, page
    return found[1]


def test_a_search_and_what_was_opened_of_it_are_one_row(client: FlaskClient, agent: Agent) -> None:
    page = get(client, "/search?q=printer+jams")
    (row,) = logged()
    assert (row.place, row.agent_id, row.words, row.results) == (Place.PAGE, agent.id, "printer jams", 2)
    assert (row.shown, row.opened_key) == (["KB-1", "KB-2"], None)

    assert get(client, link_to(page, "KB-2")) == "/articles/KB-2"  # led on to the plain address
    assert get(client, link_to(page, "KB-1")) == "/articles/KB-1"
    (row,) = logged()
    assert (row.opened_key, row.opened_rank) == ("KB-2", 2)  # what was opened first

    get(client, "/search?q=printer+jams")
    assert len(logged()) == 1  # coming back is no new search
    get(client, "/search?q=printer")
    assert len(logged()) == 2


def test_what_is_still_being_typed_is_no_search_until_a_result_is_opened(client: FlaskClient) -> None:
    page = get(client, "/search/results?q=prin")
    assert logged() == []
    get(client, link_to(page, "KB-2"))
    (row,) = logged()
    assert (row.words, row.opened_rank) == ("prin", 2)


def test_a_visitor_is_logged_without_a_name_and_without_personal_data(
    app: Flask, client: FlaskClient
) -> None:
    visitor = app.test_client()
    page = get(visitor, "/help/?q=printer+jams+ana.perez@example.org")
    (row,) = logged()
    assert (row.place, row.agent_id, row.shown) == (Place.HELP_CENTRE, None, ["KB-2"])
    assert row.words == "printer jams [e-mail]"
    assert get(visitor, link_to(page, "KB-2")) == "/help/articles/KB-2"
    assert logged()[0].opened_rank == 1


def test_the_api_is_logged_too(app: Flask, client: FlaskClient, agent: Agent) -> None:
    get(app.test_client(), "/api/v1/search?q=printer", token_for(agent))
    (row,) = logged()
    assert (row.place, row.agent_id, row.results) == (Place.API, agent.id, 2)


def test_a_link_counts_for_nobody_else_and_cannot_be_made_up(app: Flask, client: FlaskClient) -> None:
    page = get(client, "/search?q=printer")
    link = link_to(page, "KB-1")
    somebody = sign_in(app.test_client(), make_agent(email="bea@example.com"))
    for address in (link, "/articles/KB-1?from=made-up", "/articles/KB-1?from=", f"{link}x"):
        assert get(somebody, address) == "/articles/KB-1"
    token = link.partition("from=")[2]
    assert get(client, f"/articles/KB-9?from={token}") == "/articles/KB-9"  # was not among what was shown
    assert logged()[0].opened_key is None


def test_what_asks_for_nothing_is_no_search(client: FlaskClient) -> None:
    for address in ("/search", "/search?q=+", "/search?q=-printer", "/help/", "/help/?q=-x"):
        get(client, address)
    assert logged() == []


def test_the_log_is_written_once_and_cut_to_what_is_needed(app: Flask) -> None:
    searched = Searched.of("n1", Place.PAGE, None, "word " * 200, 3, [f"KB-{number}" for number in range(50)])
    for _ in range(2):
        keep_search(searched, str)
        keep_opening(searched, "KB-3", str)
        keep_opening(searched, "KB-40", str)
    (row,) = logged()
    assert (len(row.words), len(row.shown), row.opened_rank) == (199, 20, 4)


def test_a_log_that_cannot_be_written_keeps_nobody_from_their_answer(app: Flask, client: FlaskClient) -> None:
    def fail(_words: str) -> str:
        raise OperationalError("INSERT", {}, OSError("disk full"))

    app.extensions["kcs.search.mask"] = fail
    assert "/articles/KB-1?" in get(client, "/search?q=printer")
    assert logged() == []


def test_two_processes_that_log_the_same_search_write_one_row(app: Flask) -> None:
    searched = Searched.of("n1", Place.PAGE, None, "printer", 1, ["KB-1"])

    def meanwhile(words: str) -> str:
        if database.is_postgresql():  # SQLite lets nobody in between
            with app.app_context():
                keep_search(searched, str)
        return words

    keep_search(searched, meanwhile)
    keep_opening(searched, "KB-1", str)
    assert [row.opened_key for row in logged()] == ["KB-1"]


def test_old_searches_are_forgotten(app: Flask) -> None:
    for age in (0, 399, 401):
        keep_search(Searched.of(f"n{age}", Place.PAGE, None, f"age {age}", 0, []), str)
        row = db.session.query(SearchLog).filter_by(nonce=f"n{age}").one()
        row.searched_at = database.now() - timedelta(days=age)
    db.session.commit()
    chore = next(each for each in app.extensions["kcs.chores"] if each.name == "search.forget")
    assert [chore.work(), chore.work(), forget_old(400, ZoneInfo("UTC"))] == [1, 0, 0]
    assert [row.words for row in logged()] == ["age 0", "age 399"]
