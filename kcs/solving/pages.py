"""The agent's pages: lists of tickets, and a ticket with what to do about its knowledge."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs.articles import rights
from kcs.articles.flags import flag_article
from kcs.articles.queries import get_article
from kcs.authoring.forms import Frame, edit_form, edited, refused_edit, whole_parts
from kcs.authoring.services import forget_saved, forget_unsaved
from kcs.database import db
from kcs.errors import InvalidInput, StaleVersion
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, may, requires
from kcs.sentences import Sentence
from kcs.solving import queries, services
from kcs.solving.beside import acted, by_htmx, context
from kcs.solving.evidence import shown_evidence
from kcs.solving.models import ExemptionReason, LinkRole
from kcs.solving.prepared import prepared_among
from kcs.tickets.models import Ticket
from kcs.tickets.queries import TicketList, count_tickets, get_ticket, page_of_tickets
from kcs.views import Listing, chosen
from workflow.solve import KnowledgeState

bp = Blueprint("tickets", __name__, template_folder="templates")

LIST_WORDS = {
    TicketList.MINE: Sentence("My open tickets"),
    TicketList.UNFINISHED: Sentence("Unfinished"),
    TicketList.OPEN: Sentence("All open"),
    TicketList.ALL: Sentence("All"),
}


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Lead people with tickets to their work, everybody else to the report."""
    if may(current_agent(), Permission.WORK):
        return redirect(url_for("my_work.index"))
    return redirect(url_for("reports.show", name="link-rate"))


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
        prepared=prepared_among(page.items),
    )


@bp.get("/tickets/<connection>/<ticket_id>")
@requires(Permission.SIGNED_IN)
def show(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Show a ticket with its conversation, links and suggestions."""
    ticket = get_ticket(connection, ticket_id)
    evidence = shown_evidence(ticket, current_agent())
    return render_template("tickets/show.html", **evidence, **context(ticket))


@bp.post("/tickets/<connection>/<ticket_id>/links")
@requires(Permission.WORK)
def link(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Link an article: as the answer, or as a reference; `then` may lead on to fixing it."""
    role = LinkRole.REFERENCE if request.form.get("role") == LinkRole.REFERENCE.value else LinkRole.RESOLUTION

    def act(ticket: Ticket) -> str:
        article = get_article(request.form.get("article", ""), current_agent())
        present = queries.present_link(ticket, article)
        was_detected = present is not None and present.detected
        services.link_article(ticket, article, by=current_agent(), role=role)
        if role is LinkRole.REFERENCE:
            return Sentence("%(key)s is kept as a reference.", key=article.key)
        if was_detected:
            return Sentence("%(key)s is confirmed.", key=article.key)
        return Sentence("Linked %(key)s.", key=article.key)

    key = request.form.get("article", "")
    fixing = url_for("tickets.fix_form", connection=connection, ticket_id=ticket_id, key=key)
    return acted(
        connection, ticket_id, act, links=True, lead_to=fixing if request.form.get("then") == "fix" else None
    )


@bp.post("/tickets/<connection>/<ticket_id>/links/<int:link_id>/remove")
@requires(Permission.WORK)
def unlink(connection: str, ticket_id: str, link_id: int) -> ResponseReturnValue:
    """Take a link away."""

    def act(ticket: Ticket) -> str:
        services.unlink(queries.get_link(ticket, link_id), by=current_agent())
        return Sentence("Link removed.")

    return acted(connection, ticket_id, act)


@bp.post("/tickets/<connection>/<ticket_id>/draft")
@requires(Permission.WORK)
def draft(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Draft an article from the ticket and open it for writing; within the panel, stay there."""
    drafted: list[str] = []

    def act(ticket: Ticket) -> str:
        template = request.form.get("template") or None
        article = services.draft_article(ticket, by=current_agent(), template=template)
        drafted.append(article.key)
        return Sentence("%(key)s is drafted from this ticket. Read it through, then save.", key=article.key)

    answer = acted(connection, ticket_id, act)
    if by_htmx() or not drafted:
        return answer
    return redirect(url_for("authoring.edit", key=drafted[0]), code=303)


@bp.post("/tickets/<connection>/<ticket_id>/draft/discard")
@requires(Permission.WORK)
def discard(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Throw the ticket's draft away."""

    def act(ticket: Ticket) -> str:
        services.discard_draft(ticket, by=current_agent())
        return Sentence("Draft discarded.")

    return acted(connection, ticket_id, act)


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
        return Sentence("Linked %(key)s; the draft is thrown away.", key=article.key)

    return acted(connection, ticket_id, act)


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
        return Sentence("Noted: no article needed.")

    return acted(connection, ticket_id, act)


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
    flash(translated(Sentence("Fixed %(key)s.", key=key)), "success")
    return redirect(url_for("tickets.show", connection=connection, ticket_id=ticket_id), code=303)


@bp.post("/tickets/<connection>/<ticket_id>/flags")
@requires(Permission.WORK)
def flag(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Flag an article from the ticket; one that is linked is improved with that."""

    def act(ticket: Ticket) -> str:
        article = get_article(request.form.get("article", ""), current_agent())
        reason, by = request.form.get("reason", ""), current_agent()
        if queries.present_link(ticket, article) is not None:
            services.flag_in_ticket(ticket, article, reason, by=by)
        else:
            flag_article(article, reason, by=by, ticket_id=ticket.id)
        return Sentence("Flagged %(key)s.", key=article.key)

    return acted(connection, ticket_id, act)


@bp.post("/tickets/<connection>/<ticket_id>/confirmations")
@requires(Permission.WORK)
def confirm(connection: str, ticket_id: str) -> ResponseReturnValue:
    """Say that a linked article is still right."""

    def act(ticket: Ticket) -> str:
        article = get_article(request.form.get("article", ""), current_agent())
        services.confirm_in_ticket(ticket, article, by=current_agent())
        return Sentence("%(key)s is still right: thank you.", key=article.key)

    return acted(connection, ticket_id, act)


def _frame(connection: str, ticket_id: str, key: str) -> Frame:
    back = url_for("tickets.show", connection=connection, ticket_id=ticket_id)
    return Frame(translated(Sentence("Fix %(key)s", key=key)), back, short=True)
