"""The emulated REST API: agents, groups, contacts and the fields of the ticket form.

A name in brackets is the part of developers.freshdesk.com that a behaviour follows.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.freshdesk.emulator.http import not_found, paged, sent
from integrations.freshdesk.emulator.records import TicketField

api = Blueprint("freshdesk_people", __name__, url_prefix="/api/v2")


@api.get("/agents/me")
def show_me() -> Response:
    """Whose key it is [Agents]."""
    return answer(g.agent.as_json())


@api.get("/agents")
def list_agents() -> Response:
    """Those who left are not listed; `email` finds one [Agents]."""
    email = request.args.get("email")
    shown = [a for a in list(g.desk.agents.values()) if a.active and email in (None, a.email)]
    return paged([agent.as_json() for agent in shown])


@api.get("/agents/<int:agent_id>")
def show_agent(agent_id: int) -> Response:
    agent = g.desk.agents.get(agent_id)
    if agent is None or not agent.active:
        raise not_found()
    return answer(agent.as_json())


@api.get("/groups")
def list_groups() -> Response:
    return paged([group.as_json() for group in list(g.desk.groups.values())])


@api.get("/contacts")
def list_contacts() -> Response:
    email = request.args.get("email")
    shown = [c for c in list(g.desk.contacts.values()) if not c.deleted and email in (None, c.email)]
    return paged([contact.as_json() for contact in shown])


@api.get("/contacts/<int:contact_id>")
def show_contact(contact_id: int) -> Response:
    """Deleted customers are shown as such; an agent who left is a deleted contact [Contacts] (unsure)."""
    contact = g.desk.contacts.get(contact_id)
    if contact is None:
        raise not_found()
    return answer(contact.as_json())


@api.get("/ticket_fields")
def list_fields() -> Response:
    """All fields at once, with the statuses' labels for agents and for customers [Ticket Fields]."""
    kind = request.args.get("type")
    shown = [made for made in list(g.desk.fields.values()) if kind in (None, made.type)]
    return answer([made.as_json(g.desk.statuses) for made in shown])


@api.post("/admin/ticket_fields")
def add_field() -> tuple[Response, int]:
    """Makes a custom field [Ticket Fields: Create]."""
    content = sent()
    name = "cf_" + str(content.get("label", "")).lower().replace(" ", "_")
    made: TicketField = g.desk.add_field(name, str(content.get("type", "custom_text")))
    return answer(made.as_json(g.desk.statuses)), 201
