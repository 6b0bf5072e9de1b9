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
AGENT, REQUESTER, SYSTEM = "agent", "requester", "system"
# What our instructions ask the update rules to run on; tags, spam and the bin are no events a rule knows.
OF_OURS = ("status", "reply", "note", "agent", "group", "feedback")
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

    `user` and `password` are basic authentication, `headers` are the rule's own. `events` are the things that
    may have happened, such as "status", "priority", "note" or "reply", and `performers` who may have done
    them; none means any.
    """

    id: int
    on: str
    url: str
    body: str = RECOMMENDED
    headers: dict[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    events: tuple[str, ...] = ()
    performers: tuple[str, ...] = ()
    active: bool = True

    def triggered_by(self, act: Act, performer: str) -> str | None:
        """Return the event that makes the rule run, None for none; of several only the first [Zulip]."""
        if not self.active or (self.performers and performer not in self.performers):
            return None
        if (act.kind == "onTicketCreate") is not (self.on == CREATION):
            return None
        return next((text for name, text in act.events if not self.events or name in self.events), None)

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


def performer_of(desk: Desk, act: Act) -> str:
    """Return by whom a rule sees it done."""
    if act.actor_id is None:
        return SYSTEM
    return AGENT if act.actor_id in desk.agents else REQUESTER


def placeholders(desk: Desk, ticket: Ticket, event: str, site: str) -> dict[str, str]:
    """Return what a rule's placeholders stand for: labels rather than numbers, all strings [Zulip]."""
    requester = desk.contacts.get(ticket.requester_id)
    responder = desk.agents.get(ticket.responder_id or 0)
    return {
        "triggered_event": event,
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
