"""What a report may be asked, and the JSON it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NoReturn

from marshmallow import Schema, ValidationError, fields, pre_load, validate

from kcs.errors import InvalidInput
from kcs.metrics.definitions import Cell
from kcs.metrics.periods import By
from kcs.metrics.queries import NOBODY, Key
from kcs.sentences import Sentence

YEARS = range(1970, 2200)
LARGEST_ID = 2**31 - 1
LAST_PAGE = 1_000_000
LARGEST_PAGE = 200


class Moment(fields.Field[date | datetime]):
    """A date, or a date and time; without an offset it is in the organisation's time zone."""

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> date | datetime:
        found = _parse(str(value).strip())
        if found is None or found.year not in YEARS:
            raise ValidationError(
                Sentence(
                    "'%(value)s' is no date. Write 2026-03-31, or 2026-03-31T18:00 for a time within the "
                    "day.",
                    value=value,
                )
            )
        return found


def _parse(text: str) -> date | datetime | None:
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(text)
        except ValueError:
            continue
    return None


class KeyField(fields.Field[Key]):
    """The number of an agent, team or connection, or "none"."""

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> Key:
        text = str(value).strip()
        if text == NOBODY:
            return NOBODY
        if text.isascii() and text.isdecimal() and 0 < int(text[:11]) <= LARGEST_ID:
            return int(text)
        raise ValidationError(f"'{value}' is neither a number from a report's row nor '{NOBODY}'.")


def _text(description: str) -> dict[str, str]:
    return {"type": "string", "description": description}


class ReportParameters(Schema):
    """Parameters of an address or a form: a blank one counts as absent. Raises InvalidInput by field."""

    start = Moment(data_key="from", metadata=_text("First day of the period; 30 days before `to`"))
    end = Moment(data_key="to", metadata=_text("The day after the last; tomorrow when absent"))
    as_of = Moment(metadata=_text("Read the log as it stood then; now when absent"))

    @pre_load
    def _drop_blanks(self, data: Mapping[str, Any], **_kwargs: object) -> dict[str, Any]:
        return {name: value for name, value in data.items() if str(value).strip()}

    def handle_error(self, error: ValidationError, *_args: object, **_kwargs: object) -> NoReturn:
        """Say what is wrong in one sentence per field."""
        errors: dict[str, list[str]] = error.messages_dict
        said = " ".join(f"{name}: {' '.join(messages)}" for name, messages in errors.items())
        raise InvalidInput(said, errors=errors) from error


_BY_WORDS = Sentence("Choose one of %(names)s.", names=", ".join(By))
_CELL_WORDS = Sentence("Choose one of %(names)s.", names=", ".join(Cell))


class ReportQuery(ReportParameters):
    """What a report is asked."""

    by = fields.Enum(By, by_value=True, load_default=By.AGENT, error_messages={"unknown": _BY_WORDS})
    format = fields.String(
        validate=validate.OneOf(["json", "csv"], error="Choose json or csv."),
        metadata={"description": "csv for a table; else as the Accept header says"},
    )


class TicketsQuery(ReportParameters):
    """What a drill-down is asked: a cell, and the row it is in."""

    cell = fields.Enum(
        Cell,
        by_value=True,
        load_default=Cell.SOLVED,
        error_messages={"unknown": _CELL_WORDS},
    )
    agent = KeyField(metadata=_text("Id of the agent who solved them, 'none' for nobody of ours"))
    team = KeyField(metadata=_text("Id of the team they were solved in, 'none' for no team"))
    desk = KeyField(metadata=_text("Id of the connection they came by, 'none' for none"))
    page = fields.Integer(load_default=1, validate=validate.Range(1, LAST_PAGE))
    per_page = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))


class DefinitionOut(Schema):
    """The metric in words."""

    name = fields.String()
    title = fields.String()
    aliases = fields.List(fields.String())
    kind = fields.String()
    formula = fields.String()
    counts = fields.Dict(keys=fields.String(), values=fields.String())
    left_out = fields.List(fields.String())
    notes = fields.List(fields.String())
    source = fields.String()


class RowOut(Schema):
    """One row: its figures, and the address of the tickets behind each count."""

    key = fields.String()
    label = fields.String()
    start = fields.String(data_key="from")
    end = fields.String(data_key="to")
    cut = fields.Boolean(data_key="partial", attribute="partial")
    solved = fields.Integer()
    linked = fields.Integer()
    exempt = fields.Integer()
    unanswered = fields.Integer()
    inferred = fields.Integer()
    link_rate = fields.Float(allow_none=True)
    link_rate_without_exempt = fields.Float(allow_none=True)
    tickets = fields.Dict(keys=fields.String(), values=fields.String())


class ReportOut(Schema):
    """A report as of a moment."""

    name = fields.String()
    definition = fields.Nested(DefinitionOut)
    by = fields.String()
    start = fields.String(data_key="from")
    end = fields.String(data_key="to")
    timezone = fields.String()
    as_of = fields.String()
    rows = fields.List(fields.Nested(RowOut))
    total = fields.Nested(RowOut)


class CountedTicketOut(Schema):
    """A ticket behind a figure."""

    id = fields.Integer(attribute="ticket_id")
    connection = fields.String(allow_none=True)
    ticket = fields.String(attribute="remote_id", allow_none=True)
    subject = fields.String(allow_none=True)
    solved_at = fields.DateTime()


class TicketsOut(Schema):
    """One page of the tickets behind a figure."""

    cell = fields.Enum(Cell, by_value=True)
    as_of = fields.DateTime()
    total = fields.Integer()
    page = fields.Integer(attribute="number")
    per_page = fields.Integer()
    pages = fields.Integer()
    tickets = fields.List(fields.Nested(CountedTicketOut), attribute="items")
