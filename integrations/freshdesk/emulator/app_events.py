"""The events our app hears inside the emulated account, as it forwards them.

The shape is the app's own (`integrations/freshdesk/app/`), made of the platform's `data.ticket.changes` and
`data.actor`; samples write `account_id` and `timestamp` in several ways, and so does this.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from integrations.freshdesk.emulator.desk import Desk
from integrations.freshdesk.emulator.records import Act, Ticket, stamp

ACCOUNT_ID = 320_042
CHANGES_TOLD = ("status", "priority", "type", "source", "responder_id", "group_id")
TIMESTAMPS = ("milliseconds", "seconds", "text")


@dataclass
class InstalledApp:
    """Our app with its two settings: where to send, and the secret that goes along.

    `timestamps` is one of `TIMESTAMPS`, or "mixed" for all in turn; `tells_actor` false leaves the actor
    out, as old samples do. `account_as_text` writes the account's number as a string.
    """

    url: str
    secret: str
    timestamps: str = "milliseconds"
    tells_actor: bool = True
    account_as_text: bool = False

    def __post_init__(self) -> None:
        self._turns = itertools.cycle(TIMESTAMPS)

    def hears(self, act: Act) -> bool:
        """True for what the platform has an event for: of changes those of a few fields alone [onTicket]."""
        return act.kind != "onTicketUpdate" or any(name in act.changes for name in CHANGES_TOLD)

    def headers(self) -> dict[str, str]:
        """Return what the request template adds."""
        return {"Content-Type": "application/json", "X-KCS-Secret": self.secret}

    def forwarded(self, desk: Desk, ticket: Ticket, act: Act) -> dict[str, object]:
        """Return what the app's server part posts for an event."""
        content: dict[str, object] = {
            "source": "freshdesk-app",
            "event": act.kind,
            "account_id": str(ACCOUNT_ID) if self.account_as_text else ACCOUNT_ID,
            "ticket_id": ticket.id,
            "changes": {name: list(act.changes[name]) for name in CHANGES_TOLD if name in act.changes},
            "timestamp": self._timestamp(act),
        }
        actor = _actor(desk, act.actor_id)
        return {**content, "actor": actor} if self.tells_actor else content

    def _timestamp(self, act: Act) -> object:
        kind = next(self._turns) if self.timestamps == "mixed" else self.timestamps
        if kind == "text":
            return stamp(act.at)
        seconds = act.at.timestamp()
        return int(seconds * 1000) if kind == "milliseconds" else seconds


def _actor(desk: Desk, actor_id: int | None) -> dict[str, object]:
    """Return who acted; a rule is the system (its shape is unsure)."""
    agent, contact = desk.agents.get(actor_id or 0), desk.contacts.get(actor_id or 0)
    if agent is not None:
        return {"id": agent.id, "name": agent.name, "email": agent.email, "type": "agent"}
    if contact is not None:
        return {"id": contact.id, "name": contact.name, "email": contact.email, "type": "contact"}
    return {"id": None, "name": "System", "email": None, "type": "system"}
