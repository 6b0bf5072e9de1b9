"""People who act on one review at the same moment: one of them decides, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from kcs.activity.models import Activity
from kcs.articles import services as articles
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import KcsError
from kcs.people.models import Agent
from kcs.reviews import deciding, services
from kcs.reviews.comments import Passage
from kcs.reviews.models import Asks, ReviewRequest
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article
from tests.processes import PATIENCE
from workflow.article import ArticleState, Move
from workflow.permissions import Licence

AUTHOR, FIRST, SECOND = 1, 2, 3
Act = Callable[[Article, Agent], object]


@pytest.fixture
def app(make_app: AppMaker) -> Flask:
    """An app with an author's article and two people who may validate it."""
    app = make_app()
    with app.app_context():
        author = make_agent(Licence.CANDIDATE)
        make_agent(), make_agent()
        make_article(ArticleState.NOT_VALIDATED, author=author)
        db.session.commit()
    return app


def together(app: Flask, *acts: tuple[int, Act]) -> list[str]:
    """Let people act at once; return how each fared."""
    start = Barrier(len(acts))

    def one(given: tuple[int, Act]) -> str:
        who, act = given
        with app.app_context():
            article, agent = db.session.get_one(Article, 1), db.session.get_one(Agent, who)
            db.session.query(ReviewRequest).all()  # as a page has shown them a moment ago
            db.session.rollback()
            start.wait(PATIENCE)
            try:
                act(article, agent)
                db.session.commit()
            except KcsError as error:
                db.session.rollback()
                return error.code
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(one, acts))


def recorded(app: Flask) -> list[str]:
    with app.app_context():
        rows = db.session.query(Activity).filter(Activity.article_id == 1).order_by(Activity.id)
        return [row.kind for row in rows if row.kind.startswith("review.")]


def ask(article: Article, by: Agent) -> object:
    return services.ask_review(article, Asks.VALIDATE, by=by)


def review() -> ReviewRequest:
    return db.session.get_one(ReviewRequest, 1)


def accept(_: Article, by: Agent) -> object:
    return deciding.accept(review(), by=by)


def send_back(_: Article, by: Agent) -> object:
    return deciding.return_with_comments(review(), by=by, comments=(Passage("Shorter"),))


def test_asking_twice_at_once_is_one_review(app: Flask) -> None:
    assert together(app, (AUTHOR, ask), (AUTHOR, ask), (AUTHOR, ask)) == ["done"] * 3
    assert recorded(app) == ["review.asked"]


def asked(app: Flask) -> None:
    with app.app_context():
        ask(db.session.get_one(Article, 1), db.session.get_one(Agent, AUTHOR))
        db.session.commit()


def test_of_two_decisions_at_once_one_holds(app: Flask) -> None:
    asked(app)
    assert together(app, (FIRST, accept), (SECOND, send_back)) == ["done", "wrong_state"]
    assert len(recorded(app)) == 2


def test_the_same_decision_twice_at_once_is_one(app: Flask) -> None:
    asked(app)
    assert together(app, (FIRST, accept), (FIRST, accept), (FIRST, accept)) == ["done"] * 3
    assert recorded(app) == ["review.asked", "review.accepted"]


def test_deciding_while_the_article_moves_neither_hangs_nor_decides_twice(app: Flask) -> None:
    asked(app)

    def validate(article: Article, by: Agent) -> object:
        return articles.move_article(article, Move.VALIDATE, by=by)

    assert together(app, (FIRST, accept), (SECOND, validate)) == ["done", "wrong_state"]
    with app.app_context():
        assert db.session.get_one(Article, 1).state is ArticleState.VALIDATED
        assert db.session.query(Activity).filter_by(kind="article.validate").count() == 1
