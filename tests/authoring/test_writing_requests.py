"""Asking a colleague to write what people search for in vain: their My work, the log, and what refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.authoring.models import WritingRequest
from kcs.authoring.writing_requests import ask_to_write, dismiss, get_request, wrote
from kcs.database import db
from kcs.errors import InvalidInput, NotFound, WorkflowError
from kcs.people.models import Agent
from tests.factories import make_agent, make_article, sign_in
from workflow.permissions import Licence, Role

WORDS = "export button grey"


@dataclass(frozen=True)
class Team:
    """Who asks, who is asked, and somebody else who writes."""

    asks: Agent
    writes: Agent
    other: Agent


@pytest.fixture
def team(app: Flask) -> Team:
    app.config["WTF_CSRF_ENABLED"] = False
    made = Team(
        make_agent(Licence.CANDIDATE, email="ana@example.com"),
        make_agent(Licence.CONTRIBUTOR, email="ben@example.com"),
        make_agent(None, [Role.COACH], email="cora@example.com"),
    )
    db.session.commit()
    return made


def at_work(app: Flask, person: Agent) -> FlaskClient:
    """Return a browser at which a person is signed in."""
    g.pop("_login_user", None)  # the test's context outlives a request, and so would who was signed in
    return sign_in(app.test_client(), person)


def log() -> list[tuple[str, int | None, int | None, int]]:
    """Return what was recorded: the act, by whom, about which article, of whom."""
    rows = db.session.execute(
        select(Activity).where(Activity.kind.like("writing.%")).order_by(Activity.id)
    ).scalars()
    return [(row.kind, row.agent_id, row.article_id, row.detail["of"]) for row in rows]


def requests() -> list[WritingRequest]:
    return list(db.session.execute(select(WritingRequest).order_by(WritingRequest.id)).scalars())


def test_from_a_search_without_an_answer_to_the_article_that_is_one(app: Flask, team: Team) -> None:
    asks = at_work(app, team.asks)
    found = asks.get("/search", query_string={"q": WORDS}).text
    (form,) = re.findall(r'href="(/writing-requests/new\?[^"]+)"', found)
    page = asks.get(form).text
    assert f'value="{WORDS}"' in page
    assert set(re.findall(r'<option value="([^"]+)"', page)) == {
        each.email for each in (team.asks, team.writes, team.other)
    }
    sent = asks.post("/writing-requests", data={"words": WORDS, "to": "ben@example.com"})
    assert sent.status_code == 303
    assert WORDS not in asks.get("/my-work").text
    writes = at_work(app, team.writes)
    work = writes.get("/my-work").text
    (begin,) = re.findall(r'href="(/articles/new\?[^"]+)"', work)
    editor = writes.get(begin.replace("&amp;", "&")).text
    assert f'value="{WORDS}"' in editor
    (number,) = re.findall(r'name="writing_request" value="(\d+)"', editor)
    typed = {"title": WORDS, "part-issue": "It is grey.", "writing_request": number, "base": "0"}
    assert writes.post("/articles/new", data={**typed, "seen": "1"}).status_code == 303
    assert "Asked of you to write" in writes.get("/my-work").text
    assert WORDS not in writes.get("/my-work/writing").text
    (asked,) = requests()
    article = db.session.execute(select(Article).where(Article.id == asked.article_id)).scalar_one()
    assert article.author_id == team.writes.id
    assert log() == [
        ("writing.asked", team.asks.id, None, team.writes.id),
        ("writing.written", team.writes.id, article.id, team.writes.id),
    ]
    # The same number again, or one of somebody else's, keeps nobody from saving an article.
    for number in (str(asked.id), "99999999999999999999", "x"):
        again = {**typed, "title": f"{WORDS} {number}", "writing_request": number, "seen": "1"}
        assert writes.post("/articles/new", data=again).status_code == 303
    assert len(log()) == 2


@pytest.mark.parametrize("by", ["asks", "writes"])
def test_both_may_say_that_none_is_needed_and_nobody_else(app: Flask, team: Team, by: str) -> None:
    asked = ask_to_write(WORDS, team.writes, by=team.asks)
    db.session.commit()
    address = f"/writing-requests/{asked.id}/dismiss"
    assert at_work(app, team.other).post(address).status_code == 404
    browser = at_work(app, getattr(team, by))
    assert "is off the list" in browser.post(address, follow_redirects=True).text
    assert browser.post(address).status_code == 409
    assert [kind for kind, *_ in log()] == ["writing.asked", "writing.dismissed"]


def test_the_same_words_are_asked_of_one_person_once_while_they_wait(team: Team) -> None:
    first = ask_to_write(f"  {WORDS} ", team.writes, by=team.asks)
    assert ask_to_write(WORDS, team.writes, by=team.other) is first
    assert ask_to_write(WORDS, team.other, by=team.asks) is not first
    dismiss(first, by=team.writes)
    assert ask_to_write(WORDS, team.writes, by=team.asks) is not first
    assert len(requests()) == 3


def test_words_hold_no_personal_data_and_the_log_no_words(team: Team) -> None:
    asked = ask_to_write("refund for amira@example.org", team.writes, by=team.asks)
    assert "amira" not in asked.words
    db.session.commit()
    row = db.session.execute(select(Activity).where(Activity.kind == "writing.asked")).scalar_one()
    assert set(row.detail) == {"request_id", "of"}


def test_what_cannot_be_asked_is_refused_by_field(app: Flask, team: Team) -> None:
    gone = make_agent(Licence.PUBLISHER, email="gone@example.com")
    gone.active = False
    reader = make_agent(None, email="reader@example.com")
    for words, agent, field in (
        (" ", team.writes, "words"),
        *((WORDS, each, "to") for each in (gone, reader, None)),
    ):
        with pytest.raises(InvalidInput) as refused:
            ask_to_write(words, agent, by=team.asks)
        assert list(refused.value.errors) == [field]
    db.session.commit()
    answer = sign_in(app.test_client(), team.asks).post(
        "/writing-requests", data={"words": WORDS, "to": "reader@example.com"}
    )
    assert answer.status_code == 422
    assert f'value="{WORDS}"' in answer.text
    assert requests() == []


def test_what_is_settled_stays_so(team: Team) -> None:
    asked = ask_to_write(WORDS, team.writes, by=team.asks)
    wrote(asked, make_article(author=team.writes), by=team.writes)
    with pytest.raises(WorkflowError):
        dismiss(asked, by=team.asks)
    with pytest.raises(WorkflowError):
        wrote(asked, make_article(), by=team.writes)
    with pytest.raises(NotFound):
        get_request(asked.id, team.other)
