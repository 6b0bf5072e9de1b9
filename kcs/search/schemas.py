"""Search results as the API gives them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kcs.articles.schemas import ArticleRowOut, TrustOut


class SearchIn(Schema):
    """What to look for."""

    q = fields.String(required=True, validate=validate.Length(min=1, max=20_000))
    limit = fields.Integer(load_default=10, validate=validate.Range(min=1, max=50))


class FoundOut(Schema):
    """An article that was found, and why."""

    article = fields.Nested(ArticleRowOut)
    score = fields.Float()
    reasons = fields.List(fields.String())
    trust = fields.Nested(TrustOut)
