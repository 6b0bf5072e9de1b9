"""Search results as the API gives them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kcs.articles.schemas import ArticleRowOut, TrustOut


class SearchIn(Schema):
    """What to look for, as people type it: words, "phrases", -without, and filters such as `tag:billing`."""

    q = fields.String(required=True, validate=validate.Length(min=1, max=20_000))
    limit = fields.Integer(load_default=10, validate=validate.Range(min=1, max=50))


class FoundOut(Schema):
    """An article that was found, and why."""

    article = fields.Nested(ArticleRowOut)
    score = fields.Float()
    reasons = fields.List(fields.String())
    trust = fields.Nested(TrustOut)


class CompletionsIn(Schema):
    """A search whose last word is still being typed."""

    q = fields.String(required=True, validate=validate.Length(min=1, max=500))


class CompletionsOut(Schema):
    """How the search could go on, how it may be meant, and what of it was not understood."""

    completions = fields.List(fields.String())
    did_you_mean = fields.String(allow_none=True)
    not_understood = fields.List(fields.String())
