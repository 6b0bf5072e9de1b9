"""The answer link: what it opens, what it refuses, and the chain it can be passed along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from kcs import database
from kcs.activity.models import Activity
from kcs.database import db
from kcs.errors import KcsError, WorkflowError
from kcs.experts import services
from kcs.experts.drafting import make_draft
from kcs.experts.links import hash_of
from kcs.experts.models import MayShow, Question, QuestionState, Turn
from kcs.experts.reminding import expire_due
from kcs.extensions import limiter
from kcs.people.services import deactivate
from tests.experts.conftest import ANSWER, OUTSIDE, TEXT, Support

SENT = {"answer": ANSWER, "may_show": "customers"}


def test_the_page_shows_the_question_and_nothing_else(support: Support) -> None:
    question = support.ask(OUTSIDE)
    answer = support.browser().get(support.link(question))
    assert answer.status_code == 200
    assert TEXT in answer.text
    assert "The button is grey." in answer.text
    ticket = support.ticket
    for secret in (ticket.url, ticket.subject, "Maria", f"/tickets/{ticket.connection.name}", "Main"):
        assert secret not in answer.text, secret
    assert {name: answer.headers[name] for name in ("Referrer-Policy", "X-Robots-Tag", "Cache-Control")} == {
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "Cache-Control": "no-store",
    }
    assert "Set-Cookie" not in answer.headers


def test_only_a_hash_of_the_link_is_kept(support: Support) -> None:
    question = support.ask()
    token = support.link(question).removeprefix("/answer/")
    assert len(token) == 43
    assert question.turn.token_hash == hash_of(token)
    rows = db.session.execute(db.text("SELECT * FROM question_turns")).all()
    assert token not in str(rows)


FORGED = ["x", "A" * 43, "A" * 5000, "..%2F..", "%00", "\u05d0" * 43]


def test_a_forged_link_opens_a_helpful_page(support: Support) -> None:
    support.ask()
    browser = support.browser()
    for token in FORGED:
        for answer in (
            browser.get(f"/answer/{token}"),
            browser.post(f"/answer/{token}", data=SENT),
            browser.post(f"/answer/{token}/pass-on", data={"to": "cem@example.com"}),
        ):
            assert answer.status_code == 404, token
            assert TEXT not in answer.text
            if "%2F" not in token:
                assert "copy it whole" in answer.text
    assert support.kinds() == ["question.asked"]


def _withdraw(support: Support, question: Question) -> None:
    services.withdraw(question, by=support.ana)


def _expire(_support: Support, question: Question) -> None:
    question.turn.expires_at = database.now() - timedelta(seconds=1)


def _leave(support: Support, _question: Question) -> None:
    deactivate(support.ben)


def _pass_on(support: Support, question: Question) -> None:
    services.pass_on(question.turn, support.cem, terms=support.terms)


def _draft(support: Support, question: Question) -> None:
    services.answer(question.turn, ANSWER, may_show=MayShow.CUSTOMERS, terms=support.terms)
    make_draft(question, by=support.ana)


CLOSED: list[tuple[Callable[[Support, Question], None], int, str]] = [
    (_withdraw, 410, "No answer is needed"),
    (_expire, 410, "The time to answer is over"),
    (_pass_on, 410, "You passed this question on"),
    (_draft, 410, "has become an article"),
    (_leave, 404, "does not open a question"),
]


def test_a_link_that_is_over_says_why_and_takes_nothing(support: Support) -> None:
    for end, status, words in CLOSED:
        question = support.ask(ticket=support.new_ticket())
        link = support.link(question)
        end(support, question)
        db.session.commit()
        before = (question.answer, support.kinds())
        for answer in (
            support.browser().get(link),
            support.browser().post(link, data={**SENT, "answer": "Something else"}),
            support.browser().post(f"{link}/pass-on", data={"to": OUTSIDE}),
        ):
            assert (answer.status_code, words in answer.text) == (status, True), (words, answer.text)
            assert TEXT not in answer.text
        db.session.expire_all()
        assert (question.answer, support.kinds()) == before
        with pytest.raises(WorkflowError):
            services.answer(question.turns[0], "Late", may_show=MayShow.INTERNAL, terms=support.terms)
        db.session.rollback()


def test_answering_and_changing_the_answer_without_a_seat(support: Support) -> None:
    question = support.ask(OUTSIDE)
    link = support.link(question)
    browser = support.browser()
    for text in (ANSWER, ANSWER, "Better: restart the browser."):
        sent = {"answer": f" {text}\0 ", "may_show": "customers", "name": "Tamar\nLevi"}
        answer = browser.post(link, data=sent, follow_redirects=True)
        assert answer.status_code == 200
        assert "Thank you: your answer has arrived" in answer.text
        assert text in answer.text
    db.session.expire_all()
    assert question.state is QuestionState.ANSWERED
    assert (question.answer, question.may_show) == ("Better: restart the browser.", MayShow.CUSTOMERS)
    assert question.turn.name == "Tamar Levi"
    assert support.kinds() == ["question.asked", "question.answered", "question.answer_changed"]
    row = db.session.execute(select(Activity).where(Activity.kind == "question.answered")).scalar_one()
    assert (row.authority, row.agent_id, row.ticket_id) == ("answer_link", None, support.ticket.id)
    ticket = support.ask_path().removesuffix("/ask")
    page = support.browser(support.ana).get(ticket).text
    assert "Answered by Tamar Levi" in page
    assert "Make it a draft" in page


def test_what_is_no_answer_is_refused_in_words(support: Support) -> None:
    question = support.ask()
    for text in ("", " \n\0"):
        answer = support.browser().post(support.link(question), data={"answer": text})
        assert answer.status_code == 422
        assert "Write the answer" in answer.text
    assert question.state is QuestionState.OPEN


def test_what_was_not_chosen_stays_inside_and_a_long_answer_is_cut(support: Support) -> None:
    question = support.ask()
    support.browser().post(support.link(question), data={"answer": "a" * 20_000, "may_show": "everybody"})
    db.session.expire_all()
    assert (len(question.answer), question.may_show) == (10_000, MayShow.INTERNAL)


def test_html_in_an_answer_is_shown_as_text(support: Support) -> None:
    question = support.ask()
    planted = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    support.browser().post(support.link(question), data={**SENT, "answer": planted})
    ticket = support.ask_path().removesuffix("/ask")
    browser = support.browser(support.ana)
    for path in (ticket, f"/questions/{question.id}", support.link(question)):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_the_link_works_without_a_session_and_csrf_tokens(support: Support) -> None:
    question = support.ask()
    support.app.config["WTF_CSRF_ENABLED"] = True
    answer = support.browser().post(support.link(question), data=SENT)
    assert answer.status_code == 303
    assert support.browser().post(f"/questions/{question.id}/answer", data=SENT).status_code == 400


def test_guessing_is_slowed_down(support: Support) -> None:
    limiter.enabled = True
    limiter.reset()
    browser = support.browser()
    statuses = [browser.post("/answer/guessed", data=SENT).status_code for _ in range(12)]
    limiter.reset()
    assert statuses[:10] == [404] * 10
    assert statuses[-1] == 429


def test_a_question_is_passed_on_with_its_chain(support: Support) -> None:
    question = support.ask()
    first = support.link(question)
    sent = {"to": OUTSIDE, "remark": "She wrote it"}
    answer = support.browser().post(f"{first}/pass-on", data=sent, follow_redirects=True)
    assert "You passed this question on" in answer.text
    db.session.expire_all()
    assert [turn.email for turn in question.turns] == ["ben@example.com", OUTSIDE]
    assert question.turns[0].remark == "She wrote it"
    second = support.link(question)
    assert second != first
    assert support.browser().post(second, data=SENT).status_code == 303
    page = support.browser(support.ana).get(f"/questions/{question.id}").text
    assert "Ana asked Ben" in page
    assert f"Ben passed it on to {OUTSIDE}" in page
    rows = db.session.execute(select(Activity).where(Activity.kind == "question.forwarded")).scalars().all()
    assert [row.detail["from_turn_id"] for row in rows] == [question.turns[0].id]


REFUSED = [
    ("ana@example.com", "asked this question"),
    ("ben@example.com", "asked this question already"),
    ("x@elsewhere.example", "KCS_EXPERTS_OUTSIDE"),
    ("", "Choose whom"),
]


def test_whom_a_question_cannot_be_passed_on_to(support: Support) -> None:
    question = support.ask()
    for to, words in REFUSED:
        answer = support.browser().post(f"{support.link(question)}/pass-on", data={"to": to})
        assert (answer.status_code, words in answer.text) == (422, True), to
    assert db.session.query(Turn).count() == 1


def test_a_chain_ends(support: Support) -> None:
    question = support.ask()
    for number in range(services.MOST_TURNS - 1):
        services.pass_on(question.turn, support.person(f"p{number}@partner.example"), terms=support.terms)
    with pytest.raises(WorkflowError, match="often enough"):
        services.pass_on(question.turn, support.person(OUTSIDE), terms=support.terms)


def test_passed_on_twice_at_once_is_once(support: Support) -> None:
    question = support.ask()
    turn = question.turn
    given = services.pass_on(turn, support.cem, terms=support.terms)
    assert services.pass_on(turn, support.cem, terms=support.terms).id == given.id
    with pytest.raises(WorkflowError):
        services.pass_on(turn, support.person(OUTSIDE), terms=support.terms)


def test_a_colleague_answers_on_their_own_page(support: Support) -> None:
    question = support.ask()
    path = f"/questions/{question.id}"
    assert support.browser(support.cem).post(f"{path}/answer", data=SENT).status_code == 403
    assert support.browser(support.cem).post(f"{path}/pass-on", data={"to": OUTSIDE}).status_code == 403
    ben = support.browser(support.ben)
    assert "Send the answer" in ben.get(path).text
    assert ben.post(f"{path}/answer", data={"answer": ""}).status_code == 422
    assert ANSWER in ben.post(f"{path}/answer", data=SENT, follow_redirects=True).text
    assert TEXT not in ben.get("/questions").text


def test_what_nobody_answers_expires_once(support: Support) -> None:
    question, other = support.ask(), support.ask("cem@example.com")
    question.turn.expires_at = database.now() - timedelta(hours=1)
    db.session.commit()
    assert [expire_due(), expire_due()] == [1, 0]
    assert (question.state, other.state) == (QuestionState.EXPIRED, QuestionState.OPEN)
    row = db.session.execute(select(Activity).where(Activity.kind == "question.expired")).scalar_one()
    assert row.happened_at == question.turn.expires_at
    with pytest.raises(KcsError):
        services.answer(question.turn, ANSWER, may_show=MayShow.CUSTOMERS, terms=support.terms)
