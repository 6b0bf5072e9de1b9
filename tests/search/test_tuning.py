"""`kcs search tune`: learns from links, changes nothing unless it wins, and never lets a ticket find itself."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from kcs.articles.models import Article
from kcs.database import db
from kcs.people.models import Agent
from kcs.search import tuning
from kcs.search.commands import search
from kcs.search.engine.weights import Weights
from kcs.search.index import SearchIndex
from kcs.search.models import SearchWeights
from kcs.search.tuned import current_weights
from kcs.solving.services import link_article
from tests.factories import make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState
from workflow.permissions import Licence

THINGS = ("printer", "scanner", "phone", "camera", "keyboard", "monitor", "router", "laptop")


@pytest.fixture
def index(app: Flask) -> SearchIndex:
    """The app's own index."""
    found: SearchIndex = app.extensions["kcs.search"]
    return found


@pytest.fixture
def publisher(app: Flask) -> Agent:
    """Somebody who links."""
    return make_agent(Licence.PUBLISHER)


def solved(desk: FakeDesk, publisher: Agent, *, misleading: bool) -> list[Article]:
    """Link 56 tickets. Where `misleading`, titles name what another article solves: past tickets alone tell."""
    made = []
    for number, thing in enumerate(THINGS):
        title = THINGS[(number + 1) % len(THINGS)] if misleading else thing
        made.append(
            make_article(ArticleState.VALIDATED, title=f"My {title}", parts={"resolution": "Restart it."})
        )
    for turn in range(7):
        for thing, article in zip(THINGS, made, strict=True):
            ticket = make_ticket(desk, body=f"the {thing} makes noise {turn}", subject=f"About my {thing}")
            link_article(ticket, article, by=publisher)
    db.session.commit()
    return made


def kept() -> int:
    """Return how many sets of weights were kept."""
    return db.session.execute(select(func.count()).select_from(SearchWeights)).scalar_one()


def test_weights_are_learnt_that_win_and_can_be_forgotten(
    index: SearchIndex, desk: FakeDesk, publisher: Agent
) -> None:
    solved(desk, publisher, misleading=True)
    index_before = [hit.article_id for hit in index.search("About my printer")]
    hard = Weights(title=5.0, short=0.05, tickets=0.01, ticket_pairs=0.01, words=0.01, own_title=2.0)
    db.session.add(
        SearchWeights(values={**hard.__dict__}, gain=0, tickets=0, learnt_at=publisher.created_at)
    )
    db.session.commit()
    outcome = tuning.tune(index)
    assert outcome.questions == 56
    assert outcome.kept
    assert outcome.after > outcome.before + 0.5
    assert current_weights() == outcome.weights
    assert outcome.weights.tickets > hard.tickets
    assert tuning.forget() == 2
    assert current_weights() == Weights()
    assert [hit.article_id for hit in index.search("About my printer")] == index_before


def test_nothing_changes_where_nothing_is_to_be_won(
    index: SearchIndex, desk: FakeDesk, publisher: Agent
) -> None:
    solved(desk, publisher, misleading=False)
    outcome = tuning.tune(index)
    assert outcome.before == outcome.after == 1.0
    assert (outcome.kept, kept()) == (False, 0)
    assert outcome.weights == Weights() == current_weights()


def test_a_dry_run_keeps_nothing_and_the_command_tells_the_gain(
    app: Flask, index: SearchIndex, desk: FakeDesk, publisher: Agent
) -> None:
    solved(desk, publisher, misleading=False)
    answer = FlaskCliRunner(app).invoke(search, ["tune", "--dry-run"])
    assert answer.exit_code == 0, answer.output
    assert "56 tickets: the right article first for 100.0%" in answer.output
    assert "Nothing was changed: a dry run." in answer.output
    told = json.loads(FlaskCliRunner(app).invoke(search, ["tune", "--json"]).stdout)
    assert (told["questions"], told["kept"], told["before"]) == (56, False, 1.0)
    assert kept() == 0
    assert "already" in FlaskCliRunner(app).invoke(search, ["tune", "--reset"]).output


def test_too_little_to_learn_from_is_said_with_what_to_do(app: Flask) -> None:
    answer = FlaskCliRunner(app).invoke(search, ["tune"])
    assert answer.exit_code == 1
    assert "There are 0 solved tickets and judgements to learn from; 50 are needed" in answer.output
