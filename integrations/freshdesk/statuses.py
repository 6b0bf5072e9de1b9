"""Freshdesk's statuses in our words.

[Tickets, properties]: four ids are the same in every account; 6 and up are an account's own, and mean that
the ticket waits for somebody or something. Only Resolved and Closed are done.
"""

from __future__ import annotations

from integrations.reading import number_in
from kcs.ports import DeskStatus

FIRST_OWN = 6
BY_ID = {
    2: DeskStatus.OPEN,
    3: DeskStatus.PENDING,
    4: DeskStatus.SOLVED,
    5: DeskStatus.CLOSED,
}
IDS = {status: number for number, status in BY_ID.items()}
# The labels of those four in English, which a rule's placeholder gives in place of the number.
BY_LABEL = {
    "open": DeskStatus.OPEN,
    "pending": DeskStatus.PENDING,
    "resolved": DeskStatus.SOLVED,
    "closed": DeskStatus.CLOSED,
}


def desk_status(status: int) -> DeskStatus:
    """Return what an id means; one that no documentation knows counts as open."""
    return BY_ID.get(status, DeskStatus.HOLD if status >= FIRST_OWN else DeskStatus.OPEN)


def told_status(value: object) -> DeskStatus | None:
    """Return what a webhook's status means, an id, its digits or its label; None for what is neither."""
    number = number_in(value)
    if number is not None:
        return desk_status(int(number))
    return BY_LABEL.get(value.strip().lower()) if isinstance(value, str) else None
