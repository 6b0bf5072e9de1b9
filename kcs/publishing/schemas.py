"""What was changed in help centres, as the API takes and gives it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kcs.articles.schemas import PageOut
from kcs.publishing.comparing import rows_of
from kcs.publishing.models import Decision, DriftKind, DriftState


class DriftListIn(Schema):
    """Which drifts to list: those that wait, or those that are settled."""

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))
    settled = fields.Boolean(load_default=False)


class DriftDecisionIn(Schema):
    """A decision about the text of this fingerprint; `base` is the number of our version compared to it."""

    decision = fields.Enum(Decision, by_value=True, required=True)
    seen = fields.String(required=True, validate=validate.Length(max=100))
    base = fields.Integer(validate=validate.Range(min=1))


class DriftTextOut(Schema):
    """One part three ways, as Markdown."""

    name = fields.String()
    base = fields.String()
    ours = fields.String()
    theirs = fields.String()


class DriftOut(Schema):
    """A text changed or taken away in a help centre."""

    id = fields.Integer()
    article = fields.String(attribute="publication.article.key")
    connection = fields.String(attribute="publication.target.connection.name")
    locale = fields.String(attribute="publication.locale")
    url = fields.String(attribute="publication.url", allow_none=True)
    kind = fields.Enum(DriftKind, by_value=True)
    state = fields.Enum(DriftState, by_value=True)
    fingerprint = fields.String()
    version = fields.Integer(attribute="publication.article.current_version.number")
    texts = fields.Function(
        lambda drift: DriftTextOut(many=True).dump(rows_of(drift)) if drift.kind is DriftKind.EDITED else []
    )
    found_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    decision = fields.Enum(Decision, by_value=True, allow_none=True)
    decided_by = fields.String(attribute="decided_by.name", allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)


class DriftPageOut(PageOut):
    """One page of drifts."""

    items = fields.List(fields.Nested(DriftOut))
