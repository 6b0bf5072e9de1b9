"""The solve loop over HTTP: a ticket's mirror and suggestions; link, unlink, draft, exempt, improve."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from kcs.articles import services as articles
from kcs.articles.api import etag, named_version
from kcs.articles.models import Article
from kcs.articles.queries import get_article
from kcs.articles.schemas import ArticleIn, ArticleOut
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.access import Permission, current_agent, requires
from kcs.search.queries import Found
from kcs.search.schemas import FoundOut
from kcs.solving import queries, schemas, services
from kcs.solving.closing import Closing, closing_of
from kcs.solving.models import LinkSource
from kcs.solving.suggestions import suggest
from kcs.tickets.models import Ticket
from kcs.tickets.queries import get_ticket

bp = Blueprint("solving_api", __name__, url_prefix="/api/v1", description="The solve loop of a ticket")

TICKET = "/tickets/<connection>/<ticket_id>"


@bp.route("/articles", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(ArticleIn)
@bp.response(201, ArticleOut)
def create_article(args: dict[str, Any]) -> tuple[Article, int, dict[str, str]]:
    """Begin an article, on its own or from a ticket (then as `POST …/draft`)."""
    named = args.pop("ticket", None)
    if named is not None:
        ticket = get_ticket(named["connection"], named["id"])
        article = services.draft_article(
            ticket,
            by=current_agent(),
            title=args["title"],
            parts=args["parts"],
            template=args.get("template"),
        )
    else:
        article = articles.create_article(
            args["title"],
            args["parts"],
            by=current_agent(),
            locale=args["locale"],
            tags=tuple(args["tags"]),
            governance=args.get("governance"),
            template=args.get("template"),
            translation_of=get_article(args["translation_of"], current_agent())
            if "translation_of" in args
            else None,
        )
    db.session.commit()
    return article, 201, etag(article)


@bp.route(TICKET)
@requires(Permission.SIGNED_IN)
@bp.response(200, schemas.TicketOut)
def read_ticket(connection: str, ticket_id: str) -> dict[str, Any]:
    """Read a ticket's mirror, knowledge state, links and exemption."""
    return _shown(get_ticket(connection, ticket_id))


@bp.route(f"{TICKET}/suggestions")
@requires(Permission.SIGNED_IN)
@bp.response(200, FoundOut(many=True))
def suggestions(connection: str, ticket_id: str) -> tuple[list[Found], int, dict[str, str]]:
    """Suggest articles for this ticket, ranked, each with its reasons.

    The header `No-Article` is the probability, 0 to 1, that none of them answers it.
    """
    ticket = get_ticket(connection, ticket_id)
    given = suggest(current_app.extensions["kcs.search"], ticket, reader=current_agent())
    return given.found, 200, {"No-Article": f"{given.no_article:.2f}"}


@bp.route(f"{TICKET}/closing")
@requires(Permission.SIGNED_IN)
@bp.response(200, schemas.ClosingOut)
def closing(connection: str, ticket_id: str) -> Closing:
    """Say what is missing before this ticket is closed, if it may be passed, and the quickest ways on."""
    ticket, agent = get_ticket(connection, ticket_id), current_agent()
    best = suggest(current_app.extensions["kcs.search"], ticket, reader=agent, limit=1)
    return closing_of(ticket, agent, best=[each.article for each in best.found])


@bp.route(f"{TICKET}/links", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.LinkIn)
@bp.response(201, schemas.LinkOut)
def link(args: dict[str, Any], connection: str, ticket_id: str) -> object:
    """Link an article; linking it again is one link."""
    ticket = get_ticket(connection, ticket_id)
    article = get_article(args["article"], current_agent())
    made = services.link_article(
        ticket, article, by=current_agent(), role=args["role"], source=LinkSource.API
    )
    db.session.commit()
    return made


@bp.route(f"{TICKET}/links/<int:link_id>", methods=["DELETE"])
@requires(Permission.WORK)
@bp.response(204)
def unlink(connection: str, ticket_id: str, link_id: int) -> None:
    """Take a link away; again is no error."""
    ticket = get_ticket(connection, ticket_id)
    services.unlink(queries.get_link(ticket, link_id), by=current_agent())
    db.session.commit()


@bp.route(f"{TICKET}/draft", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.DraftIn)
@bp.response(201, ArticleOut)
def draft(args: dict[str, Any], connection: str, ticket_id: str) -> tuple[Article, int, dict[str, str]]:
    """Draft an article from the ticket; a second time gives the same draft."""
    ticket = get_ticket(connection, ticket_id)
    article = services.draft_article(ticket, by=current_agent(), **args)
    db.session.commit()
    return article, 201, etag(article)


@bp.route(f"{TICKET}/draft", methods=["DELETE"])
@requires(Permission.WORK)
@bp.response(204)
def discard(connection: str, ticket_id: str) -> None:
    """Throw the ticket's draft away."""
    services.discard_draft(get_ticket(connection, ticket_id), by=current_agent())
    db.session.commit()


@bp.route(f"{TICKET}/exemption", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.ExemptionIn)
@bp.response(201, schemas.ExemptionOut)
def exempt(args: dict[str, Any], connection: str, ticket_id: str) -> object:
    """Say that no article is needed, and why."""
    made = services.exempt(
        get_ticket(connection, ticket_id), args["reason"], by=current_agent(), note=args["note"]
    )
    db.session.commit()
    return made


@bp.route(f"{TICKET}/improvements", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.ImprovementIn)
@bp.response(200, schemas.TicketOut)
def improve(args: dict[str, Any], connection: str, ticket_id: str) -> dict[str, Any]:
    """Flag or fix an article that is linked to this ticket."""
    ticket = get_ticket(connection, ticket_id)
    article = get_article(args["article"], current_agent())
    if "flag" in args:
        services.flag_in_ticket(ticket, article, args["flag"], by=current_agent())
    elif "parts" in args or "title" in args:
        present = article.current_version
        parts = {**present.parts, **args.get("parts", {})}
        title = args.get("title", present.title)
        services.fix_in_ticket(ticket, article, title, parts, by=current_agent(), base=named_version())
    else:
        raise InvalidInput(
            "Give a flag, or a title or parts to fix.", errors={"flag": ["or title, or parts"]}
        )
    db.session.commit()
    return _shown(ticket)


def _shown(ticket: Ticket) -> dict[str, Any]:
    names = (
        "connection",
        "remote_id",
        "subject",
        "status",
        "knowledge_state",
        "tags",
        "opened_at",
        "solved_at",
    )
    people = ("assignee", "solver", "messages")
    return {
        **{name: getattr(ticket, name) for name in names + people},
        "links": queries.present_links(ticket),
        "exemption": queries.present_exemption(ticket),
    }
