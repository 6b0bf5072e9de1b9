"""What a report may be asked, and the JSON it answers with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NoReturn

from marshmallow import Schema, ValidationError, fields, pre_load, validate
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict

from kcs.errors import InvalidInput
from kcs.metrics.comparing import Compare
from kcs.metrics.files.sheets import FileKind
from kcs.metrics.model import NOBODY, PERIODS, Key, Only, Report, Segment
from kcs.sentences import Sentence, listed

YEARS = range(1970, 2200)
LARGEST_ID = 2**31 - 1
LAST_PAGE = 1_000_000
LARGEST_PAGE = 200
_NO_SUCH: dict[str, str] = {"unknown": Sentence("A report has no such parameter: leave it out.")}
_FORMATS = Sentence("Choose csv, xlsx or json.")
CODE = re.compile(r"[a-z_]{1,40}(?:-[0-9]{1,10})?", re.ASCII)
CODES = (
    Segment.LICENCE,
    Segment.OUTCOME,
    Segment.EXPERT,
    Segment.PLACE,
    Segment.READER,
    Segment.STATE,
)
LONGEST_WORDS = 400
NARROWING = tuple(segment for segment in Segment if segment not in PERIODS)


class Moment(fields.Field[date | datetime]):
    """A date, or a date and time; without an offset it is in the organisation's time zone."""

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> date | datetime:
        found = _date_of(str(value))
        if found is None:
            raise ValidationError(
                Sentence(
                    "'%(value)s' is no date. Write 2026-03-31, or 2026-03-31T18:00 for a time within the "
                    "day.",
                    value=value,
                )
            )
        if found.year < YEARS.start:
            raise ValidationError(
                Sentence(
                    "'%(value)s' is before %(year)s, where reports begin. Choose a later date.",
                    value=value,
                    year=YEARS.start,
                )
            )
        if found.year >= YEARS.stop:
            raise ValidationError(
                Sentence(
                    "'%(value)s' is after %(year)s, where reports end. Choose an earlier date.",
                    value=value,
                    year=YEARS.stop - 1,
                )
            )
        return found


def read_moment(text: str) -> date | datetime | None:
    """Return the date, or the date and time, that a parameter says; None for what a report cannot take."""
    found = _date_of(text)
    return found if found is not None and found.year in YEARS else None


def _date_of(text: str) -> date | datetime | None:
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(text.strip())
        except ValueError:
            continue
    return None


class KeyField(fields.Field[Key]):
    """The number of what a row stands for, or "none"."""

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> Key:
        text = str(value).strip()
        if text == NOBODY:
            return NOBODY
        if text.isascii() and text.isdecimal() and 0 < int(text[:11]) <= LARGEST_ID:
            return int(text)
        raise ValidationError(
            Sentence("'%(value)s' is neither a number from a report's row nor 'none'.", value=value)
        )


class CodeField(fields.Field[Key]):
    """A code, as of a licence, or "none"."""

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> Key:
        text = str(value).strip()
        if CODE.fullmatch(text):
            return text
        raise ValidationError(Sentence("'%(value)s' is no code from a report's row.", value=value))


class WordsField(fields.Field[Key]):
    """Words that somebody searched, as a row has them."""

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> Key:
        return str(value)[:LONGEST_WORDS]


def _kind_of(segment: Segment) -> type[fields.Field[Any]]:
    if segment is Segment.WORDS:
        return WordsField
    return CodeField if segment in CODES else KeyField


def read_key(segment: Segment, text: str) -> Key | None:
    """Return the key that a parameter narrows a report to; None for what is none."""
    try:
        key: Key = _kind_of(segment)().deserialize(text)
    except ValidationError:
        return None
    return key


def _text(description: str) -> dict[str, str]:
    return {"type": "string", "description": description}


def _messages(said: Any) -> list[str]:
    """Return what is said of a field; of a list it is said by place."""
    parts = said.values() if isinstance(said, Mapping) else said
    return [each for part in parts for each in ([part] if isinstance(part, str) else _messages(part))]


def _number(most: int, usual: int) -> fields.Integer:
    said = Sentence("Give a whole number from 1 to %(most)s.", most=most)
    return fields.Integer(
        load_default=usual,
        error_messages=dict.fromkeys(("invalid", "too_large"), said),
        validate=validate.Range(1, most, error=said),
    )


class ReportParameters(Schema):
    """Parameters of an address or a form: a blank one counts as absent. Raises InvalidInput by field."""

    error_messages = _NO_SUCH

    start = Moment(data_key="from", metadata=_text("First day of the period; 30 days before `to`"))
    end = Moment(data_key="to", metadata=_text("The day after the last; tomorrow when absent"))
    as_of = Moment(metadata=_text("Read the log as it stood then; now when absent"))

    @pre_load
    def _given(self, data: Mapping[str, Any], **_kwargs: object) -> dict[str, Any]:
        """Drop blanks; refuse what is given twice, where the reader could not know which one is taken."""
        source = data.data if isinstance(data, MultiDictProxy) else data
        if not isinstance(source, MultiDict):
            return {name: value for name, value in data.items() if str(value).strip()}
        given = {name: [value for value in source.getlist(name) if value.strip()] for name in source}
        twice = {name: [_given_twice(name)] for name, values in given.items() if len(values) > 1}
        if twice:
            raise ValidationError(twice)
        return {name: values[0] for name, values in given.items() if values}

    def handle_error(self, error: ValidationError, *_args: object, **_kwargs: object) -> NoReturn:
        """Say what is wrong in one sentence per field."""
        errors = {name: _messages(said) for name, said in error.messages_dict.items()}
        said = listed(" ", (listed(": ", (name, listed(" ", messages))) for name, messages in errors.items()))
        raise InvalidInput(said, errors=errors) from error


def _given_twice(name: str) -> Sentence:
    return Sentence(
        "'%(name)s' is given more than once, and a report takes one value of it. Leave out the others.",
        name=name,
    )


def _narrowing() -> dict[str, fields.Field[Any]]:
    said = "Only what is of this %s: a key of its row, 'none' for none"
    return {segment.value: _kind_of(segment)(metadata=_text(said % segment.value)) for segment in NARROWING}


Narrowed = ReportParameters.from_dict(_narrowing(), name="Narrowed")


class ReportQuery(Narrowed):  # type: ignore[misc, valid-type]  # made of the table of segments
    """What a report is asked."""

    # Which of them there are is known by the report alone: `segment_of` refuses the others.
    by = fields.String(
        metadata={
            "description": "What the rows stand for; each report has its own choice, and a first one",
            "enum": [segment.value for segment in Segment],
        },
    )
    compare = fields.Enum(
        Compare,
        by_value=True,
        error_messages={"unknown": Sentence("Choose one of %(names)s.", names=", ".join(Compare))},
        metadata={
            "description": "Figures beside: of the period before, a year before, or of the same as it is now"
        },
    )
    format = fields.String(
        validate=validate.OneOf([kind.value for kind in FileKind], error=_FORMATS),
        metadata={"description": "A file; else as the Accept header says"},
    )


class ItemsQuery(Narrowed):  # type: ignore[misc, valid-type]  # made of the table of segments
    """What a drill-down is asked: a count of the report, and the row it is in."""

    cell = fields.String(metadata=_text("The name of a count of the report; its first when absent"))
    page = _number(LAST_PAGE, 1)
    per_page = _number(LARGEST_PAGE, 50)
    format = fields.String(
        validate=validate.OneOf([kind.value for kind in FileKind], error=_FORMATS),
        metadata={"description": "A file of all of them, without pages"},
    )


def only_of(query: Mapping[str, Any]) -> Only:
    """Return the part of the window that a loaded query narrows a report to."""
    return Only({segment: query[segment.value] for segment in NARROWING if segment.value in query})


def segment_of(report: Report, query: Mapping[str, Any]) -> Segment:
    """Return what the rows shall stand for. Raises InvalidInput where the report does not know it."""
    by: str = query.get("by", report.segments[0])
    for field, asked in (("by", by), *((segment.value, segment) for segment in only_of(query).keys)):
        if asked not in report.segments:
            message = Sentence(
                "'%(report)s' is not told apart by %(segment)s. Choose one of %(names)s.",
                report=report.title,
                segment=asked,
                names=", ".join(report.segments),
            )
            raise InvalidInput(message, errors={field: [message]})
    return Segment(by)


class CountOut(Schema):
    """A count in words."""

    name = fields.String()
    title = fields.String()
    words = fields.String()
    items = fields.String(allow_none=True)
    unit = fields.String()


class MetricOut(Schema):
    """A metric in words and symbols."""

    name = fields.String()
    title = fields.String()
    aliases = fields.List(fields.String())
    kind = fields.String()
    unit = fields.String()
    formula = fields.String()
    symbols = fields.String()
    numerator = fields.List(fields.String())
    denominator = fields.List(fields.String())
    left_out = fields.List(fields.String())
    notes = fields.List(fields.String())
    paired = fields.String(allow_none=True)
    source = fields.String()


class DefinitionOut(Schema):
    """The one definition of a report."""

    name = fields.String()
    title = fields.String()
    words = fields.String()
    counts = fields.List(fields.Nested(CountOut))
    metrics = fields.List(fields.Nested(MetricOut))
    segments = fields.List(fields.String())
    left_out = fields.List(fields.String())
    notes = fields.List(fields.String())


class ReasonOut(Schema):
    """Why figures are missing, and the page where that is put right, null for none."""

    words = fields.String()
    url = fields.String(allow_none=True)


class StatedOut(Schema):
    """A figure that people stated, as a range; `beside` says that only `compared` was worked out with it."""

    name = fields.String()
    title = fields.String()
    low = fields.Float()
    likely = fields.Float()
    high = fields.Float()
    unit = fields.String()
    source = fields.String()
    stated_by = fields.String()
    since = fields.String()
    beside = fields.Boolean()


class ReportOut(Schema):
    """A report as of a moment.

    Each row has `key`, `label`, `from`, `to`, `partial`, its figures by name, under `opens` for each count
    the address of what it counts, and under `missing` for each figure of null the codes of `reasons`.
    `compared`, where asked, has the rows beside, by key: their `from` and `to`, figures and what is missing.
    `stated` has what people stated that figures were worked out with, as of the moment: of the return alone.
    """

    name = fields.String()
    definition = fields.Nested(DefinitionOut)
    by = fields.String()
    start = fields.String(data_key="from")
    end = fields.String(data_key="to")
    timezone = fields.String()
    as_of = fields.String()
    narrowed = fields.Dict(keys=fields.String(), values=fields.Raw(), data_key="only")
    rows = fields.List(fields.Dict(keys=fields.String(), values=fields.Raw()))
    total = fields.Dict(keys=fields.String(), values=fields.Raw())
    compared = fields.Dict(keys=fields.String(), values=fields.Raw(), allow_none=True)
    stated = fields.List(fields.Nested(StatedOut))
    reasons = fields.Dict(keys=fields.String(), values=fields.Nested(ReasonOut))


class ItemsOut(Schema):
    """One page of what a count counts."""

    cell = fields.String()
    as_of = fields.String()
    total = fields.Integer()
    page = fields.Integer()
    per_page = fields.Integer()
    pages = fields.Integer()
    items = fields.List(fields.Dict(keys=fields.String(), values=fields.Raw()))
