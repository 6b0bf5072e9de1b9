"""The agent's pages: lists of tickets, and a ticket with what to do about its knowledge."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs import database
from kcs.articles import rights
from kcs.articles.layout import offered_templates
from kcs.articles.queries import get_article
from kcs.articles.trust import is_check_due, trust_of
from kcs.authoring.forms import Frame, edit_form, edited, refused_edit, whole_parts
from kcs.authoring.services import forget_saved, forget_unsaved
from kcs.config import Settings
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, StaleVersion
from kcs.people.access import Permission, current_agent, may, requires
from kcs.search.queries import find
from kcs.solving import queries, services
from kcs.solving.models import ExemptionReason, LinkRole
from kcs.solving.suggestions import suggest
from kcs.tickets.models import Ticket
from kcs.tickets.queries import TicketList, count_tickets, get_ticket, page_of_tickets
from kcs.views import Listing, chosen
from workflow import solve
from workflow.article import ArticleState
from workflow.solve import Act, KnowledgeState

bp = Blueprint("tickets", __name__, template_folder="templates")

LIST_WORDS = {
    TicketList.MINE: "My open tickets",
    TicketList.UNFINISHED: "Unfinished",
    TicketList.OPEN: "All open",
    TicketList.ALL: "All",
}
EXEMPTION_WORDS = {
    ExemptionReason.NO_KNOWLEDGE: "No knowledge in it",
    ExemptionReason.SPAM_OR_DUPLICATE: "Spam or duplicate",
    ExemptionReason.WAITING_ON_PRODUCT: "Waiting on product",
    ExemptionReason.CONFIDENTIAL: "Confidential",
    ExemptionReason.OUT_OF_SCOPE: "Out of scope",
    ExemptionReason.OTHER: "Other: say why",
}
SEARCH_RESULTS = 8


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Lead people with tickets to theirs, everybody else to the report."""
    if may(current_agent(), Permission.WORK):
        return redirect(url_for("tickets.list_tickets", list=TicketList.UNFINISHED.value))
    return redirect(url_for("reports.link_rate"))


@bp.get("/tickets")
@requires(Permission.SIGNED_IN)
def list_tickets() -> ResponseReturnValue:
    """Show one list of tickets."""
    which = chosen(TicketList, "list") or TicketList.OPEN
    state = chosen(KnowledgeState, "state")
    page = Listing.asked_for(lambda number: page_of_tickets(which, current_agent(), page=number, state=state))
    counts = {each: count_tickets(each, current_agent()) for each in TicketList}
    return render_template(
        "tickets/list.html",
        page=page,
        which=which,
        state=state,
        counts=counts,
        words=LIST_WORDS,
    )


@bp.get("/tickets/<connection>/<ticket_id>")
@requires(Permission.SIGNED_IN)
def show(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Show a ticket with its conversation, links and suggestions."""
    ticket = get_ticket(connection, ticket_id)
    return render_template("tickets/show.html", **_context(ticket))


@bp.get("/tickets/<connection>/<ticket_id>/search")
@requires(Permission.SIGNED_IN)
def search(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Find another article for this ticket; the ticket itself stays as it is."""
    ticket = get_ticket(connection, ticket_id)
    words = request.args.get("q", "").strip()
    linked = {link.article_id for link in queries.present_links(ticket)}
    index_ = current_app.extensions["kcs.search"]
    found = find(index_, words, reader=current_agent(), limit=SEARCH_RESULTS) if words else []
    kept = [each for each in found if each.article.id not in linked]
    return render_template(
        "tickets/_found.html", ticket=ticket, found=kept, words=words, may_work=_may_work()
    )


@bp.post("/tickets/<connection>/<ticket_id>/links")
@requires(Permission.WORK)
def link(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Link an article: as the answer, or as a reference."""
    role = LinkRole.REFERENCE if request.form.get("role") == LinkRole.REFERENCE.value else LinkRole.RESOLUTION

    def act(ticket: Ticket) -> str:
        article = get_article(request.form.get("article", ""), current_agent())
        services.link_article(ticket, article, by=current_agent(), role=role)
        return f"Linked {article.key}."

    return _do(connection, ticket_id, act)


@bp.post("/tickets/<connection>/<ticket_id>/links/<int:link_id>/remove")
@requires(Permission.WORK)
def unlink(connection: str, ticket_id: str, link_id: int) -> ResponseReturnValue:
    """Take a link away."""

    def act(ticket: Ticket) -> str:
        services.unlink(queries.get_link(ticket, link_id), by=current_agent())
        return "Link removed."

    return _do(connection, ticket_id, act)


@bp.post("/tickets/<connection>/<ticket_id>/draft")
@requires(Permission.WORK)
def draft(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Draft an article from the ticket and open it for writing."""
    ticket = get_ticket(connection, ticket_id)
    try:
        article = services.draft_article(
            ticket, by=current_agent(), template=request.form.get("template") or None
        )
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        flash(error.message, "error")
        return redirect(url_for("tickets.show", connection=connection, ticket_id=ticket_id), code=303)
    flash(f"{article.key} is drafted from this ticket. Read it through, then save.", "success")
    return redirect(url_for("authoring.edit", key=article.key), code=303)


@bp.post("/tickets/<connection>/<ticket_id>/draft/discard")
@requires(Permission.WORK)
def discard(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Throw the ticket's draft away."""

    def act(ticket: Ticket) -> str:
        services.discard_draft(ticket, by=current_agent())
        return "Draft discarded."

    return _do(connection, ticket_id, act)


@bp.post("/tickets/<connection>/<ticket_id>/draft/replace")
@requires(Permission.WORK)
def replace_draft(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Link an article that says the same already, in place of the ticket's draft."""

    def act(ticket: Ticket) -> str:
        article = get_article(request.form.get("article", ""), current_agent())
        draft = queries.created_link(ticket)
        services.replace_draft(ticket, article, by=current_agent())
        if draft is not None:
            forget_unsaved(current_agent(), draft.article.key)
        return f"Linked {article.key}; the draft is thrown away."

    return _do(connection, ticket_id, act)


@bp.post("/tickets/<connection>/<ticket_id>/exemption")
@requires(Permission.WORK)
def exempt(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Say that no article is needed, and why."""

    def act(ticket: Ticket) -> str:
        reason = request.form.get("reason", "")
        if reason not in list(ExemptionReason):
            raise InvalidInput("Choose why no article is needed.", errors={"reason": ["choose one"]})
        note = request.form.get("note", "")
        services.exempt(ticket, ExemptionReason(reason), by=current_agent(), note=note)
        return "Noted: no article needed."

    return _do(connection, ticket_id, act)


@bp.get("/tickets/<connection>/<ticket_id>/fix/<key>")
@requires(Permission.WORK)
def fix_form(connection: str, ticket_id: str, key: str) -> ResponseReturnValue:
    """Open a linked article for fixing from within the ticket."""
    get_ticket(connection, ticket_id)
    article = get_article(key, current_agent())
    rights.require(current_agent(), article, rights.edit_right(article))
    return edit_form(article, _frame(connection, ticket_id, key))


@bp.post("/tickets/<connection>/<ticket_id>/fix/<key>")
@requires(Permission.WORK)
def fix(connection: str, ticket_id: str, key: str) -> ResponseReturnValue:
    """Save the fix and go back to the ticket."""
    ticket = get_ticket(connection, ticket_id)
    article = get_article(key, current_agent())
    try:
        typed = edited()
        parts = whole_parts(article, typed)
        services.fix_in_ticket(ticket, article, typed.title, parts, by=current_agent(), base=typed.base)
        forget_saved(current_agent(), key, request.form.get("window", ""))
        db.session.commit()
    except (InvalidInput, StaleVersion) as error:
        db.session.rollback()
        return refused_edit(get_article(key, current_agent()), error, _frame(connection, ticket_id, key))
    flash(f"Fixed {key}.", "success")
    return redirect(url_for("tickets.show", connection=connection, ticket_id=ticket_id), code=303)


@bp.post("/tickets/<connection>/<ticket_id>/flags")
@requires(Permission.WORK)
def flag(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Flag a linked article."""

    def act(ticket: Ticket) -> str:
        article = get_article(request.form.get("article", ""), current_agent())
        services.flag_in_ticket(ticket, article, request.form.get("reason", ""), by=current_agent())
        return f"Flagged {article.key}."

    return _do(connection, ticket_id, act)


@bp.post("/tickets/<connection>/<ticket_id>/confirmations")
@requires(Permission.WORK)
def confirm(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Say that a linked article is still right."""

    def act(ticket: Ticket) -> str:
        article = get_article(request.form.get("article", ""), current_agent())
        services.confirm_in_ticket(ticket, article, by=current_agent())
        return f"{article.key} is still right: thank you."

    return _do(connection, ticket_id, act)


def _frame(connection: str, ticket_id: str, key: str) -> Frame:
    back = url_for("tickets.show", connection=connection, ticket_id=ticket_id)
    return Frame(f"Fix {key}", back, short=True)


def _do(connection: str, ticket_id: str, act: Callable[[Ticket], str]) -> ResponseReturnValue:
    """Do one act and show the ticket's knowledge as it then is; what went wrong is said there too."""
    ticket = get_ticket(connection, ticket_id)
    failed = None
    try:
        said, kind = act(ticket), "success"
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        said, kind, failed = error.message, "error", request.endpoint
        ticket = get_ticket(connection, ticket_id)
    if request.headers.get("HX-Request") == "true":
        tried = {"failed": failed, "tried": request.form}
        return render_template("tickets/_knowledge.html", said=said, kind=kind, **tried, **_context(ticket))
    flash(said, kind)
    return redirect(url_for("tickets.show", connection=connection, ticket_id=ticket_id), code=303)


def _context(ticket: Ticket) -> dict[str, object]:
    links, now = queries.present_links(ticket), database.now()
    suggestions = suggest(current_app.extensions["kcs.search"], ticket, reader=current_agent())
    settings: Settings = current_app.config["KCS"]
    return {
        "ticket": ticket,
        "links": links,
        "editable": {link.article_id for link in links if rights.may_edit(current_agent(), link.article)},
        "trust": trust_of((link.article for link in links), now=now),
        "to_confirm": [
            link.article_id
            for link in links
            if link.role is LinkRole.RESOLUTION
            and is_check_due(link.article, now)
            and rights.may_confirm(current_agent(), link.article)
        ],
        "exemption": queries.present_exemption(ticket),
        "draft": queries.created_link(ticket),
        "suggestions": suggestions.found,
        "draft_first": suggestions.no_article >= settings.no_article_percent / 100,
        "no_article": suggestions.no_article,
        "reasons": EXEMPTION_WORDS,
        "reason_options": [(reason.value, words) for reason, words in EXEMPTION_WORDS.items()],
        "templates": [(each.key, each.name) for each in offered_templates()],
        "acts": solve.possible(ticket.knowledge_state),
        "Act": Act,
        "WIP": ArticleState.WIP,
        "may_work": _may_work(),
    }


def _may_work() -> bool:
    return may(current_agent(), Permission.WORK)
