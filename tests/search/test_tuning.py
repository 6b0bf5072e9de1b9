"""`kcs search tune`: learns from links and judgements, and changes nothing unless it wins."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from kcs import database
from kcs.database import db
from kcs.search import tuning
from kcs.search.commands import search
from kcs.search.engine.weights import Weights
from kcs.search.index import SearchIndex
from kcs.search.models import SearchWeights
from kcs.search.tuned import current_weights
from kcs.solving.past_tickets import import_past_tickets
from tests.factories import make_article
from workflow.article import ArticleState

THINGS = ("printer", "scanner", "phone", "camera", "keyboard", "monitor", "router", "laptop")


@pytest.fixture
def index(app: Flask) -> SearchIndex:
    """The app's own index."""
    found: SearchIndex = app.extensions["kcs.search"]
    return found


def solve(*, misleading: bool) -> None:
    """Take 56 solved tickets over. `misleading`: titles name what another solves, tickets alone tell."""
    made = []
    for number, thing in enumerate(THINGS):
        title = THINGS[(number + 1) % len(THINGS)] if misleading else thing
        made.append(
            make_article(ArticleState.VALIDATED, title=f"My {title}", parts={"resolution": "Restart it."})
        )
    db.session.commit()
    past = (
        {
            "id": f"{turn}-{thing}",
            "title": f"About my {thing}",
            "body": f"it makes noise {turn}",
            "articles": [key],
        }
        for turn in range(7)
        for thing, key in zip(THINGS, [article.key for article in made], strict=True)
    )
    assert all(not outcome.remarks for outcome in import_past_tickets(json.dumps(each) for each in past))


def kept() -> int:
    """Return how many sets of weights were kept."""
    return db.session.execute(select(func.count()).select_from(SearchWeights)).scalar_one()


def test_weights_are_learnt_that_win_and_can_be_forgotten(index: SearchIndex) -> None:
    solve(misleading=True)
    index_before = [hit.article_id for hit in index.search("About my printer")]
    hard = Weights(title=5.0, short=0.05, tickets=0.01, ticket_pairs=0.01, words=0.01, own_title=2.0)
    db.session.add(SearchWeights(values={**hard.__dict__}, gain=0, tickets=0, learnt_at=database.now()))
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


def test_nothing_changes_where_nothing_is_to_be_won(index: SearchIndex) -> None:
    solve(misleading=False)
    outcome = tuning.tune(index)
    assert outcome.before == outcome.after == 1.0
    assert (outcome.kept, kept()) == (False, 0)
    assert outcome.weights == Weights() == current_weights()


def test_a_dry_run_keeps_nothing_and_the_command_tells_the_gain(app: Flask, index: SearchIndex) -> None:
    solve(misleading=False)
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
