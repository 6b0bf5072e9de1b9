"""Reading samples and the questions in force."""

from __future__ import annotations

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import select

from kcs.activity.models import Remark
from kcs.database import db, once
from kcs.errors import NotFound
from kcs.people.coaching import is_close
from kcs.people.models import Agent
from kcs.sampling.models import Sample, SampleQuestion
from kcs.sampling.questions import SHIPPED, Kind, Question
from kcs.sampling.things import Thing

PER_PAGE = 25
NONE_OF = "There is no such sample."


def all_questions(kind: Kind) -> list[tuple[Question, bool]]:
    """Return every question there is or was of a kind, and whether it is asked now."""
    rows = once("sample_questions", _rows)
    shipped = [
        (each, each.fixed or (kind, each.code) not in rows or rows[kind, each.code].asked)
        for each in SHIPPED[kind]
    ]
    own = [
        (Question(row.code, row.text, own=True), row.asked)
        for (of, _), row in rows.items()
        if of is kind and row.text
    ]
    return shipped + own


def questions_of(kind: Kind) -> list[Question]:
    """Return the questions that are asked of a kind of thing, in order."""
    return [question for question, asked in all_questions(kind) if asked]


def get_sample(sample_id: int, reader: Agent) -> Sample:
    """Return a sample. Raises NotFound, also for one of somebody the reader is not close to."""
    found = db.session.get(Sample, sample_id)
    if found is None or not is_close(reader, found.agent):
        raise NotFound(NONE_OF)
    return found


def sample_of(thing: Thing, coach: Agent) -> Sample | None:
    """Return what this coach judged of a thing, None while they have not."""
    column = {Kind.ARTICLE: Sample.version_id, Kind.TICKET: Sample.ticket_id, Kind.LINK: Sample.link_id}
    query = select(Sample).where(column[thing.kind] == thing.id, Sample.coach_id == coach.id)
    return db.session.execute(query).scalar_one_or_none()


def page_of_samples(person: Agent, *, page: int) -> Pagination:
    """Return one page of the samples of a person's work, latest first."""
    query = select(Sample).where(Sample.agent_id == person.id)
    query = query.order_by(Sample.judged_at.desc(), Sample.id.desc())
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def comment_on(sample: Sample) -> str:
    """Return what the coach wrote to a sample, empty when nothing."""
    query = select(Remark.text).where(Remark.activity_id == sample.activity_id)
    return db.session.execute(query).scalar_one_or_none() or ""


def _rows() -> dict[tuple[Kind, str], SampleQuestion]:
    query = select(SampleQuestion).order_by(SampleQuestion.kind, SampleQuestion.code)
    return {(row.kind, row.code): row for row in db.session.execute(query).scalars()}
