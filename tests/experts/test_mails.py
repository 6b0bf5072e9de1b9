"""The mails of a question: what stands in them, one reminder, and none that is no longer wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from flask import Flask

from kcs import database, worklist
from kcs.database import db
from kcs.experts import services
from kcs.experts.links import Terms
from kcs.experts.mails import Postman
from kcs.experts.models import MayShow, Question
from kcs.experts.reminding import remind_due
from kcs.mail import Mailer
from kcs.outbox import services as outbox
from kcs.outbox.models import Effect
from kcs.people.services import deactivate
from kcs.worklist import Worklist
from tests.conftest import AppMaker
from tests.experts.conftest import ANSWER, OUTSIDE, TEXT, Support


@dataclass(frozen=True)
class Sent(Mailer):
    """A mailer that keeps what it is given."""

    mails: list[tuple[str, str, str]] = field(default_factory=list)

    def send(
        self,
        to: str,
        subject: str,
        text: str,
        *,
        message_id: str,
        html: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Keep one mail."""
        assert (html, dict(headers)) == (None, {})
        assert re.fullmatch(r"question-\d+-\w+(-\w+)?", message_id)
        self.mails.append((to, subject, text))


class Office:
    """An outbox whose mails are kept here."""

    def __init__(self, app: Flask) -> None:
        terms: Terms = app.extensions["kcs.experts"]
        self.terms = replace(terms, mails=True)
        app.extensions["kcs.experts"] = self.terms
        self.sent = Sent("smtp://nowhere", "kcs@example.com")
        effects = outbox.Outbox()
        effects.handle(services.MAIL, Postman(self.sent, self.terms).send)
        self._worklist = Worklist(Effect, effects.work, 60, 3)

    def deliver(self) -> list[tuple[str, str, str]]:
        """Bring about what the outbox holds; return the mails of this round."""
        db.session.commit()
        self.sent.mails.clear()
        while (held := worklist.claim(self._worklist)) is not None:
            self._worklist.work(held)
        return list(self.sent.mails)


@pytest.fixture
def app(make_app: AppMaker) -> Iterator[Flask]:
    """An app where anybody may be asked."""
    made = make_app()
    terms: Terms = made.extensions["kcs.experts"]
    made.extensions["kcs.experts"] = replace(terms, outside=frozenset({"*"}))
    with made.app_context():
        yield made


@pytest.fixture
def office(app: Flask) -> Office:
    """Where mails go out."""
    return Office(app)


def test_the_expert_gets_question_and_link_and_nothing_of_the_customer(
    support: Support, office: Office
) -> None:
    question = support.ask(OUTSIDE, quote="Maria Lopez: the button is grey.\nSince Monday.")
    [(to, subject, text)] = office.deliver()
    assert (to, subject) == (OUTSIDE, "A question from Ana")
    assert TEXT in text
    assert "> Since Monday." in text
    assert f"{office.terms.base_url}{support.link(question)}\n" in text
    assert not re.search(f"Lopez|{support.ticket.url}|{support.ticket.subject}", text)
    assert question.turn.mailed_at is not None
    effects = str(db.session.execute(db.select(Effect.payload)).scalars().all())
    assert support.link(question).removeprefix("/answer/") not in effects


def test_an_answer_tells_the_asker_and_a_change_does_not(support: Support, office: Office) -> None:
    question = support.ask()
    office.deliver()
    for text in (ANSWER, "Otherwise."):
        services.answer(question.turn, text, may_show=MayShow.CUSTOMERS, terms=office.terms)
    [(to, subject, text)] = office.deliver()
    assert (to, subject) == ("ana@example.com", "Ben has answered your question")
    assert f"/tickets/acme/{support.ticket.remote_id}" in text
    assert ANSWER not in text


def test_passed_on_the_next_expert_gets_a_link_of_their_own(support: Support, office: Office) -> None:
    question = support.ask()
    services.pass_on(question.turn, support.cem, terms=office.terms)
    # The first mail had not gone out yet: nobody is sent to a link that is over.
    [(to, _, text)] = office.deliver()
    assert to == "cem@example.com"
    assert "Ben was asked first and named you." in text
    assert support.link(question) in text


def _answer(support: Support, question: Question) -> None:
    services.answer(question.turn, ANSWER, may_show=MayShow.CUSTOMERS, terms=support.terms)


def _withdraw(support: Support, question: Question) -> None:
    services.withdraw(question, by=support.ana)


def _leave(support: Support, _question: Question) -> None:
    deactivate(support.ben)


def _nothing(_support: Support, _question: Question) -> None:
    pass


REMINDED: list[tuple[Callable[[Support, Question], None], int]] = [
    (_nothing, 1),
    (_answer, 0),
    (_withdraw, 0),
    (_leave, 0),
]


def test_one_reminder_goes_to_whoever_has_not_answered(support: Support, office: Office) -> None:
    for meanwhile, reminded in REMINDED:
        question = support.ask(ticket=support.new_ticket())
        office.deliver()
        assert remind_due(office.terms) == 0, "not yet"
        question.turn.asked_at = database.now() - office.terms.remind_after
        meanwhile(support, question)
        db.session.commit()
        remind_due(office.terms)
        remind_due(office.terms)
        mails = [subject for to, subject, _ in office.deliver() if to == "ben@example.com"]
        assert mails == ["Still open: a question from Ana"] * reminded, meanwhile


def test_after_a_change_of_the_key_the_reminder_brings_a_link_that_works(
    support: Support, office: Office
) -> None:
    question = support.ask()
    old = support.link(question)
    office.deliver()
    changed = replace(office.terms, key="another key, long enough for anybody")
    assert changed.address_of(question.turn) is None
    question.turn.asked_at = database.now() - timedelta(days=5)
    db.session.commit()
    assert remind_due(changed) == 1
    new = changed.address_of(question.turn)
    assert new is not None
    assert support.browser().get(new.removeprefix(changed.base_url)).status_code == 200
    assert support.browser().get(old).status_code == 404


def test_without_a_mail_server_nothing_waits_to_be_sent(support: Support) -> None:
    question = support.ask()
    _answer(support, question)
    db.session.commit()
    question.turn.asked_at = database.now() - timedelta(days=5)
    assert remind_due(support.terms) == 0
    assert db.session.query(Effect).count() == 0
