"""The emulated account's automation rules that trigger a webhook, and the bodies they fill in.

A name in brackets is the source of a behaviour, as in the documentation of the provider; "(unsure)" marks
what no source shows plainly.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from integrations.freshdesk.emulator.desk import Desk
from integrations.freshdesk.emulator.records import PRIORITIES, Act, Ticket

CREATION, UPDATE = "creation", "update"
PLACEHOLDER = re.compile(r"\{\{\s*([a-z_.]+)\s*\}\}")
RECOMMENDED = (
    '{"source":"freshdesk-automation","event":"{{triggered_event}}",'
    '"ticket_id":"{{ticket.id}}","status":"{{ticket.status}}"}'
)
WRAPPER = json.dumps(
    {
        "freshdesk_webhook": {
            "triggered_event": "{{triggered_event}}",
            "ticket_id": "{{ticket.id}}",
            "ticket_url": "{{ticket.url}}",
            "ticket_type": "{{ticket.ticket_type}}",
            "ticket_subject": "{{ticket.subject}}",
            "ticket_description": "{{ticket.description}}",
            "ticket_status": "{{ticket.status}}",
            "ticket_priority": "{{ticket.priority}}",
            "requester_name": "{{ticket.requester.name}}",
            "requester_email": "{{ticket.requester.email}}",
        }
    },
    separators=(",", ":"),
)


@dataclass
class Rule:
    """One rule: on a ticket's creation or update, post a body to an address.

    `user` and `password` are basic authentication, `headers` are the rule's own. `events` are regular
    expressions of which one must match the triggered event; none means any.
    """

    id: int
    on: str
    url: str
    body: str = RECOMMENDED
    headers: dict[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    events: tuple[str, ...] = ()
    active: bool = True

    def fires(self, act: Act) -> bool:
        """True when the rule runs on an act; deletions run none (unsure)."""
        if not self.active or act.kind == "onTicketDelete":
            return False
        if (act.kind == "onTicketCreate") is not (self.on == CREATION):
            return False
        return not self.events or any(re.search(event, act.event) for event in self.events)

    def sent_headers(self) -> dict[str, str]:
        """Return what the request carries: nothing of it is signed."""
        basic = {}
        if self.user or self.password:
            pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            basic["Authorization"] = f"Basic {pair}"
        return {"Content-Type": "application/json", **basic, **self.headers}

    def filled(self, values: Mapping[str, str]) -> bytes:
        """Return the body; quotes in values are escaped, unknown placeholders become empty [Zulip]."""
        return PLACEHOLDER.sub(lambda found: _escaped(values.get(found[1], "")), self.body).encode()


def placeholders(desk: Desk, ticket: Ticket, act: Act, site: str) -> dict[str, str]:
    """Return what a rule's placeholders stand for: labels rather than numbers, all strings [Zulip]."""
    requester = desk.contacts.get(ticket.requester_id)
    responder = desk.agents.get(ticket.responder_id or 0)
    return {
        "triggered_event": act.event,
        "ticket.id": str(ticket.id),
        "ticket.url": f"{site}/helpdesk/tickets/{ticket.id}",
        "ticket.ticket_type": ticket.type or "",
        "ticket.subject": ticket.subject,
        "ticket.description": ticket.description,
        "ticket.status": desk.statuses[ticket.status][0],
        "ticket.priority": PRIORITIES[ticket.priority],
        "ticket.requester.name": requester.name if requester else "",
        "ticket.requester.email": (requester.email if requester else None) or "",
        "ticket.agent.name": responder.name if responder else "",
        "ticket.agent.email": responder.email if responder else "",
    }


def _escaped(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
