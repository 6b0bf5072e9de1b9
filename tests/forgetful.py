"""A desk in memory that keeps no history: what it knew of who did what is told when it happens, or never."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from kcs.ports import DeskStatus, DeskUser, HeardChange, TicketSnapshot
from tests.fakes import FakeDesk


@dataclass
class ForgetfulDesk(FakeDesk):
    """Tells a ticket's present status, whom it is assigned to, and, with `moments`, when it last moved."""

    moments: bool = True

    def read_ticket(self, ticket_id: str) -> TicketSnapshot:
        """Return the ticket without what happened to it."""
        return self.without_history(super().read_ticket(ticket_id))

    def without_history(self, whole: TicketSnapshot) -> TicketSnapshot:
        """Return what a reading of a ticket is when its history is forgotten."""
        named = {whole.requester_id, whole.assignee_id, *(message.author_id for message in whole.messages)}
        return replace(
            whole,
            updated_at=whole.updated_at.replace(microsecond=0),
            changes=(),
            history=False,
            moments=_moments(whole) if self.moments else {},
            users={id_: user for id_, user in whole.users.items() if id_ in named},
        )

    def assign(self, ticket_id: str, agent: DeskUser) -> None:
        """Somebody is to work on it."""
        users = {**self.tickets[ticket_id].users, agent.id: agent}
        self.change(ticket_id, assignee_id=agent.id, users=users)

    def told(self, ticket_id: str, number: int = -1) -> HeardChange:
        """Return a change as the desk told it when it happened."""
        ticket = self.tickets[ticket_id]
        change = ticket.changes[number]
        return HeardChange(change.at, ticket.users[change.author_id], change.before, change.after)


def _moments(whole: TicketSnapshot) -> dict[DeskStatus, datetime]:
    """When it was last solved, closed and reopened; closing what was open solves it in the same moment."""
    found: dict[DeskStatus, datetime] = {}
    for change in whole.changes:
        was_solved = change.before is not None and change.before.is_solved
        at = change.at.replace(microsecond=0)
        if change.after.is_solved and not was_solved:
            found[DeskStatus.SOLVED] = at
        if change.after is DeskStatus.CLOSED:
            found[DeskStatus.CLOSED] = at
        if was_solved and not change.after.is_solved:
            found[DeskStatus.OPEN] = at
    return found
