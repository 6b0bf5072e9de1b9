"""Patterns as the API tells them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from kcs.evolving.models import PatternKind
from kcs.evolving.pattern_queries import PER_PAGE
from kcs.tickets.models import Ticket


class PatternsIn(Schema):
    """Which patterns are asked for."""

    kind = fields.Enum(PatternKind, by_value=True, load_default=PatternKind.SYMPTOM)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000))


class PlacedOut(Schema):
    """An article, and where it holds."""

    key = fields.String(attribute="article.key")
    title = fields.String(attribute="article.title")
    domain = fields.String()
    environment = fields.List(fields.String())
    products = fields.List(fields.String())


class PartOut(Schema):
    """One of the causes, or of the symptoms."""

    articles = fields.List(fields.Nested(PlacedOut))
    tickets = fields.Function(lambda part: [_written(each) for each in part.tickets])
    where = fields.List(
        fields.String(), metadata={"description": "What is said of environment, products and domain"}
    )
    only_here = fields.List(
        fields.String(), attribute="only", metadata={"description": "What of it no other part has"}
    )


class PatternOut(Schema):
    """A pattern with its parts."""

    kind = fields.Enum(PatternKind, by_value=True)
    tickets = fields.Integer(metadata={"description": "Tickets its articles answered within a year"})
    article = fields.Nested(PlacedOut, allow_none=True)
    parts = fields.List(fields.Nested(PartOut))


class PatternsOut(Schema):
    """One page of patterns, and when the base was looked through last."""

    per_page = fields.Constant(PER_PAGE)
    total = fields.Integer()
    looked_at = fields.AwareDateTime(allow_none=True)
    patterns = fields.List(fields.Nested(PatternOut))


def _written(ticket: Ticket) -> dict[str, Any]:
    return {"connection": ticket.connection.name, "ticket": ticket.remote_id}
