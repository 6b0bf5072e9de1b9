"""What speaks for an article beside its words: a few percent, in the right direction."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from kcs.articles.trust import Trust
from kcs.database import db
from kcs.people.models import Agent
from kcs.search.index import SearchIndex
from kcs.search.queries import find
from kcs.search.standing import Context, factor, unlinked_shares
from kcs.solving.services import link_article, unlink
from tests.factories import make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState
from workflow.permissions import Licence

PLAIN = Trust(
    ArticleState.VALIDATED, checked_at=None, checked_by=None, solved=0, flags=0, unchecked=False, warns=False
)


@pytest.mark.parametrize(
    ("trust", "unlinked", "context", "better"),
    [
        (replace(PLAIN, solved=10), 0.0, None, True),
        (replace(PLAIN, unchecked=True), 0.0, None, False),
        (replace(PLAIN, flags=1), 0.0, None, False),
        (PLAIN, 0.5, None, False),
        (PLAIN, 0.0, Context(tags=frozenset({"billing"})), True),
        (PLAIN, 0.0, Context(language="en"), True),
    ],
    ids=["reused", "unchecked", "flagged", "taken back", "same tag", "same language"],
)
def test_each_fact_lifts_or_lowers(
    app: Flask, trust: Trust, unlinked: float, context: Context | None, better: bool
) -> None:
    article = make_article(ArticleState.VALIDATED)
    article.tags = ["Billing"]
    plain = factor(article, PLAIN, 0.0, None)
    assert (factor(article, trust, unlinked, context) > plain) is better
    assert 0.8 < factor(article, trust, unlinked, context) < 1.3


def test_a_validated_article_comes_before_a_draft_that_says_the_same(app: Flask) -> None:
    index: SearchIndex = app.extensions["kcs.search"]
    draft = make_article(ArticleState.WIP, title="Printer jams", parts={"resolution": "Open tray."})
    good = make_article(ArticleState.VALIDATED, title="Printer jams", parts={"resolution": "Open tray."})
    db.session.commit()
    reader = make_agent()
    assert [each.article.id for each in find(index, "printer jams", reader=reader)] == [good.id, draft.id]


def test_a_link_taken_back_counts_against_an_article(app: Flask, desk: FakeDesk) -> None:
    by: Agent = make_agent(Licence.PUBLISHER)
    article, other = make_article(ArticleState.VALIDATED), make_article(ArticleState.VALIDATED)
    for _ in range(2):
        unlink(link_article(make_ticket(desk), article, by=by), by=by)
    link_article(make_ticket(desk), other, by=by)
    db.session.commit()
    # Of so few links none says much: two of two weigh as two of five.
    assert unlinked_shares([article.id, other.id]) == {article.id: 0.4, other.id: 0.0}
