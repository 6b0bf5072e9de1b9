"""What others may follow about a ticket's knowledge, within the same transaction; wired in `kcs.app`."""

from __future__ import annotations

from blinker import Signal

# Sent with the ticket after an act was recorded: its state may have moved, its links may have changed.
ticket_moved = Signal()

# Sent with the ticket when the desk solved it without knowledge and the policy is to remind of it.
left_unanswered = Signal()
