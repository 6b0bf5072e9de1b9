"""People who act at the same moment: one effect for the same act, and nobody overwrites anybody."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from queue import SimpleQueue
from threading import Barrier

import pytest
from flask import Flask

from kcs.activity.models import Activity
from kcs.articles import services as articles
from kcs.articles.merging import merge_articles
from kcs.articles.models import Article, Version
from kcs.database import db
from kcs.errors import StaleVersion, WorkflowError
from kcs.people.models import Agent
from kcs.solving import services
from kcs.solving.models import ExemptionReason, Link
from kcs.tickets.models import Ticket
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from tests.processes import PATIENCE
from workflow.article import Move
from workflow.permissions import Licence

AT_ONCE = 4
Act = Callable[[Ticket, Article, Agent], object]


@pytest.fixture
def app(make_app: AppMaker) -> Flask:
    """An app with a ticket, an article and an agent, each with id 1."""
    app = make_app()
    with app.app_context():
        make_ticket(FakeDesk())
        make_article()
        make_agent()
        db.session.commit()
    return app


def together(app: Flask, act: Act) -> list[str]:
    """Let four people do the same at once; return how each fared."""
    start = Barrier(AT_ONCE)

    def one(_: int) -> str:
        with app.app_context():
            ticket, article = db.session.get_one(Ticket, 1), db.session.get_one(Article, 1)
            agent = db.session.get_one(Agent, 1)
            db.session.rollback()
            start.wait(PATIENCE)
            try:
                act(ticket, article, agent)
                db.session.commit()
            except (WorkflowError, StaleVersion) as error:
                db.session.rollback()
                return error.code
            return "done"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(one, range(AT_ONCE)))


def counts(app: Flask, kind: str) -> tuple[int, int]:
    """Return how many links there are, and how many records of a kind."""
    with app.app_context():
        return db.session.query(Link).count(), db.session.query(Activity).filter_by(kind=kind).count()


def test_the_same_article_linked_at_once_is_linked_once(app: Flask) -> None:
    assert (
        together(app, lambda ticket, article, by: services.link_article(ticket, article, by=by))
        == ["done"] * 4
    )
    assert counts(app, "ticket.link") == (1, 1)


def test_drafting_at_once_gives_one_draft(app: Flask) -> None:
    assert together(app, lambda ticket, _, by: services.draft_article(ticket, by=by)) == ["done"] * 4
    assert counts(app, "ticket.draft") == (1, 1)


def test_exempting_at_once_is_saying_it_once(app: Flask) -> None:
    reason = ExemptionReason.NO_KNOWLEDGE
    assert together(app, lambda ticket, _, by: services.exempt(ticket, reason, by=by)) == ["done"] * 4
    assert counts(app, "ticket.exempt") == (0, 1)


def test_of_edits_made_at_once_one_is_saved_and_the_others_hear_of_it(app: Flask) -> None:
    numbers = iter(range(AT_ONCE))

    def edit(_: Ticket, article: Article, by: Agent) -> None:
        articles.save_version(article, f"Mine {next(numbers)}", {"body": "b"}, by=by, base=1)

    assert together(app, edit) == ["done"] + ["stale_version"] * 3
    with app.app_context():
        assert db.session.query(Version).count() == 2


def test_of_moves_made_at_once_one_is_made(app: Flask) -> None:
    def doubt(_: Ticket, article: Article, by: Agent) -> None:
        articles.move_article(article, Move.DOUBT, by=by, reason="It failed")

    assert together(app, doubt) == ["done"] + ["wrong_state"] * 3
    assert counts(app, "article.doubt") == (0, 1)


def test_articles_begun_at_once_have_keys_of_their_own(app: Flask) -> None:
    assert together(app, lambda _, __, by: articles.create_article("T", {"body": "b"}, by=by)) == ["done"] * 4
    with app.app_context():
        assert len({article.key for article in db.session.query(Article)}) == 5


def test_linking_while_the_article_is_merged_leaves_no_link_behind(app: Flask) -> None:
    """Whoever is first: the link goes over with the others, or is refused and leads to the older."""
    with app.app_context():
        newer = db.session.get_one(Article, 1)
        older = make_article()
        older.created_at = newer.created_at - timedelta(days=1)
        publisher = make_agent(Licence.PUBLISHER).id
        older_id = older.id
        db.session.commit()

    def act(ticket: Ticket, article: Article, by: Agent) -> None:
        if turns.get() == "merge":
            into = db.session.get_one(Article, older_id)
            person = db.session.get_one(Agent, publisher)
            merge_articles(article, into, "Title", {"resolution": "Both."}, by=person, base=1)
        else:
            services.link_article(ticket, article, by=by)

    turns: SimpleQueue[str] = SimpleQueue()
    for turn in ("link", "merge", "link", "link"):
        turns.put(turn)
    fared = together(app, act)
    assert set(fared) <= {"done", "wrong_state"}
    with app.app_context():
        assert db.session.get_one(Article, 1).merged_into_id == older_id
        linked = db.session.query(Link).filter_by(removed_at=None).all()
        assert {link.article_id for link in linked} <= {older_id}
        assert len(linked) <= 1
