"""One's own work as the API gives it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kcs.my_work.licence import Outcome
from kcs.my_work.queries import PER_PAGE
from kcs.reviews.models import Asks
from kcs.reviews.schemas import CommentOut
from workflow.article import ArticleState
from workflow.permissions import Licence


class MyWorkIn(Schema):
    """How many rows of each list to give."""

    limit = fields.Integer(load_default=5, validate=validate.Range(min=1, max=PER_PAGE))


class CountsOut(Schema):
    """How much waits in each list."""

    tickets = fields.Integer()
    reviews = fields.Integer()
    flags = fields.Integer()
    writing = fields.Integer()
    drafts = fields.Integer()
    checks = fields.Integer()


class UnfinishedOut(Schema):
    """A ticket solved without knowledge."""

    connection = fields.String(attribute="connection.name")
    id = fields.String(attribute="remote_id")
    subject = fields.String()
    solved_at = fields.AwareDateTime()


class ReturnedOut(Schema):
    """A review that was sent back, with what others said of it last, as far as the caller may read it."""

    id = fields.Integer(attribute="review.id")
    article = fields.String(attribute="review.article.key")
    title = fields.String(attribute="review.version.title")
    asks = fields.Enum(Asks, by_value=True, attribute="review.asks")
    changed_at = fields.AwareDateTime(attribute="review.changed_at")
    comments = fields.List(fields.Nested(CommentOut))


class FlaggedOut(Schema):
    """An open flag on one of the caller's articles."""

    id = fields.Integer()
    article = fields.String(attribute="article.key")
    title = fields.String(attribute="article.title")
    reason = fields.String()
    flagged_by = fields.String(attribute="agent.name")
    created_at = fields.AwareDateTime()


class AskedToWriteOut(Schema):
    """Words that people search for in vain, whose answer the caller was asked to write."""

    id = fields.Integer()
    words = fields.String()
    asked_by = fields.String(attribute="asked_by.name")
    asked_at = fields.AwareDateTime()


class OwnArticleOut(Schema):
    """A draft, or an article due for a check."""

    key = fields.String()
    title = fields.String()
    state = fields.Enum(ArticleState, by_value=True)
    changed_at = fields.AwareDateTime()
    last_checked_at = fields.AwareDateTime(allow_none=True)


class MonthOut(Schema):
    """What the caller's articles did in one month of the organisation's time zone."""

    month = fields.String(attribute="name")
    citations_by_others = fields.Integer(attribute="by_others")
    citations_by_me = fields.Integer(attribute="by_me")
    customers_helped = fields.Integer(attribute="customers")


class JudgedOut(Schema):
    """A review that counts towards the next licence."""

    id = fields.Integer(attribute="review.id")
    title = fields.String(attribute="review.version.title")
    asks = fields.Enum(Asks, by_value=True, attribute="review.asks")
    decided_at = fields.AwareDateTime(attribute="review.decided_at")
    outcome = fields.Enum(Outcome, by_value=True)


class WayOut(Schema):
    """The caller's licence and what is missing for the next one; a coach grants it, nothing else does."""

    licence = fields.Enum(Licence, by_value=True, allow_none=True)
    since = fields.AwareDateTime(allow_none=True)
    coach = fields.String(attribute="coach.name", dump_default=None, allow_none=True)
    next = fields.Enum(Licence, by_value=True, allow_none=True)
    needed = fields.Integer()
    percent = fields.Integer()
    passed = fields.Integer()
    missing = fields.Integer()
    waiting = fields.Integer()
    reviews = fields.List(fields.Nested(JudgedOut), attribute="judged")


class MyWorkOut(Schema):
    """What waits for the caller, what their articles did, and their way to the next licence."""

    counts = fields.Nested(CountsOut)
    tickets = fields.List(fields.Nested(UnfinishedOut))
    reviews = fields.List(fields.Nested(ReturnedOut))
    flags = fields.List(fields.Nested(FlaggedOut))
    writing = fields.List(fields.Nested(AskedToWriteOut))
    drafts = fields.List(fields.Nested(OwnArticleOut))
    checks = fields.List(fields.Nested(OwnArticleOut))
    months = fields.List(fields.Nested(MonthOut))
    licence = fields.Nested(WayOut)
