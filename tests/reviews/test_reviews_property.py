"""No sequence of asking, proposing, deciding, planning and editing shows readers an unvouched text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcs import database, worklist
from kcs.articles import planning, rights
from kcs.articles import services as articles
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import KcsError
from kcs.outbox.models import Effect
from kcs.people.models import Agent
from kcs.reviews import deciding, queries, services
from kcs.reviews.comments import Passage
from kcs.reviews.deciding import Amendment
from kcs.reviews.models import Asks, ReviewRequest, ReviewState
from tests.articles.test_life_property import PEOPLE
from tests.factories import make_agent
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Right

# Many sequences, on both databases: a minute in all.
pytestmark = pytest.mark.long

S = ArticleState
TEXT = {"issue": "i", "resolution": "r"}
ACTS = (
    "edit",
    "ask",
    "propose",
    "take",
    "accept",
    "amend",
    "return",
    "resubmit",
    "drop",
    "move",
    "plan",
    "wait",
)
# Acts that must not change what readers see, whoever does them.
QUIET = {"edit", "ask", "propose", "take", "return", "resubmit", "drop", "amend", "plan"}

steps = st.tuples(
    st.sampled_from(ACTS),
    st.sampled_from(list(PEOPLE)),
    st.sampled_from((Asks.VALIDATE, Asks.PUBLISH)),
    st.sampled_from((Move.VALIDATE, Move.PUBLISH, Move.DOUBT, Move.WITHDRAW, Move.ARCHIVE, Move.RESTORE)),
)
Step = tuple[str, str, Asks, Move]


class Life:
    """One article, and the versions somebody with the right to validate stands for."""

    def __init__(self, app: Flask, people: dict[str, int]) -> None:
        self.app = app
        self.people = people
        self.vouched: set[int] = set()
        article = articles.create_article("Title", TEXT, by=self.agent("candidate"))
        db.session.commit()
        self.id = article.id

    def agent(self, name: str) -> Agent:
        return db.session.get_one(Agent, self.people[name])

    @property
    def article(self) -> Article:
        return db.session.get_one(Article, self.id)

    def latest(self) -> ReviewRequest:
        """The youngest review, whatever became of it."""
        query = db.select(ReviewRequest).where(ReviewRequest.article_id == self.id)
        found = db.session.execute(query.order_by(ReviewRequest.id.desc()).limit(1)).scalar_one_or_none()
        return found or services.ask_review(self.article, Asks.VALIDATE, by=self.agent("candidate"))

    def do(self, step: Step, number: int) -> None:
        """Take the step. Raises KcsError."""
        act, who, asks, move = step
        by, article, latest = self.agent(who), self.article, self.latest
        base, title, everybody = article.current_version.number, f"Title {number}", Audience.PUBLIC
        later, why = database.now() + timedelta(days=1), "because"
        acts: dict[str, Callable[[], object]] = {
            "edit": lambda: articles.save_version(article, title, TEXT, by=by, base=base),
            "ask": lambda: services.ask_review(article, asks, by=by),
            "propose": lambda: services.propose(article, title, TEXT, by=by, base=base),
            "take": lambda: deciding.take(latest(), by=by),
            "accept": lambda: deciding.accept(latest(), by=by, audience=everybody),
            "amend": lambda: self._amend(Amendment(title, TEXT, base), by),
            "return": lambda: deciding.return_with_comments(latest(), by=by, comments=(Passage(title),)),
            "resubmit": lambda: services.resubmit(latest(), by=by),
            "drop": lambda: services.drop(latest(), by=by),
            "move": lambda: articles.move_article(article, move, by=by, audience=everybody, reason=why),
            "plan": lambda: planning.plan_move(article, move, later, by=by, audience=everybody, reason=why),
            "wait": lambda: db.session.execute(db.update(Effect).values(not_before=database.now())),
        }
        acts[act]()

    def _amend(self, text: Amendment, by: Agent) -> None:
        review = self.latest()
        if review.asks is Asks.CHANGE:
            deciding.accept(review, by=by, amendment=text)
        else:
            deciding.mend(review, text, by=by)

    def come_due(self) -> None:
        """Make the planned moves whose moment has come."""
        worklist.drain(self.app.extensions["kcs.worklists"]["outbox"], limit=20)

    def check(self, step: Step, live: int | None, may_vouch: bool) -> None:
        """Look at what must hold after every step."""
        article = self.article
        if article.state in (S.VALIDATED, S.PUBLISHED) and may_vouch:
            self.vouched.add(article.current_version_id or 0)
        if step[0] in QUIET:
            assert article.live_version_id == live, f"{step} changed what readers see"
        assert (article.live_version_id is not None) == (article.state is S.PUBLISHED)
        if article.live_version_id is not None:
            assert article.live_version_id in self.vouched, "readers see a text nobody validated"
        active = queries.active_reviews(article)
        kinds = Counter((each.asks, each.asked_by_id if each.asks is Asks.CHANGE else 0) for each in active)
        assert not kinds or max(kinds.values()) == 1, "two of a kind wait"
        for review in active:
            assert article.state not in (S.ARCHIVED, S.DELETED)
            if review.asks is not Asks.CHANGE:
                assert review.version_id == article.current_version_id
        for review in db.session.query(ReviewRequest).filter(ReviewRequest.state == ReviewState.ACCEPTED):
            assert review.decided_by_id != review.asked_by_id, "somebody decided on their own text"


def test_any_sequence_leaves_readers_with_vouched_texts(app: Flask) -> None:
    people = {name: make_agent(*standing).id for name, standing in PEOPLE.items()}
    db.session.commit()

    @settings(max_examples=8, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(steps, min_size=15, max_size=40))
    def run(taken: list[Step]) -> None:
        life = Life(app, people)
        # Begun where it matters: published, with a proposal on it.
        begun: list[Step] = [
            ("move", "publisher", Asks.VALIDATE, Move.VALIDATE),
            ("move", "publisher", Asks.VALIDATE, Move.PUBLISH),
            ("propose", "candidate", Asks.VALIDATE, Move.DOUBT),
        ]
        for number, step in enumerate([*begun[: 3 * (len(taken) % 2)], *taken]):
            live, agent = life.article.live_version_id, life.agent(step[1])
            may_vouch = rights.authority_for(agent, life.article, Right.VALIDATE) is not None
            try:
                life.do(step, number)
                db.session.commit()
            except KcsError:
                db.session.rollback()
            if step[0] == "wait":
                life.come_due()
            life.check(step, live, may_vouch)
            db.session.rollback()

    run()
