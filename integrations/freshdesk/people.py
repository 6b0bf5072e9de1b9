"""Who the people on a ticket are: its agents and customers, each asked for once in a while.

A ticket names people by number. Freshdesk gives one at a time, or all agents; a number is an agent's or a
contact's, and only the list it is in says which.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.schemas import AgentIn, RequesterIn, read
from kcs.errors import RemoteError
from kcs.ports import AuthorKind, DeskUser

KEPT = 900.0  # seconds: names and addresses change seldom, and each look is a call
MOST = 5_000
NOBODY = frozenset({403, 404, 405})  # not one of these, gone, or not for us to see

Clock = Callable[[], float]


class People:
    """The people of one account as they were asked for; shared by all that read its tickets."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[DeskUser | None, float]] = {}

    def agent(self, client: FreshdeskClient, user_id: str) -> DeskUser | None:
        """Return the agent of this number; None where there is none that we may see. Raises RemoteError."""
        return self._asked("agents", user_id, lambda: _agent(client, user_id))

    def contact(self, client: FreshdeskClient, user_id: str) -> DeskUser | None:
        """Return the customer of this number, or None as with agents. Raises RemoteError."""
        return self._asked("contacts", user_id, lambda: _contact(client, user_id))

    def _asked(self, kind: str, user_id: str, ask: Callable[[], DeskUser]) -> DeskUser | None:
        known = self._known.get((kind, user_id))
        if known is not None and known[1] > self._clock():
            return known[0]
        try:
            found: DeskUser | None = ask()
        except RemoteError as error:
            if error.answered not in NOBODY:
                raise
            found = None
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[kind, user_id] = found, self._clock() + KEPT
        return found


def customer(person: dict[str, object]) -> DeskUser:
    """Return a contact, or the requester included in a ticket, as a person."""
    text = {name: str(person[name] or "") for name in ("id", "name", "email", "phone", "mobile", "address")}
    return DeskUser(
        id=text["id"],
        kind=AuthorKind.REQUESTER,
        name=text["name"],
        email=text["email"] or None,
        phone=text["phone"] or text["mobile"] or None,
        address=text["address"] or None,
        email_verified=bool(person["active"]),
    )


def _agent(client: FreshdeskClient, user_id: str) -> DeskUser:
    agent = read(AgentIn, client.get(f"/agents/{user_id}"), f"agent {user_id}")
    contact = agent["contact"]
    return DeskUser(
        id=agent["id"],
        kind=AuthorKind.AGENT,
        name=contact["name"] or "",
        email=contact["email"] or None,
        email_verified=bool(contact["active"]),
    )


def _contact(client: FreshdeskClient, user_id: str) -> DeskUser:
    return customer(read(RequesterIn, client.get(f"/contacts/{user_id}"), f"contact {user_id}"))
