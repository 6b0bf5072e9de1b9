"""An app with one publishing target, and the people who publish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from kcs import database, worklist
from kcs.articles import services as articles
from kcs.articles.models import Article
from kcs.database import db
from kcs.outbox.models import Effect
from kcs.people.models import Agent
from kcs.publishing.models import Publication, Target
from kcs.worklist import Worklist
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, make_connection
from tests.fakes import FakeDesk, FakeHelpCentre, FakeProvider
from workflow.article import Audience, Move
from workflow.permissions import Licence, Role

SETTINGS = {"section_id": "1", "permission_group_id": "1"}


@pytest.fixture
def help_centre() -> FakeHelpCentre:
    """The help centre behind the target."""
    return FakeHelpCentre()


@pytest.fixture
def app(make_app: AppMaker, desk: FakeDesk, help_centre: FakeHelpCentre) -> Iterator[Flask]:
    """An app with one target."""
    app = make_app({"zendesk": FakeProvider(desk, help_centre)})
    with app.app_context():
        db.session.add(Target(connection_id=make_connection().id, locale="en-us", settings=SETTINGS))
        db.session.commit()
        yield app


@dataclass
class Press:
    """Does what a publisher does, and lets the outbox work."""

    app: Flask
    by_id: int

    @property
    def by(self) -> Agent:
        """The publisher, in the present session."""
        return db.session.get_one(Agent, self.by_id)

    def move(self, article_id: int, move: Move, audience: Audience | None = None) -> None:
        """Make one move and commit."""
        article = db.session.get_one(Article, article_id)
        articles.move_article(article, move, by=self.by, audience=audience, reason="needed")
        db.session.commit()

    def publish(self, article_id: int, audience: Audience = Audience.PUBLIC) -> None:
        """Take it outside."""
        self.move(article_id, Move.PUBLISH, audience)

    def edit(self, article_id: int, resolution: str) -> None:
        """Write a new version."""
        article = db.session.get_one(Article, article_id)
        present = article.current_version
        parts = {**present.parts, "resolution": resolution}
        articles.save_version(article, present.title, parts, by=self.by, base=present.number)
        db.session.commit()

    @property
    def outbox(self) -> Worklist:
        """The list of effects."""
        found: Worklist = self.app.extensions["kcs.worklists"]["outbox"]
        return found

    def work(self) -> int:
        """Bring about everything that is written, due or not."""
        soon = database.now() - timedelta(minutes=1)
        waiting = Effect.state == worklist.WorkState.WAITING
        db.session.execute(update(Effect).where(waiting).values(not_before=soon))
        db.session.commit()
        return worklist.drain(self.outbox)


@pytest.fixture
def press(app: Flask) -> Press:
    """A publisher at work."""
    by = make_agent(Licence.PUBLISHER, [Role.COACH])
    db.session.commit()
    return Press(app, by.id)


@pytest.fixture
def article(app: Flask) -> int:
    """A validated article, ready to be published; its id."""
    made = make_article()
    db.session.commit()
    return made.id


def effects() -> list[Effect]:
    """Return the outbox as the database has it now, oldest first."""
    db.session.expire_all()
    return list(db.session.execute(select(Effect).order_by(Effect.id)).scalars())


def publication() -> Publication:
    """Return the one publication as the database has it now."""
    db.session.expire_all()
    return db.session.execute(select(Publication)).scalar_one()
