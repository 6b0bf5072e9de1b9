"""Acts on questions: ask, answer, pass on, take back.

Each act locks the question, checks, changes and records in the caller's transaction, and has one effect
however often it is repeated.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, WorkflowError
from kcs.experts.links import NONCE_BYTES, Terms, hash_of
from kcs.experts.models import MayShow, OutsideExpert, Question, QuestionState, Turn
from kcs.experts.queries import Closed, closed_because
from kcs.experts.whom import Expert
from kcs.outbox import services as outbox
from kcs.people.models import Agent
from kcs.privacy.gate import mask
from kcs.sentences import Sentence
from kcs.solving.loop import lock as lock_ticket
from kcs.text import clean, clean_line
from kcs.tickets.models import Ticket
from workflow.permissions import Right, Role

MAIL = "mail.question"
ASKED, REMINDER, ANSWERED = "asked", "reminder", "answered"  # what a mail is about

SHORTEST_QUESTION, LONGEST_QUESTION = 8, 2000
LONGEST_QUOTE = 4000
SHORTEST_ANSWER, LONGEST_ANSWER = 2, 10_000
LONGEST_REMARK = 500
MOST_TURNS = 6

BY_LINK, AT_THEIR_TURN = "answer_link", "assigned"

CLOSED_WORDS = {
    Closed.PASSED_ON: Sentence("This question was passed on: it is somebody else's turn."),
    Closed.WITHDRAWN: Sentence("This question was taken back: no answer is needed any more."),
    Closed.DRAFTED: Sentence(
        "The answer has become an article: suggest a change there, or write to who asked."
    ),
    Closed.EXPIRED: Sentence("The time to answer is over: who asked can ask again."),
    Closed.LEFT: Sentence("Whoever was asked is no longer with us: ask somebody else."),
}


def ask(
    ticket: Ticket, text: str, *, by: Agent, to: Expert, quote: str = "", language: str = "en", terms: Terms
) -> Question:
    """Ask an expert from a ticket; what of the customer's data stands in it is masked. Raises NotAllowed,
    InvalidInput. The same open question to the same person again is that question.
    """
    grant = rights.grant_for(by, Right.LINK)
    if grant is None:
        raise NotAllowed("You may not ask from a ticket: a licence is needed.")
    if isinstance(to, Agent) and to.id == by.id:
        raise _wrong("to", Sentence("That is yourself: choose somebody else."))
    requester = ticket.requester
    text = mask(clean(text, limit=LONGEST_QUESTION).strip(), requester)
    if len(text) < SHORTEST_QUESTION:
        raise _wrong(
            "text", Sentence("Write the question in a sentence that can be understood without the ticket.")
        )
    quote = mask(clean(quote, limit=LONGEST_QUOTE).strip(), requester)
    lock_ticket(ticket)
    present = _asked_already(ticket, text, by, to)
    if present is not None:
        return present
    moment = database.now()
    question = Question(
        ticket=ticket,
        asked_by=by,
        text=text,
        quote=quote,
        language=clean_line(language, limit=20) or "en",
        created_at=moment,
    )
    db.session.add(question)
    turn = _give_turn(question, to, moment, terms)
    note("question.asked", question, authority=grant, agent=by, detail=who(turn))
    return question


def answer(
    turn: Turn,
    text: str,
    *,
    may_show: MayShow,
    name: str = "",
    terms: Terms,
    authority: str = AT_THEIR_TURN,
) -> None:
    """Answer a question, or change the answer while its link lasts. `name` is what somebody without a seat
    calls themself. Raises InvalidInput, WorkflowError.
    """
    question = lock(turn.question)
    refuse_closed(turn)
    text = clean(text, limit=LONGEST_ANSWER).strip()
    if len(text) < SHORTEST_ANSWER:
        raise _wrong("answer", Sentence("Write the answer, or say who knows it."))
    if turn.outside is not None and clean_line(name, limit=100):
        turn.outside.name = clean_line(name, limit=100)
    if question.state is QuestionState.ANSWERED and (question.answer, question.may_show) == (text, may_show):
        return
    first = question.answered_at is None
    moment = database.now()
    question.answer, question.may_show = text, may_show
    question.state, question.changed_at = QuestionState.ANSWERED, moment
    question.answered_at = question.answered_at or moment
    kind = "question.answered" if first else "question.answer_changed"
    note(kind, question, authority=authority, agent=turn.agent, detail={**who(turn), "for": may_show.value})
    if first:
        mail(turn, ANSWERED, terms)


def pass_on(
    turn: Turn, to: Expert, *, remark: str = "", terms: Terms, authority: str = AT_THEIR_TURN
) -> Turn:
    """Say "not me" and who may know: it is their turn, the old link ends, the chain stays.

    Raises InvalidInput, WorkflowError.
    """
    question = lock(turn.question)
    if turn.ended_at is not None and _is(question.turn, to):
        return question.turn
    refuse_closed(turn)
    if question.state is QuestionState.ANSWERED:
        raise WorkflowError("You have answered this question: change the answer rather than pass it on.")
    if isinstance(to, Agent) and to.id == question.asked_by_id:
        raise _wrong("to", Sentence("%(name)s asked this question: name somebody else.", name=to.name))
    if any(_is(each, to) for each in question.turns):
        raise _wrong("to", Sentence("They were asked this question already: name somebody else."))
    if len(question.turns) >= MOST_TURNS:
        raise WorkflowError("This question was passed on often enough: leave it to who asked.")
    moment = database.now()
    turn.ended_at, turn.remark = moment, clean_line(remark, limit=LONGEST_REMARK)
    db.session.flush()
    given = _give_turn(question, to, moment, terms)
    note(
        "question.forwarded",
        question,
        authority=authority,
        agent=turn.agent,
        detail={"from_turn_id": turn.id, **who(given)},
    )
    return given


def withdraw(question: Question, *, by: Agent) -> None:
    """Take an open question back: its link opens nothing more. Again is no error.

    Raises NotAllowed, WorkflowError.
    """
    lock(question)
    if question.asked_by_id != by.id and Role.COACH not in by.roles:
        raise NotAllowed(
            "%(name)s asked this: only they or a coach can take it back.", name=question.asked_by.name
        )
    if question.state is QuestionState.WITHDRAWN:
        return
    if question.state is not QuestionState.OPEN:
        raise WorkflowError("This question is no longer open: there is nothing to take back.")
    question.state = QuestionState.WITHDRAWN
    own = question.asked_by_id == by.id
    authority = "own" if own else f"role:{Role.COACH}"
    note("question.withdrawn", question, authority=authority, agent=by, detail=who(question.turn))


def refuse_closed(turn: Turn) -> None:
    """Raise WorkflowError when this turn takes no answer any more."""
    why = closed_because(turn, database.now())
    if why is not None:
        raise WorkflowError(CLOSED_WORDS[why])


def _give_turn(question: Question, to: Expert, moment: datetime, terms: Terms) -> Turn:
    outside = isinstance(to, OutsideExpert)
    db.session.flush()
    turn = Turn(
        question_id=question.id,
        agent=None if outside else to,
        outside=to if outside else None,
        nonce=secrets.token_hex(NONCE_BYTES),
        asked_at=moment,
        expires_at=moment + terms.lasts,
    )
    turn.token_hash = hash_of(terms.token_of(turn))
    question.turns.append(turn)
    db.session.flush()
    mail(turn, ASKED, terms)
    return turn


def mail(turn: Turn, about: str, terms: Terms) -> None:
    """Write a mail down; without a mail server there is nobody to send it."""
    if terms.mails:
        payload = {"turn_id": turn.id, "about": about}
        outbox.write(MAIL, subject=f"question:{turn.question_id}", payload=payload)


def note(
    kind: str,
    question: Question,
    *,
    authority: str,
    agent: Agent | None = None,
    happened_at: datetime | None = None,
    article_id: int | None = None,
    detail: Mapping[str, int | str | None],
) -> None:
    """Append the activity row of an act on a question: ids and codes alone."""
    record(
        kind,
        authority=authority,
        agent=agent,
        happened_at=happened_at,
        connection_id=question.ticket.connection_id,
        ticket_id=question.ticket_id,
        article_id=article_id,
        detail={"question_id": question.id, **detail},
    )


def lock(question: Question) -> Question:
    """Hold the question's row until the end of the transaction and see its present state."""
    db.session.flush()
    db.session.execute(select(Question.id).where(Question.id == question.id).with_for_update())
    db.session.refresh(question)
    return question


def who(turn: Turn) -> dict[str, int | None]:
    """Return the ids that say whose turn it is, as the log keeps them."""
    return {"turn_id": turn.id, "expert_id": turn.agent_id, "outside_id": turn.outside_id}


def _is(turn: Turn, person: Expert) -> bool:
    known = turn.outside_id if isinstance(person, OutsideExpert) else turn.agent_id
    return known == person.id


def _asked_already(ticket: Ticket, text: str, by: Agent, to: Expert) -> Question | None:
    query = select(Question).where(
        Question.ticket_id == ticket.id,
        Question.asked_by_id == by.id,
        Question.state == QuestionState.OPEN,
        Question.text == text,
    )
    found = db.session.execute(query).scalars()
    return next((each for each in found if _is(each.turn, to)), None)


def _wrong(field: str, message: Sentence) -> InvalidInput:
    return InvalidInput(message, errors={field: [message]})
