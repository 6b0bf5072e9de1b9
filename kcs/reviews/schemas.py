"""Reviews as the API takes and gives them."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from kcs.articles.layout import readable_parts, template_of
from kcs.articles.models import Significance
from kcs.articles.schemas import PageOut
from kcs.articles.writing import LONGEST_TITLE
from kcs.people.access import current_agent
from kcs.reviews.comments import LONGEST_COMMENT, LONGEST_QUOTE
from kcs.reviews.models import Asks, Cause, ReviewState
from kcs.reviews.queries import QueueList, readable_comments
from kcs.reviews.services import LONGEST_NOTE
from workflow.article import Audience


class Decision(StrEnum):
    """What can be decided about a review."""

    ACCEPT = "accept"
    RETURN = "return"
    DROP = "drop"
    TAKE = "take"
    RESUBMIT = "resubmit"


class ReviewIn(Schema):
    """Ask for an article to be validated or published."""

    asks = fields.Enum(Asks, by_value=True, required=True, validate=validate.NoneOf([Asks.CHANGE]))
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))


class ProposalIn(Schema):
    """A text to take over: parts that are not given stay as they are."""

    title = fields.String(validate=validate.Length(min=1, max=LONGEST_TITLE))
    parts = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))
    significance = fields.Enum(Significance, by_value=True)


class CommentIn(Schema):
    """A comment; `quote` is words that stand in `field`, both empty for the whole text."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_COMMENT))
    field = fields.String(load_default="", validate=validate.Length(max=60))
    quote = fields.String(load_default="", validate=validate.Length(max=LONGEST_QUOTE))


class DecisionIn(Schema):
    """A decision. Accepting may name the version judged, an audience, and a text that takes its place."""

    decision = fields.Enum(Decision, by_value=True, required=True)
    version = fields.Integer(validate=validate.Range(min=1))
    audience = fields.Enum(Audience, by_value=True)
    title = fields.String(validate=validate.Length(min=1, max=LONGEST_TITLE))
    parts = fields.Dict(keys=fields.String(), values=fields.String())
    base = fields.Integer(validate=validate.Range(min=1))
    comments = fields.List(fields.Nested(CommentIn), load_default=list, validate=validate.Length(max=100))

    @validates_schema
    def _amendment_names_its_base(self, data: dict[str, object], **_: object) -> None:
        if ("parts" in data or "title" in data) and "base" not in data:
            raise ValidationError("Name the version your text is written on top of.", "base")


class ReviewListIn(Schema):
    """Which reviews to list: one of the caller's lists, or all by state, kind and article."""

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))
    list = fields.Enum(QueueList, by_value=True, attribute="queue")
    state = fields.Enum(ReviewState, by_value=True)
    asks = fields.Enum(Asks, by_value=True)
    article = fields.String(validate=validate.Length(max=120))


class CommentOut(Schema):
    """A comment on a text."""

    id = fields.Integer()
    author = fields.String(attribute="agent.name")
    field = fields.String()
    quote = fields.String()
    text = fields.String()
    created_at = fields.AwareDateTime()


class ReviewRowOut(Schema):
    """A review in a list."""

    id = fields.Integer()
    article = fields.String(attribute="article.key")
    title = fields.String(attribute="version.title")
    version = fields.Integer(attribute="version.number")
    asks = fields.Enum(Asks, by_value=True)
    cause = fields.Enum(Cause, by_value=True)
    state = fields.Enum(ReviewState, by_value=True)
    asked_by = fields.String(attribute="asked_by.name", allow_none=True)
    assigned_to = fields.String(attribute="assigned_to.name", allow_none=True)
    note = fields.String()
    created_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    decided_by = fields.String(attribute="decided_by.name", allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)


class ReviewOut(ReviewRowOut):
    """A review with its text and what was said about it, as far as the caller may read it."""

    template = fields.Function(lambda review: template_of(review.version).key)
    parts = fields.Function(lambda review: readable_parts(review.version, current_agent()))
    comments = fields.Function(
        lambda review: CommentOut(many=True).dump(readable_comments(review, current_agent()))
    )


class ReviewPageOut(PageOut):
    """One page of reviews."""

    items = fields.List(fields.Nested(ReviewRowOut))
