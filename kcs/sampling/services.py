"""Judging a sample, and changing what is asked. Every act is recorded in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from kcs import database
from kcs.activity.models import Activity
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.people.models import Agent
from kcs.sampling import queries
from kcs.sampling.models import Sample, SampleQuestion
from kcs.sampling.questions import Kind, Question
from kcs.sampling.things import Thing, require_judge
from kcs.sentences import Sentence
from kcs.text import clean, clean_line

KINDS = {kind: f"sample.{kind}" for kind in Kind}
COACH = "role:coach"
ADMIN = "role:admin"
SAMPLES_LOCK = 7405
LONGEST_COMMENT = 2000
LONGEST_QUESTION = 200

Answers = Mapping[str, bool | None]


def judge(thing: Thing, answers: Answers, *, by: Agent, comment: str = "") -> Sample:
    """Keep what a coach answered of a thing; it takes the place of what the same coach answered before.

    `answers` are by the codes of the questions asked, None for not applicable. The same answers again change
    nothing. Raises NotAllowed, WorkflowError, and InvalidInput naming each question without an answer.
    """
    require_judge(thing, by)
    questions = queries.questions_of(thing.kind)
    _refuse_unanswered(questions, answers)
    comment = clean(comment, limit=LONGEST_COMMENT).strip()
    database.advisory_lock(SAMPLES_LOCK)
    present = queries.sample_of(thing, by)
    given = {question.code: answers[question.code] for question in questions}
    if present is not None and present.answers == given and queries.comment_on(present) == comment:
        return present
    return _keep(present, thing, _recorded(thing, questions, given, by, comment), by)


def _refuse_unanswered(questions: list[Question], answers: Answers) -> None:
    missing = {
        question.code: [
            Sentence("Answer yes or no.")
            if not question.skippable
            else Sentence("Answer yes, no or not applicable.")
        ]
        for question in questions
        if question.code not in answers or (answers[question.code] is None and not question.skippable)
    }
    if missing:
        raise InvalidInput("Some questions have no answer yet.", errors=missing)


def _recorded(
    thing: Thing, questions: list[Question], given: dict[str, bool | None], by: Agent, comment: str
) -> Activity:
    scored = [given[question.code] for question in questions if question.scored]
    detail = {
        "of": thing.of.id,
        "of_team": thing.of.team_id,
        **({"version_id": thing.version.id} if thing.version is not None else {}),
        "answers": given,
        "yes": scored.count(True),
        "asked": scored.count(True) + scored.count(False),
    }
    return record(
        KINDS[thing.kind],
        authority=COACH,
        agent=by,
        connection_id=thing.ticket.connection_id if thing.ticket is not None else None,
        ticket_id=thing.ticket.id if thing.ticket is not None else None,
        article_id=thing.article.id if thing.article is not None else None,
        link_id=thing.link.id if thing.link is not None else None,
        detail=detail,
        remark=comment,
    )


def _keep(present: Sample | None, thing: Thing, activity: Activity, by: Agent) -> Sample:
    sample = present or Sample(kind=thing.kind, coach_id=by.id, agent_id=thing.of.id)
    named = {Kind.ARTICLE: "version_id", Kind.TICKET: "ticket_id", Kind.LINK: "link_id"}[thing.kind]
    setattr(sample, named, thing.id)
    sample.agent_id, sample.activity, sample.judged_at = thing.of.id, activity, activity.happened_at
    db.session.add(sample)
    db.session.flush()
    return sample


def add_question(kind: Kind, text: str, *, by: Agent) -> Question:
    """Ask one question more of a kind of thing. Raises InvalidInput."""
    text = clean_line(text, limit=LONGEST_QUESTION + 1)
    if not text or len(text) > LONGEST_QUESTION:
        raise InvalidInput(
            "The question has %(length)s characters; write 1 to %(limit)s.",
            length=len(text),
            limit=LONGEST_QUESTION,
            errors={"text": [Sentence("write a question of at most 200 characters")]},
        )
    if any(question.text.casefold() == text.casefold() for question, _ in queries.all_questions(kind)):
        raise InvalidInput(
            "'%(text)s' is among the questions already.",
            text=text,
            errors={"text": [Sentence("is there already")]},
        )
    database.advisory_lock(SAMPLES_LOCK)
    of_kind = SampleQuestion.kind == kind, SampleQuestion.text != ""
    number = db.session.execute(select(func.count()).select_from(SampleQuestion).where(*of_kind)).scalar_one()
    code = f"own_{number + 1:03}"  # a row is never deleted, so no code comes back for another question
    db.session.add(SampleQuestion(kind=kind, code=code, text=text, asked=True))
    _changed(kind, code, asked=True, by=by)
    return Question(code, text, own=True)


def ask_question(kind: Kind, code: str, *, asked: bool, by: Agent) -> Question:
    """Switch a question on or off. Raises NotFound, and InvalidInput for one that figures are made of."""
    known = {question.code: (question, now) for question, now in queries.all_questions(kind)}
    if code not in known:
        raise NotFound("There is no question '%(code)s' here.", code=code)
    question, now = known[code]
    if question.fixed:
        raise InvalidInput(
            "'%(text)s' is always asked: figures of reports are made of it.", text=question.text
        )
    if now is asked:
        return question
    row = db.session.get(SampleQuestion, (kind, code))
    if row is None:
        row = SampleQuestion(kind=kind, code=code, text="")
        db.session.add(row)
    row.asked = asked
    _changed(kind, code, asked=asked, by=by)
    return question


def _changed(kind: Kind, code: str, *, asked: bool, by: Agent) -> None:
    database.forget_once(db.session())
    record(
        "sample_question.changed",
        authority=ADMIN,
        agent=by,
        detail={"of": kind, "code": code, "asked": asked},
    )
