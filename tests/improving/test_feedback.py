"""What readers say is taken, answered and told back: by colleagues, and by visitors without a login."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.articles.services import move_article, save_version
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, WorkflowError
from kcs.improving.models import Feedback, FeedbackState, Subscription
from kcs.improving.services import answer_feedback, close_feedback, give_feedback, take_feedback
from kcs.people.models import Agent
from tests.factories import make_agent, make_article, sign_in, token_for
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence

_FORM = re.compile(r'name="form" value="([^"]+)"')


@pytest.fixture
def owner(app: Flask) -> Agent:
    """Who looks after the article."""
    return make_agent(Licence.PUBLISHER, email="owner@example.com")


@pytest.fixture
def article(owner: Agent) -> Article:
    """A published article."""
    made = make_article(ArticleState.PUBLISHED, author=owner, key="KB-7")
    db.session.commit()
    return made


def form_of(client: FlaskClient, key: str = "KB-7") -> str:
    """Return the hidden value of the form below an article."""
    found = _FORM.search(client.get(f"/help/articles/{key}").text)
    assert found
    return found[1]


def post(client: FlaskClient, key: str = "KB-7", **sent: str) -> TestResponse:
    """Send a visitor's form."""
    return client.post(f"/help/articles/{key}/feedback", data=sent)


def all_feedback() -> list[Feedback]:
    """Return every row."""
    db.session.expire_all()
    return list(db.session.execute(select(Feedback).order_by(Feedback.id)).scalars())


def kinds() -> list[tuple[str, str]]:
    """Return what was recorded about feedback, with its authority."""
    rows = db.session.execute(select(Activity).where(Activity.kind.like("feedback.%")).order_by(Activity.id))
    return [(row.kind, row.authority) for row in rows.scalars()]


def test_a_visitor_says_something_and_learns_what_became_of_it(
    client: FlaskClient, article: Article, owner: Agent
) -> None:
    sent = {"form": form_of(client), "helpful": "no", "comment": "Step 2 is missing."}
    first = post(client, **sent)
    assert first.status_code == 303
    assert "kcs=" not in first.headers.get("Set-Cookie", "")  # no session
    place = first.headers["Location"]
    assert re.fullmatch(r"/help/feedback/[\w-]{22}", place)  # 128 bits
    assert post(client, **sent).headers["Location"] == place  # the same click twice
    (feedback,) = all_feedback()
    assert (feedback.state, feedback.helpful, feedback.assigned_to_id) == (FeedbackState.NEW, False, owner.id)
    assert place.rpartition("/")[2] not in str(feedback.__dict__), "the secret is kept as a hash alone"

    assert "Waits for a reader of ours" in client.get(place).text
    take_feedback(feedback, by=owner)
    db.session.commit()
    assert "Somebody is looking into it" in client.get(place).text
    save_version(article, article.title, {"resolution": "With step 2."}, by=owner, base=1)
    db.session.commit()
    assert "has changed since" not in client.get(place).text, "what visitors read has not"
    move_article(article, Move.PUBLISH, by=owner, audience=Audience.PUBLIC)
    answer_feedback(feedback, "We wrote it: thank you.", by=owner)
    db.session.commit()
    told = client.get(place).text
    assert "We wrote it: thank you." in told
    assert "has changed since" in told
    assert kinds() == [
        ("feedback.given", "visitor"),
        ("feedback.taken", "assigned"),
        ("feedback.answered", "assigned"),
    ]
    with pytest.raises(WorkflowError):
        close_feedback(feedback, by=owner)


def test_a_bare_rating_counts_and_is_closed(client: FlaskClient, article: Article, owner: Agent) -> None:
    assert post(client, form=form_of(client), helpful="yes").status_code == 303
    assert post(client, form=form_of(client), helpful="no").status_code == 303
    assert [(each.state, each.assigned_to_id) for each in all_feedback()] == [
        (FeedbackState.CLOSED, None)
    ] * 2
    assert "It helped 1 of 2 who said so." in sign_in(client, owner).get("/articles/KB-7").text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"helpful": "yes", "form": ""}, 400),
        ({"helpful": "yes", "form": "forged.token.x"}, 400),
        ({"helpful": "yes", "form": "other"}, 400),
        ({"form": "own"}, 422),
        ({"form": "own", "helpful": "yes", "website": "https://spam.example"}, 303),
    ],
)
def test_what_is_not_taken(client: FlaskClient, article: Article, sent: dict[str, str], status: int) -> None:
    make_article(ArticleState.PUBLISHED, key="KB-8")
    db.session.commit()
    forms = {"own": form_of(client), "other": form_of(client, "KB-8")}
    answer = post(client, **{**sent, "form": forms.get(sent["form"], sent["form"])})
    assert answer.status_code == status
    assert all_feedback() == []


def test_nobody_guesses_a_secret_or_speaks_of_what_they_cannot_read(
    client: FlaskClient, article: Article
) -> None:
    form = form_of(client)
    make_article(ArticleState.VALIDATED, key="KB-9")
    db.session.commit()
    assert client.get("/help/feedback/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404
    assert post(client, "KB-9", form=form, helpful="yes").status_code == 404


def test_a_colleague_says_something_and_sees_the_answer(
    client: FlaskClient, article: Article, owner: Agent
) -> None:
    ana = make_agent(Licence.CANDIDATE, email="ana@example.com")
    manager = make_agent(None, email="max@example.com")
    headers = token_for(ana)
    body = {"helpful": True, "comment": "Which menu?"}
    for _ in range(2):
        answer = client.post("/api/v1/articles/KB-7/feedback", headers=headers, json=body)
        assert answer.status_code == 201
    assert client.post("/api/v1/articles/KB-7/feedback", headers=headers, json={}).status_code == 422
    given = client.post("/api/v1/articles/KB-7/feedback", headers=token_for(manager), json={"helpful": False})
    assert given.get_json()["state"] == "closed"
    listed = client.get("/api/v1/feedback?list=mine", headers=token_for(owner)).get_json()
    assert [each["comment"] for each in listed["items"]] == ["Which menu?"]
    feedback_id = listed["items"][0]["id"]
    url = f"/api/v1/feedback/{feedback_id}/answer"
    assert client.post(url, headers=headers, json={"answer": "x"}).status_code == 403
    assert client.post(url, headers=token_for(owner), json={"answer": "The second."}).status_code == 200
    assert "Owner: <bdi>The second.</bdi>" in sign_in(client, ana).get("/articles/KB-7").text
    assert kinds()[0] == ("feedback.given", "licence:candidate")
    assert kinds()[1] == ("feedback.given", "signed_in")


def test_own_words_do_not_wait_with_oneself(article: Article, owner: Agent) -> None:
    feedback = give_feedback(article, article.current_version, comment="Which menu?", by=owner)
    assert feedback.assigned_to_id is None
    with pytest.raises(InvalidInput):
        answer_feedback(feedback, "", by=owner)
    stranger = make_agent(None)
    with pytest.raises(NotAllowed):
        take_feedback(feedback, by=stranger)


def test_watching_is_one_row_however_often(client: FlaskClient, article: Article, owner: Agent) -> None:
    browser = sign_in(client, owner)
    for on, rows in (("1", 1), ("1", 1), ("0", 0), ("0", 0)):
        assert browser.post("/articles/KB-7/watch", data={"on": on}).status_code == 303
        assert len(db.session.execute(select(Subscription)).all()) == rows
        db.session.rollback()


@pytest.mark.parametrize(
    ("setting", "seen", "unseen"),
    [
        (None, ["Checked"], ["Helped in"]),
        ("solved", ["Helped in 3 cases"], ["Checked"]),
        ("checked, solved", ["Checked", "Helped in 3 cases"], []),
        ("none", [], ["Checked", "Helped in"]),
    ],
)
def test_visitors_see_what_the_owner_allows(
    make_app: object, setting: str | None, seen: list[str], unseen: list[str]
) -> None:
    given = {} if setting is None else {"HELP_CENTRE_TRUST": setting}
    app: Flask = make_app(**given)  # type: ignore[operator]
    with app.app_context():
        make_article(ArticleState.PUBLISHED, key="KB-7").earlier_reuse = 3
        db.session.commit()
        for path in ("/help/articles/KB-7", "/help/"):
            page = app.test_client().get(path).text
            assert [words for words in seen if words not in page] == []
            assert [words for words in unseen if words in page] == []
