"""Who may call the emulated API: an agent's key is the user name of basic credentials, with any password."""

from __future__ import annotations

import base64
import binascii
import re

from flask import request

from integrations.freshdesk.emulator.desk import Desk
from integrations.freshdesk.emulator.http import ApiError, denied
from integrations.freshdesk.emulator.records import EVERYTHING, OF_MY_GROUPS, Agent, Ticket

# What only administrators may read (unsure: the documentation names no rights).
ADMINS = re.compile(r"/api/v2/(agents|groups|roles|automations|admin)\b(?!/me$)")
REFUSED = {
    "code": "invalid_credentials",
    "message": "You have to be logged in to perform this action.",
}


def caller_of(desk: Desk) -> Agent:
    """Return who calls. Raises ApiError: 401 without sign-in, 403 without the right."""
    agent = desk.agent_by_key(_key())
    if agent is None or not agent.active:
        raise ApiError(401, REFUSED)
    if ADMINS.search(request.path) and not agent.admin:
        raise denied()
    if any(re.search(pattern, request.path) for pattern in agent.denied):
        raise denied()
    return agent


def reaches(agent: Agent, ticket: Ticket) -> bool:
    """True when a ticket lies within the agent's scope [Agents: ticket_scope]."""
    mine = ticket.responder_id == agent.id
    if agent.ticket_scope == OF_MY_GROUPS:
        return mine or ticket.group_id in agent.group_ids
    return mine or agent.ticket_scope == EVERYTHING


def _key() -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    try:
        pair = base64.b64decode(value, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return pair.partition(":")[0]
