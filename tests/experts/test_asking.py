"""Asking an expert from a ticket: whom, what goes along, and what is shown first."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from kcs.activity.models import Activity
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed
from kcs.experts import services
from kcs.experts.models import MayShow, OutsideExpert, Question, QuestionState
from kcs.experts.whom import choices
from kcs.people.services import deactivate
from kcs.ports import AuthorKind, DeskUser
from kcs.solving.services import link_article
from tests.experts.conftest import ANSWER, OUTSIDE, TEXT, Support
from tests.factories import make_agent, make_article
from workflow.permissions import Licence

PRIVATE = DeskUser("u7", AuthorKind.REQUESTER, "Maria Lopez", "maria.lopez@customer.example")


def test_owners_come_before_the_domains_experts_and_each_once(support: Support) -> None:
    owned = [make_article(author=each, title=f"{each.name}'s") for each in (support.cem, support.ben)]
    own, left = make_article(author=support.ana), make_article(author=make_agent(email="left@example.com"))
    deactivate(left.owner)  # type: ignore[arg-type]
    found = choices(support.ticket, [own, left, *owned], by=support.ana)
    assert [(each.agent.name, each.why, each.of) for each in found] == [
        ("Cem", "owner", owned[0].key),
        ("Ben", "owner", owned[1].key),
    ]
    assert [(each.agent.name, each.of) for each in choices(support.ticket, [], by=support.ana)] == [
        ("Ben", "Billing")
    ]


NAMED = [
    ("ben@example.com", "ben@example.com"),
    ("BEN@example.com ", "ben@example.com"),
    ("ben", "ben@example.com"),
    (OUTSIDE, OUTSIDE),
    (OUTSIDE.upper(), OUTSIDE),
]
NOBODY = [
    ("", "Choose whom"),
    ("Nobody Known", "No colleague is called"),
    ("x@elsewhere.example", "KCS_EXPERTS_OUTSIDE"),
    ("a b@partner.example", "no e-mail address"),
    ("a@partner.example\r\nBcc: b@partner.example", "no e-mail address"),
    ("a@b@partner.example", "no e-mail address"),
    ("gone@example.com", "has left"),
    ("ana", "More than one colleague"),
]


def test_whom_a_word_names(support: Support) -> None:
    deactivate(make_agent(email="gone@example.com"))
    make_agent(email="ana@other.example")
    for words, address in NAMED:
        assert support.person(words).email == address
    for words, refusal in NOBODY:
        with pytest.raises(InvalidInput, match=refusal) as refused:
            support.person(words)
        assert refused.value.errors.keys() == {"to"}
    assert db.session.execute(select(OutsideExpert.email)).scalars().all() == [OUTSIDE]


def test_what_a_question_needs(support: Support) -> None:
    unlicensed = make_agent(None)
    for by, to, text, error in (
        (unlicensed, support.ben, TEXT, NotAllowed),
        (support.ana, support.ana, TEXT, InvalidInput),
        (support.ana, support.ben, "Why?\0", InvalidInput),
    ):
        with pytest.raises(error):
            services.ask(support.ticket, text, by=by, to=to, terms=support.terms)
    assert support.kinds() == []


def test_the_form_comes_and_goes_within_the_page(support: Support) -> None:
    browser, htmx = support.browser(support.ana), {"HX-Request": "true"}
    shown = browser.get(support.ask_path(), headers=htmx).text
    closed = browser.get(f"{support.ask_path()}?closed=1", headers=htmx).text
    wrong = browser.post(support.ask_path(), data={"to": ""}, headers=htmx)
    for text, form in ((shown, True), (closed, False), (wrong.text, True)):
        assert '<section class="stack" id="experts"' in text
        assert "<html" not in text
        assert ("<textarea" in text) == form
    assert wrong.status_code == 200
    assert "Choose whom to ask" in wrong.text
    assert browser.get(f"{support.ask_path()}?closed=1").status_code == 303


def test_asked_twice_is_one_question(support: Support) -> None:
    assert support.ask().id == support.ask().id
    assert support.ask("cem@example.com").id != support.ask().id
    assert support.kinds() == ["question.asked"] * 2


def test_the_customers_data_is_masked_in_the_form_and_again_when_sent(support: Support) -> None:
    body = "I am Maria Lopez, maria.lopez@customer.example, +34 612 345 678. The button is grey."
    ticket = support.new_ticket(subject="Maria Lopez cannot export", body=body, requester=PRIVATE)
    db.session.commit()
    page = support.browser(support.ana).get(support.ask_path(ticket)).text
    form = page[page.index("<textarea") :]
    assert "The button is grey." in form
    question = support.ask(text=f"Maria Lopez asks: {TEXT}", quote=body, ticket=ticket)
    for text in (form, question.text, question.quote):
        assert not re.search("Lopez|customer.example|612", text), text


def test_the_log_holds_ids_alone(support: Support) -> None:
    question = support.ask(OUTSIDE)
    services.answer(question.turn, ANSWER, may_show=MayShow.CUSTOMERS, name="Tamar", terms=support.terms)
    db.session.commit()
    rows = db.session.execute(select(Activity).where(Activity.kind.like("question.%"))).scalars().all()
    assert [row.kind for row in rows] == ["question.asked", "question.answered"]
    outside = db.session.execute(select(OutsideExpert)).scalar_one()
    ids = {"question_id": question.id, "turn_id": question.turn.id}
    asked = {**ids, "expert_id": None, "outside_id": outside.id}
    assert [row.detail for row in rows] == [asked, {**asked, "for": "customers"}]
    assert not re.search("amar|partner|grey", str([row.detail for row in rows]))


def send(support: Support, **form: str) -> str:
    """Send the form as Ana; return what she sees then."""
    path = support.ask_path()
    data = {"to": "ben@example.com", "text": TEXT, "quote": "The button is grey.", **form}
    return support.browser(support.ana).post(path, data=data, follow_redirects=True).text


def test_an_article_that_answers_is_shown_first(support: Support) -> None:
    article = make_article(title=TEXT, parts={"issue": "The button is grey.", "resolution": "Allow pop-ups."})
    db.session.commit()
    page = send(support)
    assert "An article seems to answer this" in page
    assert article.key in page
    assert db.session.query(Question).count() == 0
    assert "Asked." in send(support, anyway="1")
    assert db.session.query(Question).count() == 1


def test_an_article_already_linked_is_no_news(support: Support) -> None:
    article = make_article(title=TEXT, parts={"issue": "The button is grey.", "resolution": "Allow pop-ups."})
    link_article(support.ticket, article, by=support.ana)
    db.session.commit()
    assert "Asked." in send(support)


def test_a_question_asked_before_is_shown_with_its_answer(support: Support) -> None:
    earlier = support.ask(
        ticket=support.new_ticket(), text="Why is the export button grey, in Reports 4.2??", by=support.cem
    )
    assert "the answer is still to come" in send(support)
    services.answer(earlier.turn, ANSWER, may_show=MayShow.CUSTOMERS, terms=support.terms)
    db.session.commit()
    page = send(support)
    assert "This was asked before" in page
    assert ANSWER in page
    assert "Asked." in send(support, text="How do I print an invoice in landscape?", quote="It is cut off.")


def test_without_mail_the_asker_alone_gets_the_link(support: Support) -> None:
    page = send(support)
    question = db.session.query(Question).one()
    link = support.link(question)
    assert "No mail is set up here" in page
    assert link in page
    ticket = support.ask_path().removesuffix("/ask")
    other = support.browser(support.cem).get(ticket).text
    assert TEXT in other
    assert link not in other


READERS = [
    # reader, list "waiting", list "all", the question itself
    ("ana", 0, 1, 200),
    ("ben", 1, 1, 200),
    ("cem", 0, 1, 200),
    ("other", 0, 0, 404),
]


def test_who_reads_a_question(support: Support) -> None:
    question = support.ask()
    people = {"other": make_agent(None, email="other@example.com")}
    people |= {name: getattr(support, name) for name in ("ana", "ben", "cem")}
    ticket = support.ask_path().removesuffix("/ask")
    for reader, waiting, every, status in READERS:
        browser = support.browser(people[reader])
        for which, count in (("waiting", waiting), ("all", every)):
            assert (TEXT in browser.get(f"/questions?list={which}").text) == bool(count), reader
        assert browser.get(f"/questions/{question.id}").status_code == status
        assert (TEXT in browser.get(ticket).text) == (status == 200), reader


def test_only_the_asker_or_a_coach_takes_a_question_back(support: Support) -> None:
    question = support.ask()
    with pytest.raises(NotAllowed):
        services.withdraw(question, by=support.cem)
    services.withdraw(question, by=support.ana)
    services.withdraw(question, by=support.ana)
    db.session.commit()
    assert question.state is QuestionState.WITHDRAWN
    assert support.kinds() == ["question.asked", "question.withdrawn"]
    assert make_agent(Licence.PUBLISHER)
    assert support.browser().get(support.link(question)).status_code == 410
