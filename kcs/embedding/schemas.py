"""What a page in a desk's frame sends."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from kcs.embedding.models import PassReason
from kcs.embedding.services import PassedReport

MOST = 20


class PassedIn(Schema):
    """One save that passed unasked."""

    class Meta:
        unknown = RAISE

    ticket = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9_-]{1,40}\Z"))
    reason = fields.Enum(PassReason, by_value=True, required=True)
    at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_kwargs: object) -> PassedReport:
        """Return it as the act wants it."""
        return PassedReport(**data)


class PassedListIn(Schema):
    """What a page tells at once."""

    class Meta:
        unknown = RAISE

    saves = fields.List(fields.Nested(PassedIn), required=True, validate=validate.Length(1, MOST))
