"""A team with its coach and manager, and others who have no business with it."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs import database
from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.database import db
from kcs.people.models import Agent
from kcs.sampling import queries, services
from kcs.sampling.models import Sample
from kcs.sampling.questions import Kind
from kcs.sampling.things import Thing, get_thing
from kcs.solving.models import Link
from kcs.solving.services import link_article
from kcs.tickets.models import Ticket
from tests.factories import PASSWORD, make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

# Many people sign in here: hashing is made cheap, not left out.
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
TITLE = "Export button is grey, Reports 4.2"


class Desk:
    """Ana works in team north; Cleo coaches it, Max manages it. Ola is a coach elsewhere who coaches Ben."""

    def __init__(self, app: Flask, desk: FakeDesk) -> None:
        self.app = app
        self.desk = desk
        self._browsers: dict[int, FlaskClient] = {}
        self.ana = make_agent(Licence.CONTRIBUTOR, email="ana@example.com", team="North")
        self.dan = make_agent(Licence.CONTRIBUTOR, email="dan@example.com", team="North")
        self.cleo = make_agent(None, [Role.COACH], email="cleo@example.com", team="North")
        self.max = make_agent(None, [Role.MANAGER], email="max@example.com", team="North")
        self.ben = make_agent(Licence.CANDIDATE, email="ben@example.com", team="South")
        self.ola = make_agent(None, [Role.COACH], email="ola@example.com", team="East")
        self.mia = make_agent(None, [Role.MANAGER], email="mia@example.com", team="East")
        self.una = make_agent(None, [Role.COACH, Role.MANAGER], email="una@example.com")
        self.adam = make_agent(None, [Role.ADMIN], email="adam@example.com", team="North")
        self.ben.coach_id = self.ola.id
        db.session.commit()

    def article(self, author: Agent, state: ArticleState = ArticleState.VALIDATED) -> Article:
        """Let somebody have written an article."""
        made = make_article(state, title=TITLE, author=author)
        db.session.commit()
        return made

    def ticket(self, solver: Agent) -> Ticket:
        """Let somebody have solved a ticket just now: the desk's clock stands long ago."""
        made = make_ticket(self.desk, solved_by=solver.email)
        made.solved_at = database.now()
        db.session.commit()
        return made

    def link(self, agent: Agent) -> Link:
        """Let somebody have answered a ticket with an article."""
        made = link_article(make_ticket(self.desk), self.article(self.dan), by=agent)
        db.session.commit()
        return made

    def thing(self, kind: Kind, of: Agent) -> int:
        """Make something of a kind that is a person's work; return its id."""
        if kind is Kind.ARTICLE:
            return self.article(of).current_version.id
        return self.ticket(of).id if kind is Kind.TICKET else self.link(of).id

    def open(self, kind: Kind, thing_id: int, by: Agent) -> Thing:
        """Return a thing as a person may open it."""
        return get_thing(kind, thing_id, by)

    def judge(
        self, kind: Kind, thing_id: int, by: Agent, comment: str = "", /, **answers: bool | None
    ) -> Sample:
        """Judge a thing: yes to whatever is not said otherwise."""
        given = {question.code: answers.get(question.code, True) for question in queries.questions_of(kind)}
        sample = services.judge(self.open(kind, thing_id, by), given, by=by, comment=comment)
        db.session.commit()
        return sample

    def browser(self, agent: Agent) -> FlaskClient:
        """Return a browser at which a person is signed in."""
        g.pop("_login_user", None)  # the test's context outlives a request, and so would who was signed in
        if agent.id not in self._browsers:
            agent.password_hash = QUICK_HASH
            db.session.commit()
            browser = self._browsers[agent.id] = self.app.test_client()
            browser.post("/sign-in", data={"email": agent.email, "password": PASSWORD})
        return self._browsers[agent.id]

    def log(self) -> list[Activity]:
        """Return what was recorded of samples, in order."""
        query = select(Activity).where(Activity.kind.like("sample%")).order_by(Activity.id)
        return list(db.session.execute(query).scalars())


def form_of(kind: Kind, **answers: str) -> dict[str, Any]:
    """Return a form with yes to whatever is not said otherwise."""
    asked = {f"answer-{question.code}": "yes" for question in queries.questions_of(kind)}
    return {**asked, **{f"answer-{code}": value for code, value in answers.items()}}


@pytest.fixture
def support(app: Flask, desk: FakeDesk) -> Desk:
    """The team and the others."""
    return Desk(app, desk)
