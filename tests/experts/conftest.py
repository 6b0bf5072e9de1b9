"""An agent with a ticket, somebody who knows, and the links they get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.activity.models import Activity
from kcs.articles.policy import Domain
from kcs.database import db
from kcs.experts import services
from kcs.experts.links import Terms
from kcs.experts.models import Question
from kcs.experts.whom import Expert, person_named
from kcs.people.models import Agent
from kcs.tickets.models import Ticket
from tests.conftest import AppMaker
from tests.factories import make_agent, make_ticket, sign_in
from tests.fakes import FakeDesk
from workflow.permissions import Licence

TEXT = "Why is the export button grey in Reports 4.2?"
ANSWER = "Pop-ups are blocked. Allow them for this site and load the page again."
OUTSIDE = "tamar@partner.example"


class Support:
    """Ana asks, Ben knows billing, Tamar is nobody with a seat."""

    def __init__(self, app: Flask, desk: FakeDesk) -> None:
        self.app = app
        self.desk = desk
        self._browsers: dict[int, FlaskClient] = {}
        self.ana = make_agent(Licence.CONTRIBUTOR, email="ana@example.com")
        self.ben = make_agent(None, email="ben@example.com")
        self.cem = make_agent(Licence.CANDIDATE, email="cem@example.com")
        domain = Domain(key="billing", name="Billing", tags=["billing"])
        domain.experts = [self.ben]
        db.session.add(domain)
        self.ticket = self.new_ticket()
        db.session.commit()

    @property
    def terms(self) -> Terms:
        """How experts are asked in this app."""
        found: Terms = self.app.extensions["kcs.experts"]
        return found

    def new_ticket(self, **words: Any) -> Ticket:
        """Let a customer write."""
        return make_ticket(self.desk, **{"tags": ("billing",), **words})

    def person(self, words: str) -> Expert:
        """Return whom an address names."""
        return person_named(words, self.terms)

    def ask(
        self,
        to: str = "ben@example.com",
        *,
        text: str = TEXT,
        quote: str = "The button is grey.",
        ticket: Ticket | None = None,
        by: Agent | None = None,
    ) -> Question:
        """Ask, as the form does."""
        question = services.ask(
            ticket or self.ticket,
            text,
            by=by or self.ana,
            to=self.person(to),
            quote=quote,
            terms=self.terms,
        )
        db.session.commit()
        return question

    def link(self, question: Question, turn: int = -1) -> str:
        """Return the path of the link of one turn at a question."""
        address = self.terms.address_of(question.turns[turn])
        assert address is not None
        return address.removeprefix(self.terms.base_url)

    def browser(self, agent: Agent | None = None) -> FlaskClient:
        """Return a browser, somebody signed in at it or nobody."""
        if agent is None:
            return self.app.test_client()
        if agent.id not in self._browsers:
            self._browsers[agent.id] = sign_in(self.app.test_client(), agent)
        return self._browsers[agent.id]

    def ask_path(self, ticket: Ticket | None = None) -> str:
        """Return where the form of a ticket is."""
        ticket = ticket or self.ticket
        return f"/tickets/{ticket.connection.name}/{ticket.remote_id}/ask"

    def kinds(self) -> list[str]:
        """Return what was recorded of questions, in order."""
        query = db.select(Activity.kind).where(Activity.kind.like("question.%")).order_by(Activity.id)
        return list(db.session.execute(query).scalars())


@pytest.fixture
def app(make_app: AppMaker) -> Iterator[Flask]:
    """An app where partners may be asked without a seat, and no mail is set up."""
    made = make_app()
    terms: Terms = made.extensions["kcs.experts"]
    made.extensions["kcs.experts"] = replace(terms, outside=frozenset({"partner.example"}))
    with made.app_context():
        yield made


@pytest.fixture
def support(app: Flask, desk: FakeDesk) -> Support:
    """Ana, Ben, Cem and a ticket."""
    return Support(app, desk)
