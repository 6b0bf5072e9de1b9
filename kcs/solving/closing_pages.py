"""Pages of finishing: the next unfinished ticket, and what has changed since a customer was given a text."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs.errors import NotFound
from kcs.people.access import Permission, current_agent, requires
from kcs.solving import queries
from kcs.solving.delivered import changes_since, delivered_by
from kcs.tickets.models import Ticket
from kcs.tickets.queries import TicketList, get_ticket, next_unfinished

bp = Blueprint("closing", __name__, template_folder="templates")


@bp.get("/tickets/next")
@requires(Permission.SIGNED_IN)
def next_ticket() -> ResponseReturnValue:
    """Lead to my unfinished ticket after the one named `after`; when there is none, to the list.

    With `panel` to its panel, not to its page.
    """
    found = next_unfinished(current_agent(), _named(request.args.get("after", "")))
    if found is None:
        return redirect(url_for("tickets.list_tickets", list=TicketList.UNFINISHED.value))
    name, number = found.connection.name, found.remote_id
    if "panel" in request.args:
        return redirect(url_for("panel.show", connection=name, ticket=number))
    return redirect(url_for("tickets.show", connection=name, ticket_id=number))


@bp.get("/tickets/<connection>/<ticket_id>/links/<int:link_id>/changes")
@requires(Permission.SIGNED_IN)
def changes(connection: str, ticket_id: str, link_id: int) -> ResponseReturnValue:
    """Show what has changed in an article since this ticket's customer was given it."""
    link = queries.get_link(get_ticket(connection, ticket_id), link_id)
    return render_template(
        "tickets/_changes.html",
        link=link,
        delivered=delivered_by(link),
        changes=changes_since(link, current_agent()),
    )


def _named(after: str) -> Ticket | None:
    """Return the ticket of `connection/id`; one that has gone meanwhile is no reason to stop."""
    connection, _, remote_id = after.partition("/")
    try:
        return get_ticket(connection, remote_id) if remote_id else None
    except NotFound:
        return None
