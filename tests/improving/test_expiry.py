"""What nobody used or checked for its domain's interval: shown to its owner, marked, or archived."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs import chores, database
from kcs.activity.models import Activity, Remark
from kcs.articles.flags import flag_article
from kcs.articles.models import Article
from kcs.articles.policy import Domain, Expiry
from kcs.database import db
from kcs.improving.expiry import archive_expired
from kcs.reviews.models import Asks, ReviewRequest, ReviewState
from kcs.search.models import SearchChange
from kcs.worker import WorkerThreads, sweep
from tests.factories import make_agent, make_article, sign_in, token_for
from tests.processes import PATIENCE, until
from workflow.article import ArticleState


def domain(expiry: Expiry, days: int | None = 30) -> Domain:
    """Add a domain that looks after its articles in this way."""
    made = Domain(key=expiry.value, name=expiry.value, expiry=expiry, check_days=days)
    db.session.add(made)
    db.session.flush()
    return made


def article_in(where: Domain | None, days: int = 40, **given: object) -> Article:
    """Add an article nobody has touched for so long."""
    made = make_article(**given)  # type: ignore[arg-type]
    made.domain = where
    made.created_at = made.last_checked_at = database.now() - timedelta(days=days)
    db.session.commit()
    return made


def review(article: Article, state: ReviewState) -> None:
    """Let a review of it stand where it does."""
    moment = database.now()
    db.session.add(
        ReviewRequest(
            article_id=article.id,
            version_id=article.current_version_id,
            asks=Asks.VALIDATE,
            state=state,
            created_at=moment,
            changed_at=moment,
            due_at=moment,
        )
    )
    db.session.commit()


def test_only_what_the_policy_names_is_archived_and_says_so(app: Flask) -> None:
    ana, archiving = make_agent(), domain(Expiry.ARCHIVE)
    gone = [article_in(archiving), article_in(archiving, state=ArticleState.PUBLISHED)]
    fresh, used, flagged, reviewed = (article_in(archiving, days) for days in (29, 40, 40, 40))
    used.last_used_at = database.now() - timedelta(days=5)
    flag_article(flagged, "wrong step", by=ana)
    review(reviewed, ReviewState.OPEN)
    settled = article_in(archiving)
    review(settled, ReviewState.ACCEPTED)
    others = [
        article_in(domain(Expiry.ASK_OWNER)),
        article_in(domain(Expiry.SHOW_UNCHECKED)),
        article_in(None),
    ]
    seen = db.session.execute(select(SearchChange.id).order_by(SearchChange.id.desc()).limit(1)).scalar()
    db.session.commit()

    assert [archive_expired(limit=2), archive_expired(limit=2), archive_expired()] == [2, 1, 0]

    db.session.expire_all()
    assert {each.state for each in (*gone, settled)} == {ArticleState.ARCHIVED}
    assert {each.live_version_id for each in gone} == {None}
    assert {each.state for each in (fresh, used, flagged, reviewed, *others)} == {ArticleState.VALIDATED}
    rows = db.session.execute(select(Activity).where(Activity.kind == "article.archive")).scalars().all()
    assert [(row.article_id, row.agent_id, row.authority) for row in rows] == [
        (each.id, None, "policy:archive") for each in (*gone, settled)
    ]
    reasons = db.session.execute(select(Remark.text)).scalars().all()
    assert set(reasons) == {"neither used nor checked for 30 days"}
    changed = (
        db.session.execute(select(SearchChange.article_id).where(SearchChange.id > seen)).scalars().all()
    )
    assert set(changed) == {each.id for each in (*gone, settled)}, "search follows"


def test_the_owner_finds_what_is_due_and_others_do_not(app: Flask, client: FlaskClient) -> None:
    ana, ben = make_agent(), make_agent()
    article_in(None, 400, author=ana, key="KB-DUE")
    article_in(None, 10, author=ana, key="KB-FRESH")
    listed = {}
    for agent in (ana, ben):
        answer = client.get("/api/v1/articles?due=true", headers=token_for(agent)).get_json()
        listed[agent.id] = [each["key"] for each in answer["items"]]
    assert listed == {ana.id: ["KB-DUE"], ben.id: []}
    page = sign_in(client, ana).get("/articles?due=1").text
    assert "KB-DUE" in page
    assert "KB-FRESH" not in page
    assert "Nothing is due for a check" in sign_in(client, ben).get("/articles?due=1").text


@pytest.mark.parametrize(("expiry", "shown"), [(Expiry.SHOW_UNCHECKED, True), (Expiry.ASK_OWNER, False)])
def test_the_mark_is_shown_where_the_domain_wants_it(
    app: Flask, client: FlaskClient, expiry: Expiry, shown: bool
) -> None:
    article_in(domain(expiry), key="KB-7")
    browser = sign_in(client, make_agent())
    for path in ("/articles", "/articles/KB-7", "/search?q=export"):
        assert ("Unchecked" in browser.get(path).text) == shown, path


def test_the_sweep_and_the_threads_of_serve_do_the_chores(app: Flask) -> None:
    did: list[str] = []

    def work() -> int:
        did.append("swept")
        return 1

    app.extensions["kcs.chores"] = [chores.Chore("test", timedelta(hours=1), work)]
    sweep(app)
    sweep(app)
    assert did == ["swept"], "once an hour"
    app.extensions["kcs.chores"] = [chores.Chore("other", timedelta(hours=1), work)]
    app.extensions["kcs.worklists"] = {}
    threads = WorkerThreads(app)
    threads.start()
    until(lambda: len(did) == 2, what="the chore")
    threads.stop(PATIENCE)
    assert did == ["swept", "swept"]
