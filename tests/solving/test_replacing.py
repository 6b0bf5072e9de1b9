"""A draft that turns out to be known: the known article is linked in its place, at once or not at all."""

from __future__ import annotations

import pytest
from flask import Flask

from kcs.articles.models import Article
from kcs.articles.services import move_article
from kcs.database import db
from kcs.errors import KcsError, NotAllowed, WorkflowError
from kcs.people.models import Agent
from kcs.solving import queries
from kcs.solving.services import draft_article, link_article, replace_draft
from kcs.tickets.models import Ticket
from tests.factories import make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState, Move
from workflow.permissions import Licence
from workflow.solve import KnowledgeState


@pytest.fixture
def ann(app: Flask) -> Agent:
    return make_agent(Licence.CONTRIBUTOR, email="ann@example.com")


@pytest.fixture
def known(ann: Agent) -> Article:
    return make_article(key="KB-1")


def linked(ticket: Ticket) -> list[str]:
    return [link.article.key for link in queries.present_links(ticket)]


def test_the_known_article_takes_the_drafts_place_and_again_changes_nothing(
    ann: Agent, known: Article, desk: FakeDesk
) -> None:
    for solved_by, state in (("", KnowledgeState.REUSE), (ann.email, KnowledgeState.ANSWERED)):
        ticket = make_ticket(desk, solved_by=solved_by)
        draft = draft_article(ticket, by=ann)
        first = replace_draft(ticket, known, by=ann)
        db.session.commit()
        assert (draft.state, linked(ticket), ticket.knowledge_state) == (
            ArticleState.DELETED,
            ["KB-1"],
            state,
        )
        assert replace_draft(ticket, known, by=ann).id == first.id
        assert linked(ticket) == ["KB-1"]


def test_an_article_linked_beside_the_draft_stays_linked_once(
    ann: Agent, known: Article, desk: FakeDesk
) -> None:
    ticket = make_ticket(desk)
    link_article(ticket, known, by=ann)
    draft = draft_article(ticket, by=ann)
    replace_draft(ticket, known, by=ann)
    assert (draft.state, linked(ticket)) == (ArticleState.DELETED, ["KB-1"])


def test_where_one_half_is_refused_the_other_is_not_done(ann: Agent, known: Article, desk: FakeDesk) -> None:
    ticket = make_ticket(desk)
    draft = draft_article(ticket, by=ann)
    gone = make_article(ArticleState.ARCHIVED, key="KB-2")
    db.session.commit()
    cases: list[tuple[Article, Agent, type[KcsError]]] = [
        (gone, ann, WorkflowError),
        (draft, ann, WorkflowError),
        (known, make_agent(Licence.CANDIDATE), NotAllowed),
        (known, make_agent(None), NotAllowed),
    ]
    db.session.commit()
    for article, by, error in cases:
        with pytest.raises(error):
            replace_draft(ticket, article, by=by)
        db.session.rollback()
        assert (draft.state, linked(ticket)) == (ArticleState.WIP, [draft.key])


def test_a_draft_that_has_grown_is_not_thrown_away(ann: Agent, known: Article, desk: FakeDesk) -> None:
    ticket = make_ticket(desk)
    draft = draft_article(ticket, by=ann, parts={"resolution": "Allow pop-ups."})
    move_article(draft, Move.COMPLETE, by=ann)
    with pytest.raises(WorkflowError, match="has grown beyond a draft"):
        replace_draft(ticket, known, by=ann)
