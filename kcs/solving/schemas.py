"""Tickets' knowledge as the API takes and gives it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kcs.articles.schemas import ArticleRowOut
from kcs.articles.writing import LONGEST_TITLE
from kcs.ports import AuthorKind, DeskStatus
from kcs.solving.models import ExemptionReason, LinkRole, LinkSource
from kcs.tickets.models import ClosePolicy
from workflow.solve import KnowledgeState


class LinkIn(Schema):
    """Link an article to the ticket."""

    article = fields.String(required=True)
    role = fields.Enum(LinkRole, by_value=True, load_default=LinkRole.RESOLUTION)


class ExemptionIn(Schema):
    """No article needed, and why."""

    reason = fields.Enum(ExemptionReason, by_value=True, required=True)
    note = fields.String(load_default="", validate=validate.Length(max=2000))


class DraftIn(Schema):
    """What replaces the ticket's own words in a draft."""

    title = fields.String(load_default="", validate=validate.Length(max=LONGEST_TITLE))
    parts = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    template = fields.String(validate=validate.Length(max=60))


class ImprovementIn(Schema):
    """Flag a linked article, or fix it (then If-Match names the version you began from)."""

    article = fields.String(required=True)
    flag = fields.String(validate=validate.Length(min=1, max=2000))
    title = fields.String(validate=validate.Length(min=1, max=LONGEST_TITLE))
    parts = fields.Dict(keys=fields.String(), values=fields.String())


class LinkOut(Schema):
    """A link between ticket and article."""

    id = fields.Integer()
    article = fields.Nested(ArticleRowOut)
    role = fields.Enum(LinkRole, by_value=True)
    source = fields.Enum(LinkSource, by_value=True)
    version = fields.Integer(attribute="version.number")
    delivered_version = fields.Function(lambda link: link.version.number)
    current_version = fields.Integer(attribute="article.current_version.number")
    detected = fields.Boolean()
    created_at = fields.AwareDateTime()
    agent = fields.String(attribute="agent.name")


class ExemptionOut(Schema):
    """Why the ticket needs no article."""

    reason = fields.Enum(ExemptionReason, by_value=True)
    note = fields.String()
    agent = fields.String(attribute="agent.name")


class MessageOut(Schema):
    """A public reply or private note."""

    author_kind = fields.Enum(AuthorKind, by_value=True)
    agent = fields.String(attribute="agent.name", allow_none=True)
    public = fields.Boolean()
    body = fields.String()
    created_at = fields.AwareDateTime()


class TicketOut(Schema):
    """The mirror of a ticket, its knowledge state and links."""

    connection = fields.String(attribute="connection.name")
    id = fields.String(attribute="remote_id")
    subject = fields.String()
    status = fields.Enum(DeskStatus, by_value=True)
    knowledge_state = fields.Enum(KnowledgeState, by_value=True)
    tags = fields.List(fields.String())
    opened_at = fields.AwareDateTime()
    solved_at = fields.AwareDateTime(allow_none=True)
    assignee = fields.String(attribute="assignee.name", allow_none=True)
    solver = fields.String(attribute="solver.name", allow_none=True)
    messages = fields.List(fields.Nested(MessageOut))
    links = fields.List(fields.Nested(LinkOut))
    exemption = fields.Nested(ExemptionOut, allow_none=True)


class ChoiceOut(Schema):
    """One quick way on: `key` is what an agent presses on the ticket's page."""

    act = fields.String()
    key = fields.String()
    label = fields.String()
    article = fields.Nested(ArticleRowOut, allow_none=True)


class ClosingOut(Schema):
    """What a ticket lacks before it is closed, what its desk's policy makes of it, the quickest ways on."""

    policy = fields.Enum(ClosePolicy, by_value=True)
    missing = fields.Boolean()
    may_pass = fields.Boolean()
    late = fields.Boolean()
    line = fields.String()
    choices = fields.List(fields.Nested(ChoiceOut))
