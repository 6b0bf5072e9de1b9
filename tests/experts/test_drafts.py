"""An answer becomes a draft with both names in one action, and what was given for inside stays inside."""

from __future__ import annotations

import pytest

from kcs.articles.models import Article
from kcs.articles.services import move_article, save_version
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, WorkflowError
from kcs.experts import services
from kcs.experts.drafting import make_draft
from kcs.experts.models import MayShow, Question
from kcs.solving.services import discard_draft, draft_article
from tests.experts.conftest import ANSWER, OUTSIDE, Support
from tests.factories import make_agent
from workflow.article import Audience, Move
from workflow.permissions import Licence
from workflow.solve import KnowledgeState


def answered(support: Support, may_show: MayShow = MayShow.CUSTOMERS, text: str = ANSWER) -> Question:
    """Ask, and let Tamar answer."""
    question = support.ask(OUTSIDE)
    services.answer(question.turn, text, may_show=may_show, name="Tamar", terms=support.terms)
    db.session.commit()
    return question


def test_one_action_makes_a_draft_with_both_names(support: Support) -> None:
    question = answered(support)
    browser = support.browser(support.ana)
    for _ in range(2):
        page = browser.post(f"/questions/{question.id}/draft", follow_redirects=True)
        assert page.status_code == 200
    db.session.expire_all()
    article = db.session.query(Article).one()
    version = article.current_version
    assert question.article_id == article.id
    assert (version.part("issue"), version.part("resolution")) == ("The button is grey.", ANSWER)
    assert version.note == "asked by Ana, answered by Tamar"
    assert (article.author_id, article.audience) == (support.ana.id, Audience.INTERNAL)
    assert support.ticket.knowledge_state is KnowledgeState.STRUCTURE
    assert support.kinds() == ["question.asked", "question.answered", "question.drafted"]
    shown = browser.get(f"/articles/{article.key}").text
    assert "Tamar answered what Ana asked" in shown


def test_a_draft_that_was_thrown_away_may_be_made_again(support: Support) -> None:
    question = answered(support)
    first = make_draft(question, by=support.ana)
    discard_draft(support.ticket, by=support.ana)
    db.session.commit()
    browser = support.browser(support.ana)
    page = browser.get(f"/questions/{question.id}").text
    assert first.key not in page
    assert "Make it a draft" in page
    assert make_draft(question, by=support.ana).id != first.id


def test_by_htmx_the_page_is_loaded_anew(support: Support) -> None:
    question = answered(support)
    browser = support.browser(support.ana)
    answer = browser.post(f"/questions/{question.id}/draft", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (200, "true")


FILLED = [
    ("", ANSWER),
    ("Try again.", f"Try again.\n\n{ANSWER}"),
    (f"So: {ANSWER}", f"So: {ANSWER}"),
]


@pytest.mark.parametrize(("before", "after"), FILLED)
def test_a_draft_that_is_there_is_filled_in(support: Support, before: str, after: str) -> None:
    article = draft_article(support.ticket, by=support.ana)
    parts = {"issue": "Mine", **({"resolution": before} if before else {})}
    save_version(article, "My title", parts, by=support.ana, base=1)
    number = article.current_version.number
    question = answered(support)
    assert make_draft(question, by=support.ana).id == article.id
    version = article.current_version
    assert version.number == number + (before != after)
    assert (version.title, version.part("issue"), version.part("resolution")) == ("My title", "Mine", after)


def test_who_and_what_makes_no_draft(support: Support) -> None:
    with pytest.raises(WorkflowError, match="no answer yet"):
        make_draft(support.ask(), by=support.ana)
    with pytest.raises(NotAllowed):
        make_draft(answered(support), by=make_agent(None))


def test_the_customers_data_in_an_answer_is_masked(support: Support) -> None:
    question = answered(support, text="Write to maria@example.com that pop-ups are blocked.")
    article = make_draft(question, by=support.ana)
    assert article.current_version.part("resolution") == "Write to [e-mail] that pop-ups are blocked."


def test_an_answer_for_colleagues_alone_goes_nowhere_outside(support: Support) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    question = answered(support, MayShow.INTERNAL)
    article = make_draft(question, by=publisher)
    move_article(article, Move.COMPLETE, by=publisher)
    move_article(article, Move.VALIDATE, by=publisher)
    with pytest.raises(InvalidInput, match="Tamar gave for colleagues alone"):
        move_article(article, Move.PUBLISH, by=publisher, audience=Audience.PUBLIC)
    assert article.state.value == "validated"
    parts = {"issue": "Grey", "resolution": "Ask support.", "notes": ANSWER}
    save_version(article, article.title, parts, by=publisher, base=article.current_version.number)
    move_article(article, Move.PUBLISH, by=publisher, audience=Audience.PUBLIC)
    assert article.state.value == "published"


def test_an_answer_for_customers_may_be_published(support: Support) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    article = make_draft(answered(support), by=publisher)
    for move in (Move.COMPLETE, Move.VALIDATE):
        move_article(article, move, by=publisher)
    move_article(article, Move.PUBLISH, by=publisher, audience=Audience.PUBLIC)
    assert article.audience is Audience.PUBLIC
