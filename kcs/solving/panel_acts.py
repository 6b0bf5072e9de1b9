"""What is done with an article offered for a ticket: hand it to the reply, or say that it is not this one."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs.articles.models import Article
from kcs.articles.queries import get_article
from kcs.config import Settings
from kcs.database import db
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires
from kcs.sentences import Sentence
from kcs.solving import handing_over, services
from kcs.solving.beside import acted, by_htmx
from kcs.solving.handing_over import Handed
from kcs.solving.panel_pages import TICKET, search_named
from kcs.solving.passing_over import pass_over, take_back
from kcs.tickets.models import Ticket
from kcs.tickets.queries import get_ticket

bp = Blueprint("panel_acts", __name__, template_folder="templates")

AS_TEXT = "text"


@bp.post(f"{TICKET}/send")
@requires(Permission.WORK)
def send(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Link an article as the answer, and hand its public address, or its public text, to the reply."""
    shown: dict[str, object] = {}

    def act(ticket: Ticket) -> str:
        article = get_article(request.form.get("article", ""), current_agent())
        handed = _handed(article, ticket)
        services.link_article(ticket, article, by=current_agent())
        shown["handed"] = handed
        if by_htmx():
            return Sentence("Linked %(key)s.", key=article.key)
        return Sentence("Linked %(key)s. For the reply: %(text)s", key=article.key, text=handed.text)

    return acted(connection, ticket_id, act, shown=shown, links=True)


@bp.post(f"{TICKET}/passed-over")
@requires(Permission.WORK)
def not_this_one(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Keep that an article offered here is not the one; it is not suggested for this ticket any more."""
    ticket, article = _named(connection, ticket_id)
    searched = search_named(request.form.get("from", ""), ticket)
    mask = current_app.extensions["kcs.search.mask"]
    words, rank = (mask(searched.words), searched.rank_of(article.key)) if searched else ("", None)
    pass_over(ticket, article, by=current_agent(), words=words, rank=rank)
    db.session.commit()
    said = Sentence("%(key)s is not suggested for this ticket any more.", key=article.key)
    return _in_place(ticket, article, said, passed=True)


@bp.post(f"{TICKET}/passed-over/undo")
@requires(Permission.WORK)
def offer_again(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Take back that an article is not the one."""
    ticket, article = _named(connection, ticket_id)
    take_back(ticket, article, by=current_agent())
    db.session.commit()
    said = Sentence("%(key)s may be suggested for this ticket again.", key=article.key)
    return _in_place(ticket, article, said, passed=False)


def _named(connection: str, ticket_id: str) -> tuple[Ticket, Article]:
    return get_ticket(connection, ticket_id), get_article(request.form.get("article", ""), current_agent())


def _in_place(ticket: Ticket, article: Article, said: str, *, passed: bool) -> ResponseReturnValue:
    """Put the word where the offer was; a page without scripts goes back to the ticket."""
    if by_htmx():
        given = {"ticket": ticket, "article": article, "said": said, "passed": passed}
        return render_template("tickets/_passed.html", token=request.form.get("from", ""), **given)
    flash(translated(said), "success")
    back = url_for("tickets.show", connection=ticket.connection.name, ticket_id=ticket.remote_id)
    return redirect(back, code=303)


def _handed(article: Article, ticket: Ticket) -> Handed:
    settings: Settings = current_app.config["KCS"]
    if request.form.get("as") == AS_TEXT:
        return handing_over.text_for_reply(article, settings.base_url)
    return handing_over.link_for_reply(article, ticket.connection, settings.base_url)
