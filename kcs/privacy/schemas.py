"""Personal data in an article as the API takes and gives it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kcs.privacy.finding import Kind, Severity
from kcs.privacy.services import LONGEST_REASON


class FindingOut(Schema):
    """A personal value; `start` and `end` are null where it does not stand in the field's Markdown."""

    field = fields.String()
    start = fields.Integer(allow_none=True)
    end = fields.Integer(allow_none=True)
    kind = fields.Enum(Kind, by_value=True)
    severity = fields.Enum(Severity, by_value=True)
    value = fields.String()
    snippet = fields.String()
    waived = fields.Boolean()


class FindingsOut(Schema):
    """What was found in the present text, and the number of the version it was found in."""

    version = fields.Integer()
    findings = fields.List(fields.Nested(FindingOut))


class WaiverIn(Schema):
    """Answer with your name for a soft finding."""

    kind = fields.Enum(Kind, by_value=True, required=True)
    value = fields.String(required=True, validate=validate.Length(min=1, max=500))
    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_REASON))


class WaiverOut(Schema):
    """A waiver; the value is kept as a digest alone."""

    id = fields.Integer()
    kind = fields.String()
    reason = fields.String()
    agent = fields.String(attribute="agent.name")
    created_at = fields.AwareDateTime()
