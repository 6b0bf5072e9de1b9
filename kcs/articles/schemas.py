"""Articles as the API takes and gives them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kcs import database
from kcs.articles.bulk import MOST, Act
from kcs.articles.layout import readable_parts, template_of
from kcs.articles.models import PlanState, Significance
from kcs.articles.trust import trust_of
from kcs.articles.writing import LONGEST_TITLE
from kcs.people.access import current_agent
from workflow.article import ArticleState, Audience, Confidence, Move
from workflow.permissions import Governance


class ArticleIn(Schema):
    """A draft. `ticket` names the ticket it comes from; its words then fill what is not given.

    `translation_of` names the article whose text it gives in another language.
    """

    title = fields.String(load_default="", validate=validate.Length(max=LONGEST_TITLE))
    template = fields.String(validate=validate.Length(max=60))
    parts = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    locale = fields.String(load_default="en", validate=validate.Length(max=20))
    tags = fields.List(fields.String(validate=validate.Length(max=60)), load_default=list)
    governance = fields.Enum(Governance, by_value=True)
    translation_of = fields.String(validate=validate.Length(max=120))
    ticket = fields.Nested(
        {
            "connection": fields.String(required=True),
            "id": fields.String(required=True),
        }
    )


class ArticlePatchIn(Schema):
    """A new version: what is not given stays as it is."""

    title = fields.String(validate=validate.Length(min=1, max=LONGEST_TITLE))
    parts = fields.Dict(keys=fields.String(), values=fields.String())
    template = fields.String(validate=validate.Length(max=60))
    significance = fields.Enum(Significance, by_value=True)
    note = fields.String(load_default="", validate=validate.Length(max=500))


class TransitionIn(Schema):
    """One move of the article workflow."""

    name = fields.Enum(Move, by_value=True, required=True)
    audience = fields.Enum(Audience, by_value=True)
    reason = fields.String(load_default="", validate=validate.Length(max=2000))


class FlagIn(Schema):
    """Say that an article needs work."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000))


class ArticleListIn(Schema):
    """Which articles to list."""

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))
    state = fields.Enum(ArticleState, by_value=True)
    due = fields.Boolean(load_default=False)


class ArticleRowOut(Schema):
    """An article in a list."""

    key = fields.String()
    title = fields.String()
    state = fields.Enum(ArticleState, by_value=True)
    confidence = fields.Enum(Confidence, by_value=True)
    audience = fields.Enum(Audience, by_value=True)
    governance = fields.Enum(Governance, by_value=True)
    locale = fields.String()
    tags = fields.List(fields.String())
    changed_at = fields.AwareDateTime()


class TrustOut(Schema):
    """What people look at before they rely on an article."""

    checked_at = fields.AwareDateTime(allow_none=True)
    checked_by = fields.String(allow_none=True)
    solved = fields.Integer()
    open_flags = fields.Integer(attribute="flags")
    unchecked = fields.Boolean()


class ArticleOut(ArticleRowOut):
    """An article with its present text."""

    version = fields.Integer(attribute="current_version.number")
    template = fields.Function(lambda article: template_of(article.current_version).key)
    parts = fields.Function(lambda article: readable_parts(article.current_version, current_agent()))
    live_version = fields.Integer(attribute="live_version.number", allow_none=True)
    has_unpublished_changes = fields.Boolean()
    translation_of = fields.String(attribute="translation_of.key", dump_default=None, allow_none=True)
    created_at = fields.AwareDateTime()
    published_at = fields.AwareDateTime(allow_none=True)
    last_checked_at = fields.AwareDateTime(allow_none=True)
    trust = fields.Function(
        lambda article: TrustOut().dump(trust_of([article], now=database.now())[article.id])
    )


class PageOut(Schema):
    """One page of a list: which, and how many pages and rows there are in all."""

    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()


class ArticlePageOut(PageOut):
    """One page of articles."""

    items = fields.List(fields.Nested(ArticleRowOut))


class VersionOut(Schema):
    """One version of an article."""

    number = fields.Integer()
    title = fields.String()
    template = fields.Function(lambda version: template_of(version).key)
    parts = fields.Function(lambda version: readable_parts(version, current_agent()))
    note = fields.String()
    significance = fields.Enum(Significance, by_value=True, allow_none=True)
    created_at = fields.AwareDateTime()
    author = fields.String(attribute="author.name", allow_none=True)


class ChangesIn(Schema):
    """Which two versions to compare, by number."""

    from_ = fields.Integer(data_key="from", validate=validate.Range(min=1))
    to = fields.Integer(validate=validate.Range(min=1))


class ChangeOut(Schema):
    """A stretch of text that stayed, came or went."""

    kind = fields.String()
    text = fields.String()


class FieldChangeOut(Schema):
    """What changed in the title or in one field."""

    name = fields.String()
    label = fields.String()
    changes = fields.List(fields.Nested(ChangeOut))


class FlagOut(Schema):
    """A flag on an article, and whose turn it is to answer it."""

    id = fields.Integer()
    reason = fields.String()
    created_at = fields.AwareDateTime()
    assigned_to = fields.String(attribute="assigned_to.name", allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)


class PlanIn(Schema):
    """Publish, withdraw or archive the present text at a later moment (ISO 8601 with its zone)."""

    move = fields.Enum(Move, by_value=True, required=True)
    at = fields.AwareDateTime(required=True)
    audience = fields.Enum(Audience, by_value=True)
    reason = fields.String(load_default="", validate=validate.Length(max=2000))


class PlanOut(Schema):
    """A planned move, and what became of it."""

    id = fields.Integer()
    move = fields.Enum(Move, by_value=True)
    at = fields.AwareDateTime()
    audience = fields.Enum(Audience, by_value=True, allow_none=True)
    state = fields.Enum(PlanState, by_value=True)
    problem = fields.String()
    planned_by = fields.String(attribute="agent.name")


class BulkIn(Schema):
    """One act on many articles, with what it needs: `move`, `asks`, `owner` (an address) or `tags`."""

    articles = fields.List(fields.String(), required=True, validate=validate.Length(min=1, max=MOST))
    act = fields.Enum(Act, by_value=True, required=True)
    move = fields.Enum(Move, by_value=True, load_default=None)
    audience = fields.Enum(Audience, by_value=True, load_default=None)
    reason = fields.String(load_default="", validate=validate.Length(max=2000))
    asks = fields.String(load_default="", validate=validate.OneOf(["", "validate", "publish"]))
    owner = fields.String(load_default="", validate=validate.Length(max=300))
    tags = fields.List(fields.String(validate=validate.Length(max=60)), load_default=list)


class RefusalOut(Schema):
    """An article that an act was refused for."""

    key = fields.String()
    reason = fields.String()


class BulkOut(Schema):
    """What is done, and what was refused and why."""

    done = fields.List(fields.String())
    refused = fields.List(fields.Nested(RefusalOut))
