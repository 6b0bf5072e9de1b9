"""The panel beside a ticket: what may answer it, found unasked, by typing, or while a reply is written."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import select

from kcs import database
from kcs.articles.queries import get_article
from kcs.articles.rendering import reader_markup
from kcs.articles.trust import trust_of
from kcs.database import db
from kcs.errors import NotFound
from kcs.extensions import limiter
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires
from kcs.search import answers
from kcs.search.following import log_after, opened, opening_after, sealed, searched_now
from kcs.search.index import SearchIndex
from kcs.search.log import Searched
from kcs.search.models import Place
from kcs.search.suggesting import Suggestions
from kcs.search.typed import Typed, written
from kcs.solving import handing_over, queries
from kcs.solving.beside import (
    by_htmx,
    closing,
    context,
    held_by,
    in_panel,
    is_draft_first,
    may_work,
    next_url,
    only_reading,
)
from kcs.solving.evidence import FOUND, shown_evidence
from kcs.solving.offers import offers_of
from kcs.solving.suggestions import suggest, suggest_for_words
from kcs.tickets.models import Connection, Ticket
from kcs.tickets.queries import get_ticket

bp = Blueprint("panel", __name__, template_folder="templates")

TICKET = "/tickets/<connection>/<ticket_id>"
LONGEST_TEXT = 20_000  # characters of a text being written
# What a desk may hold in a frame: the view says which desk, in `g.panel_held_by`.
HELD = ("panel.show", "embedding.show")
FILTERS = ("product", "tag", "state", "language")


@bp.get("/panel")
@requires(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show the knowledge of one ticket for a narrow frame; without one, ask which."""
    connection, number = request.args.get("connection", ""), request.args.get("ticket", "").strip()
    problem, status = "", 200
    if connection and number:
        try:
            return _of_ticket(get_ticket(connection, number))
        except NotFound as error:
            problem, status = translated(error.message), 404
    names = db.session.execute(select(Connection.name).where(Connection.active).order_by(Connection.name))
    page = render_template(
        "panel/choose.html",
        connections=[(name, name) for name in names.scalars()],
        connection=connection,
        number=number,
        problem=problem,
    )
    return page, status


@bp.get(f"{TICKET}/knowledge")
@requires(Permission.SIGNED_IN)
def knowledge(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Show the knowledge of a ticket anew: somebody else changed it."""
    return render_template("tickets/_knowledge.html", **context(get_ticket(connection, ticket_id)))


@bp.get(f"{TICKET}/suggestions")
@requires(Permission.SIGNED_IN)
@limiter.limit("300 per minute")
def suggestions(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Show what may answer the ticket, as a part of its page; without scripts, the page with it."""
    ticket = get_ticket(connection, ticket_id)
    given = suggest(_index(), ticket, reader=current_agent())
    searched = _searched(given, ticket)
    shown = _suggested(ticket, given, searched)
    if by_htmx():
        page = render_template("tickets/_suggestions.html", closing_oob=True, **shown)
    else:
        evidence = shown_evidence(ticket, current_agent())
        page = render_template("tickets/show.html", **evidence, **{**context(ticket), **shown})
    return log_after(make_response(page), searched)


@bp.post(f"{TICKET}/suggestions")
@requires(Permission.SIGNED_IN)
@limiter.limit("300 per minute")
def suggestions_for_text(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Show what may answer the text that is being written; nothing of it is kept."""
    subject, body = (request.form.get(name, "")[:LONGEST_TEXT] for name in ("subject", "body"))
    with only_reading():
        ticket = get_ticket(connection, ticket_id)
        given = suggest_for_words(_index(), ticket, subject, body, reader=current_agent())
        searched = _searched(given, ticket)
        shown = _suggested(ticket, given, searched)
        return render_template("tickets/_suggestions.html", closing_oob=True, **shown)


@bp.get(f"{TICKET}/search")
@requires(Permission.SIGNED_IN)
@limiter.limit("600 per minute")
def search(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Find another article for this ticket while somebody types; the ticket itself stays as it is."""
    ticket = get_ticket(connection, ticket_id)
    words = request.args.get("q", "").lstrip()
    only = [(name, value) for name in FILTERS if (value := request.args.get(name, "").strip())]
    # The filters first: the last word is the one that is still being typed.
    typed = " ".join(filter(None, (written(Typed(only=tuple(only))), words)))
    linked = {link.article_id for link in queries.present_links(ticket)}
    limit = FOUND + 1 + len(linked)  # one more than is shown tells whether there are more
    answer = answers.answer(_index(), typed, reader=current_agent(), limit=limit, typing=True)
    others = [each for each in answer.found if each.article.id not in linked]
    kept = others[:FOUND]
    keys = [each.article.key for each in kept]
    searched = searched_now(Place.PANEL, typed.strip(), keys, len(kept), ticket_id=ticket.id)
    return render_template(
        "tickets/_found.html",
        ticket=ticket,
        offers=offers_of(kept, current_agent()),
        answer=answer,
        more=len(others) > FOUND,
        meant=_meant(words) if answer.did_you_mean else "",
        words=typed.strip(),
        token=sealed(searched),
        may_work=may_work(),
        in_panel=in_panel(),
    )


@bp.post(f"{TICKET}/searches")
@requires(Permission.SIGNED_IN)
@limiter.limit("300 per minute")
def keep_search(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Keep with the ticket what was searched in it: the words stood, or were left."""
    with only_reading():
        searched = search_named(request.form.get("from", ""), get_ticket(connection, ticket_id))
    response = make_response("", 204)
    return log_after(response, searched) if searched else response


@bp.get(f"{TICKET}/preview/<key>")
@requires(Permission.SIGNED_IN)
def preview(connection: str, ticket_id: str, key: str) -> ResponseReturnValue:
    """Show what this reader may read of an article, without leaving the ticket; counts as opening it."""
    ticket, agent = get_ticket(connection, ticket_id), current_agent()
    article = get_article(key, agent)
    page = render_template(
        "tickets/_preview.html",
        ticket=ticket,
        article=article,
        trust=trust_of([article], now=database.now())[article.id],
        text=reader_markup(article.current_version, agent),
        public=handing_over.is_public(article),
        linked=queries.present_link(ticket, article) is not None,
        token=request.args.get("from", ""),
        may_work=may_work(),
    )
    searched = search_named(request.args.get("from", ""), ticket)
    response = make_response(page)
    return opening_after(response, searched, article.key) if searched else response


def wire(app: Flask) -> None:
    """Let a desk's own pages, and nobody else's, hold the panel of their ticket in a frame.

    Called before the headers that forbid frames are wired: what is wired first has the last word.
    """
    app.after_request(_let_the_desk_hold_it)


def search_named(token: str, ticket: Ticket) -> Searched | None:
    """Return the search of this ticket that a link or a form carries, None for any other."""
    searched = opened(token)
    return searched if searched is not None and searched.ticket_id == ticket.id else None


def _of_ticket(ticket: Ticket) -> str:
    g.panel_held_by = held_by(ticket)
    return render_template("panel/show.html", desk=g.panel_held_by, **context(ticket))


def _meant(words: str) -> str:
    """Return what the box alone may have meant: the filters keep their own fields."""
    return answers.hints(_index(), words, reader=current_agent()).did_you_mean or ""


def _suggested(ticket: Ticket, given: Suggestions, searched: Searched) -> dict[str, object]:
    return {
        "ticket": ticket,
        "offers": offers_of(given.found, current_agent()),
        "draft_first": is_draft_first(given),
        "no_article": given.no_article,
        "closing": closing(ticket, given),
        "token": sealed(searched),
        "may_work": may_work(),
        "in_panel": in_panel(),
        "next_url": next_url(ticket),
    }


def _searched(given: Suggestions, ticket: Ticket) -> Searched:
    keys = [each.article.key for each in given.found]
    return searched_now(Place.SUGGESTED, "", keys, len(keys), ticket_id=ticket.id)


def _index() -> SearchIndex:
    index: SearchIndex = current_app.extensions["kcs.search"]
    return index


def _let_the_desk_hold_it(response: Response) -> Response:
    origin = g.get("panel_held_by")
    if request.endpoint in HELD and origin is not None:
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace(
            "frame-ancestors 'none'", f"frame-ancestors {origin}"
        )
        del response.headers["X-Frame-Options"]
    return response
