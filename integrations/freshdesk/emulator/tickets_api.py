"""The emulated REST API: tickets and what is said in them.

A name in brackets is the part of developers.freshdesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly. `g` holds the desk, the time of the call and the agent whose key it came with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.freshdesk.emulator.gate import reaches
from integrations.freshdesk.emulator.http import denied, invalid, not_allowed, not_found, paged, sent, whole
from integrations.freshdesk.emulator.records import DONE, Ticket

RECENT = timedelta(days=30)
LAST_PAGE = 300
TOO_FAR = "You cannot access tickets beyond the 300th page. Please provide a smaller page number."
FIRST_CONVERSATIONS = 10
BLANK = "It should not be blank as this is a mandatory field"
INCLUDES = ("conversations", "requester", "company", "stats")
LIST_INCLUDES = ("requester", "stats", "company", "description")
LISTED_BY = frozenset(
    {
        *("filter", "requester_id", "email", "company_id", "updated_since", "order_by", "order_type"),
        *("include", "page", "per_page", "unique_external_id"),
    }
)
FILTERS: dict[str, Callable[[Ticket], bool]] = {
    "": lambda ticket: not (ticket.deleted or ticket.spam),
    "deleted": lambda ticket: ticket.deleted,
    "spam": lambda ticket: ticket.spam and not ticket.deleted,
    "new_and_my_open": lambda ticket: ticket.status == 2 and not (ticket.deleted or ticket.spam),
    "watching": lambda _: False,
}
ORDERS: dict[str, Callable[[Ticket], Any]] = {
    "created_at": lambda ticket: ticket.created_at,
    "updated_at": lambda ticket: ticket.updated_at,
    "due_by": lambda ticket: ticket.created_at,
    "status": lambda ticket: ticket.status,
}
PLAIN = ("subject", "status", "priority", "type", "source", "responder_id", "group_id", "tags")
SETTABLE = frozenset(
    {*PLAIN, "custom_fields", "description", "due_by", "fr_due_by", "product_id", "company_id"}
)
CREATABLE = SETTABLE | {"requester_id", "email", "name", "phone", "cc_emails"}

api = Blueprint("freshdesk_tickets", __name__, url_prefix="/api/v2")


@api.get("/tickets")
def list_tickets() -> Response:
    """Created in the last 30 days, or updated since; neither spam nor deleted unless asked for [Tickets]."""
    for name in request.args:
        if name not in LISTED_BY:
            raise invalid(name)
    if whole("page", 1) > LAST_PAGE:
        raise invalid("page", TOO_FAR, "invalid_value")
    wanted, include = _choice("filter", FILTERS, ""), _included(LIST_INCLUDES)
    since = _since()
    with g.desk.lock:
        found = [t for t in g.desk.tickets.values() if _listed(t) and wanted(t)]
        if since is None:
            found = [ticket for ticket in found if ticket.created_at >= g.now - RECENT]
        else:
            found = [t for t in found if t.updated_at.replace(microsecond=0) >= since]
        ascending = request.args.get("order_type", "desc") == "asc"
        found.sort(key=_choice("order_by", ORDERS, "created_at"), reverse=not ascending)
        return paged([_with(ticket, include) for ticket in found])


@api.post("/tickets")
def create_ticket() -> tuple[Response, int]:
    """A new customer is added by address [Tickets: Create]."""
    content = sent(CREATABLE)
    values = _values(content)
    with g.desk.lock:
        requester_id = _requester(content)
        for name in ("subject", "description"):
            if not content.get(name):
                raise invalid(name, BLANK, "missing_field")
        text = str(content["description"])
        ticket = g.desk.create(requester_id, values.pop("subject"), text, g.now, values, g.agent.id)
        made = {**ticket.as_json(), **ticket.description_as_json()}
    response = answer(made)
    response.headers["Location"] = f"{request.base_url}/{ticket.id}"
    return response, 201


@api.get("/tickets/<int:ticket_id>")
def show_ticket(ticket_id: int) -> Response:
    """Deleted and spam tickets are shown as such, archived ones are elsewhere [Tickets]."""
    include = _included(INCLUDES)
    with g.desk.lock:
        return answer(_whole(the_ticket(ticket_id), include))


@api.get("/tickets/archived/<int:ticket_id>")
def show_archived(ticket_id: int) -> Response:
    include = _included(INCLUDES)
    with g.desk.lock:
        return answer(_whole(the_ticket(ticket_id, archived=True), include))


@api.put("/tickets/<int:ticket_id>")
def change_ticket(ticket_id: int) -> Response:
    """Tags sent replace the old ones; spam and deleted tickets refuse [Tickets: Update, Errors]."""
    with g.desk.lock:
        ticket = writable(ticket_id)
        content = sent(SETTABLE)
        values = _values(content)
        _check_form(ticket, values)
        g.desk.save(ticket, g.agent.id, values, g.now)
        return answer({**ticket.as_json(), **ticket.description_as_json()})


@api.delete("/tickets/<int:ticket_id>")
def delete_ticket(ticket_id: int) -> tuple[str, int]:
    with g.desk.lock:
        g.desk.remove(writable(ticket_id), g.agent.id, g.now)
    return "", 204


@api.put("/tickets/<int:ticket_id>/restore")
def restore_ticket(ticket_id: int) -> tuple[str, int]:
    with g.desk.lock:
        ticket = the_ticket(ticket_id)
        if not ticket.deleted:
            raise not_found()
        g.desk.stir(ticket, g.agent.id, g.now, deleted=False)
    return "", 204


@api.get("/tickets/<int:ticket_id>/conversations")
def list_conversations(ticket_id: int) -> Response:
    """Oldest first [Conversations]."""
    with g.desk.lock:
        return paged([said.as_json() for said in the_ticket(ticket_id).conversations])


@api.get("/tickets/archived/<int:ticket_id>/conversations")
def list_archived_conversations(ticket_id: int) -> Response:
    with g.desk.lock:
        return paged([said.as_json() for said in the_ticket(ticket_id, archived=True).conversations])


@api.post("/tickets/<int:ticket_id>/notes")
def add_note(ticket_id: int) -> tuple[Response, int]:
    """Private unless it says otherwise [Conversations: Create a Note]."""
    return _said(ticket_id, {"body", "private", "incoming", "notify_emails", "user_id"}, note=True)


@api.post("/tickets/<int:ticket_id>/reply")
def add_reply(ticket_id: int) -> tuple[Response, int]:
    """Public, always [Conversations: Reply to a Ticket]."""
    return _said(ticket_id, {"body", "from_email", "user_id", "cc_emails", "bcc_emails"}, note=False)


def the_ticket(ticket_id: int, *, archived: bool = False) -> Ticket:
    """Return a ticket that the caller may see. Raises ApiError."""
    ticket: Ticket | None = g.desk.tickets.get(ticket_id)
    if ticket is None or ticket.gone or ticket.archived is not archived:
        raise not_found()
    if not reaches(g.agent, ticket):
        raise denied()
    return ticket


def writable(ticket_id: int) -> Ticket:
    """Return a ticket that may be changed. Raises ApiError: 405 for spam and deleted ones [Errors]."""
    ticket = the_ticket(ticket_id)
    if not ticket.writable:
        raise not_allowed("GET")
    return ticket


def _said(ticket_id: int, known: set[str], *, note: bool) -> tuple[Response, int]:
    with g.desk.lock:
        ticket, content = writable(ticket_id), sent(known)
        if not content.get("body"):
            raise invalid("body", BLANK, "missing_field")
        private = note and bool(content.get("private", True))
        author = int(content.get("user_id") or g.agent.id)
        if author not in g.desk.agents and author not in g.desk.contacts:
            raise invalid("user_id", "There is no contact matching the given user_id", "invalid_value")
        said = g.desk.say(ticket, author, str(content["body"]), g.now, private=private, note=note)
        return answer(said.as_json()), 201


def _whole(ticket: Ticket, include: list[str]) -> dict[str, object]:
    content = {**_with(ticket, include), **ticket.description_as_json()}
    if "conversations" in include:
        content["conversations"] = [said.as_json() for said in ticket.conversations[:FIRST_CONVERSATIONS]]
    return content


def _with(ticket: Ticket, include: list[str]) -> dict[str, object]:
    content = ticket.as_json()
    if "requester" in include:
        contact = g.desk.contacts.get(ticket.requester_id)
        content["requester"] = contact and {
            name: getattr(contact, name) for name in ("id", "name", "email", "mobile", "phone")
        }
    if "stats" in include:
        content["stats"] = ticket.stats_as_json()
    if "description" in include:
        content.update(ticket.description_as_json())
    return content


def _listed(ticket: Ticket) -> bool:
    return not (ticket.archived or ticket.gone) and reaches(g.agent, ticket)


def _included(known: tuple[str, ...]) -> list[str]:
    """Return what to embed; each costs more of the minute [Tickets]. Raises ApiError."""
    asked = [name for name in request.args.get("include", "").split(",") if name]
    for name in asked:
        if name not in known:
            raise invalid(
                "include", f"It should be one of these values: '{','.join(known)}'", "invalid_value"
            )
    return asked


def _choice(name: str, known: Mapping[str, Callable[[Ticket], Any]], default: str) -> Callable[[Ticket], Any]:
    value = request.args.get(name, default)
    if value not in known:
        values = ",".join(filter(None, known))
        raise invalid(name, f"It should be one of these values: '{values}'", "invalid_value")
    return known[value]


def _since() -> datetime | None:
    text = request.args.get("updated_since")
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError as exc:
        raise invalid("updated_since", "It should be in the 'ISO8601' format", "invalid_date") from exc
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _values(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields to set, checked. Raises ApiError."""
    values = {name: content[name] for name in (*PLAIN, "custom_fields") if name in content}
    if values.get("status", 2) not in g.desk.statuses:
        known = ",".join(str(number) for number in g.desk.statuses)
        raise invalid("status", f"It should be one of these values: '{known}'", "invalid_value")
    if values.get("responder_id") is not None and values["responder_id"] not in g.desk.agents:
        raise invalid("responder_id", "There is no agent matching the given responder_id", "invalid_value")
    tags = values.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) and len(tag) <= 32 for tag in tags):
        raise invalid("tags", "It should be a/an Array of short strings", "datatype_mismatch")
    fields = values.get("custom_fields", {})
    if not isinstance(fields, dict):
        raise invalid("custom_fields", "It should be a/an key/value pair", "datatype_mismatch")
    for name in fields:
        if name not in g.desk.fields or g.desk.fields[name].default:
            raise invalid(name)
    return values


def _check_form(ticket: Ticket, values: Mapping[str, Any]) -> None:
    """Fields required for closing must be filled when it closes [Ticket Fields]. Raises ApiError."""
    if values.get("status") not in DONE:
        return
    filled = {**ticket.custom_fields, **values.get("custom_fields", {})}
    for name, made in g.desk.fields.items():
        if made.required_for_closure and not filled.get(name):
            raise invalid(name, BLANK, "missing_field")


def _requester(content: Mapping[str, Any]) -> int:
    email, number = content.get("email"), content.get("requester_id")
    if email:
        known = g.desk.contact_by_email(str(email))
        return int((known or g.desk.add_contact(str(content.get("name") or email), str(email), g.now)).id)
    if not isinstance(number, int) or number not in g.desk.contacts:
        raise invalid("requester_id", BLANK, "missing_field")
    return number
