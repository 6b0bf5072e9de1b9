"""Reviews over HTTP: what machines send and get, and what pages show."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kcs.database import db
from kcs.people.models import Agent
from kcs.reviews.models import ReviewRequest
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, sign_in, token_for
from workflow.article import ArticleState
from workflow.permissions import Licence

S = ArticleState


class Caller:
    """Somebody with a token."""

    def __init__(self, app: Flask, agent: Agent) -> None:
        self.client = app.test_client()
        with app.app_context():
            self.headers = token_for(agent)

    def post(self, path: str, *, on: int = 1, **sent: object) -> TestResponse:
        headers = {**self.headers, "If-Match": f'"{on}"'}
        return self.client.post(f"/api/v1{path}", json=sent, headers=headers)

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1{path}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


@pytest.fixture
def app(make_app: AppMaker) -> Flask:
    """An app whose context is not pushed: several people use it, each signed in for themselves."""
    return make_app()


@pytest.fixture
def people(app: Flask) -> tuple[Agent, Agent]:
    """An author and a publisher."""
    with app.app_context():
        made = make_agent(Licence.CANDIDATE), make_agent(Licence.PUBLISHER)
        db.session.commit()
    return made


def article(app: Flask, state: ArticleState, author: Agent | None = None) -> str:
    """Make an article; return its key."""
    with app.app_context():
        key = make_article(state, author=author).key
        db.session.commit()
    return key


def only_review(app: Flask) -> int:
    """Return the number of the one review there is."""
    with app.app_context():
        return db.session.query(ReviewRequest).one().id


def test_a_review_from_asking_to_publishing_over_the_api(app: Flask, people: tuple[Agent, Agent]) -> None:
    author, publisher = (Caller(app, each) for each in people)
    key = article(app, S.NOT_VALIDATED, people[0])
    asked = author.post(f"/articles/{key}/reviews", asks="validate", note="Is it clear?")
    assert asked.status_code == 201
    review = asked.get_json()
    assert (review["state"], review["asked_by"], review["version"]) == ("open", people[0].name, 1)
    number = review["id"]
    assert [each["id"] for each in publisher.get("/reviews?list=me")["items"]] == [number]
    said = [{"text": "Which site?", "field": "resolution", "quote": "pop-ups"}]
    assert publisher.post(f"/reviews/{number}/decisions", decision="return").status_code == 422
    back = publisher.post(f"/reviews/{number}/decisions", decision="return", comments=said)
    assert back.get_json()["comments"][0]["quote"] == "pop-ups"
    assert author.post(f"/reviews/{number}/comments", text="All sites").status_code == 201
    assert author.get("/reviews?list=returned")["total"] == 1
    assert author.post(f"/reviews/{number}/decisions", decision="resubmit").status_code == 200
    assert author.post(f"/reviews/{number}/decisions", decision="accept").status_code == 403
    assert publisher.post(f"/reviews/{number}/decisions", decision="accept", version=9).status_code == 409
    done = publisher.post(f"/reviews/{number}/decisions", decision="accept", version=1)
    assert done.get_json()["state"] == "accepted"
    wish = author.post(f"/articles/{key}/reviews", asks="publish").get_json()["id"]
    published = publisher.post(f"/reviews/{wish}/decisions", decision="accept", audience="public")
    assert published.status_code == 200
    assert publisher.get(f"/articles/{key}")["state"] == "published"
    assert publisher.get(f"/reviews?article={key}&state=accepted&asks=validate")["total"] == 1
    assert author.post(f"/articles/{key}/reviews", asks="change").status_code == 422


def test_a_proposal_over_the_api_names_its_base_and_is_amended(
    app: Flask, people: tuple[Agent, Agent]
) -> None:
    author, publisher = (Caller(app, each) for each in people)
    key = article(app, S.PUBLISHED)
    parts = {"resolution": "Restart."}
    stale = author.post(f"/articles/{key}/proposals", on=7, parts=parts)
    assert (stale.status_code, stale.get_json()["errors"]["present"]["number"]) == (409, 1)
    number = author.post(f"/articles/{key}/proposals", parts=parts, significance="fact").get_json()["id"]
    sent: dict[str, Any] = {"decision": "accept", "parts": {"resolution": "Restart twice."}}
    assert publisher.post(f"/reviews/{number}/decisions", **sent).status_code == 422
    done = publisher.post(f"/reviews/{number}/decisions", **{**sent, "base": 1})
    assert (done.status_code, done.get_json()["parts"]["resolution"]) == (200, "Restart twice.")
    seen = publisher.get(f"/articles/{key}")
    assert (seen["version"], seen["live_version"]) == (3, 1)


def browser(app: Flask, agent: Agent) -> FlaskClient:
    with app.app_context():
        return sign_in(app.test_client(), db.session.get_one(Agent, agent.id))


def test_the_navigation_counts_what_waits_and_an_error_page_does_not_ask(
    app: Flask, people: tuple[Agent, Agent]
) -> None:
    author, publisher = Caller(app, people[0]), browser(app, people[1])
    author.post(f"/articles/{article(app, S.NOT_VALIDATED, people[0])}/reviews", asks="validate")
    assert 'class="nav-count">1<' in publisher.get("/articles").text
    # What went wrong may be the database: then the page that says so must not need it.
    app.extensions["kcs.counts"]["Reviews"] = lambda _: pytest.fail("the error page asked")
    assert publisher.get("/articles/KB-0").status_code == 404


def test_a_proposal_on_the_page_keeps_what_was_typed(app: Flask, people: tuple[Agent, Agent]) -> None:
    author, publisher = (browser(app, each) for each in people)
    key = article(app, S.PUBLISHED)
    form = {
        "title": "Export button is grey",
        "part-issue": "Cannot export",
        "part-resolution": "Restart.",
        "base": "1",
    }
    nameless = author.post(f"/articles/{key}/propose", data={**form, "title": ""})
    assert (nameless.status_code, "Restart." in nameless.text) == (422, True)
    change = {"title": "Another", "base": "1", "seen": "1", "part-resolution": "Press F5."}
    assert publisher.post(f"/articles/{key}/edit", data=change).status_code == 303
    stale = author.post(f"/articles/{key}/propose", data=form)
    assert stale.status_code == 409
    for words in ("Restart.", "Press F5.", "put your change into it"):
        assert words in stale.text
    assert author.post(f"/articles/{key}/propose", data={**form, "base": "2"}).status_code == 303
    page = publisher.get(f"/reviews/{only_review(app)}").text
    for words in ("Accept the change", "<del>", "<ins>", "Amend it"):
        assert words in page
    assert "Change your proposal" in author.get(f"/articles/{key}").text
    assert "Restart." in author.get(f"/articles/{key}/propose").text


def test_the_page_says_what_stands_in_the_way_and_keeps_the_comment(
    app: Flask, people: tuple[Agent, Agent]
) -> None:
    author, publisher = (browser(app, each) for each in people)
    key = article(app, S.NOT_VALIDATED, people[0])
    assert author.post(f"/articles/{key}/reviews", data={"asks": "nonsense"}).status_code == 422
    assert author.post(f"/articles/{key}/reviews", data={"asks": "validate"}).status_code == 303
    address = f"/reviews/{only_review(app)}"
    wrong = {"text": "Which one?", "field": "issue", "quote": "pop-ups"}
    refused = publisher.post(f"{address}/comments", data=wrong)
    assert refused.status_code == 422
    for words in ("does not stand in Issue", "Which one?"):
        assert words in refused.text
    assert publisher.post(f"{address}/comments", data={**wrong, "field": "resolution"}).status_code == 303
    assert '<mark data-number="1">pop-ups</mark>' in author.get(address).text
    text = {"title": "Export", "part-issue": "i", "part-resolution": "r", "base": "1"}
    assert publisher.post(f"{address}/fix", data=text).status_code == 303
    again = publisher.post(f"{address}/fix", data={**text, "title": "Typed"})
    assert (again.status_code, "Typed" in again.text) == (409, True)
    for decision, status in (("nonsense", 422), ("return", 422), ("take", 303), ("accept", 303)):
        assert publisher.post(f"{address}/decisions", data={"decision": decision}).status_code == status
    assert author.post(f"{address}/decisions", data={"decision": "drop"}).status_code == 409
    assert "Accepted by" in author.get(address).text
    for queue in ("me", "anyone", "returned", "mine", "nonsense"):
        assert author.get(f"/reviews?list={queue}").status_code == 200
