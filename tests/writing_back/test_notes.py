"""Private notes: what is said, when, once, and never to the customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import RemoteError
from kcs.ports import DeskStatus
from kcs.solving.models import ExemptionReason
from kcs.solving.services import exempt, link_article
from kcs.tickets.models import ClosePolicy, WriteBack
from kcs.tickets.services import set_closing
from kcs.worklist import WorkState
from tests.fakes import desk_agent
from tests.writing_back.conftest import Floor, effects, here

BASE = "http://127.0.0.1:8080"
S, R = WriteBack.SUGGESTIONS, WriteBack.REMINDER


def test_a_ticket_that_was_opened_gets_a_private_note_with_what_may_answer_it(
    floor: Floor, article: Article
) -> None:
    floor.write(S)
    floor.opened()
    assert [each.state for each in floor.work()] == [WorkState.DONE]
    [note] = floor.notes()
    assert not note.public
    assert f'href="{BASE}/articles/{here(article).key}"' in note.body
    assert "/panel?connection=acme&amp;ticket=7" in note.body
    assert here(article).current_version.title in note.body


def test_a_note_names_nobody_who_asked(floor: Floor, article: Article) -> None:
    floor.write(S)
    floor.opened(body="Maria Lopez here, maria@example.com: I cannot export my report, the button is grey.")
    floor.work()
    assert len(floor.notes()) == 1
    assert not any(word in floor.notes()[0].body.lower() for word in ("maria", "lopez", "example.com:"))


@pytest.mark.parametrize("writes", [(), (R,), (WriteBack.TAG, WriteBack.PINS)])
def test_nothing_is_noted_that_is_not_switched_on(
    floor: Floor, article: Article, writes: tuple[WriteBack, ...]
) -> None:
    floor.write(*writes)
    floor.opened()
    floor.work()
    assert floor.notes() == []


def test_a_ticket_of_the_past_gets_no_advice(floor: Floor, article: Article) -> None:
    floor.write(S)
    floor.desk.clock = datetime.now(UTC) - timedelta(hours=5)
    floor.opened()
    assert floor.work() == []


def test_no_note_where_nothing_is_likely_to_answer(floor: Floor, article: Article) -> None:
    floor.write(S)
    floor.opened(subject="Parcel", body="My parcel from Lisbon is lost.")
    [effect] = floor.work()
    assert (effect.state, floor.notes()) == (WorkState.DONE, [])
    assert effect.reason in ("nothing was found", "probably no article answers it")


def test_advice_comes_too_late_for_a_ticket_that_was_solved_or_linked_meanwhile(
    floor: Floor, article: Article
) -> None:
    floor.write(S)
    linked, _ = floor.opened("7"), floor.opened("8")
    link_article(linked, article, by=floor.agent)
    db.session.commit()
    floor.solved("8")
    assert [each.reason for each in floor.work()] == ["its knowledge is there already", "solved meanwhile"]
    assert floor.notes("7") == floor.notes("8") == []


@pytest.mark.parametrize("loses", [0, 1, 2])
def test_a_note_is_written_once_however_often_it_is_tried(floor: Floor, article: Article, loses: int) -> None:
    floor.write(S)
    floor.opened()
    floor.pen.loses = loses
    floor.work(times=loses + 1)
    floor.again()
    assert len(floor.notes()) == 1
    assert [each.state for each in effects()] == [WorkState.DONE]


def test_our_own_note_coming_back_is_nobodys_word_and_asks_for_nothing(
    floor: Floor, article: Article
) -> None:
    floor.write(S, R, WriteBack.TAG)
    ticket = floor.opened()
    floor.work()
    floor.pen.set_tags("7", add=["kcs_reuse"], remove=[])
    again = floor.read()
    assert len(floor.notes()) == 1
    assert [message.remote_id for message in again.messages] == ["7-1"]
    assert again.tags == []
    assert len(effects()) == 1
    assert ticket.id == again.id


def test_solved_without_knowledge_its_solver_is_reminded_in_a_private_note(floor: Floor) -> None:
    floor.write(R)
    floor.opened()
    floor.solved()
    [effect] = floor.work()
    [note] = floor.notes()
    assert (effect.state, note.public) == (WorkState.DONE, False)
    assert "Ann, this ticket was solved without an article." in note.body
    assert "/panel?connection=acme&amp;ticket=7" in note.body


def test_each_solve_has_its_own_reminder(floor: Floor) -> None:
    floor.write(R)
    floor.opened()
    for _ in range(2):
        floor.solved()
        floor.work()
        floor.again()
        floor.solved(status=DeskStatus.OPEN)
    assert len(floor.notes()) == 2


def link(floor: Floor, article: Article) -> None:
    link_article(floor.read(), article, by=floor.agent)


def exempt_it(floor: Floor, _: Article) -> None:
    exempt(floor.read(), ExemptionReason.NO_KNOWLEDGE, by=floor.agent)


def reopen(floor: Floor, _: Article) -> None:
    floor.solved(status=DeskStatus.OPEN)


def close(floor: Floor, _: Article) -> None:
    floor.desk.set_status("7", DeskStatus.CLOSED, desk_agent("a1", floor.agent.email))


def delete(floor: Floor, _: Article) -> None:
    del floor.desk.tickets["7"]


def switch_off(floor: Floor, _: Article) -> None:
    floor.write()


def prompt(floor: Floor, _: Article) -> None:
    set_closing(floor.connection, ClosePolicy.PROMPT)


MEANWHILE = {
    "linked": (link, "its knowledge is there meanwhile"),
    "said to need no article": (exempt_it, "its knowledge is there meanwhile"),
    "reopened": (reopen, "reopened meanwhile"),
    "closed, unknown to us yet": (close, "the ticket is closed: its desk lets nobody change it any more"),
    "deleted, unknown to us yet": (delete, "the desk has no such ticket any more"),
    "switched off": (switch_off, "switched off"),
    "under another policy": (prompt, "the policy is another one now"),
}


@pytest.mark.parametrize("case", MEANWHILE)
def test_nobody_is_reminded_of_a_ticket_that_meanwhile_is(floor: Floor, article: Article, case: str) -> None:
    happens, reason = MEANWHILE[case]
    floor.write(R)
    floor.opened()
    floor.solved()
    happens(floor, article)
    db.session.commit()
    [effect] = floor.work()
    assert (effect.state, effect.reason) == (WorkState.DONE, reason)
    assert [each for each in floor.desk.tickets.values() if any(m.marker for m in each.messages)] == []


@pytest.mark.parametrize("policy", [each for each in ClosePolicy if each is not ClosePolicy.REMIND])
def test_only_the_policy_remind_reminds(floor: Floor, policy: ClosePolicy) -> None:
    floor.write(R)
    set_closing(floor.connection, policy)
    floor.opened()
    floor.solved()
    assert floor.work() == []


def test_solves_of_the_past_are_not_reminded_of(floor: Floor) -> None:
    floor.write(R)
    floor.desk.clock = datetime.now(UTC) - timedelta(days=3)
    floor.opened()
    floor.solved()
    assert floor.work() == []


def test_a_desk_that_shows_notes_to_customers_gets_no_more_of_them(floor: Floor, article: Article) -> None:
    floor.write(S, R, WriteBack.TAG)
    floor.pen.shows = True
    floor.opened()
    [effect] = floor.work()
    assert (effect.state, effect.reason) == (WorkState.PARKED, "the note on 7 is public")
    assert floor.connection.writes == ["tag"]
    floor.opened("8")
    assert len(effects()) == 1


def test_a_desk_that_is_away_is_asked_again_later(floor: Floor) -> None:
    floor.write(R)
    floor.opened()
    floor.solved()
    floor.pen.problem = RemoteError("busy", permanent=False)
    assert [each.state for each in floor.work()] == [WorkState.WAITING]
    floor.pen.problem = None
    assert [each.state for each in floor.work()] == [WorkState.DONE]
    assert len(floor.notes()) == 1
