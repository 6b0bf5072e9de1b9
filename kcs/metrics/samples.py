"""Judged samples as the log tells them: of each thing and coach the latest, as of the moment.

What a row's `detail` holds: `of` whose work it is, `of_team` their team then, `answers` by question, and how
many scored questions were `asked`, answered yes or no, and how many of those `yes`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Label,
    Select,
    and_,
    case,
    column,
    exists,
    literal,
    select,
    table,
)
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.metrics.listing import Shown
from kcs.metrics.model import Scope
from kcs.sentences import Sentence

ARTICLE, TICKET, LINK = "sample.article", "sample.ticket", "sample.link"
Sampled = type[Activity]

# What coaches judged, each thing once for each coach.
_samples = table(
    "samples",
    *(column(name, Integer) for name in ("id", "coach_id", "version_id", "ticket_id", "link_id")),
)

# What a drill-down shows of a sample that has a score.
SCORE = (Shown("yes", Sentence("Answered yes")), Shown("asked", Sentence("Answers")))


def judged(scope: Scope, kind: str) -> tuple[Sampled, Select[Any]]:
    """Return the samples of a kind within the scope's window, and what every source of them selects.

    Whose work may be counted is for the caller to say, of `of_whom`.
    """
    sample = aliased(Activity, name="sample")
    later = aliased(Activity, name="later")
    overtaken = exists().where(
        later.kind == kind,
        later.agent_id == sample.agent_id,
        _same_thing(kind, sample, later),
        later.id > sample.id,
        later.recorded_at < scope.as_of,
    )
    query = select(
        of_whom(sample).label("agent_id"),
        sample.detail["of_team"].as_integer().label("team_id"),
        sample.happened_at,
        _sample_id(kind, sample).label("sample_id"),
        literal(1).label("samples"),
        sample.detail["asked"].as_integer().label("asked"),
        sample.detail["yes"].as_integer().label("yes"),
    ).where(
        sample.kind == kind,
        sample.recorded_at < scope.as_of,
        sample.happened_at >= scope.window.start,
        sample.happened_at < scope.window.end,
        ~overtaken,
    )
    return sample, query


def of_whom(sample: Sampled) -> ColumnElement[int]:
    """Whose work it is."""
    person: ColumnElement[int] = sample.detail["of"].as_integer()
    return person


def answer(sample: Sampled, code: str) -> ColumnElement[bool]:
    """What was answered to a question; neither true nor false where it did not apply or was not asked."""
    given: ColumnElement[bool] = sample.detail["answers", code].as_boolean()
    return given


def one_if(condition: ColumnElement[bool], name: str) -> Label[int]:
    """Return a column to be added up: 1 where it holds."""
    return case((condition, 1), else_=0).label(name)


def yes_or_no(column: str, title: Sentence) -> Shown:
    """Return a column of a drill-down that says yes or no."""
    return Shown(column, title, lambda value: Sentence("Yes") if value else Sentence("No"))


def _sample_id(kind: str, sample: Sampled) -> ColumnElement[int]:
    """The sample's own page, which shows what the coach judged last."""
    thing = {
        ARTICLE: _samples.c.version_id == _version(sample),
        TICKET: _samples.c.ticket_id == sample.ticket_id,
        LINK: _samples.c.link_id == sample.link_id,
    }[kind]
    return select(_samples.c.id).where(_samples.c.coach_id == sample.agent_id, thing).scalar_subquery()


def _same_thing(kind: str, sample: Sampled, later: Sampled) -> ColumnElement[bool]:
    """An article or ticket beside, where the thing is not one itself: the log is looked up by those."""
    if kind == ARTICLE:
        return and_(later.article_id == sample.article_id, _version(later) == _version(sample))
    same_ticket = later.ticket_id == sample.ticket_id
    return same_ticket if kind == TICKET else and_(same_ticket, later.link_id == sample.link_id)


def _version(sample: Sampled) -> ColumnElement[int]:
    version: ColumnElement[int] = sample.detail["version_id"].as_integer()
    return version
