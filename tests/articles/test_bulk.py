"""One act on many articles: what may be done is done, what may not is named with its reason."""

from __future__ import annotations

import pytest
from flask import Flask

from kcs.activity.models import Activity
from kcs.articles.bulk import MOST, Act, Outcome, Wish, change_many
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.reviews.models import ReviewRequest
from tests.factories import make_agent, make_article, sign_in, token_for
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence

S = ArticleState


def change(app: Flask, articles: list[Article], wish: Wish, by: Agent) -> Outcome:
    keys = [article.key for article in articles]
    return change_many(keys, wish, by=by, ask=app.extensions["kcs.ask_review"])


def refusals(outcome: Outcome) -> dict[str, str]:
    return {each.key: each.reason for each in outcome.refused}


def test_each_article_is_done_or_refused_by_itself(app: Flask) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    good, early = make_article(S.VALIDATED), make_article(S.NOT_VALIDATED)
    leaky = make_article(S.VALIDATED, parts={"issue": "i", "resolution": "Write to maria@customer.example"})
    last = make_article(S.VALIDATED)
    wish = Wish(Act.MOVE, move=Move.PUBLISH, audience=Audience.PUBLIC)
    outcome = change(app, [last, good, early, leaky, good], wish, publisher)
    db.session.commit()
    assert outcome.done == [good.key, last.key]
    refused = refusals(outcome)
    assert "not validated" in refused[early.key]
    assert "maria@customer.example" in refused[leaky.key]
    db.session.expire_all()
    assert [each.state for each in (good, last, early, leaky)] == [
        S.PUBLISHED,
        S.PUBLISHED,
        S.NOT_VALIDATED,
        S.VALIDATED,
    ]
    assert leaky.live_version_id is None
    acts = [row.article_id for row in db.session.query(Activity).filter(Activity.kind == "article.publish")]
    assert acts == [good.id, last.id]


def test_rights_are_those_on_each_article(app: Flask) -> None:
    candidate = make_agent(Licence.CANDIDATE)
    own, other = make_article(S.WIP, author=candidate), make_article(S.WIP)
    outcome = change(app, [own, other], Wish(Act.MOVE, move=Move.COMPLETE), candidate)
    assert (outcome.done, list(refusals(outcome))) == ([own.key], [other.key])
    wishes = (
        Wish(Act.OWNER, owner=candidate.email),
        Wish(Act.TAG, tags=("vat",)),
        Wish(Act.ASK, asks="validate"),
    )
    for wish in wishes:
        outcome = change(app, [own, other], wish, candidate)
        assert (outcome.done, list(refusals(outcome))) == ([own.key], [other.key]), wish


def test_owner_tags_and_reviews_change_and_the_same_again_changes_nothing(app: Flask) -> None:
    author, heir = make_agent(Licence.PUBLISHER), make_agent(Licence.CONTRIBUTOR)
    make_agent(Licence.CONTRIBUTOR)
    article = make_article(S.NOT_VALIDATED, author=author)
    article.tags = ["export"]
    wishes = (
        Wish(Act.OWNER, owner=heir.email),
        Wish(Act.TAG, tags=("vat", " export ", "")),
        Wish(Act.UNTAG, tags=("export", "none")),
        Wish(Act.ASK, asks="validate"),
    )
    for wish in wishes:
        assert change(app, [article], wish, author).done == [article.key]
    assert (article.owner_id, article.tags) == (heir.id, ["vat"])
    assert db.session.query(ReviewRequest).count() == 1
    logged = db.session.query(Activity).count()
    for wish in (wishes[0], wishes[3], Wish(Act.TAG, tags=("vat",)), wishes[2]):
        assert change(app, [article], wish, author).done == [article.key]
    assert db.session.query(Activity).count() == logged


def test_a_tag_readers_would_see_passes_the_gate(app: Flask) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    article = make_article(S.PUBLISHED)
    outcome = change(app, [article], Wish(Act.TAG, tags=("maria@customer.example",)), publisher)
    db.session.commit()
    assert "maria@customer.example" in refusals(outcome)[article.key]
    db.session.expire_all()
    assert article.tags == []


def test_nobody_without_a_licence_looks_after_an_article(app: Flask) -> None:
    publisher, nobody = make_agent(Licence.PUBLISHER), make_agent(None)
    outcome = change(app, [make_article()], Wish(Act.OWNER, owner=nobody.email), publisher)
    assert "a licence is needed" in outcome.refused[0].reason
    archived = make_article(S.ARCHIVED)
    outcome = change(app, [archived], Wish(Act.OWNER, owner=publisher.email), publisher)
    assert "restore it first" in outcome.refused[0].reason


INCOMPLETE = (
    (Wish(Act.MOVE), "move"),
    (Wish(Act.ASK, asks="change"), "asks"),
    (Wish(Act.OWNER), "owner"),
    (Wish(Act.TAG), "tags"),
    (Wish(Act.UNTAG), "tags"),
)


def test_a_wish_that_lacks_something_is_refused_as_a_whole(app: Flask) -> None:
    publisher, article = make_agent(Licence.PUBLISHER), make_article()
    for wish, named in INCOMPLETE:
        with pytest.raises(InvalidInput) as refused:
            change(app, [article], wish, publisher)
        assert list(refused.value.errors) == [named]
    for number in (0, MOST + 1):
        keys = [f"KB-{each}" for each in range(number)]
        with pytest.raises(InvalidInput, match="between one and 200"):
            change_many(keys, Wish(Act.TAG, tags=("a",)), by=publisher, ask=app.extensions["kcs.ask_review"])


def test_the_page_and_the_api_say_what_is_done_and_what_is_not(app: Flask) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    validated, early = make_article(S.VALIDATED), make_article(S.NOT_VALIDATED)
    keys = [validated.key, early.key, "KB-0"]
    browser = sign_in(app.test_client(), publisher)
    assert 'name="article"' in browser.get("/articles").text
    page = browser.post("/articles/bulk", data={"article": keys, "act": "move:publish", "audience": "public"})
    assert page.status_code == 200
    for words in ("1 article is done.", "2 refused", early.key, "There is no article KB-0."):
        assert words in page.text
    sent = {"articles": keys, "act": "tag", "tags": ["vat"]}
    answer = app.test_client().post("/api/v1/articles/bulk", json=sent, headers=token_for(publisher))
    assert (answer.status_code, sorted(answer.get_json()["done"])) == (200, sorted(keys[:2]))
    assert [each["key"] for each in answer.get_json()["refused"]] == ["KB-0"]
    done = browser.post("/articles/bulk", data={"article": keys[:2], "act": "tag:", "tags": "export, vat"})
    assert done.status_code == 303
    for wrong in ({"article": keys, "act": ""}, {"act": "tag:", "tags": "x"}):
        back = browser.post("/articles/bulk", data=wrong, follow_redirects=True)
        assert (back.request.path, "Choose" in back.text) == ("/articles", True)
