"""The emulated REST API: tickets, their comments and audits.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
`g` holds the desk, the time of the call and the signed-in user.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.zendesk.emulator import life, measures
from integrations.zendesk.emulator.http import ApiError, cursor_page, invalid, sent, warn
from integrations.zendesk.emulator.records import LIGHT_AGENT_ROLE, NewComment, Ticket, stamp
from integrations.zendesk.emulator.sent import (
    changes_of,
    comment_of,
    number_or_none,
    requester_of,
    the_ticket,
    unknown_keys,
    values_of,
)

SHOW_MANY = 100
SIGHTS = {"title": "Forbidden", "message": "You do not have access to this page."}

api = Blueprint("ticketing", __name__, url_prefix="/api/v2")


@api.get("/tickets")
def list_tickets() -> Response:
    """Shows neither deleted nor archived tickets [Tickets: List Tickets]."""
    shown = [ticket.as_json() for ticket in list(g.desk.tickets.values()) if ticket.listed]
    return answer(cursor_page("tickets", shown, keep_next=True))


@api.get("/tickets/show_many")
def show_tickets() -> Response:
    """Unknown and deleted ids are left out; archived tickets are shown [Tickets: Show Multiple Tickets]."""
    known = [g.desk.tickets.get(number) for number in ids_asked()]
    shown = [ticket for ticket in known if ticket is not None and not ticket.deleted]
    page = {"next_page": None, "previous_page": None, "count": len(shown)}
    tickets = [ticket.as_json() for ticket in shown]
    return answer({"tickets": tickets, **measures.beside(g.desk, shown), **page})


@api.post("/tickets")
def create_ticket() -> tuple[Response, int]:
    """With `via_followup_source_id` a follow-up, of a closed ticket only [Tickets: Create Ticket]."""
    content = sent("ticket")
    warn("tickets", "create", unknown_keys(content))
    with g.desk.lock:
        requester_id = requester_of(content) or g.user.id
        comment = comment_of(content)
        source = number_or_none(content.get("via_followup_source_id"))
        if source is not None:
            ticket = _follow_up(source, requester_id, comment.text if comment else "")
        else:
            first = comment or NewComment(str(content.get("description", "")))
            tags = [str(tag) for tag in content.get("tags") or ()]
            values = {k: v for k, v in values_of(content).items() if k not in ("subject", "tags")}
            subject = str(content.get("subject", ""))
            ticket = g.desk.create(requester_id, subject, first, g.now, tags, channel="api", values=values)
            ticket.custom_fields.update(changes_of(content).custom_fields)
    return answer({"ticket": ticket.as_json(), "audit": ticket.audits[-1].as_json()}), 201


@api.get("/tickets/<int:ticket_id>")
def show_ticket(ticket_id: int) -> Response:
    """Metrics come within the ticket where `include` asks for them [Side-loading]."""
    with g.desk.lock:
        return answer({"ticket": measures.with_metrics(g.desk, the_ticket(ticket_id))})


@api.put("/tickets/<int:ticket_id>")
def change_ticket(ticket_id: int) -> Response:
    """Answers 409 to a safe update that comes too late, 422 for a closed ticket [Tickets: Update Ticket]."""
    content = sent("ticket")
    with g.desk.lock:
        ticket = the_ticket(ticket_id)
        if content.get("safe_update") and content.get("updated_stamp") != stamp(ticket.updated_at):
            raise ApiError(409, "UpdateConflict", "Safe Update prevented the update")
        refuse_closed(ticket)
        change = changes_of(content, ticket)
        if g.user.custom_role_id == LIGHT_AGENT_ROLE and (change.values or change.custom_fields):
            raise ApiError(403, SIGHTS, "Light agents cannot change tickets")
        warn("tickets", "update", unknown_keys(content))
        audit = g.desk.save(ticket, g.user.id, change, g.now)
        return answer({"ticket": ticket.as_json(), "audit": audit.as_json()})


@api.delete("/tickets/<int:ticket_id>")
def delete_ticket(ticket_id: int) -> tuple[str, int]:
    with g.desk.lock:
        life.delete(g.desk, the_ticket(ticket_id), g.user.id, g.now)
    return "", 204


@api.get("/tickets/<int:ticket_id>/comments")
def list_comments(ticket_id: int) -> Response:
    """Oldest first, or the other way with `sort=-created_at` [Ticket Comments]."""
    with g.desk.lock:
        comments = [comment.as_json() for comment in the_ticket(ticket_id).comments]
    if request.args.get("sort") == "-created_at":
        comments.reverse()
    return answer(cursor_page("comments", comments, keep_next=True))


@api.get("/tickets/<int:ticket_id>/audits")
def list_audits(ticket_id: int) -> Response:
    with g.desk.lock:
        audits = [audit.as_json() for audit in the_ticket(ticket_id).audits]
    return answer(cursor_page("audits", audits, keep_next=True))


@api.get("/tickets/<int:ticket_id>/tags")
def show_tags(ticket_id: int) -> Response:
    return answer({"tags": the_ticket(ticket_id).tags})


@api.route("/tickets/<int:ticket_id>/tags", methods=["PUT", "POST", "DELETE"])
def change_tags(ticket_id: int) -> tuple[Response, int]:
    """PUT adds, POST replaces, DELETE removes; a safe update is one here too [Tags]."""
    content = request.get_json(silent=True) or {}
    given = [str(tag) for tag in content.get("tags") or ()]
    with g.desk.lock:
        ticket = the_ticket(ticket_id)
        if content.get("safe_update") and content.get("updated_stamp") != stamp(ticket.updated_at):
            raise ApiError(409, "UpdateConflict", "Safe Update prevented the update")
        refuse_closed(ticket)
        tags = {
            "PUT": [*ticket.tags, *(tag for tag in given if tag not in ticket.tags)],
            "POST": given,
            "DELETE": [tag for tag in ticket.tags if tag not in given],
        }[request.method]
        if tags != ticket.tags:
            g.desk.save(ticket, g.user.id, changes_of({"tags": tags}), g.now)
    return answer({"tags": ticket.tags}), 201 if request.method == "POST" else 200


def refuse_closed(ticket: Ticket) -> None:
    """A closed ticket is read-only [Tickets]. Raises ApiError."""
    if ticket.status == "closed":
        raise invalid("status", "closed prevents ticket update")


def ids_asked() -> list[int]:
    """Return the numbers in `ids`; over a hundred is too many [API basics, recorded]. Raises ApiError."""
    texts = request.args.get("ids", "").split(",")
    if len(texts) > SHOW_MANY:
        raise ApiError(400, "TooManyValues", f"ids can contain at most {SHOW_MANY} values")
    return [int(text) for text in texts if text.isascii() and text.isdigit()]


def _follow_up(source_id: int, requester_id: int, body: str) -> Ticket:
    source = the_ticket(source_id)
    if source.status != "closed":
        raise invalid("via_followup_source_id", "is not a closed ticket")
    return life.follow_up(g.desk, source, requester_id, body, g.now, "api")
