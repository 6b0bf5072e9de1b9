"""Flags and feedback as the API takes and gives them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kcs.articles.models import FlagLevel, FlagOutcome
from kcs.articles.schemas import PageOut
from kcs.improving.models import FeedbackState
from kcs.improving.queries import Queue


class QueueIn(Schema):
    """Which of them to list."""

    list = fields.Enum(Queue, by_value=True, load_default=Queue.OPEN)
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))


class AnswerIn(Schema):
    """What came of it, or why nothing is to change."""

    answer = fields.String(required=True, validate=validate.Length(min=1, max=2000))


class FeedbackIn(Schema):
    """A rating, words, or both."""

    helpful = fields.Boolean(load_default=None, allow_none=True)
    comment = fields.String(load_default="", validate=validate.Length(max=2000))


class FlagRowOut(Schema):
    """A flag with whose turn it is and what became of it."""

    id = fields.Integer()
    article = fields.String(attribute="article.key")
    reason = fields.String()
    agent = fields.String(attribute="agent.name")
    level = fields.Enum(FlagLevel, by_value=True)
    assigned_to = fields.String(attribute="assigned_to.name", allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)
    created_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    outcome = fields.Enum(FlagOutcome, by_value=True, allow_none=True)
    answer = fields.String()


class FeedbackOut(Schema):
    """A reader's rating and words, and what became of them. `agent` null is a visitor."""

    id = fields.Integer()
    article = fields.String(attribute="article.key")
    version = fields.Integer(attribute="version.number")
    helpful = fields.Boolean(allow_none=True)
    comment = fields.String()
    agent = fields.String(attribute="agent.name", allow_none=True)
    state = fields.Enum(FeedbackState, by_value=True)
    assigned_to = fields.String(attribute="assigned_to.name", allow_none=True)
    answer = fields.String()
    answered_by = fields.String(attribute="answered_by.name", allow_none=True)
    created_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()


class FlagPageOut(PageOut):
    """One page of flags."""

    items = fields.List(fields.Nested(FlagRowOut))


class FeedbackPageOut(PageOut):
    """One page of feedback."""

    items = fields.List(fields.Nested(FeedbackOut))
