"""What the report on experts may be asked, and the JSON it answers with."""

from __future__ import annotations

import re

from marshmallow import Schema, ValidationError, fields, validate

from kcs.metrics.question_definition import QuestionCell
from kcs.metrics.question_queries import ExpertKey
from kcs.metrics.schemas import LARGEST_ID, LARGEST_PAGE, LAST_PAGE, DefinitionOut, ReportParameters

_KEY = re.compile(r"(agent|outside)-([1-9][0-9]{0,9})", re.ASCII)
_CELL_WORDS = f"Choose one of {', '.join(QuestionCell)}."


class ExpertField(fields.Field[ExpertKey]):
    """An expert as a report's row names them: agent-7 or outside-3."""

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> ExpertKey:
        found = _KEY.fullmatch(str(value).strip())
        if found is None or int(found[2]) > LARGEST_ID:
            raise ValidationError(f"'{value}' is no expert: take the key of a report's row, as in agent-7.")
        return ExpertKey(**{found[1]: int(found[2])})


class ExpertsQuery(ReportParameters):
    """What the report is asked."""

    format = fields.String(
        validate=validate.OneOf(["json", "csv"], error="Choose json or csv."),
        metadata={"description": "csv for a table; else as the Accept header says"},
    )


class QuestionsQuery(ReportParameters):
    """What a drill-down is asked: a cell, and the row it is in."""

    cell = fields.Enum(
        QuestionCell,
        by_value=True,
        load_default=QuestionCell.ASKED,
        error_messages={"unknown": _CELL_WORDS},
    )
    expert = ExpertField(
        metadata={"type": "string", "description": "Key of a row, as in agent-7 or outside-3"}
    )
    page = fields.Integer(load_default=1, validate=validate.Range(1, LAST_PAGE))
    per_page = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))


class ExpertRowOut(Schema):
    """One expert: the figures, and the address of the questions behind each count."""

    key = fields.String()
    label = fields.String()
    asked = fields.Integer()
    answered = fields.Integer()
    passed_on = fields.Integer()
    waiting = fields.Integer()
    ended = fields.Integer()
    drafted = fields.Integer()
    median_hours = fields.Float(allow_none=True)
    questions = fields.Dict(keys=fields.String(), values=fields.String())


class ExpertReportOut(Schema):
    """The report on experts as of a moment."""

    name = fields.String()
    definition = fields.Nested(DefinitionOut)
    start = fields.String(data_key="from")
    end = fields.String(data_key="to")
    timezone = fields.String()
    as_of = fields.String()
    rows = fields.List(fields.Nested(ExpertRowOut))
    total = fields.Nested(ExpertRowOut)


class CountedQuestionOut(Schema):
    """A question behind a figure."""

    id = fields.Integer()
    expert = fields.String()
    name = fields.String()
    connection = fields.String(allow_none=True)
    ticket = fields.String(allow_none=True)
    asked_at = fields.DateTime()
    answered_at = fields.DateTime(allow_none=True)
    outcome = fields.String()
    drafted = fields.Boolean()


class QuestionsOut(Schema):
    """One page of the questions behind a figure."""

    cell = fields.String()
    as_of = fields.String()
    total = fields.Integer()
    page = fields.Integer()
    per_page = fields.Integer()
    pages = fields.Integer()
    questions = fields.List(fields.Nested(CountedQuestionOut))
